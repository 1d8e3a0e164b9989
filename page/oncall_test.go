package page

import (
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

func shiftFor(team, who string, from, to time.Duration) sources.Shift {
	return sources.Shift{Team: safe.Outside(team), Person: safe.Outside(who), From: now.Add(from), To: now.Add(to)}
}

// whoAt is who can help with checkout, whose team has these shifts.
func whoAt(me []string, shifts ...sources.Shift) Who {
	s := snapshot(burn())
	s.Services[0].Items = append(s.Services[0].Items, sources.Service{Name: safe.Outside("cart"), Team: safe.Outside("shop"), Channel: safe.Outside("#cart")})
	s.Services[0].Items[0].DependsOn = []safe.Value{safe.Outside("cart"), safe.Outside("gone")}
	f := feed("payments", now, shifts...)
	s.Shifts = []sources.Feed[sources.Shift]{f, feed("shop", now, shiftFor("shop", "Cy Holm", -time.Hour, time.Hour))}
	p := triage.Defaults()
	p.Me = me
	return WhoOf(triage.Build(s, p, now), safe.Outside("checkout"), triage.Found{Name: safe.Outside("payments")})
}

// now is a Sunday, 22 November 2026, 13:09 UTC.
func TestOnCallWords(t *testing.T) {
	t.Parallel()
	h := time.Hour
	when := func(at time.Time) string { return When(at, now, time.UTC) }
	override := shiftFor("payments", "Cy Holm", -h, h)
	override.Override = true
	for name, tc := range map[string]struct {
		me     []string
		shifts []sources.Shift
		want   string
	}{
		"on and next":   {nil, []sources.Shift{shiftFor("payments", "Ada", -h, 20*h), shiftFor("payments", "Bo Lind", 20*h, 40*h)}, "Ada until Mon 09:09; then Bo Lind"},
		"gap after":     {nil, []sources.Shift{shiftFor("payments", "Ada", -h, h), shiftFor("payments", "Bo Lind", 20*h, 40*h)}, "Ada until 14:09; then Bo Lind from Mon 09:09"},
		"gap now":       {nil, []sources.Shift{shiftFor("payments", "Bo Lind", 20*h, 40*h)}, "nobody until Mon 09:09; next: Bo Lind"},
		"gap, then you": {[]string{"bo lind"}, []sources.Shift{shiftFor("payments", "Bo Lind", 20*h, 40*h)}, "nobody until Mon 09:09; next: you"},
		"you":           {[]string{"ADA"}, []sources.Shift{shiftFor("payments", "Ada", -h, 20*h)}, "you until Mon 09:09"},
		"two":           {nil, []sources.Shift{shiftFor("payments", "Ada", -h, 20*h), shiftFor("payments", "Bo", -h, 2*h)}, "Ada until Mon 09:09, Bo until 15:09"},
		"in place":      {nil, []sources.Shift{shiftFor("payments", "Ada", -h, 20*h), override}, "Cy Holm until 14:09 (in place of others); then Ada"},
		"all over":      {nil, []sources.Shift{shiftFor("payments", "Ada", -2*h, -h)}, "nobody, and nobody is to come in what the schedule says"},
		"far":           {nil, []sources.Shift{shiftFor("payments", "Ada", 15*24*h, 16*24*h)}, "nobody until Mon 7 Dec 13:09; next: Ada"},
	} {
		if got := whoAt(tc.me, tc.shifts...).OnCallWords(when); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
	if got := (Who{Schedules: 1}).OnCallWords(when); got != "not known, because the owner is not" {
		t.Error(got)
	}
}

func TestWhoIsCalled(t *testing.T) {
	t.Parallel()
	w := whoAt(nil)
	var got []string
	for _, n := range w.Depends {
		got = append(got, n.Service.Raw()+": "+w.NeighbourWords(n))
	}
	if s := strings.Join(got, "|"); s != "cart: shop, #cart, on call Cy Holm|gone: nobody known" {
		t.Error(s)
	}
}

// A schedule that fails still says who is on call, and how old that is; one that
// never answered says that.
func TestWhoOfAFailingSchedule(t *testing.T) {
	t.Parallel()
	for asOf, want := range map[time.Time]string{
		now.Add(-3 * time.Hour): "On call: Ada until Mon 09:09. So the schedule said 3 h ago; it does not answer now: 500",
		{}:                      "On call: not known, the schedule does not answer: 500\n",
	} {
		s := snapshot(burn())
		f := sources.Feed[sources.Shift]{Source: sources.SourceID{Kind: "ical", Name: "payments"}, AsOf: asOf, Tried: now, Err: sources.Errorf(sources.Unavailable, "500")}
		if !asOf.IsZero() {
			f.Items = []sources.Shift{shiftFor("payments", "Ada", -time.Hour, 20*time.Hour)}
		}
		s.Shifts = []sources.Feed[sources.Shift]{f}
		var b strings.Builder
		if err := WriteWho(&b, Whose(build(s, now), "checkout"), TextOptions{Now: now}); err != nil || !strings.Contains(b.String(), want) {
			t.Errorf("%v\n%s\nlacks %q", err, b.String(), want)
		}
	}
}

// Before its first answer a schedule does not say that nobody is on call.
func TestWhoBeforeTheFirstAnswer(t *testing.T) {
	t.Parallel()
	s := snapshot(burn())
	s.Shifts = []sources.Feed[sources.Shift]{{Source: sources.SourceID{Kind: "ical", Name: "payments"}}}
	w := Whose(build(s, now), "checkout")[0]
	if got := w.OnCallWords(func(time.Time) string { return "" }); got != "not known yet, the schedule is being asked" {
		t.Error(got)
	}
}

func TestWhose(t *testing.T) {
	t.Parallel()
	b := build(snapshot(burn()), now)
	for name, want := range map[string]string{"checkout": "payments", "team-payments": "payments", "": "payments", "nobody": ""} {
		got := ""
		for _, w := range Whose(b, name) {
			got += w.Owner.Name.Raw()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// The text to ask with is for others: in UTC, nobody is "you", and no text from
// outside calls people in a chat.
func TestWriteEscalation(t *testing.T) {
	t.Parallel()
	a := burn()
	a.Annotations = sources.NewLabels(map[string]string{"summary": "Requests fail <!channel> @here\nrm -rf", "runbook_url": "https://example.com/r.md"})
	prefs := triage.Defaults()
	prefs.Me = []string{"Ada Okafor"}
	p, ok := Open(triage.Build(snapshot(a), prefs, now), a.ID, nil)
	if !ok {
		t.Fatal("no page")
	}
	var b strings.Builder
	if err := WriteEscalation(&b, p, now); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"I need help with this page.\n", "CheckoutErrorBudgetBurn", "times in UTC", "UTC checkout deploy 1.41.0 -> 1.42.0",
		"Runbook: https://example.com/r.md (not found or not read yet)\n", "Owner: payments, #payments-oncall, tier 1. On call: Ada Okafor until Mon 09:09 UTC; then Bo Lind\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("lacks %q:\n%s", want, b.String())
		}
	}
	for _, not := range []string{"<!", "@here", "you"} {
		if strings.Contains(b.String(), not) {
			t.Errorf("has %q:\n%s", not, b.String())
		}
	}
}
