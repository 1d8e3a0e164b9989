package alertmanager

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	promconfig "github.com/prometheus/common/config"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/sourcetest"
)

const secret = "hunter2-secret"

const cannedAlerts = `[{"annotations":{"summary":"a\u001b[2J"},"endsAt":"2026-03-01T12:05:00.000Z","fingerprint":"1e\u009b2f","receivers":[{"name":"team\u202e"}],
 "startsAt":"2026-03-01T13:00:00.000+01:00","status":{"inhibitedBy":["f1"],"mutedBy":[],"silencedBy":["s1"],"state":"suppressed"},
 "updatedAt":"2026-03-01T12:00:00.000Z","generatorURL":"http://p/graph","labels":{"service":"check\u0007out","alertname":"A"}}]`

// The second silence is that of a server before version 0.22.
const cannedSilences = `[{"id":"s1","status":{"state":"expired"},"updatedAt":"2026-03-01T12:00:00.000Z","comment":"bad deploy\u001b[2J","createdBy":"Bo","endsAt":"2026-03-01T14:00:00.000+01:00",
 "matchers":[{"isEqual":false,"isRegex":true,"name":"service","value":"a|b"}],"startsAt":"2026-03-01T12:00:00.000Z"},
 {"id":"s2","status":{"state":"active"},"comment":"","createdBy":"","endsAt":"2026-03-01T14:00:00Z","startsAt":"2026-03-01T12:00:00Z","matchers":[{"isRegex":false,"name":"x","value":"1"}]}]`

func canned() http.Handler {
	mux := http.NewServeMux()
	for path, body := range map[string]string{"/am/api/v2/alerts": cannedAlerts, "/am/api/v2/silences": cannedSilences} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if f := r.URL.Query()["filter"]; path == "/am/api/v2/alerts" && len(f) > 0 && f[0] != `cluster="eu"` {
				w.WriteHeader(http.StatusBadRequest)
				_, _ = io.WriteString(w, `"bad matcher format"`)
				return
			}
			_, _ = io.WriteString(w, body)
		})
	}
	return mux
}

func open(t testing.TB, o Options) *Client {
	t.Helper()
	c, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestConformance(t *testing.T) {
	for name, ask := range map[string]func(*Client, context.Context) error{
		"alerts":   func(c *Client, ctx context.Context) error { _, err := c.Alerts(ctx); return err },
		"silences": func(c *Client, ctx context.Context) error { _, err := c.Silences(ctx); return err },
	} {
		t.Run(name, func(t *testing.T) {
			sourcetest.HTTP(t, sourcetest.HTTPSuite{Good: canned(), Secret: secret, Open: func(t testing.TB, base string) sourcetest.Call {
				http := promconfig.DefaultHTTPClientConfig
				http.BasicAuth = &promconfig.BasicAuth{Username: "u", Password: secret}
				c := open(t, Options{Cluster: "eu", URL: base + "/am/", Timeout: time.Minute, Match: []string{`cluster="eu"`}, HTTP: http})
				return func(ctx context.Context) error { return ask(c, ctx) }
			}})
		})
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(canned())
	t.Cleanup(srv.Close)
	c := open(t, Options{Cluster: "eu", URL: srv.URL + "/am"})
	views, err := c.Alerts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v := safe.Outside
	at := func(hour int) time.Time { return time.Date(2026, 3, 1, hour, 0, 0, 0, time.UTC) }
	same := cmp.Comparer(func(a, b safe.Value) bool { return a == b })
	want := []sources.AMView{{Labels: sources.NewLabels(map[string]string{"alertname": "A", "service": "check\aout"}),
		Annotations: sources.NewLabels(map[string]string{"summary": "a\x1b[2J"}), Fingerprint: safe.Text("1e\u009b2f"),
		SilencedBy: []safe.Value{v("s1")}, InhibitedBy: []safe.Value{v("f1")}, Receivers: []safe.Value{v("team\u202e")}, StartsAt: at(12)}}
	if d := cmp.Diff(want, views, same); d != "" {
		t.Error(d)
	}
	sourcetest.UTC(t, "view", views[0].StartsAt)
	sourcetest.NoControls(t, views[0].Fingerprint)
	silences, err := c.Silences(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantSilences := []sources.Silence{
		{ID: v("s1"), Matchers: []sources.Matcher{{Name: v("service"), Value: v("a|b"), IsRegex: true}}, StartsAt: at(12), EndsAt: at(13),
			CreatedBy: v("Bo"), Comment: v("bad deploy\x1b[2J"), State: sources.SilenceExpired},
		{ID: v("s2"), Matchers: []sources.Matcher{{Name: v("x"), Value: v("1"), IsEqual: true}}, StartsAt: at(12), EndsAt: at(14), State: sources.SilenceActive},
	}
	if d := cmp.Diff(wantSilences, silences, same); d != "" {
		t.Error(d)
	}
	for _, s := range silences {
		sourcetest.UTC(t, "silence", s.StartsAt, s.EndsAt)
	}

	bad := open(t, Options{URL: srv.URL + "/am", Match: []string{"cluster="}})
	if _, err := bad.Alerts(t.Context()); !sources.IsKind(err, sources.BadRequest) {
		t.Errorf("a bad matcher: %v", err)
	}
	if _, err := Open(Options{}); !sources.IsKind(err, sources.BadRequest) {
		t.Errorf("no URL: %v", err)
	}
}

func TestRealServer(t *testing.T) {
	t.Parallel()
	am := promtest.StartAlertmanager(t, "")
	c := open(t, Options{Cluster: "eu", URL: am.URL, Timeout: time.Minute})
	if views, err := c.Alerts(t.Context()); err != nil || len(views) != 0 {
		t.Errorf("nothing fires: %v, %v", views, err)
	}
	if silences, err := c.Silences(t.Context()); err != nil || len(silences) != 0 {
		t.Errorf("nothing is silenced: %v, %v", silences, err)
	}
	am.Post("/api/v2/alerts", `[{"labels":{"alertname":"A","service":"checkout"},"annotations":{"summary":"s"}}]`)
	am.WaitHeld("A")
	from, to := time.Now().Truncate(time.Second), time.Now().Add(time.Hour).Truncate(time.Second)
	am.Post("/api/v2/silences", `{"matchers":[{"name":"service","value":"check.*","isRegex":true,"isEqual":true}],"startsAt":"`+from.Format(time.RFC3339)+
		`","endsAt":"`+to.Format(time.RFC3339)+`","createdBy":"Bo Lind","comment":"bad deploy"}`)
	silences, err := c.Silences(t.Context())
	if err != nil || len(silences) != 1 || silences[0].State != sources.SilenceActive || silences[0].CreatedBy.Raw() != "Bo Lind" ||
		!silences[0].Matchers[0].IsRegex || !silences[0].Matchers[0].IsEqual || !silences[0].EndsAt.Equal(to) {
		t.Fatalf("%+v, %v", silences, err)
	}
	views, err := c.Alerts(t.Context())
	if err != nil || len(views) != 1 || len(views[0].SilencedBy) != 1 || views[0].SilencedBy[0] != silences[0].ID ||
		views[0].Fingerprint != views[0].Labels.Fingerprint() || views[0].Annotations.Value("summary").Raw() != "s" {
		t.Errorf("%+v, %v", views, err)
	}
	am.Delete("/api/v2/silence/" + silences[0].ID.Raw())
	if silences, err := c.Silences(t.Context()); err != nil || len(silences) != 1 || silences[0].State != sources.SilenceExpired {
		t.Errorf("%+v, %v", silences, err)
	}
}
