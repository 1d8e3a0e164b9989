package github

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/sourcetest"
)

func TestConformance(t *testing.T) {
	h := &hub{t: t, token: token}
	h.set("checkout",
		deployed{id: 3, sha: sha("c"), ref: "v1.2\x1b[2J", env: "production", text: "\u202eevil \u009b", min: 30, statuses: []status{{"in_progress", 31}}, log: "https://github.com/\x07"},
		deployed{id: 2, sha: sha("b"), ref: "main", env: "production", min: 10, statuses: []status{{"success", 12}}},
		deployed{id: 1, sha: sha("a"), ref: "main", env: "production", min: -10, statuses: []status{{"success", -8}}})
	sourcetest.Changes(t, sourcetest.ChangeSuite{
		Open:   func(t testing.TB, url string) sources.ChangeSource { return open(t, url, nil) },
		Good:   h,
		Since:  t0,
		Want:   3,
		Secret: token,
	})
}

// show is a change in one line.
func show(c sources.Change) string {
	clock := func(t time.Time) string {
		if t.IsZero() {
			return "-"
		}
		return t.Format("15:04")
	}
	s := fmt.Sprintf("%s %s-%s %s %s %s %s<-%s", c.ID, clock(c.StartedAt), clock(c.FinishedAt), c.Kind, c.State, c.Service,
		sources.ShortRevision(c.Revision.String()), sources.ShortRevision(c.FromRevision.String()))
	if !c.Version.Empty() || !c.FromVersion.Empty() {
		s += fmt.Sprintf(" %s<-%s", c.Version, c.FromVersion)
	}
	return s
}

