package events

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/sourcetest"
)

const secret = "hunter2-secret"

func openOptions(t testing.TB, o Options) *Source {
	t.Helper()
	if o.File == "" {
		o.Timeout = time.Minute // a busy machine is no failure here
	}
	src, err := Open(o, sources.Env{Name: "ci"})
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func TestURLConformance(t *testing.T) {
	sourcetest.Changes(t, sourcetest.ChangeSuite{
		Good: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"time":100,"service":"old"}
{"time":200,"service":"a\u001b[2J","ticket":"\u202e\u0007"}
{"time":300,"service":"b","state":"running"}
`)
		}),
		Since: time.Unix(200, 0).UTC(), Want: 3, Secret: secret,
		Skip: []string{"empty"}, // a file without a line: no change yet
		Open: func(t testing.TB, url string) sources.ChangeSource {
			return openOptions(t, Options{URL: url + "/deploys.ndjson", TokenCommand: []string{"echo", secret}})
		},
	})
}

// deploys is a web server with one file: it gives validators and honours them.
type deploys struct {
	mu       sync.Mutex
	text     string
	etag     string
	modified string
	status   int
	asked    []string // query, and the validators of the request
}

func (d *deploys) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	none, since := r.Header.Get("If-None-Match"), r.Header.Get("If-Modified-Since")
	d.asked = append(d.asked, strings.TrimRight(r.URL.RawQuery+" "+none+since, " "))
	if d.status != 0 {
		http.Error(w, "no", d.status)
		return
	}
	if (none != "" && none == d.etag) || (none == "" && since != "" && since == d.modified) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if d.etag != "" {
		w.Header().Set("ETag", d.etag)
	}
	if d.modified != "" {
		w.Header().Set("Last-Modified", d.modified)
	}
	_, _ = io.WriteString(w, d.text)
}

func TestNotModifiedKeepsTheLastItems(t *testing.T) {
	t.Parallel()
	const day = "Sun, 01 Mar 2026 12:00:00 GMT"
	for name, d := range map[string]*deploys{
		`"1"`: {etag: `"1"`}, day: {modified: day}, "": {},
	} {
		d.text = `{"time":100,"service":"a"}` + "\nnonsense\n"
		srv := httptest.NewServer(d)
		t.Cleanup(srv.Close)
		src := openOptions(t, Options{URL: srv.URL + "/x"})
		ask := func(want int) {
			t.Helper()
			got, err := src.Changes(t.Context(), time.Unix(50, 0))
			if err != nil || len(got) != want || len(src.Notes()) != want {
				t.Errorf("%q: %v, %v, notes %v; want %d", name, got, err, src.Notes(), want)
			}
		}
		ask(1)
		ask(1)
		d.status = 503
		if _, err := src.Changes(t.Context(), time.Time{}); !sources.IsKind(err, sources.Unavailable) || src.Notes() != nil {
			t.Errorf("%q: %v, %v", name, err, src.Notes())
		}
		// After a failure nothing is held any more: no validator is sent.
		d.status, d.text = 0, ""
		ask(0)
		want := []string{"", strings.TrimLeft(" "+name, " "), strings.TrimLeft(" "+name, " "), ""}
		for i := range want {
			want[i] = strings.TrimRight(" "+want[i], " ")
		}
		if !slices.Equal(d.asked, want) {
			t.Errorf("%q: asked %q, want %q", name, d.asked, want)
		}
	}
}

// The address is the same for an hour, so that validators can help, and
// validators of another address are not sent.
func TestSinceInTheAddress(t *testing.T) {
	t.Parallel()
	d := &deploys{text: `{"time":1000000,"service":"a"}`, etag: `"1"`}
	srv := httptest.NewServer(d)
	t.Cleanup(srv.Close)
	src := openOptions(t, Options{URL: srv.URL + "/x?from={since}&iso={since_rfc3339}"})
	for _, since := range []int64{3 * 3600, 3*3600 + 1800, 4 * 3600} {
		if got, err := src.Changes(t.Context(), time.Unix(since, 0)); err != nil || len(got) != 1 {
			t.Fatalf("%v, %v", got, err)
		}
	}
	if _, err := src.Changes(t.Context(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	want := []string{"from=10800&iso=1970-01-01T03:00:00Z", `from=10800&iso=1970-01-01T03:00:00Z "1"`,
		"from=14400&iso=1970-01-01T04:00:00Z", "from=0&iso=1970-01-01T00:00:00Z"}
	if !slices.Equal(d.asked, want) {
		t.Errorf("asked %q, want %q", d.asked, want)
	}
}

func TestURLErrorsNameWhatToDo(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch user, pass, _ := r.BasicAuth(); {
		case r.URL.Path == "/login":
			_, _ = io.WriteString(w, `<!DOCTYPE html><title>Sign in</title><input type="password">`)
		case r.URL.Path == "/large":
			_, _ = io.WriteString(w, strings.Repeat(" ", maxBytes+1))
		case r.URL.Path == "/words":
			_, _ = io.WriteString(w, "all is well\n")
		case user != "ci" || pass != secret:
			http.Error(w, "who are you?", http.StatusUnauthorized)
		}
	}))
	t.Cleanup(srv.Close)
	basic := promconfig.DefaultHTTPClientConfig
	basic.BasicAuth = &promconfig.BasicAuth{Username: "ci", Password: secret}
	for _, tt := range []struct {
		path string
		http promconfig.HTTPClientConfig
		kind sources.Kind
		want string
	}{
		{"/login?token=" + secret, basic, sources.Unauthorized, "this is a login page, not events (give credentials"},
		{"/large", basic, sources.TooLarge, "larger than 8 MiB"},
		{"/words", basic, sources.BadResponse, "nothing in it could be read: line 1: not JSON"},
		{"/x", promconfig.HTTPClientConfig{}, sources.Unauthorized, "no credentials are configured: see http and token_command"},
		{"/x", basic, "", ""},
	} {
		got, err := openOptions(t, Options{URL: srv.URL + tt.path, HTTP: tt.http}).Changes(t.Context(), time.Time{})
		if tt.kind == "" {
			if err != nil {
				t.Errorf("%s: %v", tt.path, err)
			}
			continue
		}
		path, _, _ := strings.Cut(tt.path, "?")
		if !sources.IsKind(err, tt.kind) || got != nil || !strings.HasPrefix(err.Error(), "events ci: "+srv.URL+path+": ") ||
			!strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v, %v; want %s, %s", tt.path, got, err, tt.kind, tt.want)
		}
	}
}

func TestOneOrigin(t *testing.T) {
	t.Parallel()
	defaults := func() *Options { return Kind().Options().(*Options) }
	for want, o := range map[string]*Options{
		"one of file, url and command": {},
		"exclude one another":          {File: "f", Command: []string{"date"}},
		"token_command goes with url":  {File: "f", TokenCommand: []string{"date"}},
		"http goes with url":           {Command: []string{"date"}, HTTP: promconfig.HTTPClientConfig{BearerToken: "x"}},
		"timeout goes with url and":    {File: "f", Timeout: time.Second},
		"not http://":                  {URL: "ftp://ci.example.com"},
	} {
		if _, err := Open(*o, sources.Env{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", o, err, want)
		}
	}
	for _, o := range []func(*Options){
		func(o *Options) { o.File = "f" },
		func(o *Options) { o.URL = "https://ci.example.com/?since={since}" },
		func(o *Options) { o.Command = []string{"date"} },
	} {
		opts := defaults()
		o(opts)
		if _, err := Kind().Open(opts, sources.Env{}); err != nil {
			t.Errorf("%+v: %v", opts, err)
		}
	}
	if _, err := Kind().Open(new(int), sources.Env{}); err == nil {
		t.Error("options of another kind were accepted")
	}
}
