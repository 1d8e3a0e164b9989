package gitlab

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

// deploymentShape is that of GitLab's documentation, list project deployments.
const deploymentShape = `{"created_at":%[1]q,"updated_at":%[2]q,"status":%[3]q,
 "deployable":%[4]s,
 "environment":{"external_url":"https://shop.example.com","id":9,"name":%[5]s},
 "id":%[6]d,"iid":2,"ref":%[7]s,"sha":%[8]s,
 "user":{"avatar_url":"http://www.gravatar.com/avatar/e64","id":1,"name":"Administrator","state":"active","username":"root","web_url":"http://localhost:3000/root"}}`

const jobShape = `{"commit":{"author_email":"admin@example.com","author_name":"Administrator","created_at":"2026-02-11T09:36:27.000+02:00","id":"99d03678b90d914dbb1b109132516d71a4a03ea8",
 "message":"Merge branch 'new-title' into 'main'","short_id":"99d03678","title":%[1]s},"coverage":null,"created_at":%[2]q,"finished_at":%[3]s,"id":%[4]d,
 "name":"production","ref":"main","runner":null,"stage":"deploy","started_at":%[5]s,"status":%[6]q,"tag":%[7]t,"project":{"ci_job_token_scope_enabled":false},
 "user":{"id":1,"username":"root"},"pipeline":{"created_at":%[2]q,"id":36,"ref":"main","sha":"99d03678","status":"success","updated_at":%[2]q,"web_url":"http://gitlab.dev/root/project/pipelines/12"},
 "artifacts":[]}`

// t0 is the moment that the tests speak of: 12:00 of a day.
var t0 = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func at(min int) string {
	return t0.Add(time.Duration(min) * time.Minute).In(time.FixedZone("", 7200)).Format("2006-01-02T15:04:05.000Z07:00")
}

// deployed is one deployment of the played GitLab; times are minutes after t0.
type deployed struct {
	id                int
	sha, ref, env     string
	status            string
	made, begun, done int // 0: not yet
	title             string
	tag, byAPI        bool
}

func (d deployed) updated() int { return max(d.made, d.begun, d.done) }

func (d deployed) json() string {
	when := func(min int) string {
		if min == 0 {
			return "null"
		}
		return strconv.Quote(at(min))
	}
	job := "null"
	if !d.byAPI {
		job = fmt.Sprintf(jobShape, quote(d.title), at(d.made), when(d.done), d.id*10, when(d.begun), d.status, d.tag)
	}
	return fmt.Sprintf(deploymentShape, at(d.made), at(d.updated()), d.status, job, quote(d.env), d.id, quote(d.ref), quote(d.sha))
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// sha is the whole hash that begins so.
func sha(s string) string { return s + strings.Repeat("0", 40-len(s)) }

// lab plays GitLab's API.
type lab struct {
	token string // wanted; empty: anybody may ask

	mu       sync.Mutex
	projects map[string][]deployed
	envs     map[string][]string
	asked    []string // "200 /projects/..." in order
	answers  map[string]http.HandlerFunc
}

func (l *lab) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	rec := httptest.NewRecorder()
	path := strings.TrimPrefix(r.URL.EscapedPath(), "/api/v4/projects/")
	l.answer(rec, r, path)
	code := rec.Code
	h := fnv.New32()
	_, _ = h.Write(rec.Body.Bytes())
	if tag := fmt.Sprintf(`W/"%x"`, h.Sum32()); code == http.StatusOK {
		rec.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			code = http.StatusNotModified
			rec.Body.Reset()
		}
	}
	for k, v := range rec.Header() {
		w.Header()[k] = v
	}
	l.asked = append(l.asked, fmt.Sprintf("%d %s?%s", code, path, r.URL.RawQuery))
	w.WriteHeader(code)
	_, _ = w.Write(rec.Body.Bytes())
}

