package triage

import (
	"fmt"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// view is an alert as Alertmanager has it, silenced when by is not empty.
func view(by, words string) sources.AMView {
	v := sources.AMView{Labels: labelSet(words), Fingerprint: labelSet(words).Fingerprint(), StartsAt: noon}
	if by != "" {
		v.SilencedBy = []safe.Value{safe.Outside(by)}
	}
	return v
}

func TestJoin(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		alerts []string // labels
		views  []sources.AMView
		want   []int // index of the view; -1: none
	}{
		"the same labels":           {[]string{"alertname=A x=1"}, []sources.AMView{view("", "alertname=A x=1")}, []int{0}},
		"external labels":           {[]string{"alertname=A x=1"}, []sources.AMView{view("", "alertname=A cluster=eu x=1 z=1")}, []int{0}},
		"another name":              {[]string{"alertname=A x=1"}, []sources.AMView{view("", "alertname=B x=1")}, []int{-1}},
		"another value":             {[]string{"alertname=A severity=critical x=1"}, []sources.AMView{view("", "alertname=A severity=page x=1")}, []int{-1}},
		"a dropped label":           {[]string{"alertname=A x=1", "alertname=A x=2"}, []sources.AMView{view("", "alertname=A cluster=eu")}, []int{0, 0}},
		"each its own":              {[]string{"alertname=A x=1", "alertname=A x=2"}, []sources.AMView{view("", "alertname=A c=eu x=2"), view("", "alertname=A c=eu x=1")}, []int{1, 0}},
		"not that of one with more": {[]string{"alertname=A", "alertname=A x=1"}, []sources.AMView{view("s", "alertname=A c=eu x=1")}, []int{-1, 0}},
		"nor of one it fits better": {[]string{"alertname=A", "alertname=A x=1"}, []sources.AMView{view("", "alertname=A c=eu x=1"), view("s", "alertname=A c=eu")}, []int{1, 0}},
		"nor one that is taken":     {[]string{"alertname=A x=1 y=1", "alertname=A x=1"}, []sources.AMView{view("s", "alertname=A c=eu x=1")}, []int{-1, 0}},
		"most in common":            {[]string{"alertname=A x=1 y=1"}, []sources.AMView{view("", "alertname=A x=1"), view("s", "alertname=A x=1 y=1 z=1"), view("", "alertname=A")}, []int{1}},
		"replicas, one silenced":    {[]string{"alertname=A x=1"}, []sources.AMView{view("s", "alertname=A r=0 x=1"), view("", "alertname=A r=1 x=1")}, []int{1}},
		"replicas, both silenced":   {[]string{"alertname=A x=1"}, []sources.AMView{view("s", "alertname=A r=0 x=1"), view("s", "alertname=A r=1 x=1")}, []int{0}},
		"nothing is told":           {[]string{"alertname=A x=1"}, nil, []int{-1}},
	} {
		var alerts []sources.Alert
		for _, words := range tc.alerts {
			alerts = append(alerts, sources.Alert{Labels: labelSet(words), State: sources.Firing})
		}
		for i, v := range newJoin(tc.views).views(alerts) {
			got := -1
			for k := range tc.views {
				if v == &tc.views[k] {
					got = k
				}
			}
			if got != tc.want[i] {
				t.Errorf("%s: alert %d has view %d, want %d", name, i, got, tc.want[i])
			}
		}
	}
	pending := []sources.Alert{{Labels: labelSet("alertname=A"), State: sources.Pending}}
	if got := newJoin([]sources.AMView{view("s", "alertname=A c=eu")}).views(pending); got[0] != nil {
		t.Error("Alertmanager was not told of a pending alert")
	}
}

