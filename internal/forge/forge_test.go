package forge

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

var t0 = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// host answers from functions.
type host struct {
	deployments func(project, env string) (Deployments, error)
	compare     func(project string) (sources.Diff, error)
	asked       atomic.Int64
}

func (h *host) Deployments(ctx context.Context, project, env string, _ time.Time) (Deployments, error) {
	h.asked.Add(1)
	if ctx.Err() != nil {
		return Deployments{}, &sources.Error{Kind: sources.Canceled}
	}
	return h.deployments(project, env)
}

func (h *host) Environments(context.Context, string) ([]string, error) { return nil, nil }

func (h *host) Compare(_ context.Context, project, _, _ string) (sources.Diff, error) {
	h.asked.Add(1)
	return h.compare(project)
}

func (h *host) ComparePage(project, from, to string) string { return project + ":" + from + "..." + to }

// steps makes deployments of "a b! c?": revisions one minute apart, ! failed,
// ? waiting, ~ running.
func steps(s string) Deployments {
	var out Deployments
	for i, w := range strings.Fields(s) {
		d := Deployment{ID: fmt.Sprint(i), SHA: safe.Outside(strings.TrimRight(w, "!?~")), State: Succeeded, Started: t0.Add(time.Duration(i) * time.Minute)}
		switch w[len(w)-1] {
		case '!':
			d.State = Failed
		case '?':
			d.State = Waiting
		case '~':
			d.State = Running
		}
		out.Items = append([]Deployment{d}, out.Items...)
	}
	return out
}

func source(t *testing.T, h *host, paths ...string) *Source {
	t.Helper()
	var list []any
	for _, p := range paths {
		list = append(list, p)
	}
	ps, err := Projects(list)
	if err != nil {
		t.Fatal(err)
	}
	return New(sources.SourceID{Kind: "github", Name: "x"}, h, ps, "", func() time.Time { return t0 })
}

