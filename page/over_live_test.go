package page

import (
	"testing"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

func TestLastPage(t *testing.T) {
	t.Parallel()
	b := newBygone(t, 3)
	b.fires("2025-11-22 13:00", 10, "alertname", "TooLongAgo", "severity", "page")
	b.fires("2025-11-23 04:31", 27, "alertname", "AtNight", "severity", "Critical", "service", "checkout")
	b.fires("2025-11-23 09:00", 10, "alertname", "NoPage", "severity", "warning")
	b.fires("2025-11-23 13:00", 68, "alertname", "Listed", "severity", "critical")
	a := b.serve()
	still := firing("prod-eu", map[string]string{"alertname": "Listed", "severity": "critical"}, nil)
	cluster := sources.Cluster{Name: "prod-eu", Alerts: sources.Feed[sources.Alert]{Items: []sources.Alert{still}}}
	last := a.LastPage(t.Context(), []sources.Cluster{cluster}, triage.Defaults())
	if last == nil || last.Name().Raw() != "AtNight" || last.State != sources.Resolved ||
		last.ActiveAt.In(b.loc).Format("2 15:04") != "23 04:31" || last.ResolvedAt.In(b.loc).Format("2 15:04") != "23 04:58" {
		t.Fatalf("%+v", last)
	}
	board := WithOvers(sources.Snapshot{Clusters: []sources.Cluster{cluster}}, []sources.Alert{*last}, triage.Defaults(), b.end)
	if found := board.Named("AtNight"); len(found) != 1 || found[0].State != sources.Resolved {
		t.Errorf("not on the board: %+v", found)
	}
	prefs := triage.Defaults()
	prefs.Ranks = map[string]triage.SeverityRank{"page": triage.RankPage, "critical": triage.RankWarning}
	if last := a.LastPage(t.Context(), []sources.Cluster{cluster}, prefs); last != nil {
		t.Errorf("a page of the day before yesterday: %+v", last)
	}
}
