package triage

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// lineOf is a row in words: what it is called, how it is found, what it has.
func lineOf(r ServiceRow) string {
	var labels, calls []string
	for _, l := range r.Labels {
		labels = append(labels, l.Name.Raw()+"="+l.Value.Raw())
	}
	for _, c := range r.Calls {
		calls = append(calls, c.Service.Name.Raw()+" by "+c.Service.By)
	}
	return fmt.Sprintf("%s/%s [%s] by %q (%s), %d firing %d pending, change %v, %d queries, calls %v",
		r.Cluster, r.Name.Raw(), r.Team.Raw(), r.By, strings.Join(labels, " "), r.Firing, r.Pending, r.HasChange, len(r.Queries), calls)
}

func seenIn(label string, names ...string) []Seen {
	var out []Seen
	for _, n := range names {
		out = append(out, Seen{Label: label, Value: safe.Outside(n)})
	}
	return out
}

func TestServiceRows(t *testing.T) {
	t.Parallel()
	s := snapshot(
		alert("Slow", sources.Firing, 1, "service=cart severity=critical"),
		alert("Slow", sources.Firing, 1, "service=cart severity=warning"),
		alert("Soon", sources.Pending, 1, "job=shop/checkout-http severity=warning"),
		alert("Down", sources.Firing, 1, "deployment=mailer severity=warning"),
		alert("Watchdog", sources.Firing, 1, "service=cart severity=none"), // folded: no news
		alert("Lost", sources.Firing, 1, "instance=db:9100"),               // of no service
	)
	s.Services = catalogOf(
		sources.Service{Name: safe.Outside("Checkout"), Aliases: values("checkout-http"), Team: safe.Outside("group:default/team-pay"),
			DependsOn: values("cart", "ledger", "elsewhere"), Health: []sources.HealthQuery{{Query: safe.Outside("x")}}},
		sources.Service{Name: safe.Outside("ledger")},
	)
	s.Changes = []sources.Feed[sources.Change]{changeFeed("git", change(1, sources.Deploy, "checkout-http", "1>2"))}
	seen := map[string][]Seen{s.Clusters[0].Name: append(seenIn("job", "shop/checkout-http", "shop/search", "node-exporter", "a/api", "b/api", "CART", ""),
		seenIn("deployment", "search", "mailer", "worker", "kube-state-metrics")...)}
	rows := ServiceRows(Build(s, Defaults(), noon), seen)
	cluster := s.Clusters[0].Name
	var got []string
	for _, r := range rows {
		got = append(got, strings.TrimPrefix(lineOf(r), cluster+"/"))
	}
	want := []string{
		`a/api [] by "job" (job=a/api), 0 firing 0 pending, change false, 0 queries, calls []`,
		`b/api [] by "job" (job=b/api), 0 firing 0 pending, change false, 0 queries, calls []`,
		`CART [] by "job" (job=CART), 2 firing 0 pending, change false, 0 queries, calls []`,
		`Checkout [pay] by "catalog:job" (job=shop/checkout-http), 0 firing 1 pending, change true, 1 queries, calls [CART by job ledger by catalog: elsewhere by ]`,
		`ledger [] by "catalog:" (), 0 firing 0 pending, change false, 0 queries, calls []`,
		`mailer [] by "deployment" (deployment=mailer), 1 firing 0 pending, change false, 0 queries, calls []`,
		`search [] by "job" (job=shop/search), 0 firing 0 pending, change false, 0 queries, calls []`,
		`worker [] by "pod" (pod=worker), 0 firing 0 pending, change false, 0 queries, calls []`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for _, r := range rows {
		if r.Named(safe.Outside("cart")) && r.Worst.Rank != RankCritical {
			t.Errorf("the worst of cart is %+v", r.Worst)
		}
	}
	if ServiceRows(Build(sources.Snapshot{}, Defaults(), noon), nil) != nil {
		t.Error("services of nothing")
	}
}

func TestFindServices(t *testing.T) {
	t.Parallel()
	s := snapshot()
	s.Services = catalogOf(sources.Service{Name: safe.Outside("Checkout"), Aliases: values("pay")})
	b := Build(s, Defaults(), noon)
	rows := ServiceRows(b, map[string][]Seen{s.Clusters[0].Name: seenIn("job", "shop/checkout", "shop/search")})
	for name, want := range map[string]string{"checkout": "Checkout", "PAY": "Checkout", "shop/search": "search", "Search": "search", "nope": "", "": ""} {
		got := ""
		for _, r := range b.FindServices(rows, name) {
			got += r.Name.Raw()
		}
		if got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

// TestServicesInSeveralClusters: a change that names no cluster is of each, one
// that does is of that one; what no cluster shows is of none.
func TestServicesInSeveralClusters(t *testing.T) {
	t.Parallel()
	s := snapshot()
	s.Clusters = append(s.Clusters, sources.Cluster{Name: "other"})
	s.Services = catalogOf(sources.Service{Name: safe.Outside("ledger")})
	mine, everywhere := change(5, sources.Deploy, "cart", "2>3"), change(7, sources.Deploy, "cart", "1>2")
	mine.Cluster, everywhere.Cluster = "other", ""
	s.Changes = []sources.Feed[sources.Change]{changeFeed("git", change(9, sources.Deploy, "cart", "0>1"), mine, everywhere)}
	rows := ServiceRows(Build(s, Defaults(), noon), map[string][]Seen{s.Clusters[0].Name: seenIn("job", "cart"), "other": seenIn("job", "cart")})
	got := map[string]time.Time{}
	for _, r := range rows {
		got[r.Key()] = r.Change.StartedAt
	}
	want := map[string]time.Time{"\x00ledger": {}, s.Clusters[0].Name + "\x00cart": noon.Add(-7 * time.Minute), "other\x00cart": noon.Add(-5 * time.Minute)}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestCompareServices(t *testing.T) {
	t.Parallel()
	row := func(name string, firing, pending int, rank SeverityRank) ServiceRow {
		return ServiceRow{Name: safe.Outside(name), Firing: firing, Pending: pending, Worst: Severity{Rank: rank}}
	}
	warning := RankCritical + 1
	order := []struct {
		r ServiceRow
		c Condition
	}{
		{row("paged", 1, 0, RankCritical), ServiceUsual},
		{row("down", 0, 0, 0), ServiceDown},
		{row("worse", 3, 0, warning), ServiceWorse},
		{row("bad", 1, 0, warning), ServiceWorse},
		{row("easing", 0, 0, 0), ServiceEasing},
		{row("unknown", 0, 0, 0), ServiceUnknown},
		{row("warned", 1, 0, warning), ServiceUsual},
		{row("soon", 0, 1, 0), ServiceUsual},
		{row("A", 0, 0, 0), ServiceUsual},
		{row("b", 0, 0, 0), ServiceUsual},
	}
	for i := range order {
		for j := range order {
			got := CompareServices(order[i].r, order[i].c, order[j].r, order[j].c)
			if got < 0 != (i < j) || got == 0 != (i == j) {
				t.Errorf("%s against %s: %d", order[i].r.Name, order[j].r.Name, got)
			}
		}
	}
}