func ask(t *testing.T, src *Source, since int) []string {
	t.Helper()
	got, err := src.Changes(t.Context(), t0.Add(time.Duration(since)*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	sourcetest.CheckChanges(t, got, t0.Add(time.Duration(since)*time.Minute))
	var out []string
	for _, c := range got {
		out = append(out, show(c))
	}
	return out
}

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func TestMapping(t *testing.T) {
	t.Parallel()
	h := &hub{token: token}
	h.set("checkout",
		deployed{id: 9, sha: sha("e"), ref: "v1.5.0", env: "production", min: 90, statuses: []status{{"waiting", 90}}},                                                            // wants approval
		deployed{id: 8, sha: sha("d"), ref: "v1.4.0", env: "production", min: 80, statuses: []status{{"waiting", 80}, {"queued", 83}, {"in_progress", 85}}, log: "https://run/8"}, // runs
		deployed{id: 7, sha: sha("b"), ref: "refs/tags/v1.2.0", env: "production", min: 60, statuses: []status{{"in_progress", 61}, {"success", 63}}, text: "roll back"},
		deployed{id: 6, sha: sha("c"), ref: "v1.3.0", env: "production", min: 40, statuses: []status{{"in_progress", 41}, {"success", 44}, {"inactive", 63}}},
		deployed{id: 5, sha: sha("f"), ref: "feature", env: "production", min: 20, statuses: []status{{"in_progress", 21}, {"failure", 22}}},
		deployed{id: 4, sha: sha("b"), ref: "v1.2.0", env: "production", min: 5, statuses: []status{{"success", 9}, {"inactive", 44}}},
		deployed{id: 3, sha: sha("9"), ref: "main", env: "staging", min: 4, statuses: []status{{"success", 5}}},
		deployed{id: 2, sha: sha("a"), ref: "main", env: "production", min: -100, statuses: []status{{"success", -98}, {"inactive", 9}}})
	src := open(t, play(t, h), nil)
	same(t, "changes", ask(t, src, 0),
		"acme/checkout/8 13:25-- deploy running checkout d000000<-b000000 v1.4.0<-v1.2.0",
		"acme/checkout/7 13:01-13:03 rollback done checkout b000000<-c000000 v1.2.0<-v1.3.0",
		"acme/checkout/6 12:41-12:44 deploy done checkout c000000<-b000000 v1.3.0<-v1.2.0",
		"acme/checkout/5 12:21-12:22 deploy failed checkout f000000<-b000000 <-v1.2.0",
		"acme/checkout/4 12:05-12:09 deploy done checkout b000000<-a000000 v1.2.0<-",
		"acme/checkout/2 10:20-10:22 deploy done checkout a000000<-") // the last before
	got, err := src.Changes(t.Context(), t0)
	if err != nil {
		t.Fatal(err)
	}
	c := got[0]
	if c.URL.Raw() != "https://run/8" || c.Title.Raw() != "v1.4.0" || c.Author.Raw() != "octocat" || c.Env.Raw() != "production" {
		t.Errorf("%+v", c)
	}
	c = got[1]
	if !strings.HasSuffix(c.URL.Raw(), "/acme/checkout/compare/"+sha("c")+"..."+sha("b")) || c.Title.Raw() != "roll back" {
		t.Errorf("without a log: %s %s", c.URL, c.Title)
	}
	if s := fmt.Sprint(c.Evidence); s != "[deployment 7 of acme/checkout to production, from refs/tags/v1.2.0 this revision had run before the one that it replaced]" {
		t.Errorf("evidence: %s", s)
	}
	if n := src.Notes(); len(n) != 0 {
		t.Errorf("notes: %v", n)
	}
}

// What has not changed costs nothing: a 304, and no look at what has ended.
func TestUnchangedIsFree(t *testing.T) {
	t.Parallel()
	h := &hub{token: token}
	old := deployed{id: 1, sha: sha("a"), ref: "v1.0.0", env: "production", min: 1, statuses: []status{{"success", 2}}}
	runs := deployed{id: 2, sha: sha("b"), ref: "v1.1.0", env: "production", min: 10, statuses: []status{{"in_progress", 10}}}
	h.set("checkout", runs, old)
	src := open(t, play(t, h), nil)
	list := "/repos/acme/checkout/deployments?environment=production&per_page=30"
	states := func(id int) string {
		return fmt.Sprintf("/repos/acme/checkout/deployments/%d/statuses?per_page=100", id)
	}
	first := ask(t, src, 0)
	same(t, "first", h.seen(), "200 "+states(1), "200 "+states(2), "200 "+list)
	same(t, "the same again", ask(t, src, 0), first...)
	same(t, "second", h.seen(), "304 "+states(2), "304 "+list)
	runs.statuses = append(runs.statuses, status{"success", 13})
	h.set("checkout", runs, old)
	same(t, "ended", ask(t, src, 0),
		"acme/checkout/2 12:10-12:13 deploy done checkout b000000<-a000000 v1.1.0<-v1.0.0",
		"acme/checkout/1 12:01-12:02 deploy done checkout a000000<- v1.0.0<-")
	same(t, "third", h.seen(), "200 "+states(2), "200 "+list)
	ask(t, src, 0)
	same(t, "fourth", h.seen(), "304 "+list)
	// It is tried again: GitHub says that something was added.
	old.statuses = append(old.statuses, status{"inactive", 13})
	h.set("checkout", runs, old)
	ask(t, src, 0)
	same(t, "fifth", h.seen(), "200 "+states(1), "200 "+list)
}

func TestPages(t *testing.T) {
	t.Parallel()
	h := &hub{token: token}
	var all []deployed
	for i := 200; i > 0; i-- {
		all = append(all, deployed{id: i, sha: sha(fmt.Sprintf("%x0", i)), ref: "main", env: "production", min: i, statuses: []status{{"success", i}}})
	}
	h.set("checkout", all...)
	src := open(t, play(t, h), nil)
	if got := ask(t, src, 160); len(got) != 42 { // on the second page
		t.Errorf("%d changes: %v", len(got), got)
	}
	lists := func() (n int) {
		for _, s := range h.seen() {
			if !strings.Contains(s, "/statuses") {
				n++
			}
		}
		return n
	}
	if n := lists(); n != 2 {
		t.Errorf("%d pages were asked for", n)
	}
	// The end is bounded and said; states come by and by.
	for i := range 3 {
		if got := ask(t, src, 0); len(got) != maxPages*perPage {
			t.Errorf("%d changes", len(got))
		}
		states := slices.DeleteFunc(h.seen(), func(s string) bool { return !strings.Contains(s, "/statuses") })
		if len(states) > maxAsked || i == 0 && len(states) != maxAsked {
			t.Errorf("%d states were asked for", len(states))
		}
	}
	if s := fmt.Sprint(src.Notes()); s != "[acme/checkout: more deployments than are read; the oldest are left out]" {
		t.Errorf("notes: %s", s)
	}
	got, err := src.Changes(t.Context(), t0)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range got {
		if c.State != sources.Done {
			t.Errorf("%s: its state is still not known", c.ID)
		}
	}
}

func TestEnvironments(t *testing.T) {
	t.Parallel()
	h := &hub{token: token}
	h.set("checkout", deployed{id: 1, sha: sha("a"), ref: "main", env: "Production", min: 1, statuses: []status{{"success", 2}}})
	h.set("pay", deployed{id: 1, sha: sha("a"), ref: "main", env: "prod", min: 1, statuses: []status{{"success", 2}}})
	h.set("web", deployed{id: 1, sha: sha("a"), ref: "main", env: "preview", min: 1, statuses: []status{{"success", 2}}})
	h.set("new")
	url := play(t, h)
	src := open(t, url, func(o *Options) {
		o.Repos = []any{"acme/checkout", "acme/pay", "acme/web", map[string]any{"acme/new": "fresh"}}
	})
	want := []string{"acme/checkout/1 12:01-12:02 deploy done checkout a000000<-", "acme/pay/1 12:01-12:02 deploy done pay a000000<-"}
	same(t, "production", ask(t, src, 0), want...)
	if s := fmt.Sprint(src.Notes()); s != "[acme/web: no environment is called production; there is preview acme/new: no environment is called production]" {
		t.Errorf("notes: %s", s)
	}
	h.seen()
	same(t, "again", ask(t, src, 0), want...)
	same(t, "asked again", h.seen(),
		"304 /repos/acme/checkout/deployments?environment=Production&per_page=30", "304 /repos/acme/new/deployments?environment=production&per_page=30",
		"304 /repos/acme/pay/deployments?environment=prod&per_page=30", "304 /repos/acme/web/deployments?environment=production&per_page=30")
	src = open(t, url, func(o *Options) { o.Repos, o.Environment = []any{"acme/web"}, "" })
	same(t, "all", ask(t, src, 0), "acme/web/1 12:01-12:02 deploy done web a000000<-")
}

// A repository that the token may not read takes nothing from the others.
func TestOneOfThem(t *testing.T) {
	t.Parallel()
	h := &hub{token: token, answers: map[string]http.HandlerFunc{
		"/repos/acme/broken": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
	}}
	h.set("checkout", deployed{id: 1, sha: sha("a"), ref: "main", env: "production", min: 1, statuses: []status{{"success", 2}}})
	h.set("flaky", deployed{id: 5, sha: sha("a"), ref: "main", env: "production", min: 3, statuses: []status{{"success", 4}}})
	src := open(t, play(t, h), func(o *Options) { o.Repos = []any{"acme/secret", "acme/checkout", "acme/broken", "acme/flaky"} })
	want := []string{"acme/flaky/5 12:03-12:04 deploy done flaky a000000<-", "acme/checkout/1 12:01-12:02 deploy done checkout a000000<-"}
	same(t, "changes", ask(t, src, 0), want...)
	note := "acme/secret: 404 Not Found: Not Found (check the name; a private repository that the token may not read is not found either) acme/broken: 502 Bad Gateway"
	if s := fmt.Sprint(src.Notes()); s != "["+note+"]" {
		t.Errorf("notes: %s", s)
	}
	h.mu.Lock()
	h.answers["/repos/acme/flaky"] = h.answers["/repos/acme/broken"]
	h.mu.Unlock()
	same(t, "what it said before stands", ask(t, src, 0), want...)
	if s := fmt.Sprint(src.Notes()); !strings.HasPrefix(s, "["+note+" acme/flaky: 502 Bad Gateway, as of ") {
		t.Errorf("notes: %s", s)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	reset := time.Now().Add(20 * time.Minute)
	for name, tc := range map[string]struct {
		answer http.HandlerFunc
		after  time.Duration
	}{
		"primary": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Ratelimit-Limit", "5000")
			w.Header().Set("X-Ratelimit-Remaining", "0")
			w.Header().Set("X-Ratelimit-Reset", fmt.Sprint(reset.Unix()))
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"message":"API rate limit exceeded for user ID 1.","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api"}`)
		}, 20 * time.Minute},
		"secondary": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "90")
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}`)
		}, 90 * time.Second},
		"secondary, 429": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "90")
			w.WriteHeader(http.StatusTooManyRequests)
		}, 90 * time.Second},
		"secondary, by words": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"message":"You have exceeded a secondary rate limit."}`)
		}, time.Minute},
		"the last one": {func(w http.ResponseWriter, _ *http.Request) { // good, and the last for now
			w.Header().Set("X-Ratelimit-Remaining", "0")
			w.Header().Set("X-Ratelimit-Reset", fmt.Sprint(reset.Unix()))
			fmt.Fprint(w, "[]")
		}, 20 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := &hub{answers: map[string]http.HandlerFunc{"/repos/acme/": tc.answer}}
			src := open(t, play(t, h), nil)
			for i := range 3 {
				_, err := src.Changes(t.Context(), t0)
				e := sources.AsError(sources.SourceID{}, err)
				if !sources.IsKind(err, sources.RateLimited) || e.After > tc.after || e.After < tc.after-10*time.Second {
					t.Fatalf("call %d: %v, after %v", i, err, e.After)
				}
				if want := time.Now().Add(e.After).UTC().Format("15:04"); !strings.Contains(err.Error(), want) {
					t.Errorf("it does not say when (%s): %v", want, err)
				}
			}
			if n := len(h.seen()); n != 1 {
				t.Errorf("it was asked %d times", n)
			}
		})
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	h := &hub{token: token}
	h.set("checkout", deployed{id: 1, sha: sha("a"), ref: "main", env: "production", min: 1, statuses: []status{{"success", 2}}})
	url := play(t, h)
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := func(n string) string {
		return map[string]string{"MINE": token, "GITHUB_TOKEN": token, "GH_TOKEN": token}[n]
	}
	tests := map[string]struct {
		o    Options
		want string // in the error; empty: it works
	}{
		"file":    {Options{TokenFile: file}, ""},
		"env":     {Options{TokenEnv: "MINE"}, ""},
		"command": {Options{TokenCommand: []string{"echo", token}}, ""},
		"none":    {Options{}, "401 Unauthorized: Bad credentials (give a token: token_command: [gh, auth, token]"}, // not to a host that was named
		"wrong":   {Options{TokenCommand: []string{"echo", "ghp_wrong"}}, "the configured credentials were refused: give a token"},
		"two":     {Options{TokenEnv: "MINE", TokenFile: file}, "keep one of token_file, token_env and token_command"},
		"unset":   {Options{TokenEnv: "NO_SUCH"}, "the environment variable NO_SUCH is not set"},
	}
	for name, tc := range tests {
		tc.o.URL, tc.o.Repos, tc.o.Environment = url, []any{"acme/checkout"}, "production"
		src, err := Open(tc.o, sources.Env{Getenv: env})
		if err == nil {
			t.Cleanup(src.Close)
			_, err = src.Changes(t.Context(), t0)
		}
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
		if err != nil && strings.Contains(err.Error(), "ghp_") {
			t.Errorf("%s: the token is shown: %v", name, err)
		}
	}
}

// Without a word about credentials the usual variable goes to github.com alone,
// and not by a way that the configuration describes.
func TestUsualVariable(t *testing.T) {
	t.Parallel()
	usual := func(o Options) bool { return len(o.credential(nil).Usual) > 0 }
	o := Defaults()
	if !usual(o) {
		t.Error("github.com: the variable was not taken")
	}
	other := o
	other.URL = "https://github.example.com/api/v3"
	if usual(other) {
		t.Error("another host gets the token")
	}
	other = o
	other.HTTP.TLSConfig.InsecureSkipVerify = true
	if usual(other) {
		t.Error("the token goes by a way that was described")
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for want, list := range map[string][]any{
		"":                           {"acme/a", map[string]any{"acme/b": "payments"}},
		"name at least one":          {},
		`"acme" is not owner/name`:   {"acme"},
		`"a/b/c" is not owner/name`:  {"a/b/c"},
		"is listed twice":            {"acme/a", map[string]any{"Acme/A": "x"}},
		`"../../user"`:               {"../../user"},
		`"a/b?c=d"`:                  {"a/b?c=d"},
		"want the name of a service": {map[string]any{"acme/a": 3}},
		"entry 1 is neither":         {7},
	} {
		_, err := Open(Options{Repos: list}, sources.Env{})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%v: %v, want %q", list, err, want)
		}
	}
	if _, err := Open(Options{Repos: []any{"a/b"}, URL: "ftp://x"}, sources.Env{}); err == nil {
		t.Error("a wrong URL was accepted")
	}
	if _, err := open(t, "http://127.0.0.1:1", nil).Between(context.Background(), "checkout", "../x", "b"); !sources.IsKind(err, sources.NotFound) {
		t.Errorf("a revision that is none: %v", err)
	}
}
