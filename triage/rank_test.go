package triage

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// change makes a change that began min minutes before noon, of a service,
// with "from>to" versions.
func change(min int, kind sources.ChangeType, service, versions string) sources.Change {
	from, to, _ := strings.Cut(versions, ">")
	return sources.Change{ID: fmt.Sprintf("%s-%d-%s", service, min, versions), Kind: kind, Service: safe.Outside(service), Cluster: "eu",
		FromVersion: safe.Outside(from), Version: safe.Outside(to), StartedAt: noon.Add(-time.Duration(min) * time.Minute), State: sources.Done}
}

func changeFeed(name string, cs ...sources.Change) sources.Feed[sources.Change] {
	return sources.Feed[sources.Change]{Source: sources.SourceID{Kind: name, Name: name}, Items: cs, AsOf: noon, Tried: noon, Every: 30 * time.Second}
}

// ranked ranks changes for a checkout page whose trouble began at onset
// minutes before noon; dependencies: payments, cart.
func ranked(onset int, feeds ...sources.Feed[sources.Change]) Ranking {
	return rankedWithin(24*time.Hour, onset, feeds...)
}

func rankedWithin(window time.Duration, onset int, feeds ...sources.Feed[sources.Change]) Ranking {
	a := alert("CheckoutErrors", sources.Firing, onset, "severity=critical service=checkout namespace=shop instance=db-7:9100")
	s := snapshot(a)
	s.Changes = feeds
	s.Services = catalogOf(
		sources.Service{Name: safe.Outside("checkout"), Aliases: values("shop-checkout"), DependsOn: values("payments", "Cart")},
		sources.Service{Name: safe.Outside("payments"), Aliases: values("pay-api")})
	p := Defaults()
	p.ChangeWindow = window
	b := Build(s, p, noon)
	it, _ := b.Item(a.ID)
	return Rank(b, it, Began(it), Evidence{})
}

func suspectText(r Ranking) []string {
	var out []string
	for _, s := range r.Suspects {
		out = append(out, fmt.Sprintf("%s %s %s: %s", s.Verdict, s.Kind, s.Service, s.Reason))
	}
	return out
}

