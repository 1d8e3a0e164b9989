package gitlab

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/sourcetest"
)

func TestConformance(t *testing.T) {
	l := &lab{token: token}
	l.set("acme/shop/checkout",
		deployed{id: 3, sha: sha("c"), ref: "v1.2\x1b[2J", env: "production", title: "\u202eevil \u009b", status: "running", made: 30, begun: 31},
		deployed{id: 2, sha: sha("b"), ref: "main", env: "production", status: "success", made: 10, begun: 11, done: 12},
		deployed{id: 1, sha: sha("a"), ref: "main", env: "production", status: "success", made: -100, begun: -99, done: -98})
	sourcetest.Changes(t, sourcetest.ChangeSuite{
		Open:   func(t testing.TB, url string) sources.ChangeSource { return open(t, url, nil) },
		Good:   l,
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
	l := &lab{token: token}
	l.set("acme/shop/checkout",
		deployed{id: 11, sha: sha("e"), ref: "v1.6.0", tag: true, env: "production", status: "blocked", made: 100},
		deployed{id: 10, sha: sha("e"), ref: "main", env: "production", status: "created", made: 95},
		deployed{id: 9, sha: sha("e"), ref: "main", env: "production", status: "canceled", made: 90, done: 91},             // before it began
		deployed{id: 8, sha: sha("d"), ref: "v1.4.0", tag: true, env: "production", status: "running", made: 5, begun: 85}, // by hand, long after it was made
		deployed{id: 7, sha: sha("b"), ref: "release-b", tag: true, env: "production", status: "success", made: 60, begun: 61, done: 63, title: "roll back"},
		deployed{id: 6, sha: sha("c"), ref: "main", env: "production", status: "success", made: 40, done: 44, byAPI: true},
		deployed{id: 5, sha: sha("f"), ref: "main", env: "production", status: "failed", made: 20, begun: 21, done: 22},
		deployed{id: 4, sha: sha("9"), ref: "main", env: "production", status: "canceled", made: 10, begun: 11, done: 12},
		deployed{id: 3, sha: sha("9"), ref: "main", env: "staging", status: "success", made: 4, begun: 5, done: 6},
		deployed{id: 2, sha: sha("b"), ref: "release-b", tag: true, env: "production", status: "success", made: -900, begun: -899, done: -898},
		deployed{id: 1, sha: sha("a"), ref: "main", env: "production", status: "success", made: -2900, begun: -2899, done: -2898})
	url := play(t, l)
	src := open(t, url, nil)
	want := []string{
		"acme/shop/checkout/8 13:25-- deploy running checkout d000000<-b000000 v1.4.0<-release-b",
		"acme/shop/checkout/7 13:01-13:03 rollback done checkout b000000<-c000000 release-b<-",
		"acme/shop/checkout/6 12:40-12:44 deploy done checkout c000000<-b000000 <-release-b",
		"acme/shop/checkout/5 12:21-12:22 deploy failed checkout f000000<-b000000 <-release-b",
		"acme/shop/checkout/4 12:11-12:12 deploy failed checkout 9000000<-b000000 <-release-b",
		"acme/shop/checkout/2 21:01-21:02 deploy done checkout b000000<-a000000 release-b<-", // the last before
	}
	same(t, "changes", ask(t, src, 0), want...)
	project := "acme%2Fshop%2Fcheckout/deployments?environment=production&order_by="
	asked := func(code int) []string {
		return []string{fmt.Sprintf("%d %sid&per_page=20&sort=desc&status=success", code, project),
			fmt.Sprintf("%d %supdated_at&per_page=50&sort=desc&updated_after=2026-03-01T12%%3A00%%3A00Z", code, project)}
	}
	same(t, "asked", l.seen(), asked(200)...)
	same(t, "again, a little later", ask(t, src, 3), want...)
	same(t, "asked again", l.seen(), asked(304)...)

	got, err := src.Changes(t.Context(), t0)
	if err != nil {
		t.Fatal(err)
	}
	if c := got[1]; c.URL.Raw() != url+"/acme/shop/checkout/-/jobs/70" || c.Title.Raw() != "roll back" || c.Author.Raw() != "root" || c.Env.Raw() != "production" {
		t.Errorf("%+v", c)
	}
	if c := got[2]; c.URL.Raw() != url+"/acme/shop/checkout/-/compare/"+sha("b")+"..."+sha("c") || c.Title.Raw() != "main" {
		t.Errorf("made by the API: %s %s", c.URL, c.Title)
	}
	src = open(t, url, func(o *Options) { o.Environment = "" })
	if got := ask(t, src, 0); len(got) != len(want)+1 || got[5] != "acme/shop/checkout/3 12:05-12:06 deploy done checkout 9000000<-" {
		t.Errorf("all environments: %v", got)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	l := &lab{token: token}
	var all []deployed
	for i := 1; i <= 230; i++ {
		all = append(all, deployed{id: i, sha: sha(fmt.Sprintf("%x0", i)), ref: "main", env: "production", status: "success", made: i, begun: i, done: i})
	}
	l.set("acme/shop/checkout", all...)
	src := open(t, play(t, l), nil)
	if got := ask(t, src, 120); len(got) != 111 || len(src.Notes()) != 0 {
		t.Errorf("%d changes, %v", len(got), src.Notes())
	}
	if n := len(l.seen()); n != 4 { // three pages, and what ran before
		t.Errorf("%d requests", n)
	}
	if got := ask(t, src, 0); len(got) != maxPages*perPage {
		t.Errorf("%d changes", len(got))
	}
	if s := fmt.Sprint(src.Notes()); s != "[acme/shop/checkout: more deployments than are read; the oldest are left out]" {
		t.Errorf("notes: %s", s)
	}
}

func TestEnvironments(t *testing.T) {
	t.Parallel()
	l := &lab{token: token, envs: map[string][]string{"acme/a": {"review/x", "Prod"}, "acme/b": {"production"}, "acme/c": {"staging"}}}
	l.set("acme/a", deployed{id: 1, sha: sha("a"), ref: "main", env: "Prod", status: "success", made: 1, begun: 1, done: 2})
	l.set("acme/b", deployed{id: 1, sha: sha("b"), ref: "main", env: "production", status: "success", made: -9000, begun: -9000, done: -8999}) // nothing of late
	l.set("acme/c")
	src := open(t, play(t, l), func(o *Options) { o.Projects = []any{"acme/a", "acme/b", "acme/c", "acme/secret"} })
	for range 2 {
		same(t, "changes", ask(t, src, 0), "acme/a/1 12:01-12:02 deploy done a a000000<-", "acme/b/1 06:00-06:01 deploy done b b000000<-")
		if s := fmt.Sprint(src.Notes()); s != "[acme/c: no environment is called production; there is staging acme/secret: 404 Not Found: 404 Project Not Found "+
			"(check the path; a private project that the token may not read is not found either)]" {
			t.Errorf("notes: %s", s)
		}
	}
	n := 0
	for _, s := range l.seen() {
		if strings.Contains(s, "/environments?") {
			n++
		}
	}
	if n != 2 {
		t.Errorf("environments were asked for %d times", n)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	reset := time.Now().Add(50 * time.Second)
	for name, header := range map[string]map[string]string{
		"Retry-After":     {"Retry-After": "50"},
		"RateLimit-Reset": {"RateLimit-Limit": "2000", "RateLimit-Remaining": "0", "RateLimit-Reset": fmt.Sprint(reset.Unix())},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &lab{answers: map[string]http.HandlerFunc{"": func(w http.ResponseWriter, _ *http.Request) {
				for k, v := range header {
					w.Header().Set(k, v)
				}
				w.WriteHeader(http.StatusTooManyRequests)
				fmt.Fprint(w, "Retry later\n")
			}}}
			src := open(t, play(t, l), nil)
			for range 3 {
				_, err := src.Changes(t.Context(), t0)
				e := sources.AsError(sources.SourceID{}, err)
				if !sources.IsKind(err, sources.RateLimited) || e.After > 50*time.Second || e.After < 40*time.Second {
					t.Errorf("%v, after %v", err, e.After)
				}
			}
			if n := len(l.seen()); n != 1 {
				t.Errorf("it was asked %d times", n)
			}
		})
	}
}

func TestScope(t *testing.T) {
	t.Parallel()
	l := &lab{token: token, answers: map[string]http.HandlerFunc{"": func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"api read_api"}`)
	}}}
	_, err := open(t, play(t, l), nil).Changes(t.Context(), t0)
	if !sources.IsKind(err, sources.Unauthorized) || !strings.Contains(err.Error(), "insufficient_scope (these credentials may not read this: give a token with the scope read_api") {
		t.Errorf("%v", err)
	}
	o := Defaults()
	if k := o.credential(nil); len(k.Usual) != 1 {
		t.Error("gitlab.com: the usual variable is not taken")
	}
	o.URL = "https://gitlab.example.com"
	if k := o.credential(nil); len(k.Usual) != 0 {
		t.Error("another host gets the token")
	}
}

func TestBetween(t *testing.T) {
	t.Parallel()
	var commits []string
	for i := 1; i <= 60; i++ {
		commits = append(commits, fmt.Sprintf(`{"id":"%040d","short_id":"12d65c8d","title":"Commit %d","author_name":"Example User","author_email":"u@example.com",
 "created_at":%[3]q,"committed_date":%[3]q,"message":"x"}`, i, i, at(i)))
	}
	text := `{"commit":{"id":"1"},"commits":[` + strings.Join(commits, ",") + `],"diffs":[
 {"old_path":"a","new_path":"a","a_mode":null,"b_mode":"100644","diff":"--- a/a\n+++ b/a\n@@ -1,2 +1,3 @@\n a\n-b\n+c\n+--d\n","new_file":false,"renamed_file":false,"deleted_file":false},
 {"old_path":"b","new_path":"b","diff":"","too_large":true},null],"compare_timeout":false,"compare_same_ref":false,"web_url":"https://gitlab.example.com/acme/-/compare/a...b"}`
	l := &lab{token: token}
	l.answers = map[string]http.HandlerFunc{"acme%2Fshop%2Fcheckout/repository/compare": func(w http.ResponseWriter, r *http.Request) {
		switch r.FormValue("from") {
		case "null":
			fmt.Fprint(w, "null")
		case sha("a"):
			fmt.Fprint(w, text)
		case sha("b"):
			fmt.Fprint(w, `{"commits":[],"diffs":[]}`)
		case sha("c"):
			fmt.Fprint(w, `{"commits":[{"id":"1","parent_ids":["0"]},{"id":"2","parent_ids":["0","1"]}],"diffs":[],"web_url":"https://x"}`)
		default:
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"message":"404 Ref Not Found"}`)
		}
	}}
	src := open(t, play(t, l), nil)
	for range 2 {
		d, err := src.Between(t.Context(), "checkout", sha("a"), sha("b"))
		if err != nil {
			t.Fatal(err)
		}
		if d.Total != 60 || len(d.Commits) != 50 || d.Files != 2 || d.Added != 2 || d.Removed != 1 || !d.NoLines || d.Back || d.Dropped != 0 || d.CompareURL.Raw() != "https://gitlab.example.com/acme/-/compare/a...b" {
			t.Errorf("%+v", d)
		}
		if c := d.Commits[0]; c.Title.Raw() != "Commit 60" || c.Author.Raw() != "Example User" || !c.At.Equal(t0.Add(time.Hour)) || c.At.Location() != time.UTC {
			t.Errorf("newest: %+v", c)
		}
	}
	if n := len(l.seen()); n != 2 { // both ways, once
		t.Errorf("%d requests", n)
	}
	if d, err := src.Between(t.Context(), "checkout", sha("b"), sha("a")); err != nil || !d.Back || d.Total != 60 || d.Added != 1 || d.Removed != 2 {
		t.Errorf("back: %+v, %v", d, err)
	}
	if d, err := src.Between(t.Context(), "checkout", sha("a"), sha("c")); err != nil || d.Back || d.Dropped != 1 || d.Total != 60 || !d.NoLines {
		t.Errorf("two lines: %+v, %v", d, err)
	}
	for from, want := range map[string]sources.Kind{"null": sources.BadResponse, sha("f"): sources.NotFound} {
		if _, err := src.Between(t.Context(), "checkout", from, sha("b")); !sources.IsKind(err, want) {
			t.Errorf("%s: %v", from, err)
		}
	}
	if _, err := src.Between(t.Context(), "web", sha("a"), sha("b")); !sources.IsKind(err, sources.NotFound) {
		t.Errorf("another service: %v", err)
	}
}
