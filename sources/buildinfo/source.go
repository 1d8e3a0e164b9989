package buildinfo

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

const (
	// parallel is how many queries run at once; the Prometheus client has a
	// limit of its own for the whole cluster.
	parallel = 4
	// maxKeys bounds the services that are read in one call, so that a fleet
	// in which everything has two versions costs no thousand queries.
	maxKeys = 200
)

// Source is the changes of one cluster. Make it with [Open].
type Source struct {
	opt   Options
	q     sources.Querier
	now   func() time.Time
	id    sources.SourceID
	steps steps

	mu     sync.Mutex // held during a call of Changes
	tracks map[key]*track
	names  names
	seen   coverage
	notes  []safe.Value
}

// Changes lists what began at or after since, newest first, but nothing older
// than the window of the options; then a note says so. Errors are those of
// the querier: one of kind BadRequest, BadResponse or TooLarge that concerns a
// single service is a note instead.
func (s *Source) Changes(ctx context.Context, since time.Time) ([]sources.Change, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = nil
	now := s.now().UTC().Round(0)
	rows, err := s.gate(ctx, now)
	if err != nil {
		return nil, sources.AsError(s.id, err)
	}
	found, err := s.read(ctx, rows, now)
	if err != nil {
		return nil, sources.AsError(s.id, err)
	}
	if err := s.cover(ctx, len(rows) > 0, now); err != nil {
		return nil, sources.AsError(s.id, err)
	}
	if now.Sub(since) > s.opt.Window+time.Minute {
		s.note("looked back %s only", sources.Span(s.opt.Window))
	}
	changes := s.changes(found)
	return slices.DeleteFunc(changes, func(c sources.Change) bool { return c.StartedAt.Before(since) }), nil
}

// Notes says what the last call left out.
func (s *Source) Notes() []safe.Value {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.notes)
}

func (s *Source) note(format string, args ...any) {
	s.notes = append(s.notes, safe.Outside(fmt.Sprintf(format, args...)))
}

// found are the rollouts of one metric of one service.
type found struct {
	key      key
	rollouts []rollout
}

// read compares the versions of every service that the gate named.
func (s *Source) read(ctx context.Context, rows []row, now time.Time) ([]found, error) {
	if len(rows) > maxKeys {
		s.note("%d of %d services with several versions were left out", len(rows)-maxKeys, len(rows))
		rows = rows[:maxKeys]
	}
	s.forget(rows)
	out := make([]found, len(rows))
	errs := make([]error, len(rows))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i, r := range rows {
		t := s.tracks[r.key]
		g.Go(func() error {
			tl, err := s.timeline(gctx, t, r, now)
			if err != nil {
				if !oddOne(err) {
					return err
				}
				errs[i] = err
				return nil
			}
			out[i] = found{key: r.key, rollouts: diff(tl)}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for i, err := range errs {
		if err != nil {
			s.note("%s could not be read: %s", rows[i].key.service(), safe.Err(err))
		}
	}
	return out, nil
}

// oddOne reports whether an error speaks of one query and not of the server.
func oddOne(err error) bool {
	return sources.IsKind(err, sources.BadRequest) || sources.IsKind(err, sources.BadResponse) || sources.IsKind(err, sources.TooLarge)
}

// forget keeps the tracks of the rows only and makes those that are missing.
func (s *Source) forget(rows []row) {
	keep := make(map[key]*track, len(rows))
	for _, r := range rows {
		if keep[r.key] = s.tracks[r.key]; keep[r.key] == nil {
			keep[r.key] = &track{fine: map[between][]step{}}
		}
	}
	s.tracks = keep
}