func TestRank(t *testing.T) {
	t.Parallel()
	inNamespace := change(9, sources.Config, "search", "")
	inNamespace.Namespace = safe.Outside("shop")
	abroad := change(9, sources.Deploy, "checkout", "1>2")
	abroad.Cluster = "us"
	running := change(9, sources.Deploy, "checkout", "1>2")
	running.State, running.Share = sources.Running, sources.Share{New: 1, All: 3}
	for _, tc := range []struct {
		name    string
		changes []sources.Change
		want    []string
	}{
		{"the guilty deploy among others", []sources.Change{
			change(8, sources.Deploy, "checkout", "1.41.0>1.42.0"),
			change(15, sources.Deploy, "payments", "7.3.1>7.3.2"),
			change(49, sources.Deploy, "web", "2>3"),
			change(1, sources.Deploy, "search", "8>9"),
			change(2, sources.Rollback, "checkout", "1.42.0>1.41.0"),
		}, []string{
			"LIKELY deploy checkout: Began 1 min before the trouble. Same service.",
			"POSSIBLE deploy payments: Began 8 min before the trouble. checkout calls it.",
			"RULED OUT rollback checkout: Began 5 min after the trouble: may be someone's fix.",
			"UNLIKELY deploy web: Began 42 min before the trouble. No known link to checkout.",
			"RULED OUT deploy search: Began 6 min after the trouble.",
		}},
		{"two of the same service: neither is likely", []sources.Change{
			change(8, sources.Deploy, "shop-checkout", "1>2"), change(22, sources.Flag, "checkout", "25%>50%"),
		}, []string{
			"POSSIBLE deploy shop-checkout: Began 1 min before the trouble. Same service.",
			"POSSIBLE flag checkout: Began 15 min before the trouble. Same service.",
		}},
		{"rolled back before", []sources.Change{
			change(60, sources.Deploy, "checkout", "1>2"), change(27, sources.Rollback, "checkout", "2>1"),
		}, []string{
			"LIKELY rollback checkout: Began 20 min before the trouble. Same service.",
			"UNLIKELY deploy checkout: Rolled back 20 min before the trouble began. Same service.",
		}},
		{"dependency by its alias, same namespace, another cluster", []sources.Change{
			change(8, sources.Deploy, "pay-api", "1>2"), inNamespace, abroad, change(9, sources.Infra, "db-7", ""),
		}, []string{
			"POSSIBLE deploy pay-api: Began 1 min before the trouble. checkout calls it.",
			"POSSIBLE infra db-7: Began 2 min before the trouble. Same host.",
			"POSSIBLE config search: Began 2 min before the trouble. Same namespace, shop.",
			"UNLIKELY deploy checkout: Began 2 min before the trouble. Same service, but in cluster us.",
		}},
		{"old", []sources.Change{change(300, sources.Deploy, "checkout", "1>2"), change(300, sources.Config, "checkout", "")}, []string{
			"LIKELY config checkout: Began 5 h before the trouble. Same service.",
			"UNLIKELY deploy checkout: Began 5 h before the trouble. Same service.",
		}},
		{"one of three instances restarted, and pods were added", []sources.Change{
			func() sources.Change {
				c := change(8, sources.Restart, "checkout", "")
				c.Share = sources.Share{New: 1, All: 3}
				return c
			}(), change(9, sources.Deploy, "checkout", "1>2"), change(10, sources.Scale, "checkout", ""),
		}, []string{
			"LIKELY deploy checkout: Began 2 min before the trouble. Same service.",
			"POSSIBLE scale checkout: Began 3 min before the trouble. Same service.",
			"POSSIBLE restart checkout: Began 1 min before the trouble. Same service. Rather a sign of trouble than its cause.",
		}},
		{"all instances restarted", []sources.Change{
			func() sources.Change {
				c := change(8, sources.Restart, "checkout", "")
				c.Share = sources.Share{New: 3, All: 3}
				return c
			}(),
		}, []string{"LIKELY restart checkout: Began 1 min before the trouble. Same service."}},
		{"still rolling out", []sources.Change{running}, []string{
			"LIKELY deploy checkout: Began 2 min before the trouble. Same service. Still rolling out, 1 of 3 instances.",
		}},
		{"at the same moment, dated a little late", []sources.Change{
			func() sources.Change {
				c := change(7, sources.Deploy, "checkout", "1>2")
				c.StartedAt = c.StartedAt.Add(40 * time.Second)
				return c
			}(),
		}, []string{"LIKELY deploy checkout: Began as the trouble began. Same service."}},
	} {
		if d := cmp.Diff(tc.want, suspectText(ranked(7, changeFeed("prometheus", tc.changes...)))); d != "" {
			t.Errorf("%s:\n%s", tc.name, d)
		}
	}
}

func TestRankEnvironment(t *testing.T) {
	t.Parallel()
	in := func(env string, min int) sources.Change {
		c := change(min, sources.Deploy, "checkout", "1>2")
		c.ID, c.Env = env, safe.Outside(env)
		return c
	}
	a := alert("A", sources.Firing, 5, "service=checkout environment=production")
	s := snapshot(a)
	s.Changes = []sources.Feed[sources.Change]{changeFeed("events", in("prod", 8), in("staging", 6))}
	b := Build(s, Defaults(), noon)
	want := []string{
		"LIKELY deploy checkout: Began 3 min before the trouble. Same service.",
		"UNLIKELY deploy checkout: Began 1 min before the trouble. Same service, but in staging.",
	}
	if d := cmp.Diff(want, suspectText(Rank(b, b.Groups[0].Items[0], Began(b.Groups[0].Items[0]), Evidence{}))); d != "" {
		t.Error(d)
	}
}

