package triage

import (
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// monday is 2026-11-30 00:00 UTC; hours count from there.
var monday = time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)

func hour(h float64) time.Time { return monday.Add(time.Duration(h * float64(time.Hour))) }

func duty(who string, from, to float64) sources.Shift {
	s := sources.Shift{Team: safe.Outside("payments"), Person: safe.Outside(strings.TrimPrefix(who, "!")), From: hour(from), To: hour(to)}
	s.Override = strings.HasPrefix(who, "!")
	return s
}

func rotaAt(at time.Time, shifts ...sources.Shift) Rota {
	s := sources.Snapshot{Shifts: []sources.Feed[sources.Shift]{{Source: sources.SourceID{Kind: "ical", Name: "payments"}, Items: shifts, AsOf: at}}}
	r, _ := Build(s, Defaults(), at).Rota(safe.Outside("team-Payments"))
	return r
}

// say is a rota as one line: who is on call now and until when, who comes next.
func say(r Rota) string {
	form := func(t time.Time) string { return t.Format("15:04:05") }
	var out []string
	for _, s := range r.Now() {
		out = append(out, s.Person.Raw()+" until "+form(s.To))
	}
	if len(out) == 0 {
		out = []string{"nobody"}
		if len(r.Turns) > 0 {
			out[0] += " until " + form(r.Turns[0].To)
		}
	}
	if n, ok := r.Next(); ok {
		out = append(out, "then "+n.Person.Raw()+" "+form(n.From)+"-"+form(n.To))
	}
	return strings.Join(out, ", ")
}

