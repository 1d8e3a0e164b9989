package page

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/prometheus"
	"github.com/firstpage-oncall/firstpage/triage"
)

// bygone is 30 days of a server that evaluates its rules every minute. In
// Europe/Berlin summer time ended within them, on 26 October 2025 at 03:00.
type bygone struct {
	t          *testing.T
	h          *promtest.History
	begin, end time.Time
	loc        *time.Location
}

func newBygone(t *testing.T, days int) *bygone {
	end := time.Date(2025, 11, 23, 13, 9, 0, 0, time.UTC) // a Sunday, 14:09 in Berlin
	begin := end.Add(-time.Duration(days) * 24 * time.Hour)
	b := &bygone{t: t, h: promtest.NewHistory(begin, time.Minute), begin: begin, end: end, loc: cet(t)}
	b.h.Add("up", 0, end.Sub(begin), 1, "job", "x")
	return b
}

// fires writes the samples of an alert from a local time on, both ends
// included.
func (b *bygone) fires(from string, minutes int, labels ...string) {
	b.t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", from, b.loc)
	if err != nil {
		b.t.Fatal(err)
	}
	// Timestamps are those of the history's own clock.
	since := at.Sub(b.begin).Truncate(time.Minute)
	b.h.Add("ALERTS", since, since+time.Duration(minutes)*time.Minute+1, 1, append(labels, "alertstate", "firing")...)
}

// serve starts the server. The page's clock stands at the end.
func (b *bygone) serve() *Assembler {
	b.t.Helper()
	srv := promtest.Start(b.t, promtest.Options{OpenMetrics: b.h.Text()})
	c, err := prometheus.Open(prometheus.Options{Cluster: "prod-eu", URL: srv.URL, Timeout: time.Minute})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(c.Close)
	return &Assembler{Query: func(string) sources.Querier { return c }, Now: func() time.Time { return b.end }, Zone: b.loc, Deadline: time.Minute}
}

// page is that of an alert that has been active for a quarter of an hour.
func (b *bygone) page(labels ...string) Page {
	b.t.Helper()
	m := map[string]string{}
	for i := 0; i < len(labels); i += 2 {
		m[labels[i]] = labels[i+1]
	}
	a := firing("prod-eu", m, nil)
	a.ActiveAt = b.end.Add(-15 * time.Minute)
	p, ok := Open(build(snapshot(a), b.end), a.ID, nil)
	if !ok {
		b.t.Fatal("not on the board")
	}
	return p
}

func (b *bygone) history(a *Assembler, labels ...string) triage.History {
	b.t.Helper()
	p := b.page(labels...)
	p = p.With(a.Load(b.t.Context(), p, PartHistory))
	if p.History.State != OK {
		b.t.Fatalf("%v: %v %s", p.History.State, p.History.Err, p.History.Value.Note)
	}
	return p.History.Value
}

// local are firings as people write them: begin in Berlin, then minutes.
func local(loc *time.Location, p triage.Past) []string {
	var out []string
	for _, f := range p {
		text := f.Start.In(loc).Format("2006-01-02 15:04 MST ") + f.For().String()
		if f.Cut {
			text += " cut"
		}
		out = append(out, text)
	}
	return out
}

// judged is what the past comes to, without its firings.
type judged struct {
	Usual            time.Duration
	Of               int
	Nights, Weekends int
}

func judge(p triage.Past, loc *time.Location) judged {
	usual, n := p.Usual()
	return judged{usual, n, p.Nights(loc), p.Weekends(loc)}
}

