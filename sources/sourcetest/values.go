package sourcetest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// ChangeSuite says how to open a change source and what it has.
type ChangeSuite struct {
	// Open makes the source. url is the base URL of Good, or of a server that
	// fails; it is empty when Good is nil.
	Open func(t testing.TB, url string) sources.ChangeSource
	// Good serves right answers, best with hostile text in them. Nil: the
	// source does not speak HTTP and only its values are judged.
	Good http.Handler
	// Since and Want: how many changes Good has since then, with those that
	// sources.Since leaves from before.
	Since  time.Time
	Want   int
	Secret string   // see HTTPSuite
	Skip   []string // see HTTPSuite
}

// Changes runs the suite.
func Changes(t *testing.T, s ChangeSuite) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Run("values", func(t *testing.T) {
		url := ""
		if s.Good != nil {
			url = serve(t, s.Good).URL
		}
		src := s.Open(t, url)
		ask := func() []sources.Change {
			got, err := src.Changes(t.Context(), s.Since)
			if err != nil {
				t.Fatalf("changes: %v", err)
			}
			return got
		}
		first := ask()
		if len(first) != s.Want {
			t.Errorf("%d changes, want %d", len(first), s.Want)
		}
		CheckChanges(t, first, s.Since)
		kept := copyChanges(first)
		second := ask()
		for i := range second {
			scribble(&second[i])
		}
		if diff := cmp.Diff(kept, first, valueOpts()...); diff != "" {
			t.Errorf("a later answer shares memory with an earlier one:\n%s", diff)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := within(t, func() error { _, err := src.Changes(ctx, s.Since); return err })
		HTTPSuite{Secret: s.Secret}.judge(t, err, sources.Canceled)
	})
	if s.Good != nil {
		HTTP(t, HTTPSuite{Good: s.Good, Secret: s.Secret, Skip: s.Skip,
			Open: func(t testing.TB, url string) Call {
				src := s.Open(t, url)
				return func(ctx context.Context) error { _, err := src.Changes(ctx, s.Since); return err }
			}})
	}
	noneLeft(t, before)
}

// CheckChanges checks what holds for the changes of every source.
func CheckChanges(t testing.TB, cs []sources.Change, since time.Time) {
	t.Helper()
	if n := len(sources.Since(cs, since)); n != len(cs) {
		t.Errorf("%d changes are older than %v and not the last of their service", len(cs)-n, since)
	}
	ids := map[string]bool{}
	for i, c := range cs {
		at := fmt.Sprintf("change %d (%s)", i, safe.Text(c.ID))
		if c.ID == "" || ids[c.ID] {
			t.Errorf("%s: the ID is empty or not unique", at)
		}
		ids[c.ID] = true
		if c.Source.Kind == "" {
			t.Errorf("%s: no source", at)
		}
		if !slices.Contains(sources.ChangeTypes(), c.Kind) {
			t.Errorf("%s: kind %q", at, c.Kind)
		}
		if c.StartedAt.IsZero() {
			t.Errorf("%s: no start", at)
		}
		if !c.FinishedAt.IsZero() && c.FinishedAt.Before(c.StartedAt) {
			t.Errorf("%s: finished at %v before it started at %v", at, c.FinishedAt, c.StartedAt)
		}
		UTC(t, at, c.StartedAt, c.FinishedAt)
		if i > 0 && cs[i-1].StartedAt.Before(c.StartedAt) {
			t.Errorf("%s is newer than the one before it", at)
		}
		NoControls(t, c.ID)
		NoControls(t, c.Cluster)
		NoControls(t, string(c.State))
		for _, v := range append([]safe.Value{c.Service, c.Namespace, c.Env, c.Version, c.FromVersion, c.Revision,
			c.FromRevision, c.Author, c.Title, c.URL}, c.Evidence...) {
			NoControls(t, v.String())
		}
		inert(t, c)
	}
}

// CheckAlerts checks what holds for the alerts of every source.
func CheckAlerts(t testing.TB, as []sources.Alert, cluster string) {
	t.Helper()
	for i, a := range as {
		at := fmt.Sprintf("alert %d (%s)", i, a.Name())
		if a.Cluster != cluster || a.ID != sources.NewAlertID(cluster, a.Labels) {
			t.Errorf("%s: cluster %q, ID %s", at, a.Cluster, a.ID)
		}
		for _, ls := range []sources.Labels{a.Labels, a.Annotations} {
			if !slices.IsSortedFunc(ls, func(x, y sources.Label) int { return x.Name.Compare(y.Name) }) {
				t.Errorf("%s: labels are not sorted: %v", at, ls)
			}
		}
		if a.State != sources.Firing && a.State != sources.Pending {
			t.Errorf("%s: state %q", at, a.State)
		}
		UTC(t, at, a.ActiveAt, a.KeepFiringSince, a.ResolvedAt)
		inert(t, a.Labels)
		inert(t, a.Annotations)
	}
}

// UTC checks that times are in UTC.
func UTC(t testing.TB, what string, times ...time.Time) {
	t.Helper()
	for _, at := range times {
		if at.Location() != time.UTC {
			t.Errorf("%s: %v is not in UTC", what, at)
		}
	}
}

// NoControls checks that a text may be drawn: no control character (line feeds
// included), no bidirectional override, nothing invisible.
func NoControls(t testing.TB, text string) {
	t.Helper()
	if safe.Text(text) != text {
		t.Errorf("the text is not clean: %q", text)
	}
}

// inert checks that a value's JSON does nothing on a terminal.
func inert(t testing.TB, v any) {
	t.Helper()
	doc, err := json.Marshal(v)
	if err != nil {
		t.Errorf("JSON: %v", err)
		return
	}
	if string(safe.JSON(doc)) != string(doc) {
		t.Errorf("the JSON is not inert: %q", doc)
	}
}

func valueOpts() []cmp.Option {
	return []cmp.Option{cmp.Comparer(func(a, b safe.Value) bool { return a == b }), cmpopts.EquateEmpty(), cmpopts.EquateNaNs()}
}

func copyChanges(cs []sources.Change) []sources.Change {
	out := slices.Clone(cs)
	for i := range out {
		out[i].Evidence = slices.Clone(out[i].Evidence)
		if d := out[i].Diff; d != nil {
			c := *d
			c.Commits = slices.Clone(c.Commits)
			out[i].Diff = &c
		}
	}
	return out
}

// scribble overwrites everything that a change refers to.
func scribble(c *sources.Change) {
	for i := range c.Evidence {
		c.Evidence[i] = safe.Outside("scribbled")
	}
	if c.Diff != nil {
		for i := range c.Diff.Commits {
			c.Diff.Commits[i] = sources.Commit{}
		}
		*c.Diff = sources.Diff{Total: -1}
	}
	*c = sources.Change{}
}