func TestBuildTakesAlertmanagersWord(t *testing.T) {
	t.Parallel()
	hour := time.Hour
	silence := sources.Silence{ID: safe.Outside("s"), StartsAt: noon.Add(-hour), EndsAt: noon.Add(hour), State: sources.SilenceActive,
		Matchers: []sources.Matcher{{Name: safe.Outside("alertname"), Value: safe.Outside("Qui.*"), IsRegex: true, IsEqual: true}}}
	inhibited := view("", "alertname=Inhibited severity=critical cluster=eu")
	inhibited.InhibitedBy = []safe.Value{safe.Outside("f")}
	over := alert("QuietAndOver", sources.Resolved, 30, "severity=critical")
	over.ResolvedAt = noon.Add(-time.Minute)
	c := sources.Cluster{Name: "eu",
		Alerts: sources.Feed[sources.Alert]{AsOf: noon, Items: []sources.Alert{
			alert("Loud", sources.Firing, 10, "severity=critical"), alert("Quiet", sources.Firing, 10, "severity=critical"),
			alert("Inhibited", sources.Firing, 10, "severity=critical"), alert("QuietSoon", sources.Pending, 1, "severity=critical"), over}},
		AM: sources.Feed[sources.AMView]{AsOf: noon, Every: 5 * time.Second, Items: []sources.AMView{view("s", "alertname=Quiet severity=critical cluster=eu"),
			view("", "alertname=Loud severity=critical cluster=eu"), inhibited, view("", "alertname=OnlyThere severity=critical cluster=eu")}},
		Silences: sources.Feed[sources.Silence]{AsOf: noon, Items: []sources.Silence{silence}},
	}
	names := func(gs []Group) string {
		out := ""
		for _, g := range gs {
			out += g.Name.String() + " "
		}
		return out
	}
	build := func(change func(*sources.Cluster)) *Board {
		c := c
		if change != nil {
			change(&c)
		}
		return Build(sources.Snapshot{Clusters: []sources.Cluster{c}}, Defaults(), noon)
	}
	b := build(nil)
	if got := names(b.Groups); got != "Loud " || b.Counts.Silenced != 3 || b.Counts.Inhibited != 1 {
		t.Errorf("rows %s, %+v, folded %s", got, b.Counts, names(b.Folded))
	}
	if it := b.Groups[0].Items[0]; it.AM == nil || it.AM.Fingerprint != c.AM.Items[1].Fingerprint {
		t.Errorf("%+v", it.AM)
	}
	if got := b.Named(c.AM.Items[1].Fingerprint); len(got) != 1 || got[0].Name().Raw() != "Loud" {
		t.Errorf("by Alertmanager's fingerprint: %v", got)
	}
	b = build(func(c *sources.Cluster) { c.AM.AsOf, c.Silences.Items = noon.Add(-time.Hour), nil })
	if got := names(b.Groups); got != "Inhibited Loud Quiet QuietSoon QuietAndOver " {
		t.Errorf("what was silenced an hour ago: %s", got)
	}
	b = build(func(c *sources.Cluster) {
		c.Alerts = sources.Feed[sources.Alert]{Err: sources.Errorf(sources.Timeout, "no answer"), Tried: noon}
	})
	if got := names(b.Groups); got != "Loud OnlyThere " || b.Counts.Silenced != 1 || b.Counts.Inhibited != 1 {
		t.Errorf("Prometheus hangs: rows %s, %+v", got, b.Counts)
	}
	loud := b.Groups[0].Items[0].ID
	if it := b.Groups[1].Items[0]; !it.OnlyAM || !Began(it).At.Equal(noon) || len(b.Silent()) != 1 {
		t.Errorf("%+v", it)
	}
	if it, ok := build(nil).Item(loud); !ok || it.OnlyAM || it.Name().Raw() != "Loud" || it.ID == loud {
		t.Errorf("Prometheus answers again: %v %+v", ok, it)
	}
}

