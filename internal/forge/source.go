package forge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

const (
	// atOnce is how many projects are asked at once. Forges would rather be
	// asked one after another, and a page cannot wait for twenty.
	atOnce = 4
	// spelledFor is how long the way in which a project writes its environment
	// is believed, and how long it is not asked for again.
	spelledFor = 10 * time.Minute
)

// Source is the deployments of some projects of one forge. Make it with [New].
type Source struct {
	id       sources.SourceID
	host     Host
	projects []Project
	env      string
	now      func() time.Time

	turn  chan struct{} // holds one value: who has it may ask
	seen  []memory      // one for each project; of the one whose turn it is
	mu    sync.Mutex
	notes []safe.Value
	diffs diffs
}

// memory is what is known of one project from earlier calls.
type memory struct {
	last    []sources.Change // nil: never answered
	at      time.Time        // when
	env     string           // how the forge writes the environment; empty: not known
	asked   time.Time        // when that was asked
	missing string           // a note: the environment is not there
}

// New makes a source; it asks nothing yet. env is the environment, in any
// spelling; empty: all.
func New(id sources.SourceID, host Host, projects []Project, env string, now func() time.Time) *Source {
	if now == nil {
		now = time.Now
	}
	s := &Source{id: id, host: host, projects: projects, env: env, now: now,
		turn: make(chan struct{}, 1), seen: make([]memory, len(projects))}
	s.turn <- struct{}{}
	return s
}

// answer is what came of asking one project.
type answer struct {
	changes []sources.Change
	cut     bool
	err     error
}

// Changes lists the deployments that began at or after since, newest first, and
// of each service the last before that where the forge told it along. A project
// that fails is noted as long as another one answers; what it said before stands,
// unless it is gone. Too many requests are an error of the whole, as is that none
// has answered.
func (s *Source) Changes(ctx context.Context, since time.Time) ([]sources.Change, error) {
	select {
	case <-ctx.Done():
		return nil, s.fail(given(ctx))
	case <-s.turn:
	}
	defer func() { s.turn <- struct{}{} }()
	answers := make([]answer, len(s.projects))
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i := range s.projects {
		g.Go(func() error {
			answers[i] = s.ask(ctx, i, since)
			return nil
		})
	}
	_ = g.Wait() // answers hold the errors
	if err := verdict(answers); err != nil {
		return nil, s.fail(err)
	}
	var out []sources.Change
	var notes []safe.Value
	for i, a := range answers {
		m := &s.seen[i]
		if a.err == nil {
			m.last, m.at = a.changes, s.now()
		} else if sources.IsKind(a.err, sources.NotFound) || sources.IsKind(a.err, sources.Unauthorized) {
			m.last = nil
		}
		out = append(out, m.last...)
		notes = append(notes, s.noted(i, a)...)
	}
	slices.SortStableFunc(out, func(a, b sources.Change) int {
		return cmp.Or(b.StartedAt.Compare(a.StartedAt), strings.Compare(a.ID, b.ID))
	})
	s.mu.Lock()
	s.notes = notes
	s.mu.Unlock()
	return sources.Since(out, since), nil
}

// verdict is the error of the whole: one that is not about its project, or one
// of the first project when none answered.
func verdict(answers []answer) error {
	var first error
	good := false
	for _, a := range answers {
		for _, k := range []sources.Kind{sources.RateLimited, sources.Canceled} {
			if sources.IsKind(a.err, k) {
				return a.err
			}
		}
		good = good || a.err == nil
		if first == nil {
			first = a.err
		}
	}
	if good {
		return nil
	}
	return first
}

// noted says what of a project is not as it should be.
func (s *Source) noted(i int, a answer) []safe.Value {
	var out []safe.Value
	path, m := s.projects[i].Path, s.seen[i]
	add := func(format string, args ...any) {
		out = append(out, safe.Outside(path+": "+fmt.Sprintf(format, args...)))
	}
	if a.err != nil {
		e := sources.AsError(s.id, a.err)
		text := e.Short()
		if e.Hint != "" {
			text += " (" + e.Hint + ")"
		}
		if m.last != nil {
			text += ", as of " + m.at.UTC().Format("15:04") + " UTC"
		}
		add("%s", text)
	}
	if a.cut {
		add("more deployments than are read; the oldest are left out")
	}
	if m.missing != "" {
		add("%s", m.missing)
	}
	return out
}

// ask asks one project.
func (s *Source) ask(ctx context.Context, i int, since time.Time) answer {
	p, m := s.projects[i], &s.seen[i]
	got, err := s.host.Deployments(ctx, p.Path, cmp.Or(m.env, s.env), since)
	if err != nil {
		return answer{err: err}
	}
	if len(got.Items) == 0 && s.env != "" {
		if other, err := s.spelling(ctx, i); err != nil {
			return answer{err: err}
		} else if other {
			if got, err = s.host.Deployments(ctx, p.Path, m.env, since); err != nil {
				return answer{err: err}
			}
		}
	}
	if len(got.Items) > 0 {
		m.missing = ""
	}
	return answer{changes: s.history(p, got.Items), cut: got.Cut}
}

// spelling asks, once in a while, how the project writes the environment when
// there was nothing under the name that was asked for. It reports whether
// that is another name.
func (s *Source) spelling(ctx context.Context, i int) (other bool, err error) {
	m := &s.seen[i]
	if !m.asked.IsZero() && s.now().Sub(m.asked) < spelledFor {
		return false, nil
	}
	names, err := s.host.Environments(ctx, s.projects[i].Path)
	if err != nil {
		return false, err
	}
	old := cmp.Or(m.env, s.env)
	m.asked, m.env, m.missing = s.now(), s.env, ""
	if slices.Contains(names, s.env) {
		return m.env != old, nil
	}
	for _, n := range names {
		if sameEnvironment(n, s.env) {
			m.env = n
			return m.env != old, nil
		}
	}
	m.missing = "no environment is called " + s.env
	if len(names) > 0 {
		slices.Sort(names)
		const shown = 5
		m.missing += "; there is " + strings.Join(names[:min(len(names), shown)], ", ")
		if len(names) > shown {
			m.missing += ", ..."
		}
	}
	return m.env != old, nil
}

// Notes says what of the last answer is not as it should be.
func (s *Source) Notes() []safe.Value {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.notes)
}

func (s *Source) fail(err error) error { return sources.AsError(s.id, err) }

// given is the error of a context that has ended.
func given(ctx context.Context) error {
	e := &sources.Error{Kind: sources.Canceled, Detail: safe.Outside("was given up"), Err: context.Canceled}
	if !errors.Is(ctx.Err(), context.Canceled) {
		e.Kind, e.Detail, e.Err = sources.Timeout, safe.Outside("no whole answer in time"), context.DeadlineExceeded
	}
	return e
}
