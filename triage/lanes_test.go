package triage

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

func laneText(ls []Lane) []string {
	var out []string
	for _, l := range ls {
		out = append(out, fmt.Sprintf("%s: %d %s", l.Name, len(l.Changes), l.Relation))
	}
	return out
}

func TestLanes(t *testing.T) {
	t.Parallel()
	neighbour, other := change(9, sources.Config, "search", ""), change(20, sources.Scale, "reviews", "")
	neighbour.Namespace, other.Namespace = safe.Outside("shop"), safe.Outside("shop")
	host := change(12, sources.Infra, "db-7", "")
	r := ranked(7, changeFeed("prometheus",
		change(8, sources.Deploy, "checkout", "1>2"), change(300, sources.Deploy, "shop-checkout", "0>1"),
		change(15, sources.Deploy, "payments", "7>8"), change(16, sources.Scale, "payments", ""), change(49, sources.Deploy, "cart", "2>3"),
		neighbour, other, host,
		change(30, sources.Deploy, "mailer", "1>2"), change(31, sources.Deploy, "web", "1>2"), change(2, sources.Deploy, "Web", "2>3")))
	for _, tc := range []struct {
		most int
		want []string
	}{
		{9, []string{"checkout: 2 same service", "payments: 2 called by checkout", "cart: 1 called by checkout",
			"3 services: 3 same host or namespace", "2 others: 3 "}},
		{4, []string{"checkout: 2 same service", "payments: 2 called by checkout", "cart: 1 called by checkout", "5 others: 6 "}},
		{2, []string{"checkout: 2 same service", "7 others: 9 "}},
		{1, []string{"9 others: 11 "}},
		{0, []string{"9 others: 11 "}},
	} {
		if d := cmp.Diff(tc.want, laneText(Lanes("checkout", r.Suspects, tc.most))); d != "" {
			t.Errorf("at most %d: %s", tc.most, d)
		}
	}
	if n := Services(r.Suspects); n != 9 {
		t.Errorf("%d services", n)
	}
	if d := cmp.Diff([]string{"checkout: 0 same service"}, laneText(Lanes("checkout", nil, 5))); d != "" {
		t.Error("without changes: " + d)
	}
	if got := Lanes("", nil, 5); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
	one := ranked(7, changeFeed("x", neighbour, change(3, sources.Deploy, "web", "1>2")))
	if d := cmp.Diff([]string{"checkout: 0 same service", "search: 1 same namespace", "web: 1 "}, laneText(Lanes("checkout", one.Suspects, 5))); d != "" {
		t.Error("single services keep their names: " + d)
	}
}

// Without a page each service is a lane, that of the newest change first.
func TestTimelineOfTheBoard(t *testing.T) {
	t.Parallel()
	s := snapshot()
	s.Changes = []sources.Feed[sources.Change]{
		changeFeed("prometheus", change(8, sources.Deploy, "checkout", "1>2"), change(2, sources.Deploy, "web", "1>2"), change(50, sources.Deploy, "web", "0>1")),
		{Source: sources.SourceID{Kind: "events"}, Err: sources.Errorf(sources.Timeout, "no answer")},
	}
	r := Timeline(Build(s, Defaults(), noon))
	if len(r.Suspects) != 3 || r.Suspects[0].Service.String() != "web" || r.Suspects[0].Verdict != "" || len(r.Asked) != 1 || len(r.Failed) != 1 || r.NoneFound {
		t.Errorf("%+v", r)
	}
	if d := cmp.Diff([]string{"web: 2 ", "checkout: 1 "}, laneText(Lanes("", r.Suspects, 9))); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"2 others: 3 "}, laneText(Lanes("", r.Suspects, 1))); d != "" {
		t.Error(d)
	}
}

func TestMatching(t *testing.T) {
	t.Parallel()
	flag := change(9, sources.Flag, "checkout", "")
	flag.Title = safe.Outside("express_pay 25% to 50%")
	all := ranked(7, changeFeed("x", flag, change(8, sources.Deploy, "Payments", "7.3.1>7.3.2"), change(300, sources.Deploy, "web", "1>2"))).Suspects
	for text, want := range map[string]int{"": 3, "  ": 3, "deploy": 2, "PAYMENTS": 1, "express": 1, "7.3.1": 1, "unlikely": 1, "deploy unlikely": 1, "flag web": 0, "nothing": 0} {
		if got := len(Matching(all, text)); got != want {
			t.Errorf("%q matches %d, want %d", text, got, want)
		}
	}
}

func TestFired(t *testing.T) {
	t.Parallel()
	it := Item{Alert: alert("X", sources.Firing, 7, "severity=critical")}
	if !Fired(it).IsZero() {
		t.Error("without a rule it is known when it fired")
	}
	it.Rule = &sources.Rule{For: 3 * time.Minute}
	if got := Fired(it); !got.Equal(noon.Add(-4 * time.Minute)) {
		t.Errorf("by its rule: %s", got)
	}
	it.AM = &sources.AMView{StartsAt: noon.Add(-5 * time.Minute)}
	if got := Fired(it); !got.Equal(noon.Add(-5 * time.Minute)) {
		t.Errorf("by Alertmanager: %s", got)
	}
	it.State = sources.Pending
	if !Fired(it).IsZero() {
		t.Error("a pending alert has fired")
	}
}