func TestSilences(t *testing.T) {
	t.Parallel()
	m := func(name, op, value string) sources.Matcher {
		return sources.Matcher{Name: safe.Outside(name), Value: safe.Outside(value), IsRegex: op[1] == '~', IsEqual: op[0] == '='}
	}
	ls := labelSet("alertname=A service=checkout")
	for i, tc := range []struct {
		ms   []sources.Matcher
		want bool
	}{
		{nil, false},
		{[]sources.Matcher{m("service", "==", "checkout")}, true},
		{[]sources.Matcher{m("service", "=~", "check")}, false}, // anchored
		{[]sources.Matcher{m("service", "=~", "check.*|cart"), m("alertname", "!=", "B")}, true},
		{[]sources.Matcher{m("service", "!~", "check.*")}, false},
		{[]sources.Matcher{m("pod", "==", "")}, true}, // absent is empty
		{[]sources.Matcher{m("pod", "!=", "")}, false},
		{[]sources.Matcher{m("service", "=~", "(")}, false}, // no regular expression
		{[]sources.Matcher{m("service", "==", "checkout"), m("alertname", "==", "B")}, false},
	} {
		if got := Silences(sources.Silence{Matchers: tc.ms}, ls); got != tc.want {
			t.Errorf("%d: %v", i, got)
		}
	}
	at := func(id, state string, hours int, value string) sources.Silence {
		return sources.Silence{ID: safe.Outside(id), State: state, StartsAt: noon.Add(time.Duration(hours) * time.Hour), Matchers: []sources.Matcher{m("service", "==", value)}}
	}
	all := []sources.Silence{at("old", sources.SilenceExpired, -30, "checkout"), at("last", sources.SilenceExpired, -3, "checkout"),
		at("to come", sources.SilencePending, 3, "checkout"), at("another", sources.SilenceActive, -1, "cart")}
	if got := LastSilence(all, ls); got == nil || got.ID.Raw() != "last" {
		t.Errorf("%+v", got)
	}
	if got := LastSilence(all[2:], ls); got != nil {
		t.Errorf("%+v", got)
	}
}

func BenchmarkJoin(b *testing.B) {
	var alerts []sources.Alert
	var views []sources.AMView
	for i := range 10_000 {
		words := fmt.Sprintf("alertname=A%d instance=node-%d severity=warning team=infra", i%20, i)
		alerts = append(alerts, sources.Alert{Labels: labelSet(words), State: sources.Firing})
		views = append(views, view("", words+" cluster=eu"))
	}
	b.ReportAllocs()
	for b.Loop() {
		newJoin(views).views(alerts)
	}
}

// Regular expressions are read once for a board, not once for each alert: in a
// storm of pending alerts that would take longer than a refresh.
//
//nolint:paralleltest // it counts allocations
func TestSilencesAreReadOnce(t *testing.T) {
	const alerts, silences = 200, 50
	var as []sources.Alert
	for i := range alerts {
		as = append(as, alert("Pending", sources.Pending, 100, fmt.Sprintf("pod=p-%d", i)))
	}
	s := snapshot(as...)
	for i := range silences {
		s.Clusters[0].Silences.Items = append(s.Clusters[0].Silences.Items, sources.Silence{StartsAt: noon.Add(-time.Hour), EndsAt: noon.Add(time.Hour),
			Matchers: []sources.Matcher{{Name: safe.Outside("pod"), Value: safe.Outside(fmt.Sprintf("(web|api)-%d-.+", i)), IsRegex: true, IsEqual: true}}})
	}
	if n := testing.AllocsPerRun(1, func() { Build(s, Defaults(), noon) }); n > alerts*silences {
		t.Errorf("%.0f allocations for %d alerts and %d silences", n, alerts, silences)
	}
	// The screen looks for the last silence whenever it draws: those of other alerts are not read at all.
	all := s.Clusters[0].Silences.Items
	for i := range all {
		all[i].Matchers = append(all[i].Matchers, sources.Matcher{Name: safe.Outside("alertname"), Value: safe.Outside("Other"), IsEqual: true})
	}
	if n := testing.AllocsPerRun(1, func() { LastSilence(all, as[0].Labels) }); n > silences {
		t.Errorf("%.0f allocations to see that none of %d silences holds", n, silences)
	}
}
