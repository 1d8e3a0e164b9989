package kubernetes

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/sourcetest"
)

// show writes changes for comparison, a line each, evidence below.
func show(cs []sources.Change) string {
	var b strings.Builder
	for _, c := range cs {
		b.WriteString(c.StartedAt.Format("15:04:05 ") + string(c.Kind) + " " + c.Service.String())
		for _, f := range [][2]string{
			{"ns", c.Namespace.String()}, {"cluster", c.Cluster}, {"env", c.Env.String()},
			{"v", c.Version.String()}, {"from", c.FromVersion.String()},
			{"rev", sources.ShortRevision(c.Revision.String())}, {"fromrev", sources.ShortRevision(c.FromRevision.String())},
			{"state", string(c.State)}, {"by", c.Author.String()}, {"title", c.Title.String()},
		} {
			if f[1] != "" {
				b.WriteString(" " + f[0] + "=" + f[1])
			}
		}
		if !c.FinishedAt.IsZero() {
			b.WriteString(c.FinishedAt.Format(" end=15:04:05"))
		}
		if c.Share.All > 0 {
			fmt.Fprintf(&b, " %d/%d", c.Share.New, c.Share.All)
		}
		for _, e := range c.Evidence {
			b.WriteString("\n  " + e.String())
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func ask(t testing.TB, s *Source) []sources.Change {
	t.Helper()
	got, err := s.Changes(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	sourcetest.CheckChanges(t, got, time.Time{})
	return got
}

func notes(s *Source) string {
	var b strings.Builder
	for _, n := range s.Notes() {
		b.WriteString("note: " + n.String() + "\n")
	}
	return b.String()
}

func TestFixtures(t *testing.T) {
	t.Parallel()
	needKubectl(t)
	for _, name := range []string{"rolling", "rollback", "config", "argo", "flux", "joined"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewServer(fixture(t, name))
			defer srv.Close()
			s := openAt(t, srv.URL, nil)
			first := show(ask(t, s)) + notes(s)
			golden.RequireEqual(t, first)
			for _, secret := range []string{"hunter2", "abc123", "abcdef", "SECRETSECRET", "x y"} {
				if strings.Contains(first, secret) {
					t.Errorf("%q is shown", secret)
				}
			}
			if again := show(ask(t, s)) + notes(s); again != first {
				t.Errorf("the second answer is another:\n%s", again)
			}
		})
	}
}

// The Deployment scales by itself, is rolled out, and is rolled back, as three
// polls see it.
func TestFromPollToPoll(t *testing.T) {
	t.Parallel()
	needKubectl(t)
	api := fixture(t, "rollback")
	srv := httptest.NewServer(api)
	defer srv.Close()
	s := openAt(t, srv.URL, nil)
	now := time.Date(2026, 3, 1, 13, 0, 0, 0, time.UTC)
	s.now = func() time.Time { return now }
	hide := func(resource string, names ...string) {
		l := api.get(resource)
		l.Items = slices.DeleteFunc(l.Items, func(raw json.RawMessage) bool {
			return slices.ContainsFunc(names, func(n string) bool { return strings.Contains(string(raw), `"name": "`+n) })
		})
		api.set(resource, l)
	}
	edit := func(resource string, replace ...string) {
		l := api.get(resource)
		for i := range l.Items {
			l.Items[i] = json.RawMessage(strings.NewReplacer(replace...).Replace(string(l.Items[i])))
		}
		api.set(resource, l)
	}
	after := api.get("replicasets")
	// Only "bare": its objects say nothing of times.
	hide("statefulsets", "queue")
	hide("controllerrevisions", "queue")
	for _, r := range []string{"deployments", "replicasets"} {
		hide(r, "checkout", "web", "forth")
	}
	bare := api.get("replicasets")
	bare.Items = slices.DeleteFunc(slices.Clone(after.Items), func(raw json.RawMessage) bool { return !strings.Contains(string(raw), `"name": "bare`) })

	// 13:00: revision 1 runs.
	api.set("replicasets", bare)
	hide("replicasets", "bare-b")
	edit("replicasets", `"deployment.kubernetes.io/revision": "3"`, `"deployment.kubernetes.io/revision": "1"`, `"deployment.kubernetes.io/revision-history": "1"`, `"x": "1"`)
	before := api.get("replicasets")
	if got := ask(t, s); len(got) != 1 || got[0].Kind != sources.Deploy {
		t.Fatalf("at first: %s", show(got))
	}

	// 13:01: scaled by the autoscaler at 13:00:40. No deploy.
	now = now.Add(time.Minute)
	edit("deployments", `"replicas": 3,`, `"replicas": 6,`, `"managedFields": []`,
		`"managedFields": [{"manager":"kube-controller-manager","operation":"Update","subresource":"scale","time":"2026-03-01T13:00:40Z","fieldsV1":{"f:spec":{"f:replicas":{}}}}]`)
	api.set("replicasets", before)
	scaled := show(ask(t, s)[:1])

	// 13:02: scaled by hand; the objects do not say by whom.
	now = now.Add(time.Minute)
	edit("deployments", `"replicas": 6,`, `"replicas": 2,`)
	byHand := show(ask(t, s)[:1])

	// 14:01:30: a new ReplicaSet.
	now = time.Date(2026, 3, 1, 14, 1, 30, 0, time.UTC)
	api.set("replicasets", bare)
	edit("replicasets", `"deployment.kubernetes.io/revision": "3"`, `"deployment.kubernetes.io/revision": "1"`, `"deployment.kubernetes.io/revision-history": "1"`, `"x": "1"`)
	deployed := show(ask(t, s)[:1])

	// 14:02:00: the old one again.
	now = now.Add(30 * time.Second)
	api.set("replicasets", bare)
	back := show(ask(t, s)[:1])
	now = now.Add(time.Hour)
	if later := show(ask(t, s)[:1]); later != back {
		t.Errorf("an hour later it is told otherwise:\n%s", later)
	}
	golden.RequireEqual(t, scaled+byHand+deployed+back)
}

func TestPagesAndNamespaces(t *testing.T) {
	t.Parallel()
	needKubectl(t)
	api := fixture(t, "rolling")
	srv := httptest.NewServer(api)
	defer srv.Close()
	whole := show(ask(t, openAt(t, srv.URL, nil)))
	api.mu.Lock()
	api.page = 1
	api.mu.Unlock()
	if paged := show(ask(t, openAt(t, srv.URL, nil))); paged != whole {
		t.Errorf("in pages of one:\n%s\nin one page:\n%s", paged, whole)
	}
	got := ask(t, openAt(t, srv.URL, func(o *Options) { o.Namespaces = []string{"kube-system", "empty"} }))
	if len(got) != 2 || got[0].Service.Raw() != "agent" {
		t.Errorf("of two namespaces: %s", show(got))
	}
	for _, a := range api.requests() {
		if !strings.HasPrefix(a, "GET /apis/") || strings.Contains(a, "secrets") || strings.Contains(a, "configmaps") {
			t.Errorf("asked %s", a)
		}
	}
}

// A list whose place is forgotten is begun once more.
func TestExpiredPages(t *testing.T) {
	t.Parallel()
	needKubectl(t)
	api := fixture(t, "rolling")
	api.page = 2
	api.expire = 1
	srv := httptest.NewServer(api)
	defer srv.Close()
	s := openAt(t, srv.URL, nil)
	if got := ask(t, s); len(got) != 9 || notes(s) != "" {
		t.Errorf("%d changes\n%s", len(got), notes(s))
	}
	api.mu.Lock()
	defer api.mu.Unlock()
	if api.expire != 0 {
		t.Error("no page was refused: nothing was proved")
	}
}

func TestAddOnsAreRemembered(t *testing.T) {
	t.Parallel()
	needKubectl(t)
	api := fixture(t, "joined")
	srv := httptest.NewServer(api)
	defer srv.Close()
	s := openAt(t, srv.URL, nil)
	now := time.Now()
	s.now = func() time.Time { return now }
	count := func(path string) int {
		n := 0
		for _, a := range api.requests() {
			if a == "GET "+path {
				n++
			}
		}
		return n
	}
	for range 3 {
		ask(t, s)
	}
	if g, l := count("/apis/argoproj.io"), count("/apis/argoproj.io/v1alpha1/applications"); g != 1 || l != 3 {
		t.Errorf("asked for the group %d times and for its list %d times", g, l)
	}
	if g := count("/apis/kustomize.toolkit.fluxcd.io"); g != 1 {
		t.Errorf("asked %d times for what is not installed", g)
	}
	now = now.Add(remember)
	// Meanwhile Flux is another version, and only workflows of Argo are left.
	l := api.get("helmreleases")
	l.APIVersion = "helm.toolkit.fluxcd.io/v2beta2"
	api.set("helmreleases", l)
	api.mu.Lock()
	api.wrong["/v1alpha1/applications"] = status(404, "NotFound", "the server could not find the requested resource")
	api.mu.Unlock()
	for range 2 {
		ask(t, s)
	}
	if n := count("/apis/helm.toolkit.fluxcd.io/v2beta2/helmreleases"); n != 2 || notes(s) != "" {
		t.Errorf("the older version was asked %d times; %s", n, notes(s))
	}
	if n := count("/apis/argoproj.io/v1alpha1/applications"); n != 4 {
		t.Errorf("asked %d times for a list that is not there", n)
	}
}

// A Kustomization without a history is seen only from poll to poll.
func TestFluxWithoutHistory(t *testing.T) {
	t.Parallel()
	needKubectl(t)
	api := fixture(t, "flux")
	srv := httptest.NewServer(api)
	defer srv.Close()
	s := openAt(t, srv.URL, nil)
	now := time.Date(2026, 3, 1, 16, 0, 0, 0, time.UTC)
	s.now = func() time.Time { return now }
	before := len(ask(t, s))
	l := api.get("kustomizations")
	for i := range l.Items {
		l.Items[i] = json.RawMessage(strings.ReplaceAll(string(l.Items[i]), `"lastAppliedRevision": "main@sha1:ccc`, `"lastAppliedRevision": "main@sha1:ddd`))
	}
	api.set("kustomizations", l)
	for range 2 {
		now = now.Add(30 * time.Second)
		got := ask(t, s)
		if len(got) != before+1 {
			t.Fatalf("%d changes, then %d", before, len(got))
		}
		golden.RequireEqual(t, show(got[:1]))
	}
}
