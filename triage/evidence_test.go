package triage

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

func version(v string, requests, failed float64, current bool) VersionErrors {
	return VersionErrors{Version: safe.Outside(v), Tally: Tally{requests, failed}, Gone: !current, Current: current}
}

func wellAtFirst(v VersionErrors) VersionErrors {
	v.Before = Tally{8000, 8}
	return v
}

func TestEvidenceWeighsRollouts(t *testing.T) {
	t.Parallel()
	deploy := sources.Change{Kind: sources.Deploy, Version: safe.Outside("1.42.0"), FromVersion: safe.Outside("v1.41.0")}
	for name, tc := range map[string]struct {
		change   sources.Change
		versions []VersionErrors
		factor   float64
		words    string
	}{
		"the new version fails": {deploy, []VersionErrors{version("1.42.0", 31_020, 4000, true), version("1.41.0", 90_000, 90, false)},
			weightGuilty, "1.42.0 fails 12.9% of 31,000 requests, 1.41.0 failed 0.1%."},
		"both run": {deploy, []VersionErrors{version("1.42.0", 1000, 100, true), version("1.41.0", 1000, 1, true)},
			weightGuilty, "1.42.0 fails 10% of 1,000 requests, 1.41.0 fails 0.1%."},
		"the old one failed as often": {deploy, []VersionErrors{version("1.42.0", 1000, 100, true), version("1.41.0", 1000, 95, false)},
			weightInnocent, "It fails no more than 1.41.0 did: 10%, before 9.5%."},
		"twice as often": {deploy, []VersionErrors{version("1.42.0", 1000, 20, true), version("1.41.0", 1000, 10, false)},
			1, "1.42.0 fails 2% of 1,000 requests, 1.41.0 failed 1%."},
		"ten times next to nothing": {deploy, []VersionErrors{version("1.42.0", 100_000, 100, true), version("1.41.0", 100_000, 10, false)},
			weightInnocent, "It fails no more than 1.41.0 did: 0.1%, before 0.01%."},
		"nothing failed before": {deploy, []VersionErrors{version("1.42.0", 500, 50, true), version("1.41.0", 500, 0, false)},
			weightGuilty, "1.42.0 fails 10% of 500 requests, 1.41.0 failed 0%."},
		"it ran well at first": {deploy, []VersionErrors{wellAtFirst(version("1.42.0", 31_020, 4000, true)), version("1.41.0", 90_000, 90, false)},
			1, "1.42.0 fails 12.9% of 31,000 requests, but not of the 8,000 before the trouble began (0.1%): it ran well at first."},
		"it ran well at first, and the old one beside it still does": {deploy, []VersionErrors{wellAtFirst(version("1.42.0", 31_020, 4000, true)), version("1.41.0", 90_000, 90, true)},
			weightGuilty, "1.42.0 fails 12.9% of 31,000 requests, 1.41.0 fails 0.1%."},
		"replaced before the trouble": {deploy, []VersionErrors{version("1.42.0", 1000, 1, false), version("1.41.0", 1000, 1, false), version("1.43.0", 1000, 100, true)},
			1, "Another version had replaced it when the trouble began."},
		"too few requests":     {deploy, []VersionErrors{version("1.42.0", 29, 29, true), version("1.41.0", 1000, 0, false)}, 1, ""},
		"too few before":       {deploy, []VersionErrors{version("1.42.0", 1000, 100, true), version("1.41.0", 12, 0, false)}, 1, ""},
		"the old is not known": {deploy, []VersionErrors{version("1.42.0", 1000, 100, true)}, 1, ""},
		"nothing is known":     {deploy, nil, 1, ""},
		"a change without a version": {sources.Change{Kind: sources.Flag}, []VersionErrors{version("", 1000, 100, true), version("1.41.0", 1000, 1, true)},
			1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := Evidence{Versions: tc.versions}.weigh(&tc.change)
			if f.factor != tc.factor || f.words != tc.words || f.well != strings.Contains(tc.words, "ran well") {
				t.Errorf("%+v, want %v %q", f, tc.factor, tc.words)
			}
		})
	}
}

