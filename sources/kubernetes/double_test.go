package kubernetes

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/firstpage-oncall/firstpage/sources"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(int) { http.DefaultClient.CloseIdleConnections() }))
}

// needKubectl skips where there is no kubectl. With CI set that is a failure:
// .ci/run installs it. The kubectl of the Google Cloud SDK asks the server for
// its version and starts another one, which lies beside it: that is taken, so
// that what is measured is kubectl.
func needKubectl(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("kubectl")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no kubectl on $PATH")
		}
		t.Skip("there is no kubectl on $PATH: what it answers was not tested")
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if others, err := filepath.Glob(path + ".1.*"); err == nil && len(others) > 0 {
		path = others[len(others)-1]
	}
	return path
}

// kubeconfigFor writes a kubeconfig with one context, "test".
func kubeconfigFor(t testing.TB, cluster, user string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubeconfig")
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: test
clusters: [{name: c, cluster: {%s}}]
users: [{name: u, user: {%s}}]
contexts: [{name: test, context: {cluster: c, user: u}}]
`, cluster, user)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// apiServer plays an API server: lists in pages, groups that are or are not
// installed, a Status where something is refused.
type apiServer struct {
	mu     sync.Mutex
	lists  map[string]objects          // by resource
	wrong  map[string]http.HandlerFunc // by the end of the path
	page   int                         // objects in a page; 0: as many as asked for
	expire int                         // so many places in lists are forgotten
	asked  []string
}

type objects struct {
	Kind       string            `json:"kind"`
	APIVersion string            `json:"apiVersion"`
	Items      []json.RawMessage `json:"items"`
}

// fixture serves the lists of a folder of testdata.
func fixture(t testing.TB, name string) *apiServer {
	t.Helper()
	a := &apiServer{lists: map[string]objects{}, wrong: map[string]http.HandlerFunc{}}
	files, err := filepath.Glob(filepath.Join("testdata", name, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixture %s: %v", name, err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var l objects
		if err := json.Unmarshal(b, &l); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		a.lists[strings.TrimSuffix(filepath.Base(f), ".json")] = l
	}
	return a
}

// set puts a list in the place of another one.
func (a *apiServer) set(resource string, l objects) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lists[resource] = l
}

// get is a list that may be changed.
func (a *apiServer) get(resource string) objects {
	a.mu.Lock()
	defer a.mu.Unlock()
	l := a.lists[resource]
	l.Items = slices.Clone(l.Items)
	return l
}

// requests are the method and path of what was asked so far.
func (a *apiServer) requests() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.asked)
}

func (a *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, r.Method+" "+r.URL.Path)
	w.Header().Set("Content-Type", "application/json")
	for end, h := range a.wrong {
		if strings.HasSuffix(r.URL.Path, end) {
			h(w, r)
			return
		}
	}
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/apis/"), "/")
	switch {
	case len(parts) == 1 && a.group(w, parts[0]):
	case len(parts) == 3 && a.list(w, r, parts[0]+"/"+parts[1], "", parts[2]):
	case len(parts) == 5 && parts[2] == "namespaces" && a.list(w, r, parts[0]+"/"+parts[1], parts[3], parts[4]):
	default:
		status(404, "NotFound", "the server could not find the requested resource")(w, r)
	}
}

func (a *apiServer) group(w http.ResponseWriter, group string) bool {
	for _, l := range a.lists {
		if g, version, _ := strings.Cut(l.APIVersion, "/"); g == group {
			_ = json.NewEncoder(w).Encode(map[string]any{"kind": "APIGroup", "apiVersion": "v1", "name": group,
				"versions": []map[string]string{{"groupVersion": l.APIVersion, "version": version}}})
			return true
		}
	}
	return false
}

func (a *apiServer) list(w http.ResponseWriter, r *http.Request, version, ns, resource string) bool {
	l, ok := a.lists[resource]
	if !ok || l.APIVersion != version {
		return false
	}
	items := []json.RawMessage{}
	for _, i := range l.Items {
		var o struct{ Metadata meta }
		if json.Unmarshal(i, &o) == nil && (ns == "" || o.Metadata.Namespace == ns) {
			items = append(items, i)
		}
	}
	from, _ := strconv.Atoi(r.URL.Query().Get("continue"))
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	if from > 0 && a.expire > 0 {
		a.expire--
		status(410, "Expired", "The provided continue parameter is too old")(w, r)
		return true
	}
	if a.page > 0 {
		limit = a.page
	}
	more := map[string]any{"resourceVersion": "1"}
	if items = items[min(from, len(items)):]; limit > 0 && len(items) > limit {
		more["continue"], more["remainingItemCount"] = strconv.Itoa(from+limit), len(items)-limit
		items = items[:limit]
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"kind": l.Kind, "apiVersion": l.APIVersion, "metadata": more, "items": items})
	return true
}

// status is how an API server refuses.
func status(code int, reason, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_ = json.NewEncoder(w).Encode(map[string]any{"kind": "Status", "apiVersion": "v1", "metadata": map[string]any{},
			"status": "Failure", "message": message, "reason": reason, "code": code})
	}
}

func openAt(t testing.TB, url string, change func(*Options)) *Source {
	t.Helper()
	o := Kind().Options().(*Options)
	o.Command = []string{needKubectl(t)}
	o.Kubeconfig = kubeconfigFor(t, "server: "+strconv.Quote(url), "")
	if change != nil {
		change(o)
	}
	src, err := Kind().Open(o, sources.Env{Name: "prod", Clusters: []string{"prod-eu"}})
	if err != nil {
		t.Fatal(err)
	}
	return src.(*Source)
}
