package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

// past is what a Prometheus has scraped every 15 s of the minutes before now,
// and of some after it, so that the present stays covered while a test runs.
type past struct {
	*promtest.History
	now time.Time
}

// Times of a past are in minutes from now.
const (
	pastBegin = -200
	pastEnd   = 4
	troubleAt = -20 // when errors begin, wherever they do
)

func newPast() *past {
	now := time.Now().Truncate(15 * time.Second)
	return &past{promtest.NewHistory(now.Add(pastBegin*time.Minute), 15*time.Second), now}
}

// since is a minute as the history counts.
func since(minute float64) time.Duration {
	return time.Duration((minute - pastBegin) * float64(time.Minute)).Truncate(15 * time.Second)
}

// run is one version on one instance for some minutes. Until trouble 0.1% of
// its requests fail, from then on the share fails.
type run struct {
	version  string
	from, to float64
	fails    float64
}

// service adds one whose instances, named by its name and a number, ran what
// runs says, each with 10 requests a second. Without metric it has no
// build_info.
func (p *past) service(name, metric string, instances ...[]run) {
	for i, runs := range instances {
		id := []string{"job", name, "service", name, "namespace", "ns-" + name, "instance", fmt.Sprintf("%s-%d", name, i)}
		var ok, bad float64
		last := ""
		for _, r := range runs {
			from, to := since(r.from), since(r.to)
			if metric != "" {
				p.Add(metric, from, to, 1, slices.Concat(id, []string{"version", r.version})...)
			}
			if r.version != last { // another process counts from 0
				ok, bad, last = 0, 0, r.version
			}
			failing := func(at time.Duration) float64 {
				if at >= since(troubleAt) {
					return r.fails
				}
				return 0.001
			}
			p.AddFunc("http_requests_total", from, to, func(at time.Duration) float64 {
				bad += 150 * failing(at)
				return bad
			}, slices.Concat(id, []string{"code", "500"})...)
			p.AddFunc("http_requests_total", from, to, func(at time.Duration) float64 {
				ok += 150 * (1 - failing(at))
				return ok
			}, slices.Concat(id, []string{"code", "200"})...)
		}
	}
}

// errorRule pages for a service when more than 5% of its requests fail.
func errorRule(service string) string {
	sum := func(more string) string {
		return fmt.Sprintf(`sum(rate(http_requests_total{service="%s"%s}[2m]))`, service, more)
	}
	return fmt.Sprintf("    - alert: Errors_%s\n      expr: %s / %s > 0.05\n      labels: {severity: critical, service: %s, namespace: ns-%s}\n",
		strings.ReplaceAll(service, "-", "_"), sum(`,code=~"5.."`), sum(""), service, service)
}

// judged is what `show -o json` says of the changes before a page.
type judged struct {
	Page struct {
		Suspects []struct {
			Verdict, Kind, Service, Reason string
			FromVersion                    string `json:"from_version"`
			Version                        string
		}
		Others  int
		Changes struct {
			NoneFound bool `json:"none_found"`
		}
		Onset struct {
			At     time.Time
			Method string
		}
	}
}

func showChanges(t *testing.T, h *home, args ...string) judged {
	t.Helper()
	r := h.command(t, append([]string{"show", "-o", "json"}, args...)...)
	var j judged
	if err := json.Unmarshal([]byte(r.out), &j); err != nil {
		t.Fatalf("code %d, %v: %s%s", r.code, err, r.err, r.out)
	}
	return j
}

// about is the suspects of one service, in order, as text.
func (j judged) about(service string) []string {
	var out []string
	for _, s := range j.Page.Suspects {
		if s.Service == service {
			out = append(out, fmt.Sprintf("%s %s %s>%s: %s", s.Verdict, s.Kind, s.FromVersion, s.Version, s.Reason))
		}
	}
	return out
}

// steady is n instances of one version that fail their requests when the
// trouble comes.
func steady(n int, fails float64) [][]run {
	return rolled(n, fails, run{version: "1.0.0", from: pastBegin, to: pastEnd})
}

// rolled is n instances that all ran the given runs, the trouble in each.
func rolled(n int, fails float64, runs ...run) [][]run {
	out := make([][]run, n)
	for i := range out {
		for _, r := range runs {
			if r.fails == 0 {
				r.fails = fails
			}
			out[i] = append(out[i], r)
		}
	}
	return out
}

// deployed is a rolling deploy, one instance after another, a quarter of a
// minute apart, begun at a minute.
func deployed(n int, at, oldFails, newFails float64) [][]run {
	out := make([][]run, n)
	for i := range out {
		t := at + float64(i)/4
		out[i] = []run{{"1.0.0", pastBegin, t, oldFails}, {"1.1.0", t, pastEnd, newFails}}
	}
	return out
}

