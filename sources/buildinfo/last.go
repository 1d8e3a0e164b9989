package buildinfo

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

const (
	// past is how far back the last change of a service is looked for.
	past = 30 * 24 * time.Hour
	// pastStep is how closely: what came and went within it may be missed. A
	// month of it is 4,320 points of each version.
	pastStep = 10 * time.Minute
	// pastKeys bounds the histories that are read for one service.
	pastKeys = 8
)

var _ sources.Historian = (*Source)(nil)

// Last is the newest change of what a service runs, within 30 days: its version,
// its images or its pods' template. It takes the service for what it was seen
// as at the last call of Changes; before the first it knows nothing. The begin
// is exact to ten seconds. Errors are those of the querier.
func (s *Source) Last(ctx context.Context, cluster string, names []safe.Value, before time.Time) (*sources.Change, error) {
	if cluster != s.opt.Cluster {
		return nil, nil
	}
	now := s.now().UTC().Round(0)
	far, keys := s.further(names)
	for _, k := range keys {
		t := newTrack(k)
		far.tracks[k] = t
		if err := far.visit(ctx, t, visit{key: k}, now.Add(-past), now); err != nil {
			return nil, sources.AsError(s.id, err)
		}
	}
	far.looked = now
	for _, c := range far.changes(now) {
		if c.StartedAt.Before(before) && matches(names, c.Service) {
			return &c, nil
		}
	}
	return nil, nil
}

// further is a source of its own that looks as far back as the past, and what
// it is to look at: the keys of a service that say what it runs, the best first.
func (s *Source) further(names []safe.Value) (*Source, []key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	far := &Source{
		opt: s.opt, q: s.q, now: s.now, id: s.id, watches: s.watches, versions: s.versions, tracks: map[key]*track{}, names: s.names,
		steps: steps{coarse: pastStep, tail: pastStep, fine: 10 * time.Second, refined: 1},
	}
	far.opt.Window = past
	var keys []key
	for k := range s.last {
		if runs(k.watch) && matches(names, safe.Outside(s.serviceOf(k))) {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b key) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a.id(), b.id()))
	})
	return far, keys[:min(len(keys), pastKeys)]
}

// runs reports whether a watch is about what a service runs.
func runs(w *watch) bool {
	return w.name == watchVersions || w.name == watchImages || w.name == watchTemplates
}

// serviceOf is the service of a key, by its labels where its history was read.
func (s *Source) serviceOf(k key) string {
	if t := s.tracks[k]; t != nil && t.facts.service != "" {
		return t.facts.service
	}
	return k.service()
}

func matches(names []safe.Value, service safe.Value) bool {
	return slices.ContainsFunc(names, func(n safe.Value) bool { return !n.Empty() && strings.EqualFold(n.Raw(), service.Raw()) })
}
