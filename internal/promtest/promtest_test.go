package promtest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestServer(t *testing.T) {
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintln(w, "answer 42")
	}))
	defer target.Close()
	from := time.Now().Add(-2 * time.Hour).Unix()
	var om strings.Builder
	om.WriteString("# TYPE old gauge\n")
	for i := range int64(60) {
		fmt.Fprintf(&om, "old{a=\"b\"} %d %d\n", i, from+i*15)
	}
	s := Start(t, Options{
		Rules:       []string{"groups: [{name: g, rules: [{alert: A, expr: answer == 42, labels: {severity: page}}]}]"},
		Scrape:      fmt.Sprintf("- job_name: app\n  static_configs: [{targets: [%q]}]\n", strings.TrimPrefix(target.URL, "http://")),
		OpenMetrics: om.String(),
	})
	s.WaitUp("app", 1)
	s.WaitFor(`ALERTS{alertname="A",alertstate="firing"}`)
	if got := s.Query(t, "max(max_over_time(old[3h]))"); len(got) != 1 || got[0].Value != 59 {
		t.Errorf("backfilled series: %v", got)
	}
	if body := string(s.Get(t, "/api/v1/alerts")); !strings.Contains(body, `"alertname":"A"`) {
		t.Errorf("alerts: %s", body)
	}

	s.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := s.query(ctx, "1"); err == nil {
		t.Error("a stopped server answered")
	}
	s.Cont()
	s.WaitFor("vector(1)")

	url := s.URL
	s.Kill()
	if s.ready() {
		t.Error("a killed server answered")
	}
	s.Restart()
	if s.URL != url {
		t.Errorf("restarted on %s, was %s", s.URL, url)
	}
	if got := s.Query(t, "max(max_over_time(old[3h]))"); len(got) != 1 {
		t.Errorf("data after a restart: %v", got)
	}
}

func TestAlertmanager(t *testing.T) {
	a := StartAlertmanager(t, "")
	Start(t, Options{Alertmanager: a, External: map[string]string{"cluster": "eu"}, AlertRelabel: "  - {regex: pod, action: labeldrop}\n",
		Rules: []string{"groups: [{name: g, rules: [{alert: A, expr: vector(1), labels: {pod: x}}]}]"}})
	a.WaitHeld("A")
	body, err := get(t.Context(), a.URL+"/api/v2/alerts")
	if err != nil || !strings.Contains(string(body), `"labels":{"alertname":"A","cluster":"eu"}`) {
		t.Errorf("%v: %s", err, body)
	}
}