// What is a rollback, and what was replaced.
func TestHistory(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a b c":       "a, a>b, b>c",
		"a b a":       "a, a>b, b>a back",
		"a b c a":     "a, a>b, b>c, c>a back",
		"a b a b":     "a, a>b, b>a back, a>b back",
		"a b a a":     "a, a>b, b>a back, a>a", // the second time it is no way back
		"a b! b":      "a, a>b, a>b",           // the second try is no way back
		"a b! a":      "a, a>b, a>a",           // what ran is deployed again
		"a a b":       "a, a>a, a>b",           //
		"a b b~":      "a, a>b, b>b",           //
		"a b a~":      "a, a>b, b>a back",      // seen while it runs
		"a b? c":      "a, a>c",                // it never began
		"a! b":        "a, b",
		"a b c! a! d": "a, a>b, b>c, b>a back, b>d",
	} {
		h := &host{deployments: func(string, string) (Deployments, error) { return steps(in), nil }}
		got, err := source(t, h, "acme/a").Changes(t.Context(), t0)
		if err != nil {
			t.Fatal(err)
		}
		var words []string
		for i := len(got) - 1; i >= 0; i-- {
			c := got[i]
			w := c.Revision.Raw()
			if !c.FromRevision.Empty() {
				w = c.FromRevision.Raw() + ">" + w
			}
			if c.Kind == sources.Rollback {
				w += " back"
			}
			words = append(words, w)
		}
		if s := strings.Join(words, ", "); s != want {
			t.Errorf("%s: %s, want %s", in, s, want)
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	for ref, want := range map[string]string{
		"v1.42.0": "v1.42.0", "checkout/v1.2": "checkout/v1.2", "refs/tags/spring": "spring", "17": "17", "v3": "v3", "2026.03.01": "2026.03.01",
		"main": "", "refs/heads/v1.2": "", "feature-3": "", "abc": "", "": "",
	} {
		d := Deployment{Ref: safe.Outside(ref), SHA: safe.Outside("abc")}
		if got := d.version().Raw(); got != want {
			t.Errorf("%s: %q, want %q", ref, got, want)
		}
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	kinds := map[string]sources.Kind{"acme/gone": sources.NotFound, "acme/down": sources.Unavailable, "acme/slow": sources.Timeout,
		"acme/limit": sources.RateLimited, "acme/stop": sources.Canceled, "acme/none": sources.Unauthorized}
	h := &host{deployments: func(p, _ string) (Deployments, error) {
		if k := kinds[p]; k != "" {
			return Deployments{}, sources.Errorf(k, "it failed")
		}
		return steps("a"), nil
	}}
	for in, want := range map[string]sources.Kind{
		"acme/a acme/gone acme/down acme/slow acme/none": "",
		"acme/gone acme/down":                            sources.NotFound,
		"acme/a acme/limit":                              sources.RateLimited,
		"acme/gone acme/stop":                            sources.Canceled,
	} {
		s := source(t, h, strings.Fields(in)...)
		got, err := s.Changes(t.Context(), t0)
		if want == "" && (err != nil || len(got) != 1 || len(s.Notes()) != 4) || want != "" && !sources.IsKind(err, want) {
			t.Errorf("%s: %d, %v, %v", in, len(got), err, s.Notes())
		}
		if err != nil && !strings.HasPrefix(err.Error(), "github x: ") {
			t.Errorf("the error names no source: %v", err)
		}
	}
}

// A listing that is longer than the window is filtered, the last before stays.
func TestSince(t *testing.T) {
	t.Parallel()
	h := &host{deployments: func(string, string) (Deployments, error) { return steps("a b c"), nil }}
	s := source(t, h, "acme/a", "acme/b")
	for min, n := range map[int]int{0: 6, 1: 6, 2: 4, 3: 2} {
		if got, err := s.Changes(t.Context(), t0.Add(time.Duration(min)*time.Minute)); err != nil || len(got) != n {
			t.Errorf("since %d: %d, %v", min, len(got), err)
		}
	}
}

func TestProjects(t *testing.T) {
	t.Parallel()
	got, err := Projects([]any{"acme/shop/checkout/", map[string]any{" acme/pay ": "payments"}})
	if d := cmp.Diff("[{acme/shop/checkout checkout} {acme/pay payments}]", fmt.Sprint(got)); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
	for _, bad := range []string{"acme", "/", "a//b", "a/..", "a/b c", "a/\u202eb", "https://github.com/a/b", "a/b%2fc"} {
		if _, err := Projects([]any{bad}); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestSameEnvironment(t *testing.T) {
	t.Parallel()
	for _, yes := range [][2]string{{"production", "Production"}, {"prod", "production"}, {"PROD", "Production"}, {"eu-1", "EU-1"}} {
		if !sameEnvironment(yes[0], yes[1]) || !sameEnvironment(yes[1], yes[0]) {
			t.Errorf("%v", yes)
		}
	}
	for _, no := range [][2]string{{"production", "preproduction"}, {"prod", "prod-eu"}, {"", "production"}} {
		if sameEnvironment(no[0], no[1]) {
			t.Errorf("%v", no)
		}
	}
}

func TestBetweenIsKept(t *testing.T) {
	t.Parallel()
	now := t0
	found := map[string]bool{"acme/b": true}
	h := &host{compare: func(p string) (sources.Diff, error) {
		if !found[p] {
			return sources.Diff{}, sources.Errorf(sources.NotFound, "no")
		}
		return sources.Diff{Total: 3, Commits: []sources.Commit{{Title: safe.Outside("x")}}}, nil
	}}
	ps, err := Projects([]any{map[string]any{"acme/a": "s"}, map[string]any{"acme/b": "s"}, "acme/other"})
	if err != nil {
		t.Fatal(err)
	}
	s := New(sources.SourceID{Kind: "github", Name: "x"}, h, ps, "", func() time.Time { return now })
	ask := func(from, to string, want int64) {
		t.Helper()
		h.asked.Store(0)
		d, err := s.Between(t.Context(), "s", from, to)
		if err != nil || d.Total != 3 || d.Commits[0].Title.Raw() != "x" {
			t.Errorf("%v %+v", err, d)
		}
		d.Commits[0] = sources.Commit{}
		if n := h.asked.Load(); n != want {
			t.Errorf("asked %d times, want %d", n, want)
		}
	}
	a, b := strings.Repeat("a", 40), strings.Repeat("b", 40)
	ask(a, b, 2) // acme/a does not have them
	ask(a, b, 0)
	now = now.Add(shortLived)
	ask(a, b, 1) // acme/a may have got them
	ask("v1", "v2", 2)
	ask("v1", "v2", 0)
	now = now.Add(shortLived)
	ask("v1", "v2", 2) // tags move
	for i := range 2 * maxDiffs {
		ask(fmt.Sprintf("%040x", i), b, 2)
	}
	if n := len(s.diffs.kept); n > maxDiffs {
		t.Errorf("%d are kept", n)
	}
	for _, bad := range []string{"", "../a", "-x", "a b", "a?b", strings.Repeat("a", 200), "ä"} {
		h.asked.Store(0)
		if _, err := s.Between(t.Context(), "s", bad, b); !sources.IsKind(err, sources.NotFound) || h.asked.Load() != 0 {
			t.Errorf("%q: %v, asked %d times", bad, err, h.asked.Load())
		}
	}
}
