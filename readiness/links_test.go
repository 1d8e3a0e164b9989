package readiness

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
)

func rule(line int, name string, annotations, labels map[string]string) sources.Rule {
	return sources.Rule{Name: safe.Outside(name), Line: line, Annotations: sources.NewLabels(annotations), Labels: sources.NewLabels(labels)}
}

func TestLinksAreDistinct(t *testing.T) {
	t.Parallel()
	link := func(key, value string) map[string]string { return map[string]string{key: value} }
	group := func(file string, rs ...sources.Rule) sources.RuleGroup {
		return sources.RuleGroup{File: safe.Outside(file), Rules: rs}
	}
	got := Links([]Rules{
		{Cluster: "eu", Groups: []sources.RuleGroup{group("b", rule(9, "B", link("runbook_url", "x"), nil), rule(3, "B", link("runbook_url", "x"), nil))}},
		{Groups: []sources.RuleGroup{
			group("a", rule(7, "B", link("runbook_url", " x "), nil), rule(1, "B", link("runbook_url", "y#z"), nil), rule(2, "a", nil, link("playbook", "TODO"))),
			group("a", rule(20, "C", link("runbook_url", "{{ $labels.x }}"), nil), rule(21, "C", nil, nil), rule(22, "C", link("runbook_url", "N/A"), link("runbook", "real.md"))),
		}},
	}, nil)
	var flat []string
	for _, l := range got {
		flat = append(flat, fmt.Sprint(l.Ref.Alert, " ", l.Written, " ", l.Ref.State, " ", l.At))
	}
	want := []string{
		"a TODO no_link [{ a 2}]",
		"B x ok [{ a 7} {eu b 3} {eu b 9}]",
		"B y#z ok [{ a 1}]",
		"C  no_link [{ a 21}]",
		"C real.md ok [{ a 22}]",
		"C {{ $labels.x }} templated [{ a 20}]",
	}
	if d := cmp.Diff(want, flat); d != "" {
		t.Error(d)
	}
}

func TestBroken(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		reason, itself runbook.Reason
		via            runbook.Via
		broken, found  bool
	}{
		{runbook.OK, runbook.OK, runbook.ViaCheckout, false, true},
		{runbook.NoHeading, runbook.NoHeading, runbook.ViaCheckout, true, true},
		{runbook.NoFile, runbook.NoFile, runbook.ViaNone, true, false},
		{runbook.NoCheckout, runbook.NoCheckout, runbook.ViaNone, true, false},
		{runbook.FetchFailed, runbook.FetchFailed, runbook.ViaNone, true, false},
		{runbook.ByName, runbook.NoFile, runbook.ViaName, true, true},
		{runbook.ByName, runbook.NoLink, runbook.ViaName, false, true},
		{runbook.NoLink, runbook.NoLink, runbook.ViaNone, false, false},
		{runbook.Templated, runbook.Templated, runbook.ViaNone, false, false},
	} {
		f := Fate{Reason: tc.reason, Itself: tc.itself, Via: tc.via}
		if f.Broken() != tc.broken || f.Found() != tc.found {
			t.Errorf("%s, %s by itself: broken %v, found %v", tc.reason, tc.itself, f.Broken(), f.Found())
		}
	}
}
