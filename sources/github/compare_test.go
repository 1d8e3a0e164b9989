package github

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/firstpage-oncall/firstpage/sources"
)

// comparison plays GitHub's compare of so many commits, oldest first.
func comparison(total int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		size, _ := strconv.Atoi(r.FormValue("per_page"))
		page, _ := strconv.Atoi(r.FormValue("page"))
		var commits, files []string
		for i := (page-1)*size + 1; i <= min(page*size, total); i++ {
			commits = append(commits, fmt.Sprintf(`{"sha":"%040d","commit":{"author":{"name":"Monalisa","email":"m@example.com","date":%[2]q},
 "committer":{"name":"GitHub","date":%[2]q},"message":"Commit %[1]d\n\nand more","comment_count":0},"parents":[%[3]s],"author":{"login":"octocat"},"html_url":"https://x"}`, i, at(i), `{"sha":"1"}`))
		}
		if page == 1 && total > 0 {
			files = []string{`{"filename":"a.go","status":"modified","additions":10,"deletions":3,"changes":13,"patch":"@@ -1 +1 @@"}`,
				`{"filename":"b.go","status":"added","additions":1,"deletions":0,"changes":1}`}
		}
		fmt.Fprintf(w, `{"html_url":"https://github.com/acme/checkout/compare/a...b","status":"ahead","ahead_by":%[1]d,"behind_by":0,"total_commits":%[1]d,
 "commits":[%[2]s],"files":[%[3]s]}`, total, strings.Join(commits, ","), strings.Join(files, ","))
	}
}

func TestBetween(t *testing.T) {
	t.Parallel()
	a, b := sha("a"), sha("b")
	for total, pages := range map[int]int{0: 1, 1: 1, 50: 1, 100: 1, 101: 2, 120: 2, 230: 3, 250: 2} {
		h := &hub{token: token, answers: map[string]http.HandlerFunc{"/repos/acme/checkout/compare/" + a + "..." + b: comparison(total)}}
		h.set("other")
		src := open(t, play(t, h), func(o *Options) { o.Repos = []any{"acme/checkout", map[string]any{"acme/other": "pay"}} })
		for range 2 { // the second is from memory
			d, err := src.Between(t.Context(), "checkout", a, b)
			if err != nil {
				t.Fatal(err)
			}
			if d.Total != total || len(d.Commits) != min(total, 50) || d.CompareURL.Raw() != "https://github.com/acme/checkout/compare/a...b" {
				t.Errorf("%d commits: %d, %d listed, %s", total, d.Total, len(d.Commits), d.CompareURL)
			}
			if total == 0 {
				continue
			}
			if c := d.Commits[0]; c.Title.Raw() != fmt.Sprintf("Commit %d", total) || c.Author.Raw() != "Monalisa" || c.At.Format("15:04:05Z07:00") == "" {
				t.Errorf("%d commits: newest is %+v", total, c)
			}
			if !slices.IsSortedFunc(d.Commits, func(x, y sources.Commit) int { return y.At.Compare(x.At) }) {
				t.Errorf("%d commits: not newest first", total)
			}
			if d.Files != 2 || d.Added != 11 || d.Removed != 3 {
				t.Errorf("%+v", d)
			}
			d.Commits[0] = sources.Commit{}
		}
		if n := len(h.seen()); n != pages {
			t.Errorf("%d commits: %d requests, want %d", total, n, pages)
		}
	}
}

// One way has nothing, the other has it: that is a way back. Two lines are told
// apart, and merges do not count.
func TestBetweenBack(t *testing.T) {
	t.Parallel()
	a, b, c := sha("a"), sha("b"), sha("c")
	say := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }
	}
	const commits = `"commits":[{"sha":"1","commit":{"message":"One"},"parents":[{"sha":"0"}]},null,{"sha":"2","commit":{"message":"Merge"},"parents":[{"sha":"0"},{"sha":"1"}]}],
 "files":[{"filename":"a","additions":7,"deletions":2},null]`
	h := &hub{token: token, answers: map[string]http.HandlerFunc{
		"/repos/acme/checkout/compare/" + b + "..." + a: say(`{"status":"behind","ahead_by":0,"behind_by":2,"total_commits":0,"commits":[],"files":[],"html_url":"https://x/b...a"}`),
		"/repos/acme/checkout/compare/" + a + "..." + b: say(`{"status":"ahead","ahead_by":2,"behind_by":0,"total_commits":2,"html_url":"https://x/a...b",` + commits + `}`),
		"/repos/acme/checkout/compare/" + a + "..." + c: say(`{"status":"diverged","ahead_by":2,"behind_by":5,"total_commits":2,"html_url":"https://x/a...c",` + commits + `}`),
		"/repos/acme/checkout/compare/" + c + "..." + a: say("null"),
	}}
	h.set("checkout")
	src := open(t, play(t, h), nil)
	d, err := src.Between(t.Context(), "checkout", b, a)
	if err != nil || !d.Back || d.Dropped != 0 || d.Total != 1 || len(d.Commits) != 1 || d.Added != 2 || d.Removed != 7 || d.NoLines || d.CompareURL.Raw() != "https://x/a...b" {
		t.Errorf("back: %+v, %v", d, err)
	}
	d, err = src.Between(t.Context(), "checkout", a, c)
	if err != nil || d.Back || d.Dropped != 5 || d.Total != 1 || !d.NoLines {
		t.Errorf("two lines: %+v, %v", d, err)
	}
	if _, err = src.Between(t.Context(), "checkout", c, a); !sources.IsKind(err, sources.BadResponse) {
		t.Errorf("nothing: %v", err)
	}
}

func TestBetweenUnknown(t *testing.T) {
	t.Parallel()
	h := &hub{token: token}
	h.set("checkout")
	h.answers = map[string]http.HandlerFunc{"/repos/acme/checkout/compare/": func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"message":"Not Found"}`)
	}}
	src := open(t, play(t, h), nil)
	for service, revision := range map[string]string{"checkout": sha("f"), "web": sha("a"), "": "x y"} {
		for range 2 {
			if _, err := src.Between(t.Context(), service, revision, sha("b")); !sources.IsKind(err, sources.NotFound) {
				t.Errorf("%s: %v", service, err)
			}
		}
	}
	if n := len(h.seen()); n != 1 {
		t.Errorf("%d requests", n)
	}
	// A tag with a slash stays one name.
	if _, err := src.Between(t.Context(), "checkout", "checkout/v1.2.0", "checkout/v1.3.0"); !sources.IsKind(err, sources.NotFound) {
		t.Error(err)
	}
	if s := h.seen(); len(s) != 1 || !strings.Contains(s[0], "/compare/checkout/v1.2.0...checkout/v1.3.0?page=1") {
		t.Errorf("%v", s)
	}
	h.mu.Lock()
	h.answers = map[string]http.HandlerFunc{"/": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }}
	h.mu.Unlock()
	if _, err := src.Between(t.Context(), "checkout", sha("1"), sha("2")); !sources.IsKind(err, sources.Unavailable) || !strings.HasPrefix(err.Error(), "github hub: ") {
		t.Errorf("%v", err)
	}
}
