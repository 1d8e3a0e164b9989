package triage

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/alertmanager"
	"github.com/firstpage-oncall/firstpage/sources/prometheus"
)

const joinRules = `
groups:
- name: shop
  rules:
  - {alert: Plain, expr: 'vector(1)', labels: {severity: critical, service: checkout}}
  - {alert: Loud, expr: 'vector(1)', labels: {severity: critical, service: checkout}}
  - {alert: PerPod, expr: 'label_replace(vector(1), "pod", "a", "", "") or label_replace(vector(1), "pod", "b", "", "")', labels: {severity: critical, service: cart}}
  - {alert: PerZone, expr: 'label_replace(vector(1), "zone", "x", "", "") or label_replace(vector(1), "zone", "y", "", "")', labels: {severity: critical, service: cart}}
  - {alert: Rewritten, expr: 'vector(1)', labels: {severity: low, service: search}}
  - {alert: Cause, expr: 'vector(1)', labels: {severity: critical, service: db}}
  - {alert: Effect, expr: 'vector(1)', labels: {severity: warning, service: db}}
  - {alert: Waiting, expr: 'vector(1)', for: 1h, labels: {severity: critical, service: cart}}
`

// The pod is dropped, one value of severity is changed, a label is added.
const joinRelabel = `
  - {regex: pod, action: labeldrop}
  - {source_labels: [severity], regex: low, target_label: severity, replacement: info}
  - {target_label: source, replacement: prometheus}
`

const joinConfig = `
route: {receiver: nobody, group_wait: 1s}
receivers: [{name: nobody}]
inhibit_rules: [{source_matchers: [alertname="Cause"], target_matchers: [alertname="Effect"], equal: [service]}]
`

func silenceJSON(from, to time.Time, comment string, matchers ...string) string {
	var ms []string
	for _, m := range matchers {
		name, value, _ := strings.Cut(m, "=")
		ms = append(ms, fmt.Sprintf(`{"name":%q,"value":%q,"isRegex":false,"isEqual":true}`, name, value))
	}
	return fmt.Sprintf(`{"matchers":[%s],"startsAt":%q,"endsAt":%q,"createdBy":"Bo Lind","comment":%q}`,
		strings.Join(ms, ","), from.UTC().Format(time.RFC3339), to.UTC().Format(time.RFC3339), comment)
}

// TestJoinOfRealServers: Prometheus has external labels and changes labels on
// their way; which of its alerts are silenced is known all the same, except of
// the one whose label has another value.
func TestJoinOfRealServers(t *testing.T) {
	t.Parallel()
	am := promtest.StartAlertmanager(t, joinConfig)
	prom := promtest.Start(t, promtest.Options{Rules: []string{joinRules}, Alertmanager: am, AlertRelabel: joinRelabel,
		External: map[string]string{"cluster": "prod-eu", "replica": "0"}})
	begin, end := time.Now(), time.Now().Add(time.Hour)
	for _, body := range []string{
		silenceJSON(begin, end, "external", "alertname=Plain", "cluster=prod-eu"),
		silenceJSON(begin, end, "dropped", "alertname=PerPod"),
		silenceJSON(begin, end, "one of two", "alertname=PerZone", "zone=x"),
		silenceJSON(begin, end, "rewritten", "alertname=Rewritten", "severity=info"),
		silenceJSON(begin, end, "soon", "alertname=Waiting"),
		silenceJSON(begin, end, "another cluster", "alertname=Loud", "cluster=prod-us"),
	} {
		am.Post("/api/v2/silences", body)
	}
	for _, name := range []string{"Plain", "Loud", "PerPod", "PerZone", "Rewritten", "Cause", "Effect"} {
		am.WaitHeld(name)
	}
	p, err := prometheus.Open(prometheus.Options{Cluster: "prod-eu", URL: prom.URL, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	a, err := alertmanager.Open(alertmanager.Options{Cluster: "prod-eu", URL: am.URL, Timeout: time.Minute, Match: []string{`cluster="prod-eu"`}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	want := map[string]string{"Plain": "silenced", "Loud": "held", "PerPod a": "silenced", "PerPod b": "silenced", "PerZone x": "silenced",
		"PerZone y": "held", "Rewritten": "not held", "Cause": "held", "Effect": "inhibited", "Waiting": "silenced"}
	var got map[string]string
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if got = fates(t, p, a); fmt.Sprint(got) == fmt.Sprint(want) {
			break // inhibition takes effect a moment after the alerts are there
		}
	}
	for name, w := range want {
		if got[name] != w {
			t.Errorf("%s is %s, want %s", name, got[name], w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%v", got)
	}
}

// fates is the state of each alert.
func fates(t *testing.T, p *prometheus.Client, a *alertmanager.Client) map[string]string {
	t.Helper()
	alerts, err1 := p.Alerts(t.Context())
	views, err2 := a.Alerts(t.Context())
	silences, err3 := a.Silences(t.Context())
	if err1 != nil || err2 != nil || err3 != nil {
		t.Fatal(err1, err2, err3)
	}
	now := time.Now()
	b := Build(sources.Snapshot{Clusters: []sources.Cluster{{Name: "prod-eu",
		Alerts: sources.Feed[sources.Alert]{AsOf: now, Items: alerts}, AM: sources.Feed[sources.AMView]{AsOf: now, Items: views},
		Silences: sources.Feed[sources.Silence]{AsOf: now, Items: silences}}}}, Defaults(), now)
	out := map[string]string{}
	for _, it := range b.Items(func(Item) bool { return true }) {
		name := strings.TrimSpace(it.Name().String() + " " + it.Labels.Value("pod").String() + it.Labels.Value("zone").String())
		switch {
		case it.Silenced:
			out[name] = "silenced"
		case it.Inhibited:
			out[name] = "inhibited"
		case it.AM == nil:
			out[name] = "not held"
		default:
			out[name] = "held"
		}
	}
	return out
}