// A flag of the same service decays slowly and would come first; the evidence
// puts the deploy before it, and says why.
func TestEvidencePutsTheGuiltyDeployFirst(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 4, 14, 2, 0, 0, time.UTC)
	change := func(kind sources.ChangeType, before time.Duration, from, to string) sources.Change {
		return sources.Change{ID: string(kind) + to, Kind: kind, Service: safe.Outside("checkout"), StartedAt: at.Add(-before),
			Version: safe.Outside(to), FromVersion: safe.Outside(from), State: sources.Done}
	}
	b := &Board{At: at.Add(7 * time.Minute), Prefs: Defaults(), catalog: newCatalog(nil),
		Changes: []sources.Change{change(sources.Deploy, 2*time.Minute, "1.41.0", "1.42.0"), change(sources.Flag, time.Minute, "", "")}}
	it := Item{Service: Found{Name: safe.Outside("checkout")}}
	on := Onset{At: at}
	without := Rank(b, it, on, Evidence{})
	if without.Suspects[0].Kind != sources.Flag || without.Suspects[0].Verdict == Likely {
		t.Fatalf("without evidence: %v", suspectText(without))
	}
	r := Rank(b, it, on, Evidence{Versions: []VersionErrors{version("1.42.0", 9000, 1200, true), version("1.41.0", 9000, 9, false)}})
	if s := r.Suspects[0]; s.Kind != sources.Deploy || s.Verdict != Likely || !strings.Contains(s.Reason, "1.42.0 fails 13.3% of 9,000 requests") {
		t.Errorf("with evidence: %v", suspectText(r))
	}
	r = Rank(b, it, on, Evidence{Versions: []VersionErrors{version("1.42.0", 9000, 9, true), version("1.41.0", 9000, 9, false)}})
	if s := r.Suspects[1]; s.Kind != sources.Deploy || s.Verdict == Likely || !strings.Contains(s.Reason, "fails no more than 1.41.0") {
		t.Errorf("with evidence of innocence: %v", suspectText(r))
	}
}

// Two services were deployed together; only the errors of the called one came
// with its version.
func TestEvidenceOfACalledService(t *testing.T) {
	t.Parallel()
	a := alert("CheckoutErrors", sources.Firing, 7, "service=checkout")
	snap := snapshot(a)
	snap.Changes = []sources.Feed[sources.Change]{changeFeed("prometheus",
		change(8, sources.Deploy, "checkout", "1>2"), change(8, sources.Deploy, "Payments", "7>8"), change(9, sources.Deploy, "cart", "3>4"))}
	snap.Services = catalogOf(sources.Service{Name: safe.Outside("checkout"), DependsOn: values("payments", "cart")})
	b := Build(snap, Defaults(), noon)
	it, _ := b.Item(a.ID)
	blind := Rank(b, it, Began(it), Evidence{})
	if got := blind.Callees(5); len(got) != 2 || got[0].String() != "Payments" {
		t.Fatalf("called services that changed: %v", got)
	}
	healthy := []VersionErrors{version("2", 1000, 1, true), version("1", 1000, 1, false)}
	r := Rank(b, it, Began(it), Evidence{Versions: healthy, Callees: map[string]Evidence{
		"payments": {Versions: []VersionErrors{version("8", 1000, 100, true), version("7", 1000, 1, false)}},
		"cart":     {Versions: []VersionErrors{version("4", 1000, 1, true), version("3", 1000, 1, false)}},
	}})
	want := []string{
		"POSSIBLE deploy Payments: Began 1 min before the trouble. checkout calls it. 8 fails 10% of 1,000 requests, 7 failed 0.1%.",
		"POSSIBLE deploy checkout: Began 1 min before the trouble. Same service. It fails no more than 1 did: 0.1%, before 0.1%.",
		"UNLIKELY deploy cart: Began 2 min before the trouble. checkout calls it. It fails no more than 3 did: 0.1%, before 0.1%.",
	}
	if d := cmp.Diff(want, suspectText(r)); d != "" {
		t.Error(d)
	}
}
