package buildinfo

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
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
	// maxKeys bounds the histories that are read in one call, so that a fleet
	// in which everything has two versions costs no thousand queries.
	maxKeys = 200
	// lookback is what a gate sees beyond the time since the last look:
	// Prometheus' own lookback, so that no scrape is between two looks.
	lookback = 5 * time.Minute
)

// Source is the changes of one cluster. Make it with [Open].
type Source struct {
	opt      Options
	q        sources.Querier
	now      func() time.Time
	id       sources.SourceID
	steps    steps
	versions *watch   // nil: not asked for
	watches  []*watch // all others

	mu     sync.Mutex      // held during a call of Changes
	looked time.Time       // when the gates were passed last; zero: never
	opened map[*watch]bool // whose whole window was looked at
	seen   census          // then
	last   census          // what each key ran when something was seen of it
	tracks map[key]*track
	names  names

	noteMu sync.Mutex
	notes  []safe.Value
}

// Changes lists what began at or after since, newest first, but nothing older
// than the window of the options; then a note says so. Only the gates are asked
// while nothing changes. Errors are those of the querier: one of kind
// BadRequest, BadResponse or TooLarge that concerns a single service is a note
// instead.
func (s *Source) Changes(ctx context.Context, since time.Time) ([]sources.Change, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clearNotes()
	now := s.now().UTC().Round(0)
	if err := s.update(ctx, now); err != nil {
		return nil, sources.AsError(s.id, err)
	}
	if s.versions != nil && !s.knowsVersions() {
		s.note("no metric named %s: this Prometheus does not know which versions run", s.opt.Metrics)
	}
	if now.Sub(since) > s.opt.Window+time.Minute {
		s.note("looked back %s only", sources.Span(s.opt.Window))
	}
	if begin := now.Add(-s.opt.Window); since.Before(begin) {
		since = begin
	}
	return slices.DeleteFunc(s.changes(now), func(c sources.Change) bool { return c.StartedAt.Before(since) }), nil
}

// Notes says what the last call left out.
func (s *Source) Notes() []safe.Value {
	s.noteMu.Lock()
	defer s.noteMu.Unlock()
	return slices.Clone(s.notes)
}

func (s *Source) clearNotes() {
	s.noteMu.Lock()
	defer s.noteMu.Unlock()
	s.notes = nil
}

func (s *Source) note(format string, args ...any) {
	s.noteMu.Lock()
	defer s.noteMu.Unlock()
	n := safe.Outside(fmt.Sprintf(format, args...))
	if !slices.Contains(s.notes, n) { // of two gates in one look
		s.notes = append(s.notes, n)
	}
}

// knowsVersions reports whether there is anything to see deploys by.
func (s *Source) knowsVersions() bool {
	for k := range s.last {
		switch k.watch.name {
		case watchVersions, watchImages, watchTemplates:
			return true
		}
	}
	return false
}

// update passes the gates and reads the histories of what changed since the
// last look; at the first look, and of a watch whose metrics are new, of all
// that changed within the window.
func (s *Source) update(ctx context.Context, now time.Time) error {
	if err := s.presence(ctx, now); err != nil {
		return err
	}
	since, wide := s.looked.Add(-lookback), census{}
	first := s.looked.IsZero() || now.Before(s.looked) || now.Sub(since) > s.opt.Window
	if first {
		since, s.opened = now.Add(-lookback), map[*watch]bool{}
	}
	ws := s.usable(now)
	unknown := slices.DeleteFunc(slices.Clone(ws), func(w *watch) bool { return s.opened[w] })
	if first || len(unknown) > 0 {
		var err error
		if wide, err = s.gates(ctx, now, s.opt.Window, first && s.versions != nil, unknown); err != nil {
			return err
		}
	}
	seen, err := s.gates(ctx, now, now.Sub(since), s.versions != nil, ws)
	if err != nil {
		return err
	}
	if len(wide) > 0 {
		since = now.Add(-s.opt.Window)
	}
	s.dropGoBuildInfo(seen, wide)
	if err := s.follow(ctx, s.due(seen, wide, now), since, now); err != nil {
		return err
	}
	for _, w := range unknown {
		s.opened[w] = true
	}
	s.remember(seen, wide, now)
	return nil
}

// visit is a key whose history is to be read.
type visit struct {
	key  key
	want sight // what the gates saw
	seen sight // of that, now
}

