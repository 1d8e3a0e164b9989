package triage

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

func TestNamed(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)
	alert := func(labels map[string]string) sources.Alert {
		ls := sources.NewLabels(labels)
		return sources.Alert{ID: sources.NewAlertID("eu", ls), Cluster: "eu", Labels: ls, State: sources.Firing, ActiveAt: now.Add(-time.Hour)}
	}
	disk1 := alert(map[string]string{"alertname": "DiskFull", "severity": "warning", "instance": "n1:9100"})
	disk2 := alert(map[string]string{"alertname": "DiskFull", "severity": "warning", "instance": "n2:9100"})
	burn := alert(map[string]string{"alertname": "ErrorBudgetBurn", "severity": "critical", "service": "checkout"})
	b := Build(sources.Snapshot{Clusters: []sources.Cluster{{
		Name: "eu", Alerts: sources.Feed[sources.Alert]{AsOf: now, Tried: now, Items: []sources.Alert{disk1, disk2, burn}},
		Rules: sources.Feed[sources.RuleGroup]{AsOf: now, Tried: now, Items: []sources.RuleGroup{{Rules: []sources.Rule{
			{Name: safe.Outside("ErrorBudgetBurn"), Query: safe.Outside(`sum(rate(errors[5m])) > 0.05`), Labels: sources.NewLabels(map[string]string{"severity": "critical"})},
		}}}},
	}}}, Defaults(), now)
	for name, tc := range map[string]struct {
		arg  string
		want []sources.AlertID
	}{
		"name, any case":        {"errorbudgetburn", []sources.AlertID{burn.ID}},
		"fingerprint":           {disk2.Labels.Fingerprint(), []sources.AlertID{disk2.ID}},
		"id":                    {string(disk1.ID), []sources.AlertID{disk1.ID}},
		"several":               {"DiskFull", []sources.AlertID{disk1.ID, disk2.ID}},
		"matchers":              {`alertname="DiskFull",instance=~"n2.*"`, []sources.AlertID{disk2.ID}},
		"alertmanager link":     {`http://am:9093/#/alerts?filter=%7Balertname%3D%22DiskFull%22%2C%20instance%3D%22n1%3A9100%22%7D`, []sources.AlertID{disk1.ID}},
		"prometheus link":       {`http://prom:9090/graph?g0.expr=sum%28rate%28errors%5B5m%5D%29%29+%3E+0.05&g0.tab=1`, []sources.AlertID{burn.ID}},
		"pasted page":           {"[FIRING:1] DiskFull on n2:9100 (warning)\nsee the runbook", []sources.AlertID{disk2.ID}},
		"pasted, nothing known": {"something is broken", nil},
		"part of a name":        {"Disk", nil},
		"empty":                 {"  ", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []sources.AlertID
			for _, it := range b.Named(tc.arg) {
				got = append(got, it.ID)
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Errorf("Named(%q): %s", tc.arg, d)
			}
		})
	}
}
