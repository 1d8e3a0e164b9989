package triage

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/alertmanager/matcher/parse"
	"github.com/prometheus/common/model"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

func filterBoard() *Board {
	a := alert("CheckoutErrors", sources.Firing, 5, "severity=critical service=checkout team=payments region=eu-1")
	a.Annotations = sources.NewLabels(map[string]string{"summary": "Customers cannot PAY", "description": "nobody reads this"})
	return Build(snapshot(a,
		alert("DiskFull", sources.Firing, 6, "severity=warning service=search region=us-1 path=/var"),
		alert("QueueGrowing", sources.Pending, 1, "service=cart"),
		alert("Ähnlich", sources.Firing, 7, "severity=info service=cart größe=Über"),
	), Defaults(), noon)
}

func TestFilter(t *testing.T) {
	t.Parallel()
	b := filterBoard()
	for _, tc := range []struct{ filter, want string }{
		{``, "CheckoutErrors DiskFull Ähnlich QueueGrowing"},
		{`severity="critical"`, "CheckoutErrors"},
		{`severity=critical`, "CheckoutErrors"},
		{` severity = "critical" `, "CheckoutErrors"},
		{`severity!="critical"`, "DiskFull Ähnlich QueueGrowing"},
		{`severity=""`, "QueueGrowing"},
		{`severity!=""`, "CheckoutErrors DiskFull Ähnlich"},
		{`severity=~"crit|warn"`, ""}, // anchored
		{`severity=~"crit.*|warn.*"`, "CheckoutErrors DiskFull"},
		{`severity!~"crit.*|warn.*"`, "Ähnlich QueueGrowing"},
		{`{severity="critical",region=~"eu-.*"}`, "CheckoutErrors"},
		{`severity="critical",region="us-1"`, ""},
		{`severity="critical", region="eu-1"`, "CheckoutErrors"},
		{`"größe"="Über"`, "Ähnlich"},
		{`{"größe"!=""}`, "Ähnlich"},
		{`größe=Über`, "Ähnlich"},
		{`checkout`, "CheckoutErrors"},
		{`CHECKOUT errors`, "CheckoutErrors"},
		{`checkout nosuch`, ""},
		{`payments`, "CheckoutErrors"},
		{`pay`, "CheckoutErrors"},
		{`"cannot pay"`, "CheckoutErrors"},
		{`nobody`, ""},
		{`/var`, "DiskFull"},
		{`pending`, "QueueGrowing"},
		{`eu`, "CheckoutErrors DiskFull Ähnlich QueueGrowing"}, // the cluster's name
		{`crit`, "CheckoutErrors"},
		{`über`, "Ähnlich"},
		{`cart severity=""`, "QueueGrowing"},
		{`cart severity!="" , {region=""}`, "Ähnlich"},
		{`{}`, "CheckoutErrors DiskFull Ähnlich QueueGrowing"},
	} {
		f, err := ParseFilter(tc.filter)
		if err != nil {
			t.Errorf("%s: %v", tc.filter, err)
			continue
		}
		var got []string
		for _, g := range b.Rows(f, BySeverity) {
			got = append(got, g.Name.Raw())
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%s: %q, want %q", tc.filter, strings.Join(got, " "), tc.want)
		}
		if f.String() != strings.TrimSpace(tc.filter) {
			t.Errorf("String = %q", f.String())
		}
	}
}

func TestFilterErrors(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`severity==critical`:     `"severity==critical": there is no operator ==; use = != =~ or !~, as in severity="critical"`,
		`severity='critical'`:    `"severity='critical'": values take double quotes; write it as severity="critical"`,
		`severity=`:              `"severity=": a value is missing after =; write it as severity="value", or severity="" for "has no such label"`,
		`cart ="x"`:              ``,
		`="x"`:                   `"="x"": a label name is missing before =; write it as severity="critical"`,
		`severity="critical`:     `""critical": the closing quote is missing; write it as severity="critical"`,
		`{severity="critical"`:   `"{severity="critical"": the closing brace is missing; write it as {severity="critical",team="db"}`,
		`{severity}`:             `"{severity}": this list is wrong (`,
		`service=~"a("`:          `"service=~"a("": the regular expression is wrong (missing closing ))`,
		`path=/a{b}`:             `"path=/a{b}": the value needs double quotes because of a character in it; write it as path="/a{b}"`,
		`a{b="c"}`:               `"a{b="c"}": `,
		"cart \x1b]0;x\x07=b":    "",
		"a=\"x\x1b[2J\" b==\x1b": `"b==␛": there is no operator ==`,
	} {
		_, err := ParseFilter(in)
		if want == "" {
			continue
		}
		var fe *FilterError
		if !errors.As(err, &fe) {
			t.Errorf("%s: no error", in)
			continue
		}
		if got := err.Error(); !strings.HasPrefix(got, want) {
			t.Errorf("%s:\n got %s\nwant %s", in, got, want)
		}
	}
}

