package github

import (
	"encoding/json"
	"fmt"
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

// The shapes are those of GitHub's documentation: list deployments, list
// deployment statuses, compare two commits.
const (
	deploymentShape = `{"url":"%[1]s/repos/acme/%[2]s/deployments/%[3]d","id":%[3]d,"node_id":"MDEwOk","sha":%[4]s,"ref":%[5]s,"task":"deploy",
 "payload":{},"original_environment":"staging","environment":%[6]s,"description":%[7]s,"creator":{"login":"octocat","id":1,"type":"User","site_admin":false},
 "created_at":%[8]q,"updated_at":%[9]q,"statuses_url":"%[1]s/repos/acme/%[2]s/deployments/%[3]d/statuses","repository_url":"%[1]s/repos/acme/%[2]s",
 "transient_environment":false,"production_environment":true}`
	statusShape = `{"url":"https://api.github.com/repos/acme/x/deployments/42/statuses/1","id":%[1]d,"node_id":"MDE2","state":%[2]q,
 "creator":{"login":"octocat"},"description":"Deployment finished successfully.","environment":"production","target_url":"",
 "created_at":%[3]q,"updated_at":%[3]q,"environment_url":"https://shop.example.com/","log_url":%[4]s}`
)

// t0 is the moment that the tests speak of: 12:00 of a day.
var t0 = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func at(min int) string { return t0.Add(time.Duration(min) * time.Minute).Format(time.RFC3339) }

// status is one status, so many minutes after t0.
type status struct {
	state string
	min   int
}

// deployed is one deployment of the played GitHub.
type deployed struct {
	id       int
	sha, ref string
	env      string
	text     string
	min      int
	statuses []status // oldest first
	log      string
}

// sha is the whole hash that begins so.
func sha(s string) string { return s + strings.Repeat("0", 40-len(s)) }

// hub plays GitHub's API for repositories of the owner acme.
type hub struct {
	t     testing.TB
	token string // wanted; empty: anybody may ask

	mu      sync.Mutex
	repos   map[string][]deployed // newest first
	asked   []string              // "200 /repos/..." in order
	answers map[string]http.HandlerFunc
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/api/v3")
	h.mu.Lock()
	defer h.mu.Unlock()
	rec := httptest.NewRecorder()
	h.answer(rec, r, path)
	res := rec.Result()
	if res.StatusCode == 200 {
		tag := fmt.Sprintf(`W/"%x"`, len(rec.Body.String())*31+int(sum(rec.Body.Bytes())))
		res.Header.Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			res.StatusCode = http.StatusNotModified
			rec.Body.Reset()
			res.Header.Del("Link") // a 304 need not repeat it
		}
	}
	for k, v := range res.Header {
		w.Header()[k] = v
	}
	query := ""
	if r.URL.RawQuery != "" {
		query = "?" + r.URL.RawQuery
	}
	h.asked = append(h.asked, strconv.Itoa(res.StatusCode)+" "+path+query)
	w.WriteHeader(res.StatusCode)
	_, _ = w.Write(rec.Body.Bytes())
}

func sum(b []byte) (n uint32) {
	for _, c := range b {
		n = n*31 + uint32(c)
	}
	return n
}

func (h *hub) answer(w http.ResponseWriter, r *http.Request, path string) {
	for prefix, f := range h.answers {
		if strings.HasPrefix(path, prefix) {
			f(w, r)
			return
		}
	}
	if h.token != "" && r.Header.Get("Authorization") != "Bearer "+h.token {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"message":"Bad credentials","documentation_url":"https://docs.github.com/rest","status":"401"}`)
		return
	}
	parts := strings.Split(strings.Trim(path, "/"), "/")
	list, ok := h.repos[parts[2]]
	switch {
	case !ok:
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"message":"Not Found","documentation_url":"https://docs.github.com/rest/deployments/deployments#list-deployments","status":"404"}`)
	case len(parts) == 4:
		h.list(w, r, parts[2], list)
	case len(parts) == 6:
		h.statuses(w, parts[4], list)
	}
}

// list is a page of deployments. Environments are compared letter by letter.
func (h *hub) list(w http.ResponseWriter, r *http.Request, repo string, all []deployed) {
	env := r.FormValue("environment")
	all = slices.DeleteFunc(slices.Clone(all), func(d deployed) bool { return env != "" && d.env != env })
	size, _ := strconv.Atoi(r.FormValue("per_page"))
	page, _ := strconv.Atoi(r.FormValue("page"))
	page = max(page, 1)
	base := "http://" + r.Host
	if page*size < len(all) {
		q := r.URL.Query()
		q.Set("page", strconv.Itoa(page+1))
		w.Header().Set("Link", fmt.Sprintf(`<%s%s?%s>; rel="next", <%s%s?page=99>; rel="last"`, base, r.URL.Path, q.Encode(), base, r.URL.Path))
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	var out []string
	for _, d := range all[min((page-1)*size, len(all)):min(page*size, len(all))] {
		last := d.min
		if n := len(d.statuses); n > 0 {
			last = d.statuses[n-1].min
		}
		out = append(out, fmt.Sprintf(deploymentShape, base, repo, d.id, quote(d.sha), quote(d.ref), quote(d.env), quote(d.text), at(d.min), at(last)))
	}
	fmt.Fprint(w, "["+strings.Join(out, ",")+"]")
}

func (h *hub) statuses(w http.ResponseWriter, id string, all []deployed) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	var out []string
	for _, d := range all {
		if strconv.Itoa(d.id) != id {
			continue
		}
		for i, s := range slices.Backward(d.statuses) {
			out = append(out, fmt.Sprintf(statusShape, i, s.state, at(s.min), quote(d.log)))
		}
	}
	fmt.Fprint(w, "["+strings.Join(out, ",")+"]")
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// seen gives what was asked since the last call.
func (h *hub) seen() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := h.asked
	h.asked = nil
	slices.Sort(out)
	return out
}

func (h *hub) set(repo string, list ...deployed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.repos == nil {
		h.repos = map[string][]deployed{}
	}
	h.repos[repo] = list
}

// play starts the server.
func play(t testing.TB, h *hub) string {
	t.Helper()
	h.t = t
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

const token = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"

func open(t testing.TB, url string, change func(*Options)) *Source {
	t.Helper()
	o := Kind().Options().(*Options)
	o.URL, o.Repos, o.TokenEnv = url, []any{"acme/checkout"}, "TOKEN"
	o.Timeout = time.Minute // a slow machine must not turn the bombs into timeouts
	if change != nil {
		change(o)
	}
	src, err := Open(*o, sources.Env{Name: "hub", Getenv: func(n string) string {
		return map[string]string{"TOKEN": token}[n]
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(src.Close)
	return src
}
