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

var noon = time.Date(2026, 8, 3, 12, 0, 0, 0, time.UTC)

// labels makes a label set from name=value words.
func labelSet(words string) sources.Labels {
	m := map[string]string{}
	for _, w := range strings.Fields(words) {
		n, v, _ := strings.Cut(w, "=")
		m[n] = v
	}
	return sources.NewLabels(m)
}

// alert makes an alert that began min minutes before noon.
func alert(name string, state sources.State, min int, words string) sources.Alert {
	ls := labelSet("alertname=" + name + " " + words)
	return sources.Alert{Labels: ls, State: state, ActiveAt: noon.Add(-time.Duration(min) * time.Minute), ID: sources.NewAlertID("eu", ls), Cluster: "eu"}
}

func snapshot(as ...sources.Alert) sources.Snapshot {
	return sources.Snapshot{Clusters: []sources.Cluster{{Name: "eu",
		Alerts: sources.Feed[sources.Alert]{Source: sources.SourceID{Kind: "prometheus", Name: "eu", Cluster: "eu"}, Items: as, AsOf: noon, Tried: noon, Every: 15 * time.Second}}}}
}

func values(ss ...string) []safe.Value {
	var out []safe.Value
	for _, s := range ss {
		out = append(out, safe.Outside(s))
	}
	return out
}

// rowText is one row as a line: word, state, name, service, number of items.
func rowText(gs []Group) []string {
	var out []string
	for _, g := range gs {
		out = append(out, fmt.Sprintf("%s %s %s %s x%d", g.Severity.Word(), g.State, g.Name, g.Service.Name, len(g.Items)))
	}
	return out
}