// TestFilterIsAlertmanagers: a matcher selects what Alertmanager's own code
// selects, on the labels as Alertmanager has them.
func TestFilterIsAlertmanagers(t *testing.T) {
	t.Parallel()
	sets := []sources.Labels{labelSet("alertname=A"), labelSet("alertname=A severity=critical"), labelSet("alertname=B severity=warning x=y"), labelSet("alertname=A.B severity=CRITICAL")}
	for _, m := range []string{
		`severity="critical"`, `severity!="critical"`, `severity=""`, `severity!=""`, `severity=~".*"`, `severity=~".+"`, `severity!~".+"`,
		`severity=~"critical|"`, `x!="y"`, `alertname=~"A."`, `{alertname="A",severity!="x"}`, `alertname=A`, `severity=~(?i)critical`,
	} {
		theirs, err := parse.Matchers(m)
		if err != nil {
			t.Fatal(err)
		}
		f, err := ParseFilter(m)
		if err != nil {
			t.Errorf("%s: %v", m, err)
			continue
		}
		for _, ls := range sets {
			lset := model.LabelSet{}
			for n, v := range ls.Map() {
				lset[model.LabelName(n)] = model.LabelValue(v)
			}
			if got, want := f.Match(Item{Alert: sources.Alert{Labels: ls}}), theirs.Matches(lset); got != want {
				t.Errorf("%s on %v: %v, want %v", m, lset, got, want)
			}
			other := Item{Alert: sources.Alert{Labels: labelSet("alertname=Z"), AM: &sources.AMView{Labels: ls}}}
			if got, want := f.Match(other), theirs.Matches(lset); got != want {
				t.Errorf("%s on Alertmanager's %v: %v, want %v", m, lset, got, want)
			}
		}
	}
}

func TestRowsNarrow(t *testing.T) {
	t.Parallel()
	b := Build(snapshot(
		alert("Crash", sources.Firing, 30, "severity=critical service=a pod=a"),
		alert("Crash", sources.Pending, 10, "severity=warning service=a pod=b"),
	), Defaults(), noon)
	f, err := ParseFilter("pending")
	if err != nil {
		t.Fatal(err)
	}
	rows := b.Rows(f, BySeverity)
	if d := cmp.Diff([]string{"WARN pending Crash a x1"}, rowText(rows)); d != "" {
		t.Fatal(d)
	}
	if rows[0].Differ != nil || !rows[0].Since.Equal(noon.Add(-10*60e9)) {
		t.Errorf("the summary is that of the whole group: %+v", rows[0])
	}
	if d := cmp.Diff([]string{"CRIT firing Crash a x2"}, rowText(b.Groups)); d != "" {
		t.Error("the board changed:", d)
	}
}

func FuzzParseFilter(f *testing.F) {
	for _, s := range []string{`severity="critical" cart`, `{a="b",c!~"d"}`, `"x y"`, `a == b`, `="`, `{"\"`, "a=\x00", `a!~"("`, `\`, `'`, "`"} {
		f.Add(s)
	}
	it := Item{Alert: sources.Alert{Labels: labelSet("alertname=A severity=critical")}}
	it.Service.Name = safe.Outside("cart")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseFilter(s)
		if err != nil {
			var fe *FilterError
			if !errors.As(err, &fe) || strings.ContainsAny(err.Error(), "\x00\x1b\n") || !utf8.ValidString(err.Error()) {
				t.Errorf("%q: %q", s, err)
			}
			return
		}
		got.Match(it)
		if again, err := ParseFilter(got.String()); err != nil || again.Match(it) != got.Match(it) {
			t.Errorf("%q does not read back: %v", s, err)
		}
	})
}