func (l *lab) answer(w http.ResponseWriter, r *http.Request, path string) {
	for prefix, f := range l.answers {
		if strings.HasPrefix(path, prefix) {
			f(w, r)
			return
		}
	}
	if l.token != "" && r.Header.Get("Authorization") != "Bearer "+l.token {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"message":"401 Unauthorized"}`)
		return
	}
	project, what, _ := strings.Cut(path, "/")
	list, ok := l.projects[strings.ReplaceAll(project, "%2F", "/")]
	switch {
	case !ok:
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"message":"404 Project Not Found"}`)
	case what == "environments":
		var out []string
		for i, n := range l.envs[strings.ReplaceAll(project, "%2F", "/")] {
			out = append(out, fmt.Sprintf(`{"id":%d,"name":%q,"slug":"x","external_url":null,"state":"available","tier":"production"}`, i+1, n))
		}
		fmt.Fprint(w, "["+strings.Join(out, ",")+"]")
	case what == "deployments":
		l.list(w, r, slices.Clone(list))
	}
}

// list refuses what GitLab refuses, and compares environments letter by letter.
func (l *lab) list(w http.ResponseWriter, r *http.Request, all []deployed) {
	by, after := r.FormValue("order_by"), r.FormValue("updated_after")
	if (by == "updated_at") != (after != "") || r.FormValue("sort") != "desc" {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, "{\"message\":\"400 Bad request - `updated_at` filter and `updated_at` sorting must be paired\"}")
		return
	}
	env, status := r.FormValue("environment"), r.FormValue("status")
	all = slices.DeleteFunc(all, func(d deployed) bool {
		cut, _ := time.Parse(time.RFC3339, after)
		return env != "" && d.env != env || status != "" && d.status != status || t0.Add(time.Duration(d.updated())*time.Minute).Before(cut)
	})
	slices.SortFunc(all, func(a, b deployed) int {
		if by == "updated_at" {
			return b.updated() - a.updated()
		}
		return b.id - a.id
	})
	size, _ := strconv.Atoi(r.FormValue("per_page"))
	page, _ := strconv.Atoi(r.FormValue("page"))
	page = max(page, 1)
	w.Header().Set("X-Page", strconv.Itoa(page))
	if page*size < len(all) {
		q := r.URL.Query()
		q.Set("page", strconv.Itoa(page+1))
		w.Header().Set("X-Next-Page", strconv.Itoa(page+1))
		w.Header().Set("Link", fmt.Sprintf(`<http://%s%s?%s>; rel="next"`, r.Host, r.URL.EscapedPath(), q.Encode()))
	}
	var out []string
	for _, d := range all[min((page-1)*size, len(all)):min(page*size, len(all))] {
		out = append(out, d.json())
	}
	fmt.Fprint(w, "["+strings.Join(out, ",")+"]")
}

// seen gives what was asked since the last call, sorted.
func (l *lab) seen() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := l.asked
	l.asked = nil
	slices.Sort(out)
	return out
}

func (l *lab) set(project string, list ...deployed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.projects == nil {
		l.projects = map[string][]deployed{}
	}
	l.projects[project] = list
}

func play(t testing.TB, l *lab) string {
	t.Helper()
	srv := httptest.NewServer(l)
	t.Cleanup(srv.Close)
	return srv.URL
}

const token = "glpat-16C7e42F292c6912E771"

func open(t testing.TB, url string, change func(*Options)) *Source {
	t.Helper()
	o := Kind().Options().(*Options)
	o.URL, o.Projects, o.TokenEnv = url, []any{"acme/shop/checkout"}, "TOKEN"
	o.Timeout = time.Minute // a slow machine must not turn the bombs into timeouts
	if change != nil {
		change(o)
	}
	src, err := Open(*o, sources.Env{Name: "lab", Getenv: func(n string) string {
		return map[string]string{"TOKEN": token}[n]
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(src.Close)
	return src
}
