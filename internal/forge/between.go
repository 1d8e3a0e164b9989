package forge

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

const (
	// maxDiffs is how many answers of Between are kept. A screen of changes
	// shows some dozens.
	maxDiffs = 256
	// shortLived is how long an answer is kept that may become another: names
	// move, and a revision that is not there may be pushed.
	shortLived = 5 * time.Minute
)

// diffs keeps the answers of Between.
type diffs struct {
	mu   sync.Mutex
	kept map[span]compared
}

type span struct{ project, from, to string }

type compared struct {
	diff  sources.Diff
	err   error // NotFound, or nil
	at    time.Time
	until time.Time // zero: for good
}

// Between tells what lies between two revisions of a service, by the first of
// its projects that has them. It asks the forge once and keeps the answer:
// for good between two hashes, for some minutes else.
func (s *Source) Between(ctx context.Context, service, from, to string) (sources.Diff, error) {
	missing := s.fail(sources.Errorf(sources.NotFound, "no project here has these revisions of %s", service))
	if !isRevision(from) || !isRevision(to) {
		return sources.Diff{}, missing
	}
	var bad error
	for _, p := range s.projects {
		if p.Service.Raw() != service {
			continue
		}
		d, err := s.compare(ctx, span{p.Path, from, to})
		switch {
		case err == nil:
			return d, nil
		case !sources.IsKind(err, sources.NotFound) && bad == nil:
			bad = s.fail(err)
		}
	}
	if bad != nil {
		return sources.Diff{}, bad
	}
	return sources.Diff{}, missing
}

// compare answers from memory where it can.
func (s *Source) compare(ctx context.Context, k span) (sources.Diff, error) {
	c, ok := s.diffs.get(k, s.now())
	if !ok {
		d, err := s.host.Compare(ctx, k.project, k.from, k.to)
		if err != nil && !sources.IsKind(err, sources.NotFound) {
			return sources.Diff{}, err
		}
		c = compared{diff: d, err: err, at: s.now()}
		if err != nil || !isHash(k.from) || !isHash(k.to) {
			c.until = c.at.Add(shortLived)
		}
		s.diffs.put(k, c)
	}
	c.diff.Commits = slices.Clone(c.diff.Commits)
	return c.diff, c.err
}

// isHash reports whether a revision is the whole hash of a commit, which never
// means another one.
func isHash(s string) bool {
	return (len(s) == 40 || len(s) == 64) && sources.ShortRevision(s) != s
}

func (d *diffs) get(k span, now time.Time) (compared, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c, ok := d.kept[k]
	return c, ok && (c.until.IsZero() || now.Before(c.until))
}

// put keeps an answer in the place of the oldest when there are too many.
func (d *diffs) put(k span, c compared) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.kept == nil {
		d.kept = map[span]compared{}
	}
	if len(d.kept) >= maxDiffs {
		var oldest span
		var at time.Time
		for k, c := range d.kept {
			if at.IsZero() || c.at.Before(at) {
				oldest, at = k, c.at
			}
		}
		delete(d.kept, oldest)
	}
	d.kept[k] = c
}

var _ interface {
	sources.ChangeSource
	sources.Noter
	sources.Commits
} = (*Source)(nil)