// TestVerdicts tells eight stories to a real Prometheus and asks who is to
// blame.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	p := newPast()
	stories := verdictStories(p)
	var rules strings.Builder
	rules.WriteString("groups:\n- name: errors\n  rules:\n")
	for _, s := range stories {
		rules.WriteString(errorRule(s.service))
	}
	prom := promtest.Start(t, promtest.Options{Rules: []string{rules.String()}, OpenMetrics: p.Text()})
	waitAlerts(t, prom, len(stories))
	h := newHome(t)
	h.config(t, fmt.Sprintf("clusters: [{name: prod, prometheus: {url: %s}}]\n", prom.URL))
	for _, s := range stories {
		t.Run(s.service, func(t *testing.T) {
			t.Parallel()
			j := showChanges(t, h, "Errors_"+strings.ReplaceAll(s.service, "-", "_"))
			began := p.now.Add(troubleAt * time.Minute)
			if off := j.Page.Onset.At.Sub(began); j.Page.Onset.Method != "walked_back" || off < -time.Minute || off > 90*time.Second {
				t.Errorf("began %v after the trouble by %s", off, j.Page.Onset.Method)
			}
			got := j.about(s.service)
			if len(got) != len(s.want) {
				t.Fatalf("suspects of %s:\n%s\nwant\n%s", s.service, strings.Join(got, "\n"), strings.Join(s.want, "\n"))
			}
			for i, want := range s.want {
				for part := range strings.SplitSeq(want, " ... ") {
					if !strings.Contains(got[i], part) {
						t.Errorf("suspect %d: %s\nlacks %q", i+1, got[i], part)
					}
				}
			}
			before := slices.ContainsFunc(s.want, func(w string) bool { return !strings.HasPrefix(w, "RULED OUT") })
			if none := !before; j.Page.Changes.NoneFound != none {
				t.Errorf("none found: %v, want %v", j.Page.Changes.NoneFound, none)
			}
		})
	}
}

// story is a service in trouble and what is to be said of its own changes;
// " ... " stands for any text.
type story struct {
	service string
	want    []string
}

func verdictStories(p *past) []story {
	began := "Began 1 min before the trouble. Same service."
	guilty := "LIKELY deploy 1.0.0>1.1.0: " + began + " 1.1.0 fails 1 ... requests, 1.0.0 failed 0.1%."
	p.service("rolling", "rolling_build_info", deployed(3, -21, 0.001, 0.12)...)
	p.service("crash", "crash_build_info", rolled(1, 0.001, run{version: "1.0.0", from: pastBegin, to: pastEnd})[0],
		[]run{{"1.0.0", pastBegin, -12, 0.4}, {"1.0.0", -11, pastEnd, 0.4}})
	p.restarts("crash", -12, -11)
	p.service("gap", "gap_build_info", rolled(2, 0.12, run{version: "1.0.0", from: pastBegin, to: -40}, run{version: "1.0.0", from: -30, to: pastEnd})...)
	p.service("undone", "undone_build_info", rolled(2, 0.12, run{version: "1.0.0", from: pastBegin, to: -80},
		run{version: "1.1.0", from: -80, to: -50}, run{version: "1.0.0", from: -50, to: pastEnd})...)
	p.service("late", "late_build_info", deployed(2, -10, 0.12, 0.12)...)
	p.service("pair", "pair_build_info", deployed(3, -21, 0.001, 0.12)...)
	p.service("callee", "callee_build_info", deployed(3, -21, 0.001, 0.001)...)
	p.service("scaled", "", steady(2, 0.12)...)
	for _, r := range []struct {
		hash, image string
		n           int
		from, to    float64
	}{
		{"5d4f", "acme/scaled:1.0.0", 2, pastBegin, -90}, {"5d4f", "acme/scaled:1.0.0", 4, -90, -21}, {"77b9", "acme/scaled:1.1.0", 4, -21, -10},
		{"5d4f", "acme/scaled:1.0.0", 0, -21, -10}, {"5d4f", "acme/scaled:1.0.0", 4, -10, pastEnd}, {"77b9", "acme/scaled:1.1.0", 0, -10, pastEnd},
	} {
		p.ReplicaSet("ns-scaled", "scaled", r.hash, r.image, r.n, since(r.from), since(r.to))
	}
	p.Add("kube_deployment_spec_replicas", since(pastBegin), since(-90), 2, "namespace", "ns-scaled", "deployment", "scaled")
	p.Add("kube_deployment_spec_replicas", since(-90), since(pastEnd), 4, "namespace", "ns-scaled", "deployment", "scaled")
	p.service("configured", "", steady(2, 0.12)...)
	p.ReplicaSet("ns-configured", "configured", "aa11", "acme/configured:7", 2, since(pastBegin), since(-21))
	p.ReplicaSet("ns-configured", "configured", "aa11", "acme/configured:7", 0, since(-21), since(pastEnd))
	p.ReplicaSet("ns-configured", "configured", "bb22", "acme/configured:7", 2, since(-21), since(pastEnd))
	return []story{
		{"rolling", []string{guilty}},
		{"crash", []string{"RULED OUT restart ... after the trouble: rather a sign of it."}},
		{"gap", nil},
		{"undone", []string{
			"POSSIBLE rollback 1.1.0>1.0.0: Began 30 min before the trouble. Same service. ... it ran well at first.",
			"UNLIKELY deploy 1.0.0>1.1.0: Rolled back 2 ... min before the trouble began. Same service.",
		}},
		{"late", []string{"RULED OUT deploy 1.0.0>1.1.0: Began 10 min after the trouble: may be someone's fix."}},
		{"pair", []string{guilty}},
		{"scaled", []string{"LIKELY deploy 1.0.0>1.1.0: " + began, "POSSIBLE scale", "RULED OUT rollback 1.1.0>1.0.0: Began 10 min after the trouble"}},
		{"configured", []string{"LIKELY config >: " + began}},
	}
}