func TestRankUndoneWhileTroubleGoesOn(t *testing.T) {
	t.Parallel()
	r := ranked(40, changeFeed("prometheus",
		change(41, sources.Deploy, "checkout", "1>2"), change(20, sources.Deploy, "checkout", "2>1")))
	want := []string{
		"UNLIKELY deploy checkout: Rolled back 20 min ago, and the trouble goes on. Same service.",
		"RULED OUT deploy checkout: Began 20 min after the trouble: may be someone's fix.",
	}
	if d := cmp.Diff(want, suspectText(r)); d != "" {
		t.Error(d)
	}
	// Undone only just now: too early to say.
	r = ranked(40, changeFeed("prometheus",
		change(41, sources.Deploy, "checkout", "1>2"), change(5, sources.Deploy, "checkout", "2>1")))
	if r.Suspects[0].Verdict != Likely {
		t.Errorf("%v", suspectText(r))
	}
}

func TestRankNoneFound(t *testing.T) {
	t.Parallel()
	failed := changeFeed("argo")
	failed.Err = sources.Errorf(sources.Unauthorized, "401")
	never := sources.Feed[sources.Change]{Source: sources.SourceID{Kind: "git", Name: "git"}}
	stranger := change(20, sources.Deploy, "web", "1>2")
	fix := change(1, sources.Deploy, "checkout", "1>2")
	for _, tc := range []struct {
		name  string
		feeds []sources.Feed[sources.Change]
		want  bool
		asked int
	}{
		{"no source at all", nil, false, 0},
		{"answered, nothing", []sources.Feed[sources.Change]{changeFeed("p")}, true, 1},
		{"answered, only strangers and fixes", []sources.Feed[sources.Change]{changeFeed("p", stranger, fix)}, true, 1},
		{"answered, old one of the service", []sources.Feed[sources.Change]{changeFeed("p", change(600, sources.Deploy, "checkout", "1>2"))}, false, 1},
		{"one failed", []sources.Feed[sources.Change]{changeFeed("p"), failed}, false, 1},
		{"one not asked yet", []sources.Feed[sources.Change]{changeFeed("p"), never}, false, 1},
	} {
		r := ranked(7, tc.feeds...)
		if r.NoneFound != tc.want || len(r.Asked) != tc.asked || len(r.Asked)+len(r.Failed) != len(tc.feeds) {
			t.Errorf("%s: NoneFound %v, asked %d, failed %d", tc.name, r.NoneFound, len(r.Asked), len(r.Failed))
		}
	}
}

func TestRankLastAndRate(t *testing.T) {
	t.Parallel()
	var cs []sources.Change
	for i, min := range []int{3, 60, 300, 700, 1100, 1300} {
		cs = append(cs, change(min, sources.Deploy, "checkout", fmt.Sprintf("%d>%d", 10-i, 11-i)))
	}
	r := ranked(7, changeFeed("p", cs[1:]...))
	if r.BaseRate != "checkout deploys 5 times a day: by chance, 1 half hour in 10 has one." {
		t.Errorf("rate: %q", r.BaseRate)
	}
	if r = rankedWithin(6*time.Hour, 7, changeFeed("p", cs[1:]...)); r.BaseRate != "checkout was deployed 2 times in 6 h: by chance, 1 half hour in 7 has one." {
		t.Errorf("rate of six hours: %q", r.BaseRate)
	}
	if r = ranked(7, changeFeed("p", cs...)); r.Last == nil || !r.Last.StartedAt.Equal(noon.Add(-time.Hour)) {
		t.Errorf("last: %+v", r.Last)
	}
	days := 24 * 60
	if r = ranked(7, changeFeed("p", change(9*days, sources.Deploy, "checkout", "1>2"), change(3*days, sources.Deploy, "web", "1>2"))); !r.NoneFound ||
		len(r.Suspects) != 1 || r.Last == nil || r.Suspects[0].Reason != "Began 9 d before the trouble. Same service." {
		t.Errorf("long ago: %v", suspectText(r))
	}
	if r = ranked(7, changeFeed("p", cs[5])); r.BaseRate != "" || r.Last == nil {
		t.Errorf("one deploy: rate %q, last %v", r.BaseRate, r.Last)
	}
	if r = ranked(7, changeFeed("p", change(2000, sources.Deploy, "checkout", "1>2"), change(900, sources.Deploy, "web", "1>2"))); r.BaseRate != "" {
		t.Errorf("rate: %q", r.BaseRate)
	}
}

