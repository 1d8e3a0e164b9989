package e2e

import (
	"encoding/json"
	"sort"
	"strings"
	"testing"

	"github.com/firstpage-oncall/firstpage/internal/promtest"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/alertmanager/pkg/labels"
)

// listed is what `alerts -o json` prints.
type listed struct {
	AsOf    string `json:"as_of"`
	Sources []struct {
		Name, Kind, Cluster string
		OK                  bool
	} `json:"sources"`
	Alerts []struct {
		ID, Fingerprint, Name, State string
		Labels, Annotations          map[string]string
	} `json:"alerts"`
}

func parseListed(t *testing.T, r result) listed {
	t.Helper()
	if r.code != 0 {
		t.Fatalf("exit code %d, stderr: %s", r.code, r.err)
	}
	var l listed
	if err := json.Unmarshal([]byte(r.out), &l); err != nil {
		t.Fatalf("%v in %s", err, r.out)
	}
	return l
}

func TestAlertsAreThoseOfPrometheus(t *testing.T) {
	t.Parallel()
	prom := kubePrometheus(t)
	h := newHome(t)
	want := func(m func(map[string]string) bool) []string {
		var out []string
		for _, a := range apiAlerts(t, prom) {
			if m(a.Labels) {
				out = append(out, a.State+" "+labelKey(a.Labels))
			}
		}
		sort.Strings(out)
		return out
	}
	// The server goes on evaluating between two looks: agree within a few.
	agree := func(what string, args []string, m func(map[string]string) bool) {
		t.Helper()
		var d string
		for range 20 {
			l := parseListed(t, h.command(t, append([]string{"alerts", "--prometheus", prom.URL, "-o", "json"}, args...)...))
			var got []string
			for _, a := range l.Alerts {
				got = append(got, a.State+" "+labelKey(a.Labels))
			}
			sort.Strings(got)
			if d = cmp.Diff(want(m), got); d == "" {
				if what == "all" && len(got) < 2 {
					t.Fatalf("only %d alerts: this proves nothing", len(got))
				}
				return
			}
		}
		t.Errorf("%s: %s", what, d)
	}
	agree("all", []string{"--pending"}, func(map[string]string) bool { return true })
	for _, filter := range []string{`severity="critical"`, `severity!="critical"`, `severity=~"warn.*|none"`, `{alertname!~"Kube.*"}`, `namespace=""`} {
		ms, err := labels.ParseMatchers(filter)
		if err != nil {
			t.Fatal(err)
		}
		agree(filter, []string{"--pending", "--filter", filter}, func(ls map[string]string) bool {
			for _, m := range ms {
				if !m.Matches(ls[m.Name]) {
					return false
				}
			}
			return true
		})
	}
}

func TestAlertsTableNamesTheWatchdog(t *testing.T) {
	t.Parallel()
	prom := kubePrometheus(t)
	r := newHome(t).command(t, "alerts", "--prometheus", prom.URL, "--pending")
	if r.code != 0 || !strings.Contains(r.out, "Watchdog") || !strings.HasPrefix(r.out, "SEVERITY") {
		t.Errorf("code %d, stderr %q, stdout:\n%s", r.code, r.err, r.out)
	}
}

func TestAlertsAreSorted(t *testing.T) {
	t.Parallel()
	prom := promtest.Start(t, promtest.Options{Rules: []string{`groups: [{name: g, rules: [
  {alert: Mild, expr: vector(1), labels: {severity: info, service: a}},
  {alert: Grave, expr: vector(1), labels: {severity: page, service: c}},
  {alert: middling, expr: vector(1), labels: {severity: warning, service: B}}]}]`}})
	waitAlerts(t, prom, 3)
	h := newHome(t)
	for order, want := range map[string]string{"severity": "Grave middling Mild", "service": "Mild middling Grave", "name": "Grave middling Mild"} {
		var got []string
		for _, a := range parseListed(t, h.command(t, "alerts", "-o", "json", "--prometheus", prom.URL, "--sort", order)).Alerts {
			got = append(got, a.Name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("--sort %s: %v, want %s", order, got, want)
		}
	}
	if r := h.command(t, "alerts", "--prometheus", prom.URL, "--sort", "age"); r.code != 2 || !strings.Contains(r.err, "must be one of severity, since, service, name") {
		t.Errorf("code %d: %s", r.code, r.err)
	}
}

func TestAlertsUsage(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"alerts", "--filter", `severity=~"("`}, "--filter"},
		{[]string{"alerts", "-o", "xml"}, "must be one of table, json"},
		{[]string{"alerts", "--nope"}, "unknown flag"},
		{[]string{"alerts", "extra"}, "unknown command"},
		{[]string{"alerts", "--prometheus", "ftp://x"}, "ftp"},
	} {
		r := h.command(t, tc.args...)
		if r.code != 2 || !strings.Contains(r.err, tc.want) || r.out != "" {
			t.Errorf("%v: code %d, stdout %q, stderr %q, want %q", tc.args, r.code, r.out, r.err, tc.want)
		}
	}
}