// due finds what is to be read: where the gate sees several things, or another
// one than before, and not the same as at the last read. What moved just now
// is read in any case: an instance that goes forth and back within the gate's
// time makes no difference to it.
func (s *Source) due(seen, wide census, now time.Time) []visit {
	var out []visit
	for k, t := range s.tracks {
		if seen[k] == nil && (t.pending != nil || t.rolling(now)) {
			out = append(out, visit{k, t.pending, t.seen})
		}
	}
	for k := range merge(seen, wide) {
		want := sight{}
		maps.Copy(want, wide[k])
		maps.Copy(want, seen[k])
		t, before := s.tracks[k], s.last[k]
		var read bool
		switch {
		case t != nil && t.pending != nil:
			maps.Copy(want, t.pending)
			read = true
		case t != nil && k.watch.quiet && t.noisy():
		case t != nil && t.rolling(now):
			read = true
		case k.watch.value:
			read = len(wide[k]) > 0 || !maps.Equal(seen[k], before) || k.watch.gather != nil && seen[k].startedWithin(2*lookback, now)
		case t == nil:
			read = len(want) > 1 || len(before) > 0 && !sameThings(before, want)
		default:
			moving := len(seen[k]) > 1 && now.Sub(t.quietSince()) < lookback+time.Minute
			read = len(seen[k]) > 0 && (moving || !maps.Equal(seen[k], t.seen))
		}
		if read {
			out = append(out, visit{k, want, seen[k]})
		}
	}
	slices.SortFunc(out, func(a, b visit) int { return strings.Compare(a.key.id(), b.key.id()) })
	for _, v := range out {
		if s.tracks[v.key] == nil {
			s.tracks[v.key] = newTrack(v.key)
		}
		s.tracks[v.key].pending = v.want
	}
	if len(out) > maxKeys {
		s.note("%d of %d services that changed are left to the next look", len(out)-maxKeys, len(out))
		out = out[:maxKeys]
	}
	return out
}

// startedWithin reports whether the gate saw a moment that was not long ago:
// the processes of a service do not start all at once, and what they replace
// may linger for the lookback.
func (s sight) startedWithin(d time.Duration, now time.Time) bool {
	for b := range s {
		if now.Sub(unix(b.number())) < d {
			return true
		}
	}
	return false
}

// merge is all keys of both.
func merge(a, b census) map[key]bool {
	out := make(map[key]bool, len(a))
	for _, c := range []census{a, b} {
		for k := range c {
			out[k] = true
		}
	}
	return out
}

// follow reads the histories.
func (s *Source) follow(ctx context.Context, visits []visit, since, now time.Time) error {
	errs := make([]error, len(visits))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i, v := range visits {
		t := s.tracks[v.key]
		g.Go(func() error {
			err := s.visit(gctx, t, v, since, now)
			switch {
			case err == nil:
				t.seen, t.pending = v.seen, nil
			case oddOne(err):
				errs[i] = err
			default:
				return err
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i, err := range errs {
		if err != nil {
			s.note("%s could not be read: %s", visits[i].key.service(), safe.Err(err))
		}
	}
	return nil
}

// visit reads the history of one key and what else is to be known of it.
func (s *Source) visit(ctx context.Context, t *track, v visit, since, now time.Time) error {
	w := v.key.watch
	if w.gather != nil {
		return w.gather(ctx, s, t, v, now)
	}
	want := v.want
	if w.value || w.lasting {
		want = nil
	}
	if err := s.read(ctx, t, want, since, now); err != nil {
		return err
	}
	if w.learn != nil {
		if err := w.learn(ctx, s, t, now); err != nil {
			return err
		}
	}
	if w.name != watchTemplates {
		return nil
	}
	return s.readImages(ctx, t, since, now)
}

// oddOne reports whether an error speaks of one query and not of the server.
func oddOne(err error) bool {
	return sources.IsKind(err, sources.BadRequest) || sources.IsKind(err, sources.BadResponse) || sources.IsKind(err, sources.TooLarge)
}

// remember keeps what was seen for the next look, and forgets the histories in
// which nothing is left within the window.
func (s *Source) remember(seen, wide census, now time.Time) {
	s.looked, s.seen = now, seen
	for k := range s.last {
		if k.watch.value && seen[k] == nil {
			delete(s.last, k) // it has not changed lately
		}
	}
	for _, c := range []census{wide, seen} {
		for k, what := range c {
			s.last[k] = what
		}
	}
	begin := now.Add(-s.opt.Window)
	maps.DeleteFunc(s.tracks, func(k key, t *track) bool {
		return t.pending == nil && t.quietSince().Before(begin) && len(s.last[k]) < 2
	})
}
