package drill

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// event is one line of the file of changes, as sources/events reads it.
type event struct {
	ID           string     `json:"id"`
	Time         time.Time  `json:"time"`
	FinishedAt   *time.Time `json:"finished_at,omitempty"`
	Kind         string     `json:"kind"`
	Service      string     `json:"service"`
	Namespace    string     `json:"namespace,omitempty"`
	Version      string     `json:"version,omitempty"`
	FromVersion  string     `json:"from_version,omitempty"`
	Revision     string     `json:"revision,omitempty"`
	FromRevision string     `json:"from_revision,omitempty"`
	Author       string     `json:"author,omitempty"`
	Title        string     `json:"title,omitempty"`
	URL          string     `json:"url,omitempty"`
}

// events is the file as it stands at a moment, oldest first, one JSON object a
// line.
func (w *world) events(m time.Duration) []byte {
	var all []event
	for i, c := range w.s.Changes {
		at, ok := w.began(c.At, c.On)
		if !ok || at > m {
			continue
		}
		e := event{
			ID: fmt.Sprintf("change-%d", i+1), Time: w.zero.Add(at).UTC(), Kind: cmp.Or(c.Kind, "deploy"), Service: c.Service,
			Namespace: c.Namespace, Version: c.Version, FromVersion: c.From, Author: c.Author, Title: c.Title, URL: c.URL,
			Revision: w.revisions[c.Commit], FromRevision: w.revisions[c.FromID],
		}
		if end := at + c.Took.d(); c.Took > 0 && end <= m {
			t := w.zero.Add(end).UTC()
			e.FinishedAt = &t
		}
		all = append(all, e)
	}
	all = append(all, w.background(m)...)
	slices.SortStableFunc(all, func(a, b event) int { return a.Time.Compare(b.Time) })
	var out bytes.Buffer
	for _, e := range all {
		line, err := json.Marshal(e)
		if err != nil {
			continue // only strings and times: cannot be
		}
		out.Write(line)
		out.WriteByte('\n')
	}
	return out.Bytes()
}

// backgroundTook is how long a made-up deploy takes.
const backgroundTook = 90 * time.Second

// background makes up the deploys of everybody else up to a moment. They are
// the same for the same seed.
func (w *world) background(m time.Duration) []event {
	b := w.s.Others
	if b == nil {
		return nil
	}
	r := newRandom(w.seed, 7)
	mean := float64(time.Hour) / b.PerHour
	minor := map[string]int{}
	var out []event
	for at := -w.s.Clock.History.d(); ; {
		at += time.Duration(mean * (0.3 + 1.4*r.unit()))
		service := b.Services[int(r.unit()*float64(len(b.Services)))]
		major, start := 1+len(service)%4, 10+len(service)*7%40
		if at > m {
			return out
		}
		n := start + minor[service]
		minor[service]++
		end := w.zero.Add(at + backgroundTook).UTC()
		e := event{ID: fmt.Sprintf("other-%d", len(out)+1), Time: w.zero.Add(at).UTC(), Kind: "deploy", Service: service, Namespace: b.Namespace,
			Version: fmt.Sprintf("%d.%d.0", major, n+1), FromVersion: fmt.Sprintf("%d.%d.0", major, n),
			Title: "Deploy " + service + " " + fmt.Sprintf("%d.%d.0", major, n+1)}
		if at+backgroundTook <= m {
			e.FinishedAt = &end
		}
		out = append(out, e)
	}
}