func TestOneIn(t *testing.T) {
	t.Parallel()
	for perDay, want := range map[float64]string{
		1: "1 half hour in 49 has one", 5: "1 half hour in 10 has one", 20: "1 half hour in 3 has one", 48: "1 half hour in 2 has one", 200: "nearly every half hour has one",
	} {
		if got := oneIn(1 - math.Exp(-perDay/48)); got != want {
			t.Errorf("%v a day: %q, want %q", perDay, got, want)
		}
	}
}

func TestRankUnknown(t *testing.T) {
	t.Parallel()
	// Neither the onset nor the service is known: nothing is likely, and nothing panics.
	a := sources.Alert{Labels: labelSet("alertname=A"), State: sources.Firing}
	s := snapshot(a)
	s.Changes = []sources.Feed[sources.Change]{changeFeed("p", change(5, sources.Deploy, "checkout", "1>2"), change(5, sources.Infra, "", ""))}
	b := Build(s, Defaults(), noon)
	r := Rank(b, b.Groups[0].Items[0], Onset{}, Evidence{})
	for _, s := range r.Suspects {
		if s.Verdict != Unlikely || !strings.Contains(s.Reason, "It is not known which service this alert is about.") {
			t.Errorf("%s: %s", s.Verdict, s.Reason)
		}
	}
	if len(r.Suspects) != 2 || r.BaseRate != "" || r.Last != nil {
		t.Errorf("%+v", r)
	}
	// The alert's own service, but no onset: possible at most.
	a.Labels = labelSet("alertname=A service=checkout")
	s.Clusters[0].Alerts.Items = []sources.Alert{a}
	b = Build(s, Defaults(), noon)
	if r := Rank(b, b.Groups[0].Items[0], Onset{}, Evidence{}); r.Suspects[0].Verdict != Possible ||
		r.Suspects[0].Reason != "Began 5 min ago; it is not known when the trouble began. Same service." {
		t.Errorf("%v", suspectText(r))
	}
}

// A tag may be the only sign there is; it never comes before what happened, and
// never keeps a deploy from standing alone.
func TestRankTags(t *testing.T) {
	t.Parallel()
	tag := change(8, sources.Deploy, "checkout", ">1.43.0")
	tag.State, tag.Cluster = sources.Tagged, ""
	late := change(1, sources.Deploy, "checkout", ">1.44.0")
	late.State, late.Cluster = sources.Tagged, ""
	old := change(20*60, sources.Deploy, "web", "1>2")
	r := ranked(7, changeFeed("p", old, change(10, sources.Deploy, "checkout", "1>2")), changeFeed("git", tag, late))
	want := []string{
		"LIKELY deploy checkout: Began 3 min before the trouble. Same service.",
		"UNLIKELY deploy web: Began 20 h before the trouble. No known link to checkout.",
		"UNLIKELY deploy checkout: Tagged, and no deploy of it was seen. Same service.",
		"RULED OUT deploy checkout: Began 6 min after the trouble: may be someone's fix.",
	}
	if d := cmp.Diff(want, suspectText(r)); d != "" {
		t.Error(d)
	}
	if r.Last == nil || r.Last.State == sources.Tagged || r.BaseRate != "" {
		t.Errorf("last %v, rate %q", r.Last, r.BaseRate)
	}
	if r = ranked(7, changeFeed("p"), changeFeed("git", tag)); !r.NoneFound || r.Last != nil {
		t.Errorf("only a tag: none found %v, last %v", r.NoneFound, r.Last)
	}
}

func TestSizeBreaksTies(t *testing.T) {
	t.Parallel()
	at := func(min int, service string, commits int) sources.Change {
		c := change(min, sources.Deploy, service, "1>2")
		if commits > 0 {
			c.Diff = &sources.Diff{Total: commits}
		}
		return c
	}
	r := ranked(7, changeFeed("p", at(20, "web", 0), at(20, "zoo", 9), at(20, "app", 3), at(19, "new", 0)))
	var got []string
	for _, s := range r.Suspects {
		got = append(got, s.Service.String())
	}
	if d := cmp.Diff([]string{"new", "zoo", "app", "web"}, got); d != "" {
		t.Error(d)
	}
}
