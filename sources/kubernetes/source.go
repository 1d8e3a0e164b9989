package kubernetes

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// parallel is how many programs run at once. Each starts a credential plugin
// where there is one: one after the other they would take longer than a
// refresh may.
const parallel = 6

// Source is the changes of one cluster. Make it with [Open].
type Source struct {
	opt     Options
	now     func() time.Time
	kubectl kubectl
	id      sources.SourceID

	groupsMu sync.Mutex
	groups   map[string]group // by resource

	mu     sync.Mutex // held during a call of Changes
	memory memory
	notes  []safe.Value
}

// Changes lists what began at or after since, newest first, as far as the
// cluster still knows: ten revisions of a workload, ten syncs of an
// Application, unless it is set otherwise there. A list that the user may not
// read, or that cannot be read, is a note; it is an error when none can be
// read, or when the server as a whole does not answer.
func (s *Source) Changes(ctx context.Context, since time.Time) ([]sources.Change, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = nil
	now := s.now().UTC().Round(0)
	got, err := s.read(ctx, now)
	if err != nil {
		return nil, sources.AsError(s.id, err)
	}
	out := s.judge(got, now)
	out = slices.DeleteFunc(out, func(c sources.Change) bool { return c.StartedAt.Before(since) })
	slices.SortStableFunc(out, func(a, b sources.Change) int {
		return cmp.Or(b.StartedAt.Compare(a.StartedAt), cmp.Compare(a.Service.Raw(), b.Service.Raw()), cmp.Compare(a.ID, b.ID))
	})
	return out, nil
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

// answer is what was read in one call.
type answer struct {
	objects        []*workload
	revisions      []*revision
	applications   []application
	helmReleases   []helmRelease
	kustomizations []kustomization
	whole          bool // every list was read
}

// read asks for everything, nearly at once.
func (s *Source) read(ctx context.Context, now time.Time) (*answer, error) {
	got := &answer{}
	qs := s.questions(got, now)
	errs := make([]error, len(qs))
	reads := make([]bool, len(qs))
	ask := func(ctx context.Context, i int) error {
		reads[i], errs[i] = qs[i].ask(ctx)
		if hopeless(errs[i]) {
			return errs[i] // the others would say the same, and later
		}
		return nil
	}
	// One goes ahead: where nobody is logged in, one credential plugin opens a
	// browser and not six.
	if err := ask(ctx, 0); err != nil {
		return nil, err
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i := range qs[1:] {
		g.Go(func() error { return ask(gctx, i+1) })
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	got.whole = true
	for i, err := range errs {
		var e *sources.Error
		if !errors.As(err, &e) {
			continue
		}
		got.whole = false
		if !slices.Contains(reads, true) {
			return nil, err
		}
		s.note("%s: not read: %s", qs[i].what, e.Short())
	}
	return got, nil
}

// hopeless reports whether an error concerns every list.
func hopeless(err error) bool {
	switch {
	case err == nil || errors.Is(err, errForbidden):
		return false
	case errors.Is(err, errNoProgram):
		return true
	}
	for _, k := range []sources.Kind{sources.Unauthorized, sources.Timeout, sources.RateLimited, sources.Canceled} {
		if sources.IsKind(err, k) {
			return true
		}
	}
	return false
}

// judge makes changes of what was read, in no order.
func (s *Source) judge(got *answer, now time.Time) []sources.Change {
	ws := gather(got.objects, got.revisions)
	owns(ws, got.applications)
	var rollouts []rolled
	var unknown []string
	for _, w := range ws {
		list, ok := s.rollouts(w, now)
		rollouts = append(rollouts, list...)
		if !ok {
			unknown = append(unknown, w.String())
		}
	}
	if len(unknown) > 0 {
		s.note("nothing says when the newest rollout began of %s", enumerate(unknown, maxDiffers))
	}
	var told []applied
	for i := range got.applications {
		told = append(told, s.argo(&got.applications[i])...)
	}
	for i := range got.helmReleases {
		told = append(told, s.helm(&got.helmReleases[i], now)...)
	}
	for i := range got.kustomizations {
		told = append(told, s.kustomize(&got.kustomizations[i], now)...)
	}
	if got.whole {
		s.memory.forget(now)
	}
	out := join(rollouts, told)
	for _, c := range s.memory.scales {
		c.Evidence = slices.Clone(c.Evidence)
		out = append(out, c)
	}
	return out
}
