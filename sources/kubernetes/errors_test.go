package kubernetes

import (
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/sourcetest"
)

func TestConformance(t *testing.T) {
	needKubectl(t)
	good := fixture(t, "rolling")
	for i, raw := range good.lists["replicasets"].Items {
		good.lists["replicasets"].Items[i] = json.RawMessage(strings.ReplaceAll(string(raw), "registry.example.com/shop/checkout:1.42.0", `x:\u001b[2J\u202e1`))
	}
	sourcetest.Changes(t, sourcetest.ChangeSuite{
		Good: good, Since: time.Date(2026, 3, 1, 14, 0, 0, 0, time.UTC), Want: 4,
		Open: func(t testing.TB, url string) sources.ChangeSource {
			s := openAt(t, url, nil)
			if strings.Contains(t.Name(), "429_seconds") {
				s.kubectl.patience = 9 * time.Second // kubectl waits itself; see TestServerAsksToWait
			}
			if strings.HasSuffix(t.Name(), "bomb") {
				s.kubectl.patience = 2 * time.Minute // packing it takes long with the race detector
			}
			s.kubectl.max = 1 << 20 // 64 MiB eight times over prove no more
			return s
		},
		// kubectl takes no date there and does not pass it on.
		Skip: []string{"429 date"},
	})
}

// failing asks a source of which everything, or one path, fails.
func failing(t *testing.T, h http.Handler, change func(*Options)) (*Source, []sources.Change, error) {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	s := openAt(t, srv.URL, change)
	got, err := s.Changes(t.Context(), time.Time{})
	return s, got, err
}

func TestOneListFails(t *testing.T) {
	t.Parallel()
	needKubectl(t)
	forbidden := status(403, "Forbidden", `replicasets.apps is forbidden: User "ada" cannot list resource "replicasets" in API group "apps" at the cluster scope`)
	for _, tt := range []struct {
		path  string
		wrong http.HandlerFunc
		want  int // changes that are left
		note  string
	}{
		{"/replicasets", forbidden, 4, `note: replicasets: not read: replicasets.apps is forbidden: User "ada" cannot list`},
		{"/deployments", forbidden, 9, `note: deployments: not read: `},
		{"/controllerrevisions", status(500, "InternalError", "etcd is away"), 5, "note: controllerrevisions: not read: "},
		{"/apis/argoproj.io", forbidden, 9, "note: applications: not read: "},
		{"/replicasets", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"kind":"ReplicaSetList","items":[{"metadata":7}]}`)
		}, 4,
			"note: replicasets: not read: the answer has another shape than expected, at "},
		{"/replicasets", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"a":1}`) }, 4, `note: replicasets: not read: not a list but ""`},
	} {
		api := fixture(t, "rolling")
		api.wrong[tt.path] = tt.wrong
		s, got, err := failing(t, api, nil)
		if err != nil || len(got) != tt.want || !strings.HasPrefix(notes(s), tt.note) || strings.Count(notes(s), "\n") != 1 {
			t.Errorf("%s: %d changes, want %d; %v\n%s", tt.path, len(got), tt.want, err, notes(s))
		}
		sourcetest.CheckChanges(t, got, time.Time{})
	}
}

// One list that shows that nothing can be had ends the whole call.
func TestHopeless(t *testing.T) {
	t.Parallel()
	needKubectl(t)
	for _, tt := range []struct {
		wrong http.HandlerFunc
		kind  sources.Kind
		want  string
	}{
		{status(401, "Unauthorized", "Unauthorized"), sources.Unauthorized, "log in as for kubectl"},
		{status(504, "Timeout", "the request timed out"), sources.Timeout, "the request timed out"},
		{status(429, "TooManyRequests", "slow down"), sources.RateLimited, "slow down"},
	} {
		api := fixture(t, "rolling")
		api.wrong["/daemonsets"] = tt.wrong
		_, got, err := failing(t, api, nil)
		if !sources.IsKind(err, tt.kind) || !strings.Contains(fmt.Sprint(err), tt.want) || got != nil {
			t.Errorf("%v, %v; want %s %q", got, err, tt.kind, tt.want)
		}
	}
	_, _, err := failing(t, status(403, "Forbidden", "deployments.apps is forbidden"), nil)
	if !sources.IsKind(err, sources.Unauthorized) || !strings.Contains(err.Error(), "ask for the right to list it") {
		t.Errorf("all forbidden: %v", err)
	}
}

func TestKubectlItself(t *testing.T) {
	t.Parallel()
	needKubectl(t)
	missing := filepath.Join(t.TempDir(), "no-kubectl")
	for _, tt := range []struct {
		change func(*Options)
		kind   sources.Kind
		want   string
	}{
		{func(o *Options) { o.Context = "elsewhere" }, sources.BadRequest, `context "elsewhere" does not exist (correct context or kubeconfig`},
		{func(o *Options) { o.Kubeconfig = filepath.Join(filepath.Dir(missing), "none") }, sources.BadRequest, "no such file"},
		{func(o *Options) { o.Command = []string{missing} }, sources.NotFound, "is not there or not on $PATH (correct command"},
	} {
		s, got, err := failing(t, fixture(t, "rolling"), tt.change)
		if !sources.IsKind(err, tt.kind) || !strings.Contains(fmt.Sprint(err), tt.want) || got != nil || notes(s) != "" {
			t.Errorf("%v, %v; want %s %q", got, err, tt.kind, tt.want)
		}
	}
}