func TestHistoryOfThirtyDays(t *testing.T) {
	t.Parallel()
	b := newBygone(t, 31)
	errs := []string{"alertname", "CheckoutErrors", "service", "checkout", "severity", "critical"}
	b.fires("2025-10-24 13:00", 30, errs...) // before the 30 days
	b.fires("2025-10-24 23:30", 20, errs...) // Friday night, summer time
	b.fires("2025-10-26 05:30", 40, errs...) // Sunday night, winter time: 07:30 by summer time
	b.fires("2025-11-04 06:00", 5, errs...)  // Tuesday, the first minute after the night
	b.fires("2025-11-04 06:09", 3, errs...)  // the server was restarted: the same firing
	b.fires("2025-11-10 21:59", 3, errs...)  // Monday, the last minute before the night
	b.fires("2025-11-15 12:00", 30, errs...) // Saturday
	b.fires("2025-11-15 12:41", 7, errs...)  // and again
	b.fires("2025-11-20 15:00", 0, errs...)  // a single evaluation
	b.fires("2025-11-23 13:56", 12, errs...) // now
	warn := []string{"alertname", "CheckoutErrors", "service", "checkout", "severity", "warning"}
	b.fires("2025-11-01 03:00", 60, warn...) // Saturday night
	b.fires("2025-11-04 06:05", 15, warn...) // overlaps
	b.fires("2025-11-02 03:00", 60, "alertname", "CheckoutErrors", "service", "other", "severity", "critical")
	b.fires("2025-11-03 03:00", 60, "alertname", "Another", "service", "checkout", "severity", "critical")

	flaps := []string{"alertname", "QueueFlaps", "service", "queue"}
	b.fires("2025-11-05 10:00", 20, flaps...)
	for i := range 9 {
		b.fires(time.Date(2025, 11, 18, 11, 13*i, 0, 0, b.loc).Format("2006-01-02 15:04"), 3, flaps...)
	}
	b.fires("2025-11-23 13:56", 12, flaps...)

	// With the last six firings of CheckoutErrors.
	for _, at := range []string{"2025-10-26 06:00", "2025-11-04 06:11", "2025-11-10 21:50", "2025-11-15 12:45", "2025-11-20 14:55"} {
		b.fires(at, 10, "alertname", "KubePodCrashLooping", "pod", at) // five of six: not the longer one of the 15th
	}
	for _, at := range []string{"2025-11-04 06:00", "2025-11-20 15:00"} {
		b.fires(at, 5, "alertname", "TwoOfSix")
	}
	b.fires("2025-10-24 13:00", 30*24*60+120, "alertname", "AlwaysThere")
	for day := range 30 { // 19 of 24 hours
		b.fires(time.Date(2025, 10, 24+day, 5, 30, 0, 0, b.loc).Format("2006-01-02 15:04"), 19*60, "alertname", "Noisy", "day", "x")
	}
	a := b.serve()

	h := b.history(a, errs...)
	if !h.Whole() || h.Note != "" || !h.AlikeKnown {
		t.Errorf("known: %v of %v, %q", h.Kept, h.Window, h.Note)
	}
	want := []string{"2025-11-20 15:00 CET 0s", "2025-11-15 12:41 CET 7m0s", "2025-11-15 12:00 CET 30m0s", "2025-11-10 21:59 CET 3m0s",
		"2025-11-04 06:00 CET 12m0s", "2025-10-26 05:30 CET 40m0s", "2025-10-24 23:30 CEST 20m0s"}
	if d := cmp.Diff(want, local(b.loc, h.Own)); d != "" {
		t.Error(d)
	}
	// 0 3 7 12 20 30 40: the middle is 12. Nights: 24th and 26th of October.
	// Weekends: 26 October, twice on 15 November.
	if got, want := judge(h.Own, b.loc), (judged{12 * time.Minute, 7, 2, 3}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	want[4] = "2025-11-04 06:00 CET 20m0s"
	want = append(want[:5:5], append([]string{"2025-11-01 03:00 CET 1h0m0s"}, want[5:]...)...)
	if d := cmp.Diff(want, local(b.loc, h.Alike)); d != "" {
		t.Error(d)
	}
	// 0 3 7 20 20 30 40 60: the shorter middle is 20.
	if got, want := judge(h.Alike, b.loc), (judged{20 * time.Minute, 8, 3, 4}); got != want {
		t.Errorf("alike: %+v, want %+v", got, want)
	}
	if d := cmp.Diff([]triage.Companion{{Name: safe.Outside("KubePodCrashLooping"), Times: 5, Of: 6}}, h.Together, cmp.Comparer(func(x, y safe.Value) bool { return x == y })); d != "" {
		t.Error(d)
	}
	if burst, ok := h.Burst(); ok {
		t.Errorf("it flaps: %v", burst)
	}

	t.Run("in steps", func(t *testing.T) { b.inSteps(t, a, errs, h) })

	h = b.history(a, flaps...)
	burst, ok := h.Burst()
	if !ok || burst.Times != 9 || burst.Start.In(b.loc).Format("2 15:04") != "18 11:00" || burst.End.Sub(burst.Start) != 107*time.Minute || len(h.Own) != 10 {
		t.Errorf("%v %+v of %d", ok, burst, len(h.Own))
	}

	rules := sources.Feed[sources.RuleGroup]{Items: []sources.RuleGroup{{Rules: []sources.Rule{{Name: safe.Outside("TwoOfSix"), For: 3 * time.Minute,
		Annotations: sources.NewLabels(map[string]string{"summary": "two of six", "description": "{{ $value }}"})}}}}}
	over, err := a.over(t.Context(), sources.Cluster{Name: "prod-eu", Rules: rules}, "twoOFsix")
	if err != nil || over == nil || over.State != sources.Resolved || over.Name().Raw() != "TwoOfSix" || len(over.Labels) != 1 || len(over.Annotations) != 1 ||
		over.ActiveAt.In(b.loc).Format("2 15:04") != "20 14:57" || over.ResolvedAt.In(b.loc).Format("2 15:04") != "20 15:05" {
		t.Errorf("the last firing: %+v, %v", over, err)
	}
	if over, err := a.over(t.Context(), sources.Cluster{Name: "prod-eu"}, "TwoOfSi"); over != nil || err != nil {
		t.Errorf("another name: %+v, %v", over, err)
	}

	p := b.page("alertname", "NeverRecorded")
	p = p.With(a.Load(t.Context(), p, PartHistory))
	if p.History.State != Absent || !strings.Contains(p.History.Value.Note, "not recorded") {
		t.Errorf("an alert that is not in ALERTS: %v %+v", p.History.State, p.History.Value)
	}
	p = b.page("alertname", "AlwaysThere")
	p.Item.ActiveAt = b.begin
	p = p.With(a.Load(t.Context(), p, PartHistory))
	if p.History.State != Absent || !strings.Contains(p.History.Value.Note, "first moment") {
		t.Errorf("an alert that has always fired: %v %+v", p.History.State, p.History.Value)
	}
}

// inSteps asks the same of a server that does not give its samples: the same
// firings, and no end further off than a step.
func (b *bygone) inSteps(t *testing.T, a *Assembler, labels []string, exact triage.History) {
	coarse := &Assembler{Now: a.Now, Zone: a.Zone, Deadline: a.Deadline, Query: func(cluster string) sources.Querier {
		return struct{ sources.Querier }{a.Query(cluster)}
	}}
	h := b.history(coarse, labels...)
	if len(h.Own) != len(exact.Own) || len(h.Alike) != len(exact.Alike) || h.Note == "" {
		t.Fatalf("%v\n%v\n%s", local(b.loc, h.Own), local(b.loc, h.Alike), h.Note)
	}
	for i, f := range append(h.Own, h.Alike...) {
		want := append(exact.Own, exact.Alike...)[i]
		if early, late := want.Start.Sub(f.Start), f.End.Sub(want.End); early < 0 || early > historyStep || late < 0 || late > historyStep {
			t.Errorf("%v, by its samples %v", f, want)
		}
	}
	if d := cmp.Diff(exact.Together, h.Together, cmp.Comparer(func(x, y safe.Value) bool { return x == y })); d != "" {
		t.Error(d)
	}
}

func TestHistoryOfAShortMemory(t *testing.T) {
	t.Parallel()
	b := newBygone(t, 12)
	full := []string{"alertname", "DiskFull", "instance", "a"}
	b.fires("2025-11-11 14:09", 180, full...) // on when the data begins
	b.fires("2025-11-14 10:00", 25, full...)
	b.fires("2025-11-23 14:00", 9, full...)
	a := b.serve()
	h := b.history(a, full...)
	if off := 12*24*time.Hour - h.Kept; off < 0 || off > historyStep || h.Whole() {
		t.Errorf("kept %v", h.Kept)
	}
	if d := cmp.Diff([]string{"2025-11-14 10:00 CET 25m0s", "2025-11-11 14:09 CET 3h0m0s cut"}, local(b.loc, h.Own)); d != "" {
		t.Error(d)
	}
	if got, want := judge(h.Own, b.loc), (judged{25 * time.Minute, 1, 0, 0}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