func TestBuildOrder(t *testing.T) {
	t.Parallel()
	over := alert("OldPage", sources.Resolved, 90, "severity=page service=a")
	over.ResolvedAt = noon.Add(-20 * time.Minute)
	gone := alert("LongGone", sources.Resolved, 300, "severity=page service=a")
	gone.ResolvedAt = noon.Add(-2 * time.Hour)
	b := Build(snapshot(
		alert("Plain", sources.Firing, 1, "service=a"),
		alert("Info", sources.Firing, 1, "severity=info service=a"),
		alert("Ticket", sources.Firing, 9, "severity=ticket service=a"),
		alert("Weird", sources.Firing, 8, "severity=P0-ish service=a"),
		alert("PendingCrit", sources.Pending, 1, "severity=critical service=a"),
		alert("OldCrit", sources.Firing, 500, "severity=CRITICAL service=a"),
		alert("NewCrit", sources.Firing, 2, "severity=s2 service=a"),
		alert("B", sources.Firing, 2, "severity=major service=a"),
		alert("Paged", sources.Firing, 600, "severity=page service=a"),
		alert("Muted", sources.Firing, 5, "severity=none service=a"),
		over, gone,
	), Defaults(), noon)
	want := []string{
		"PAGE firing Paged a x1",
		"CRIT firing B a x1", "CRIT firing NewCrit a x1", "CRIT firing OldCrit a x1", "CRIT pending PendingCrit a x1",
		"P0-ish firing Weird a x1", "WARN firing Ticket a x1",
		"info firing Info a x1",
		"alert firing Plain a x1",
		"PAGE resolved OldPage a x1",
	}
	if d := cmp.Diff(want, rowText(b.Groups)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(Counts{Page: 1, Critical: 3, Warning: 2, Info: 1, Other: 1, Pending: 1, Resolved: 1, None: 1, Alerts: 10,
		ByFold: map[Fold]States{NotFolded: {Firing: 8, Pending: 1, Resolved: 1}, FoldNone: {Firing: 1}}}, b.Counts); d != "" {
		t.Error(d)
	}
	if id, ok := b.First(); !ok || id != b.Groups[0].Items[0].ID {
		t.Error("First is not the first row's first item")
	}
}

func TestBuildGroups(t *testing.T) {
	t.Parallel()
	b := Build(snapshot(
		alert("Crash", sources.Firing, 30, "severity=warning service=search pod=a namespace=x"),
		alert("Crash", sources.Firing, 10, "severity=critical service=search pod=b namespace=x"),
		alert("Crash", sources.Pending, 1, "severity=critical service=search pod=c zone=z"),
		alert("Crash", sources.Firing, 5, "severity=warning service=cart pod=a namespace=x"),
		alert("Crash", sources.Firing, 5, "severity=warning service=cart pod=a namespace=x"), // twice: counts once
	), Defaults(), noon)
	if d := cmp.Diff([]string{"CRIT firing Crash search x3", "WARN firing Crash cart x1"}, rowText(b.Groups)); d != "" {
		t.Fatal(d)
	}
	g := b.Groups[0]
	if d := cmp.Diff([]string{"namespace", "pod", "severity", "zone"}, g.Differ); d != "" {
		t.Error(d)
	}
	if !g.Since.Equal(noon.Add(-time.Minute)) {
		t.Errorf("Since = %v", g.Since)
	}
	for _, g := range b.Groups {
		for _, it := range g.Items {
			got, ok := b.Item(it.ID)
			if !ok || got.ID != it.ID || got.Group != g.Key {
				t.Errorf("Item(%s) = %v %v", it.ID, got, ok)
			}
			if in, ok := b.GroupOf(it.ID); !ok || in.Key != g.Key {
				t.Errorf("GroupOf(%s) = %v %v", it.ID, in.Key, ok)
			}
		}
	}
	if _, ok := b.Item("nope"); ok {
		t.Error("found an alert that is not there")
	}
	// The same name in two clusters is two rows.
	s := snapshot(alert("Crash", sources.Firing, 5, "service=cart"))
	s.Clusters = append(s.Clusters, sources.Cluster{Name: "us", Alerts: sources.Feed[sources.Alert]{Items: []sources.Alert{{Labels: labelSet("alertname=Crash service=cart"), State: sources.Firing}}}})
	if b := Build(s, Defaults(), noon); len(b.Groups) != 2 || b.Groups[0].Key == b.Groups[1].Key {
		t.Errorf("two clusters: %v", rowText(b.Groups))
	}
}

func TestBuildFolds(t *testing.T) {
	t.Parallel()
	quiet := func(a sources.Alert, silenced, inhibited []safe.Value) sources.Alert {
		a.AM = &sources.AMView{SilencedBy: silenced, InhibitedBy: inhibited}
		return a
	}
	lost := alert("prodDeadMansSwitch", sources.Resolved, 10, "severity=none")
	lost.ResolvedAt = noon.Add(-3 * time.Minute)
	s := snapshot(
		alert("watchdog", sources.Firing, 9000, "severity=none"),
		alert("SnitchHeartBeat", sources.Firing, 9000, "severity=critical"),
		alert("InfoInhibitor", sources.Firing, 50, "severity=none"),
		alert("InhibitionOutsideWorkingHours", sources.Firing, 50, ""),
		alert("AlwaysOn", sources.Firing, 50, "severity=info"),
		alert("TestPage", sources.Firing, 50, "severity=critical"),
		alert("MyDeadOne", sources.Firing, 50, "severity=critical"),
		// Real alerts about heartbeats are no dead-man switches.
		alert("StorageClientHeartbeatMissed", sources.Firing, 50, "severity=warning service=storage"),
		quiet(alert("Quiet", sources.Firing, 50, "severity=page service=a"), values("s1"), nil),
		quiet(alert("Quiet", sources.Firing, 50, "severity=page service=a pod=b"), nil, nil),
		quiet(alert("Minor", sources.Firing, 50, "severity=warning service=a"), nil, values("f")),
		lost,
		alert("InhibitionWeekend", sources.Resolved, 10, ""), // inhibitors come and go
	)
	s.Clusters[0].Rules.Items = []sources.RuleGroup{{Rules: []sources.Rule{
		{Name: safe.Outside("AlwaysOn"), Query: safe.Outside("(vector(1)) > 0"), Labels: labelSet("severity=info")},
		{Name: safe.Outside("TestPage"), Query: safe.Outside("vector(1)"), Labels: labelSet("severity=critical")},
		{Name: safe.Outside("StorageClientHeartbeatMissed"), Query: safe.Outside("time() - x > 5")},
	}}}
	p := Defaults()
	p.DeadMen = []string{"mydead*"}
	b := Build(s, p, noon)
	want := []string{"PAGE firing Quiet a x1", "CRIT firing TestPage  x1", "WARN firing StorageClientHeartbeatMissed storage x1", "none resolved prodDeadMansSwitch  x1"}
	if d := cmp.Diff(want, rowText(b.Groups)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(Counts{Page: 1, Critical: 1, Warning: 1, Resolved: 1, Silenced: 1, Inhibited: 1, Watchdogs: 7, Alerts: 4,
		ByFold: map[Fold]States{NotFolded: {Firing: 3, Resolved: 1}, FoldSilenced: {Firing: 1}, FoldInhibited: {Firing: 1}, FoldDeadMan: {Firing: 6, Resolved: 1}}}, b.Counts); d != "" {
		t.Error(d)
	}
	if m := b.Missing; len(m) != 1 || m[0].Cluster != lost.Cluster || !m[0].Labels.Equal(lost.Labels) || !m[0].Last.Equal(lost.ResolvedAt) {
		t.Errorf("Missing = %v", m)
	}
	for _, g := range b.Folded {
		if it, ok := b.Item(g.Items[0].ID); !ok || it.Group != g.Key {
			t.Errorf("folded %s cannot be found", g.Name)
		}
	}
	p.DeadMen = []string{"!watchdog", "!InfoInh*", "!AlwaysOn"} // MyDeadOne is then an alert, too
	if b := Build(s, p, noon); b.Counts.Watchdogs != 3 || b.Counts.None != 2 || b.Counts.Critical != 2 || b.Counts.Info != 1 {
		t.Errorf("with !watchdog: %+v", b.Counts)
	}
}

func TestSilent(t *testing.T) {
	t.Parallel()
	s := snapshot()
	s.Clusters = append(s.Clusters,
		sources.Cluster{Name: "never"},
		sources.Cluster{Name: "failing", Alerts: sources.Feed[sources.Alert]{AsOf: noon, Err: sources.Errorf(sources.Timeout, "x")}},
		sources.Cluster{Name: "old", Alerts: sources.Feed[sources.Alert]{AsOf: noon.Add(-time.Minute), Every: 15 * time.Second}})
	if d := cmp.Diff([]string{"never", "failing", "old"}, Build(s, Defaults(), noon).Silent()); d != "" {
		t.Error(d)
	}
}

func TestBuildEmpty(t *testing.T) {
	t.Parallel()
	b := Build(sources.Snapshot{}, Defaults(), noon)
	if id, ok := b.First(); ok || id != "" || len(b.Rows(Filter{}, BySeverity)) != 0 {
		t.Error("an empty board has a first row")
	}
}

func TestRuleOf(t *testing.T) {
	t.Parallel()
	rule := func(query, labels, summary string) sources.Rule {
		return sources.Rule{Name: safe.Outside("Burn"), Query: safe.Outside(query), Labels: labelSet(labels),
			Annotations: sources.NewLabels(map[string]string{"summary": summary})}
	}
	s := snapshot()
	s.Clusters[0].Rules.Items = []sources.RuleGroup{{Rules: []sources.Rule{
		rule("fast", "severity=critical long=1h", "burns"),
		rule("slow", "severity=critical long=6h", "burns"),
		rule("disk", "severity=warning team={{$labels.t}}", "disk {{ $labels.d }} is full"),
		rule("inode", "severity=warning team={{$labels.t}}", "no inodes on {{ $labels.d }} left"),
		rule("x", "severity=info", "same"), rule("y", "severity=info", "same"),
	}}}
	for _, tc := range []struct{ labels, summary, want string }{
		{"severity=critical long=1h a=b", "burns", "fast"},
		{"severity=critical long=6h", "burns", "slow"},
		{"severity=critical long=3d", "burns", ""},
		{"severity=warning team=db", "disk sda is full", "disk"},
		{"severity=warning team=db", "no inodes on sda left", "inode"},
		{"severity=info", "same", ""}, // two rules that ask different things: not known
	} {
		a := alert("Burn", sources.Firing, 1, tc.labels)
		a.Annotations = sources.NewLabels(map[string]string{"summary": tc.summary})
		s.Clusters[0].Alerts.Items = []sources.Alert{a}
		it, _ := Build(s, Defaults(), noon).Item(a.ID)
		got := ""
		if it.Rule != nil {
			got = it.Rule.Query.Raw()
		}
		if got != tc.want {
			t.Errorf("%s %q: rule %q, want %q", tc.labels, tc.summary, got, tc.want)
		}
	}
}
