package e2e

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// BenchmarkScreen measures the program as its user meets it: in a terminal,
// against what a real Prometheus with many alerts said. Everything is measured
// beside a reference, in turn with it, so that a busy machine is busy for
// both; only the ratios mean something on another machine.
func BenchmarkScreen(b *testing.B) {
	recs := record(b, 200, 10_000)
	checkout := runbooksCheckout(b)
	for _, r := range recs {
		b.Run(fmt.Sprintf("start/%d", r.n), func(b *testing.B) { r.benchStart(b, checkout) })
	}
	storm := recs[1]
	for _, r := range recs {
		b.Run(fmt.Sprintf("restart/%d", r.n), func(b *testing.B) { r.benchRestart(b, checkout) })
	}
	b.Run("keys/list", func(b *testing.B) { storm.benchKeys(b, checkout, "1", []string{"j", "j", "j", "k"}, "") })
	b.Run("keys/next-alert", func(b *testing.B) { storm.benchKeys(b, checkout, "2", []string{"J", "J", "J", "K"}, "") })
	b.Run("keys/runbook", func(b *testing.B) { storm.benchKeys(b, checkout, "2", []string{"j", "k"}, "") })
	b.Run("keys/list-polled-each-second", func(b *testing.B) {
		storm.benchKeys(b, checkout, "1", []string{"j", "j", "j", "k"}, "refresh: {alerts: 1s}\n")
	})
	b.Run("demo", benchDemo)
	b.Run("burst", func(b *testing.B) { storm.benchBurst(b, checkout) })
	b.Run("refresh", storm.benchRefresh)
	b.Run("idle", func(b *testing.B) { benchIdle(b, recs, checkout) })
}

// starts is how often each program is started in one round.
const starts = 8

// benchStart is the time from the start of the process to the first byte of an
// alert row, for a user without any state, beside curl of the same bytes.
func (r recording) benchStart(b *testing.B, checkout string) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		b.Skip("curl is not installed: ", err)
	}
	s, mark := r.serve(b), rowMark(b)
	var ours, theirs times
	for b.Loop() {
		for range starts {
			h := r.user(b, s.URL, checkout, "")
			began := time.Now()
			x := h.screen(b, benchW, benchH)
			ours = append(ours, x.moment(0, mark).Sub(began))
			x.stop()
			began = time.Now()
			cmd := exec.Command(curl, "-s", "-o", "/dev/null", s.URL+alertsURI, "-o", "/dev/null", s.URL+rulesURI)
			if err := cmd.Run(); err != nil {
				b.Fatal(err)
			}
			theirs = append(theirs, time.Since(began))
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ours.at(.5), "start_ms")
	b.ReportMetric(theirs.at(.5), "curl_ms")
	b.ReportMetric(ours.at(.5)/theirs.at(.5), "ratio_curl")
	b.ReportMetric(ours.at(.5)-1.3*theirs.at(.5), "ms_over_1.3_curl")
	b.ReportMetric(ours.at(0)-1.3*theirs.at(0), "best_ms_over_1.3_curl") // of a machine with nothing else to do
}

