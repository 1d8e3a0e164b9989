package grafana

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/sourcetest"
)

const secret = "glsa_hunter2-secret"

// noon is the present of the tests.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// ms is so many minutes before noon.
func ms(minutes int) int { return int(noon.Add(-time.Duration(minutes) * time.Minute).UnixMilli()) }

func options(url string) *Options {
	o := Kind().Options().(*Options)
	o.URL, o.Timeout = url+"/grafana/", time.Minute // a busy machine is no failure here
	return o
}

func open(t testing.TB, o *Options) *Source {
	t.Helper()
	src, err := Open(*o, sources.Env{Name: "graphs", Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(src.web.Close)
	return src
}

func serve(t testing.TB, h http.Handler) string {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestConformance(t *testing.T) {
	d := &double{token: secret, all: []map[string]any{
		{"id": 1, "time": ms(300), "timeEnd": ms(10), "text": "long region", "tags": []string{"deploy"}},
		{"id": 2, "time": ms(30), "timeEnd": ms(25), "text": "<b>Deploy</b>\x1b[2J \u202eevil", "tags": []string{"deploy", "service:check\u0007out"}, "login": "\u009bada", "dashboardUID": "a/b"},
		{"id": 3, "time": ms(20), "text": "", "tags": []string{"rollback", "cluster:\x1b"}},
		{"id": 4, "alertId": 7, "newState": "alerting", "time": ms(5), "tags": []string{"deploy"}},
	}}
	sourcetest.Changes(t, sourcetest.ChangeSuite{
		Good: d, Since: noon.Add(-time.Hour), Want: 2, Secret: secret,
		Open: func(t testing.TB, url string) sources.ChangeSource {
			o := options(url)
			o.HTTP.Authorization = &promconfig.Authorization{Credentials: secret}
			return open(t, o)
		},
	})
}

func TestWhatIsAsked(t *testing.T) {
	t.Parallel()
	d := &double{}
	o := options(serve(t, d))
	if _, err := open(t, o).Changes(t.Context(), noon.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	o.Tags = nil
	if _, err := open(t, o).Changes(t.Context(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"from=1772362800000&limit=500&matchAny=true&tags=deploy&tags=deployment&tags=release&tags=rollback&tags=config&tags=flag&to=1772366400000&type=annotation",
		"from=1&limit=500&to=1772366400000&type=annotation",
	}
	if !slices.Equal(d.asked, want) {
		t.Errorf("asked %q, want %q", d.asked, want)
	}
}

// All of many annotations are read, each once, also where regions overlap the
// pages; a history without end is cut and said to be.
func TestPages(t *testing.T) {
	t.Parallel()
	many := func(n int, step time.Duration) *double {
		d := &double{}
		for i := range n {
			at := int(noon.Add(-time.Duration(i) * step).UnixMilli())
			a := map[string]any{"id": i + 1, "time": at, "timeEnd": at, "tags": []string{"deploy", "service:a"}}
			if i%7 == 0 {
				a["time"] = at - int(3*time.Hour/time.Millisecond)
			}
			d.all = append(d.all, a)
		}
		return d
	}
	d := many(1700, time.Second)
	src := open(t, options(serve(t, d)))
	got, err := src.Changes(t.Context(), noon.Add(-24*time.Hour))
	if err != nil || len(got) != 1700 || len(src.Notes()) != 0 {
		t.Errorf("%d changes, %v, notes %v", len(got), err, src.Notes())
	}
	sourcetest.CheckChanges(t, got, noon.Add(-24*time.Hour))
	if n := len(d.asked); n < 4 || n > maxPages {
		t.Errorf("%d requests", n)
	}

	src = open(t, options(serve(t, many(pageSize*maxPages+1, time.Second))))
	got, err = src.Changes(t.Context(), noon.Add(-24*time.Hour))
	if n := fmt.Sprint(src.Notes()); err != nil || len(got) < pageSize*maxPages/2 || !strings.HasPrefix(n, "[only the newest ") {
		t.Errorf("%d changes, %v, notes %s", len(got), err, n)
	}

	// A whole page in one moment cannot be paged over.
	d = many(pageSize+1, 0)
	src = open(t, options(serve(t, d)))
	got, err = src.Changes(t.Context(), noon.Add(-24*time.Hour))
	if n := fmt.Sprint(src.Notes()); err != nil || len(got) != pageSize || n != "[only the newest 500 annotations were read: narrow them by tags]" || len(d.asked) != 2 {
		t.Errorf("%d changes, %v, notes %s, %d requests", len(got), err, n, len(d.asked))
	}
}

func TestNotes(t *testing.T) {
	t.Parallel()
	d := &double{all: []map[string]any{
		{"id": 1, "time": ms(3), "tags": []string{"deploy"}},
		{"id": 2, "time": ms(2), "tags": []string{"deploy", "app=shop"}},
		{"id": 3, "timeEnd": ms(1), "tags": []string{"deploy"}},
	}}
	src := open(t, options(serve(t, d)))
	got, err := src.Changes(t.Context(), noon.Add(-time.Hour))
	want := "[annotations without a time: 1 1 of 2 annotations name no service: see service_tags and match]"
	if n := fmt.Sprint(src.Notes()); err != nil || len(got) != 2 || n != want {
		t.Errorf("%v, %v, notes %s", got, err, n)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for _, tt := range []struct {
		h    http.Handler
		kind sources.Kind
		want string
	}{
		{answer(404, `{"message":"Not found"}`), sources.NotFound, "404 Not Found: Not found (check that the URL is Grafana's, with its path prefix; Grafana has deprecated /api/annotations"},
		{answer(410, ""), sources.NotFound, "410 Gone (check that the URL"},
		{answer(403, `{"accessErrorId":"x","message":"You'll need additional permissions to perform this action. Permissions needed: annotations:read","title":"Access denied"}`),
			sources.Unauthorized, "Permissions needed: annotations:read (these credentials"},
		{&double{token: secret}, sources.Unauthorized, "Invalid API key (no credentials are configured: see http and token_command)"},
		{answer(200, `{"result":[]}`), sources.BadResponse, "the answer is not a list of annotations (check"},
		{answer(200, `<!DOCTYPE html><title>Grafana</title><body>Log in<input type="password">`), sources.Unauthorized, "this is a login page, not grafana"},
	} {
		got, err := open(t, options(serve(t, tt.h))).Changes(t.Context(), noon)
		if !sources.IsKind(err, tt.kind) || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "grafana graphs: http://") || got != nil {
			t.Errorf("%v, %v; want %s, %s", got, err, tt.kind, tt.want)
		}
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for match, want := range map[string]string{
		"(":                     "match: error parsing regexp",
		"deployed (.*)":         "match: it names no group",
		"(?P<servcie>x)":        `match: no group may be called "servcie", but service, version`,
		"(?P<service>x)|(y)":    "",
		`^(?<service>a|b)(-.)?`: "",
	} {
		o := options("https://grafana.example.com")
		o.Match = match
		_, err := Open(*o, sources.Env{})
		if (err == nil) != (want == "") || (err != nil && !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", match, err, want)
		}
	}
	if _, err := Kind().Open(&Options{}, sources.Env{}); err == nil {
		t.Error("no URL was accepted")
	}
	if _, err := Kind().Open(new(int), sources.Env{}); err == nil {
		t.Error("options of another kind were accepted")
	}
}