func TestNoKubectl(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	s, err := Open(Defaults(), sources.Env{Name: "prod", Clusters: []string{"c"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Changes(t.Context(), time.Time{})
	if !sources.IsKind(err, sources.NotFound) || !strings.HasPrefix(fmt.Sprint(err), "kubernetes prod: kubectl get --raw /apis/") ||
		!strings.HasSuffix(fmt.Sprint(err), "there is no kubectl (kubectl is not on the PATH; install it or remove kind kubernetes)") {
		t.Errorf("%v", err)
	}
}

// A server that sheds load is waited for by kubectl itself; we give up and
// pass on how long it asked for, where kubectl has told us by then.
func TestServerAsksToWait(t *testing.T) {
	t.Parallel()
	needKubectl(t)
	for asked, passed := range map[string][]time.Duration{"30": {0, 30 * time.Second}, "2": {2 * time.Second}} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", asked)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusTooManyRequests)
			fmt.Fprintf(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"too many","reason":"TooManyRequests","details":{"retryAfterSeconds":%s},"code":429}`, asked)
		}))
		defer srv.Close()
		s := openAt(t, srv.URL, nil)
		s.kubectl.patience = 4 * time.Second
		_, err := s.Changes(t.Context(), time.Time{})
		var e *sources.Error
		if !errors.As(err, &e) || e.Kind != sources.RateLimited || !slices.Contains(passed, e.After) {
			t.Errorf("asked to wait %s s: %v, after %v", asked, err, e.After)
		}
	}
}

// With TLS kubectl has a token; servers and plugins that repeat it, or what
// else proves who somebody is, must not bring it onto the screen.
func TestNoCredentialIsShown(t *testing.T) {
	t.Parallel()
	needKubectl(t)
	const token = "s3cr3t-Token-0123456789"
	var sent atomic.Bool
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		auth := r.Header.Get("Authorization")
		if strings.Contains(auth, token) {
			sent.Store(true)
		}
		status(500, "InternalError", fmt.Sprintf("cannot reach https://ada:%s@db/x?key=%[1]s with Authorization: %s and token=%[1]s, password: %q",
			token, auth, token))(w, r)
	}))
	defer srv.Close()
	ca := base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}))
	server := fmt.Sprintf("server: %q, certificate-authority-data: %s", srv.URL, ca)
	plugin := filepath.Join(t.TempDir(), "plugin")
	script := "#!/bin/sh\necho 'opening https://sso.example.com/login?code=" + token + " failed: the session has expired, token: " + token + "' >&2\nexit 3\n"
	if err := os.WriteFile(plugin, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	exec := func(program string) string {
		return "exec: {apiVersion: client.authentication.k8s.io/v1beta1, interactiveMode: IfAvailable, command: " + program + "}"
	}
	for _, tt := range []struct {
		user string
		kind sources.Kind
		want string
	}{
		{"token: " + token, sources.Unavailable, "cannot reach https://db/x with Authorization: *** *** and token=***, password: ***"},
		{exec(plugin), sources.Unauthorized, "the session has expired, token: ***"},
		{exec(plugin + "-missing"), sources.Unauthorized, "getting credentials: exec"},
	} {
		path := kubeconfigFor(t, server, tt.user)
		s, err := Open(Options{Kubeconfig: path, Command: []string{needKubectl(t)}}, sources.Env{Clusters: []string{"c"}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Changes(t.Context(), time.Time{})
		var e *sources.Error
		if !errors.As(err, &e) || e.Kind != tt.kind || !strings.Contains(fmt.Sprint(err), tt.want) {
			t.Errorf("%v; want %s %q", err, tt.kind, tt.want)
		} else if wait := e.After >= time.Minute; wait != (tt.kind == sources.Unauthorized) {
			t.Errorf("%v: asked again after %v", err, e.After)
		}
		for cause := err; cause != nil; cause = errors.Unwrap(cause) {
			if text := fmt.Sprintf("%v %+v", cause, cause); strings.Contains(text, token) || strings.Contains(text, "s3cr3t") {
				t.Errorf("the credential is shown: %s", text)
			}
		}
	}
	if !sent.Load() {
		t.Error("kubectl sent no token: nothing was proved")
	}
}

func TestShown(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Bearer abc.def":             "Bearer ***",
		"authorization: Basic YTpi":  "authorization: *** ***",
		"eyJhbGciOi.eyJzdWI.sig-1_x": "***",
		"k8s-aws-v1.aHR0cHM6":        "***",
		"a\nb\t c":                   "a b c",
		`{"token":"abc","user":"u"}`: `{"token":***,"user":"u"}`,
		"AWS_SECRET_ACCESS_KEY=abc":  "AWS_SECRET_ACCESS_KEY=***",
		"https://u:p@h:1/p?q=1#f x":  "https://h:1/p x",
		"--token abc --flag":         "--token *** --flag",
		"secrets is forbidden":       "secrets is forbidden",
		"replicasets.apps is forbidden: User \"system:serviceaccount:monitoring:firstpage\" cannot list": "replicasets.apps is forbidden: User \"system:serviceaccount:monitoring:firstpage\" cannot list",
		strings.Repeat("x", 64):   "***",
		strings.Repeat("ä ", 200): strings.Repeat("ä ", 100) + "...",
	} {
		if got := shown(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