// benchRestart is the same for a user who ran the program before: the rows of
// the last run are drawn before anything is asked. The reference is an empty
// program that links as much.
func (r recording) benchRestart(b *testing.B, checkout string) {
	s, mark := r.serve(b), rowMark(b)
	h := r.user(b, s.URL, checkout, "")
	x := h.screen(b, benchW, benchH)
	x.moment(0, mark)
	x.stop()
	s.Close() // what is on screen from here on can only be what was kept
	var ours, theirs times
	for b.Loop() {
		for range starts {
			began := time.Now()
			x := h.screen(b, benchW, benchH)
			ours = append(ours, x.moment(0, mark).Sub(began))
			x.stop()
			began = time.Now()
			x = startEmpty(b, h)
			theirs = append(theirs, x.moment(0, regexp.MustCompile(emptyMark)).Sub(began))
			x.stop()
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ours.at(.5), "first_frame_ms")
	b.ReportMetric(theirs.at(.5), "empty_ms")
	b.ReportMetric(ours.at(.5)/theirs.at(.5), "ratio_empty")
	b.ReportMetric(ours.at(0)/theirs.at(0), "best_ratio_empty")
}

// benchDemo is the time until the demo's page is there, and until the guilty
// deploy is named with its evidence: everything on the first screen is loaded by
// then. The reference is an empty program that links as much.
func benchDemo(b *testing.B) {
	h, _ := demoHome(b)
	var page, whole, theirs times
	for b.Loop() {
		for range starts / 2 {
			began := time.Now()
			x := h.demo(b, benchW, benchH)
			page = append(page, x.moment(0, regexp.MustCompile("CheckoutErrorBudgetBurn")).Sub(began))
			whole = append(whole, x.moment(0, regexp.MustCompile(`1\.42\.0 fails`)).Sub(began))
			x.stop()
			began = time.Now()
			x = startEmpty(b, h)
			theirs = append(theirs, x.moment(0, regexp.MustCompile(emptyMark)).Sub(began))
			x.stop()
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(page.at(.5), "page_ms")
	b.ReportMetric(whole.at(.5), "whole_ms")
	b.ReportMetric(theirs.at(.5), "empty_ms")
	b.ReportMetric(whole.at(.5)/theirs.at(.5), "ratio_empty")
}

// presses is how many keys are pressed one at a time in one round.
const presses = 200

// press waits until the program has nothing more to say and no clock is about
// to step, presses a key at a random phase of the frame and returns the time
// until the first byte that came of it.
func (x *terminal) press(key string) time.Duration {
	x.t.Helper()
	for {
		into := time.Since(time.Now().Truncate(time.Second))
		if into > 30*time.Millisecond && into < 900*time.Millisecond {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	x.rest(30 * time.Millisecond)
	time.Sleep(rand.N(time.Second / 120))
	n, _ := x.written()
	began := time.Now()
	x.send(key)
	return x.moment(n, nil).Sub(began)
}

// ready starts the program and waits until its first page is complete.
func (r recording) ready(b *testing.B, checkout, more string) *terminal {
	b.Helper()
	x := r.user(b, r.serve(b).URL, checkout, more).screen(b, benchW, benchH)
	x.moment(0, rowMark(b))
	x.rest(500 * time.Millisecond)
	return x
}

// benchKeys is the time from a key to the first changed byte, with focus
// pressed before; keys are pressed in turn. The reference is an empty program
// at the same rate that moves one cell.
func (r recording) benchKeys(b *testing.B, checkout, focus string, keys []string, config string) {
	x, ref := r.ready(b, checkout, config), startEmpty(b, newHome(b))
	ref.moment(0, regexp.MustCompile(emptyMark))
	x.send(focus)
	x.rest(200 * time.Millisecond)
	var ours, theirs times
	for b.Loop() {
		for i := range presses {
			ours = append(ours, x.press(keys[i%len(keys)]))
			theirs = append(theirs, ref.press(keys[i%len(keys)]))
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ours.at(.5), "p50_ms")
	b.ReportMetric(ours.at(.99), "p99_ms")
	b.ReportMetric(theirs.at(.5), "empty_p50_ms")
	b.ReportMetric(theirs.at(.99), "empty_p99_ms")
	b.ReportMetric(ours.at(.5)/theirs.at(.5), "ratio_p50")
	b.ReportMetric(ours.at(.99)/theirs.at(.99), "ratio_p99")
}

// last is the time from began to the last byte before a silence that is
// shorter than the wait for parts that ask the network.
func (x *terminal) last(from int, began time.Time) time.Duration {
	x.t.Helper()
	x.moment(from, nil)
	x.rest(60 * time.Millisecond)
	_, at := x.written()
	return at.Sub(began)
}

// benchBurst is 50 keys in one write, to the last byte.
func (r recording) benchBurst(b *testing.B, checkout string) {
	const keys = 50
	x, ref := r.ready(b, checkout, ""), startEmpty(b, newHome(b))
	ref.moment(0, regexp.MustCompile(emptyMark))
	x.send("1")
	x.rest(200 * time.Millisecond)
	burst := func(x *terminal, key string) time.Duration {
		x.press(key) // in step with the clock and the frames
		x.rest(30 * time.Millisecond)
		n, _ := x.written()
		began := time.Now()
		x.send(strings.Repeat(key, keys))
		return x.last(n, began)
	}
	var ours, theirs times
	for b.Loop() {
		for range 10 {
			before := column(x.screen(), "> ")
			ours = append(ours, burst(x, "j"))
			if after := column(x.screen(), "> "); len(after) == 0 || after[0] == before[0] {
				b.Fatalf("50 keys moved nothing:\n%s", x.text())
			}
			ours = append(ours, burst(x, "k"))
			theirs = append(theirs, burst(ref, "j"), burst(ref, "k"))
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ours.at(.5), "burst_ms")
	b.ReportMetric(ours.at(.9), "burst_p90_ms")
	b.ReportMetric(theirs.at(.5), "empty_burst_ms")
	b.ReportMetric(ours.at(.5)/theirs.at(.5), "ratio_p50")
}