// restarts lets the second instance of a service end and start again; the
// first runs for long.
func (p *past) restarts(name string, ended, started float64) {
	for i, runs := range [][][2]float64{{{pastBegin, pastEnd}}, {{pastBegin, ended}, {started, pastEnd}}} {
		for _, r := range runs {
			start := p.now.Add(time.Duration(r[0]) * time.Minute)
			if r[0] == pastBegin {
				start = start.Add(-24 * time.Hour)
			}
			p.Add("process_start_time_seconds", since(r[0]), since(r[1]), float64(start.Unix()),
				"job", name, "service", name, "namespace", "ns-"+name, "instance", fmt.Sprintf("%s-%d", name, i))
		}
	}
}

// TestTheGuiltyOneAmongMany hides a deploy among a hundred others of 30
// services in a day, and a change of configuration four hours before a slow
// burn; a third service was changed nine days ago for the last time.
func TestTheGuiltyOneAmongMany(t *testing.T) {
	t.Parallel()
	p := newPast()
	var rules, events strings.Builder
	rules.WriteString("groups:\n- name: errors\n  rules:\n")
	for _, name := range []string{"service-03", "slow", "still"} {
		p.service(name, "build_info", steady(2, 0.12)...)
		rules.WriteString(errorRule(name))
	}
	began := p.now.Add(troubleAt * time.Minute)
	event := func(before time.Duration, kind, service, version string) {
		fmt.Fprintf(&events, "{\"time\":%q,\"kind\":%q,\"service\":%q,\"version\":%q}\n", began.Add(-before).Format(time.RFC3339), kind, service, version)
	}
	rnd := rand.New(rand.NewPCG(1, 1))
	for i := range 100 { // the busiest services deploy most
		event(time.Duration(rnd.Int64N(int64(23*time.Hour))), "deploy", fmt.Sprintf("service-%02d", int(30*rnd.Float64()*rnd.Float64())), fmt.Sprint("2.", i))
	}
	event(90*time.Second, "deploy", "service-03", "guilty")
	event(4*time.Hour, "config", "slow", "guilty")
	event(time.Hour, "deploy", "slow", "7.1")
	event(3*time.Hour, "deploy", "slow", "7.0")
	event(9*24*time.Hour, "deploy", "still", "1.0")
	event(10*24*time.Hour, "deploy", "still", "0.9")
	prom := promtest.Start(t, promtest.Options{Rules: []string{rules.String()}, OpenMetrics: p.Text()})
	waitAlerts(t, prom, 3)
	h := newHome(t)
	file := filepath.Join(h.dir, "deploys.ndjson")
	if err := os.WriteFile(file, []byte(events.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	h.config(t, fmt.Sprintf("clusters: [{name: prod, prometheus: {url: %s}}]\nchanges: [{kind: events, file: %s}]\n", prom.URL, file))

	many := showChanges(t, h, "Errors_service_03")
	if got := many.about("service-03"); len(got) == 0 || !strings.Contains(got[0], ">guilty: Began ") {
		t.Errorf("among a hundred: %q", got)
	}
	if many.Page.Others < 90 {
		t.Errorf("%d others", many.Page.Others)
	}
	if got := showChanges(t, h, "Errors_slow").about("slow"); len(got) != 3 || !strings.Contains(strings.Join(got, "\n"), "config >guilty: Began ") {
		t.Errorf("slow burn: %q", got)
	}
	still := showChanges(t, h, "Errors_still")
	if got := still.about("still"); len(got) != 1 || !strings.Contains(got[0], "deploy >1.0: Began 9 d before the trouble.") || !still.Page.Changes.NoneFound {
		t.Errorf("changed long ago: %q, none found: %v", got, still.Page.Changes.NoneFound)
	}
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 50}} {
		x := h.screen(t, size[0], size[1], "Errors_service_03")
		x.waitFor("guilty")
		x.send("q")
		x.exit()
	}
}
