package main

import (
	"context"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/adrg/xdg"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/internal/state"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

const (
	watchdogsFile    = "watchdogs.json"
	watchdogsVersion = 1
	// watchdogsEvery is how old the time of a sighting may be on disk: it is not
	// written at every refresh.
	watchdogsEvery = time.Minute
	// watchdogsMost bounds the file; the ones seen last are kept.
	watchdogsMost = 500
)

// watchdogsPatience is how long a board waits for another run that has the file:
// one that was stopped meanwhile must not keep anybody from seeing alerts.
const watchdogsPatience = time.Second

// memory is what was seen of dead-man switches, by this run and by earlier ones.
type memory struct {
	mu   sync.Mutex
	seen []triage.DeadMan
}

// sighting is one dead-man switch as it is kept on disk.
type sighting struct {
	Server string            `json:"server"` // digest of cluster and address: of another one nothing is missed
	Labels map[string]string `json:"labels"`
	First  time.Time         `json:"first"`
	Last   time.Time         `json:"last"`
	Every  time.Duration     `json:"every"`
}

func (s *sighting) key() string {
	return s.Server + string(sources.NewAlertID("", sources.NewLabels(s.Labels)))
}

// watch tells a board which dead-man switches were seen before, and keeps what
// was seen now for the next runs. What cannot be kept costs no more than the
// memory of it; doctor says that the folder cannot be used.
func (h *house) watch(ctx context.Context, b *triage.Board) {
	h.memory.mu.Lock()
	defer h.memory.mu.Unlock()
	if h.fleeting {
		h.memory.seen = b.Watch(h.memory.seen)
		return
	}
	h.watchIn(ctx, filepath.Join(xdg.StateHome, "firstpage"), b)
}

// watchIn is watch with the memory in a folder.
func (h *house) watchIn(ctx context.Context, folder string, b *triage.Board) {
	ctx, cancel := context.WithTimeout(ctx, watchdogsPatience)
	defer cancel()
	dir, err := state.Open(folder)
	if err == nil {
		var unlock func()
		if unlock, err = dir.Lock(ctx, watchdogsFile); err == nil {
			defer unlock()
		}
	}
	var kept []sighting
	if err == nil {
		_ = dir.ReadFile(watchdogsFile, watchdogsVersion, &kept) // there is none, or it is of no use
	}
	before := slices.Clone(h.memory.seen)
	for _, k := range kept {
		for i, cl := range h.cfg.Clusters {
			if k.Server == h.server(i) {
				before = append(before, triage.DeadMan{Cluster: cl.Name, Labels: sources.NewLabels(k.Labels), First: k.First, Last: k.Last, Every: k.Every})
			}
		}
	}
	h.memory.seen = b.Watch(before)
	if now := h.sightings(kept, b.At); err == nil && worthKeeping(kept, now) {
		_ = dir.WriteFile(watchdogsFile, watchdogsVersion, now)
	}
}

// server names a cluster's Prometheus in the file.
func (h *house) server(i int) string {
	return sources.Digest(h.cfg.Clusters[i].Name, h.clusters[i].URL())
}

// sightings is what to keep: what is remembered of this run's servers, and what
// the file has of others, the ones seen last first.
func (h *house) sightings(kept []sighting, now time.Time) []sighting {
	var out []sighting
	mine := map[string]bool{}
	for i, cl := range h.cfg.Clusters {
		mine[h.server(i)] = true
		for _, s := range h.memory.seen {
			if s.Cluster == cl.Name {
				out = append(out, sighting{h.server(i), s.Labels.Map(), s.First.UTC(), s.Last.UTC(), s.Every})
			}
		}
	}
	for _, k := range kept {
		if !mine[k.Server] && now.Sub(k.Last) <= triage.RememberFor {
			out = append(out, k)
		}
	}
	slices.SortStableFunc(out, func(x, y sighting) int { return y.Last.Compare(x.Last) })
	return out[:min(len(out), watchdogsMost)]
}

// worthKeeping reports whether what is on disk says something else, or is old.
func worthKeeping(disk, now []sighting) bool {
	if len(disk) != len(now) {
		return true
	}
	kept := map[string]sighting{}
	for _, s := range disk {
		kept[s.key()] = s
	}
	return slices.ContainsFunc(now, func(s sighting) bool {
		k, ok := kept[s.key()]
		return !ok || k.Every != s.Every || s.Last.Sub(k.Last).Abs() >= watchdogsEvery // also of a clock that was ahead
	})
}

// warn says on stderr what puts an answer in doubt although every source
// answered.
func (c *cli) warn(b *triage.Board) {
	for _, s := range b.Missing {
		for _, says := range page.MissingWords(s, b.At, c.loc) {
			c.say(says)
		}
	}
}

// say writes a line of words to stderr. That it cannot be written changes no answer.
func (c *cli) say(line string) {
	_, _ = c.err.Write([]byte(safe.Text(line) + "\n"))
}

// writeBoard is writeJSON for an answer that rests on the alerts of a board.
func (c *cli) writeBoard(b *triage.Board, name string, answer any) error {
	return c.writeObject(
		field{"as_of", b.At.UTC().Format(time.RFC3339)},
		field{"sources", page.SourcesJSON(b.Snapshot.Statuses(b.At))},
		field{"warnings", page.WarningsJSON(b)},
		field{name, answer})
}
