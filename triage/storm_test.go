package triage

import (
	"fmt"
	"testing"

	"github.com/firstpage-oncall/firstpage/sources"
)

// stormNight is 3,000 alerts of 40 rules on 500 hosts, each of a service.
func stormNight() []sources.Alert {
	severities := []string{"warning", "warning", "info", "critical", "warning", "info", "warning", "warning"}
	out := make([]sources.Alert, 0, 3000)
	for i := range 3000 {
		rule, host := i%40, (i/40+i%40*17)%500
		st := sources.Firing
		if rule%13 == 12 {
			st = sources.Pending
		}
		out = append(out, alert(fmt.Sprintf("Rule%02d", rule), st, i%600,
			fmt.Sprintf("severity=%s service=svc-%d instance=host-%d:9100", severities[rule%8], host%60, host)))
	}
	return out
}

func TestAStormIsAFewRows(t *testing.T) {
	t.Parallel()
	alerts := stormNight()
	b := Build(snapshot(alerts...), Defaults(), noon)
	rows := b.Rows(Filter{}, BySeverity)
	if len(rows) > MaxRows || len(b.Groups) < 1000 {
		t.Fatalf("%d rows of %d groups", len(rows), len(b.Groups))
	}
	seen := map[sources.AlertID]int{}
	for _, r := range rows {
		if r.Rest && r.Severity.Rank <= RankCritical {
			t.Errorf("critical alerts are folded with others: %s", r.Severity.Word())
		}
		n := 0
		for _, p := range r.Parts {
			n += len(p.Items)
			if r.Rest && (p.Severity.Rank != r.Severity.Rank && r.State == sources.Firing || p.State != r.State) {
				t.Errorf("a %s %s in a rest of %s %s", p.Severity.Word(), p.State, r.Severity.Word(), r.State)
			}
		}
		if len(r.Parts) > 0 && n != len(r.Items) {
			t.Errorf("%s: %d alerts in its parts, %d in itself", r.Name, n, len(r.Items))
		}
		if g, ok := b.GroupOf(r.Items[0].ID); !ok || &g.Items[0] != &r.Items[0] {
			t.Errorf("%s: the board has its first alert twice", r.Name)
		}
		for i := range r.Items {
			seen[r.Items[i].ID]++
		}
	}
	for _, a := range alerts {
		if seen[a.ID] != 1 {
			t.Fatalf("%s is in %d rows", a.Labels.Words(" "), seen[a.ID])
		}
	}
	if len(alerts) != b.Counts.Alerts {
		t.Errorf("%d alerts are counted, not %d", b.Counts.Alerts, len(alerts))
	}
	// The rule's name and the host lead to one alert.
	for i, a := range alerts {
		f, err := ParseFilter(a.Name().Raw() + " " + a.Labels.Value("instance").Raw())
		if err != nil {
			t.Fatal(err)
		}
		if i%50 == 0 {
			if found := b.Rows(f, BySeverity); len(found) != 1 || len(found[0].Items) != 1 || found[0].Items[0].ID != a.ID {
				t.Errorf("%s finds %d rows", f, len(found))
			}
		}
	}
}

func TestUrgentRowsAreNeverFoldedWithOthers(t *testing.T) {
	t.Parallel()
	var alerts []sources.Alert
	for i := range 40 {
		severity := "critical"
		if i >= 30 {
			severity = "warning"
		}
		alerts = append(alerts, alert(fmt.Sprintf("Rule%02d", i), sources.Firing, i, "service=a severity="+severity))
	}
	rows := Build(snapshot(alerts...), Defaults(), noon).Rows(Filter{}, BySeverity)
	if len(rows) != 31 || !rows[30].Rest || len(rows[30].Parts) != 10 {
		t.Errorf("%d rows: %v", len(rows), rowText(rows))
	}
	// A row more than fits: no rest of a single row, and the order stays.
	rows = Build(snapshot(alerts[19:]...), Defaults(), noon).Rows(Filter{}, BySeverity)
	for i, r := range rows {
		if r.Rest && len(r.Parts) < 2 || i > 0 && compareUrgency(rows[i-1].Severity, rows[i-1].State, rows[i-1].Since, r.Severity, r.State, r.Since) > 0 {
			t.Errorf("row %d: %v", i, rowText(rows))
		}
	}
	if len(rows) != MaxRows {
		t.Errorf("21 rows became %d", len(rows))
	}
}

func TestWithoutPort(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"db-1:9100": "db-1", "db-1": "db-1", "[fd00::1]:9100": "[fd00::1]", "[fd00::1]": "[fd00::1]",
		"fd00::1": "fd00::1", "::1": "::1", "db-1:": "db-1", "10.0.0.1:80": "10.0.0.1",
	} {
		if got := withoutPort(in); got != want {
			t.Errorf("%s without its port is %s, want %s", in, got, want)
		}
	}
}