func TestRota(t *testing.T) {
	t.Parallel()
	ada, bo := duty("Ada", 9, 17), duty("Bo", 17, 20)
	for name, tc := range map[string]struct {
		at     time.Time
		shifts []sources.Shift
		want   string
	}{
		"before":              {hour(8), []sources.Shift{ada, bo}, "nobody until 09:00:00, then Ada 09:00:00-17:00:00"},
		"at the beginning":    {hour(9), []sources.Shift{ada, bo}, "Ada until 17:00:00, then Bo 17:00:00-20:00:00"},
		"the last second":     {hour(17).Add(-time.Second), []sources.Shift{ada, bo}, "Ada until 17:00:00, then Bo 17:00:00-20:00:00"},
		"at the end":          {hour(17), []sources.Shift{ada, bo}, "Bo until 20:00:00"},
		"all over":            {hour(20), []sources.Shift{ada, bo}, "nobody"},
		"gap":                 {hour(18), []sources.Shift{ada, duty("Bo", 20, 22)}, "nobody until 20:00:00, then Bo 20:00:00-22:00:00"},
		"two shifts":          {hour(10), []sources.Shift{ada, duty("Ada", 17, 19), duty("Bo", 19, 21)}, "Ada until 19:00:00, then Bo 19:00:00-21:00:00"},
		"two people":          {hour(10), []sources.Shift{ada, duty("Cy", 8, 12)}, "Cy until 12:00:00, Ada until 17:00:00"},
		"same person twice":   {hour(10), []sources.Shift{ada, duty("Ada", 8, 12)}, "Ada until 17:00:00"},
		"override now":        {hour(13), []sources.Shift{ada, duty("!Cy", 12, 14)}, "Cy until 14:00:00, then Ada 14:00:00-17:00:00"},
		"override to come":    {hour(10), []sources.Shift{ada, duty("!Cy", 12, 14)}, "Ada until 12:00:00, then Cy 12:00:00-14:00:00"},
		"override in a gap":   {hour(18), []sources.Shift{ada, duty("!Cy", 17.5, 19)}, "Cy until 19:00:00"},
		"override by oneself": {hour(13), []sources.Shift{ada, duty("!Ada", 12, 14), bo}, "Ada until 17:00:00, then Bo 17:00:00-20:00:00"},
		"nothing said":        {hour(10), nil, "nobody"},
	} {
		if got := say(rotaAt(tc.at, tc.shifts...)); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
	r := rotaAt(hour(8), ada, duty("Bo", 18, 20), duty("Cy", 21, 22))
	var gaps []string
	for _, g := range r.Gaps(hour(20)) {
		gaps = append(gaps, g.From.Format("15:04")+"-"+g.To.Format("15:04"))
	}
	if strings.Join(gaps, " ") != "08:00-09:00 17:00-18:00" || len(r.People()) != 3 {
		t.Errorf("gaps %v, people %v", gaps, r.People())
	}
}

// A team goes by every spelling that alerts, catalogs and schedules use.
func TestRotaOfATeam(t *testing.T) {
	t.Parallel()
	id := func(name string) sources.SourceID { return sources.SourceID{Kind: "ical", Name: name} }
	s := sources.Snapshot{
		Teams: []sources.Feed[sources.Team]{{Items: []sources.Team{{Name: safe.Outside("payments"), Aliases: []safe.Value{safe.Outside("pay")}}}}},
		Shifts: []sources.Feed[sources.Shift]{
			{Source: id("payments"), AsOf: monday, Items: []sources.Shift{duty("Ada", 0, 9)}},
			{Source: id(ScheduleName("payments", "overrides")), AsOf: monday, Items: []sources.Shift{duty("!Bo", 2, 3)}},
			{Source: id("cart"), Err: sources.Errorf(sources.NotFound, "gone")},
		},
	}
	b := Build(s, Defaults(), hour(1))
	for _, name := range []string{"payments", "PAY", "group:default/payments"} {
		r, ok := b.Rota(safe.Outside(name))
		if !ok || say(r) != "Ada until 02:00:00, then Bo 02:00:00-03:00:00" || len(r.Asked) != 2 {
			t.Errorf("%s: %v %s, %d asked", name, ok, say(r), len(r.Asked))
		}
	}
	if r, ok := b.Rota(safe.Outside("cart")); !ok || len(r.Asked) != 1 || r.Asked[0].Err == nil || len(r.Turns) != 0 {
		t.Errorf("cart: %v %+v", ok, r)
	}
	for _, name := range []string{"", "paym", "search"} {
		if _, ok := b.Rota(safe.Outside(name)); ok {
			t.Errorf("%q has a rota", name)
		}
	}
	if len(b.Rotas()) != 2 {
		t.Errorf("%d rotas", len(b.Rotas()))
	}
}

func TestDuty(t *testing.T) {
	t.Parallel()
	mail := duty("A. Okafor", 9, 17)
	mail.Mail = safe.Outside("ada@example.com")
	for name, tc := range map[string]struct {
		at     time.Time
		shifts []sources.Shift
		want   string
	}{
		"now":           {hour(10), []sources.Shift{duty("ada okafor", 9, 17)}, "9-17"},
		"by address":    {hour(10), []sources.Shift{mail}, "9-17"},
		"to come":       {hour(10), []sources.Shift{duty("Bo", 9, 17), duty("Ada Okafor", 17, 20), duty("Ada Okafor", 22, 23)}, "17-20"},
		"overridden":    {hour(10), []sources.Shift{duty("Ada Okafor", 9, 17), duty("!Bo", 9, 12)}, "12-17"},
		"somebody else": {hour(10), []sources.Shift{duty("Bo", 9, 17)}, "none"},
	} {
		p := Defaults()
		p.Me = []string{"Ada Okafor", "ADA@example.com"}
		s := sources.Snapshot{Shifts: []sources.Feed[sources.Shift]{{Source: sources.SourceID{Kind: "ical", Name: "payments"}, Items: tc.shifts, AsOf: tc.at}}}
		got := "none"
		if d, ok := Build(s, p, tc.at).Duty(); ok {
			got = d.From.Format("15") + "-" + d.To.Format("15")
		}
		if strings.TrimPrefix(got, "0") != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
		if _, ok := Build(s, Defaults(), tc.at).Duty(); ok {
			t.Errorf("%s: nobody has said who they are", name)
		}
	}
}
