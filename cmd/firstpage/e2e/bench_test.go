package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"regexp"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/prometheus"
	"github.com/firstpage-oncall/firstpage/triage"
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
}

// presses is how many keys are pressed one at a time in one round.
const presses = 200

// press waits until the program has nothing more to say and no clock is about
// to step, presses a key at a random phase of the frame and returns the time
// until the first byte that came of it.
func (x *terminal) press(key string) time.Duration {
	x.t.Helper()
	for {
		into := time.Now().Sub(time.Now().Truncate(time.Second))
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
		x.send(repeat(key, keys))
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

func repeat(key string, n int) string {
	out := ""
	for range n {
		out += key
	}
	return out
}

// benchRefresh is what one refresh costs: fetch, decode and judge, beside
// fetching the same bytes and decoding them with encoding/json.
func (r recording) benchRefresh(b *testing.B) {
	s := r.serve(b)
	client, err := prometheus.Open(prometheus.Options{Cluster: "prod", URL: s.URL})
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	if string(unzip(b, r.bodies[alertsURI].gzip)) == "" {
		b.Fatal("nothing was recorded")
	}
	prefs := triage.Defaults()
	var fetched, decoded, judged, plain times
	for b.Loop() {
		for range 5 {
			began := time.Now()
			raw := get(b, s.URL+alertsURI)
			fetched = append(fetched, time.Since(began))
			var into struct {
				Data struct {
					Alerts []struct {
						Labels      map[string]string `json:"labels"`
						Annotations map[string]string `json:"annotations"`
						State       string            `json:"state"`
						ActiveAt    time.Time         `json:"activeAt"`
						Value       string            `json:"value"`
					} `json:"alerts"`
				} `json:"data"`
			}
			if err := json.Unmarshal(raw, &into); err != nil || len(into.Data.Alerts) != r.n {
				b.Fatal(len(into.Data.Alerts), err)
			}
			plain = append(plain, time.Since(began))

			began = time.Now()
			alerts, err := client.Alerts(context.Background())
			decoded = append(decoded, time.Since(began))
			if err != nil {
				b.Fatal(err)
			}
			now := time.Now()
			board := triage.Build(sources.Snapshot{Clusters: []sources.Cluster{{Name: "prod",
				Alerts: sources.Feed[sources.Alert]{Items: alerts, AsOf: now, Tried: now}}}}, prefs, now)
			if board.Counts.Alerts != r.n {
				b.Fatalf("%+v", board.Counts)
			}
			judged = append(judged, time.Since(began))
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(fetched.at(.5), "fetch_ms")
	b.ReportMetric(decoded.at(.5), "fetch+decode_ms")
	b.ReportMetric(judged.at(.5), "fetch+decode+triage_ms")
	b.ReportMetric(plain.at(.5), "fetch+json_ms")
	b.ReportMetric(decoded.at(.5)/plain.at(.5), "ratio_decode")
	b.ReportMetric(judged.at(.5)/plain.at(.5), "ratio_refresh")
}

// get fetches as the program does: compressed.
func get(b *testing.B, url string) []byte {
	b.Helper()
	resp, err := http.Get(url) //nolint:noctx // a test's own server
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Fatal(err)
	}
	return raw
}

// idleFor is how long the programs are left alone.
const idleFor = 10 * time.Second

// benchIdle is the memory with the alerts on screen and the work of doing
// nothing (which is asking every five seconds), beside an empty program in the
// same ten seconds.
func benchIdle(b *testing.B, recs []recording, checkout string) {
	ref := startEmpty(b, newHome(b))
	ref.moment(0, regexp.MustCompile(emptyMark))
	progs := []*terminal{ref}
	for _, r := range recs {
		progs = append(progs, r.ready(b, checkout, ""))
	}
	rows := stat(b, progs[len(progs)-1].cmd.Process.Pid)
	cpu := make([]float64, len(progs))
	for b.Loop() {
		time.Sleep(2 * time.Second) // the start has garbage to collect
		for i, x := range progs {
			cpu[i] = -stat(b, x.cmd.Process.Pid).cpu.Seconds()
		}
		time.Sleep(idleFor)
		for i, x := range progs {
			cpu[i] += stat(b, x.cmd.Process.Pid).cpu.Seconds()
		}
	}
	after := stat(b, progs[len(progs)-1].cmd.Process.Pid)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(rows.rss, "rss_mb")
	b.ReportMetric(after.rss, "rss_later_mb")
	b.ReportMetric(after.peak, "rss_peak_mb")
	b.ReportMetric(stat(b, ref.cmd.Process.Pid).rss, "empty_rss_mb")
	b.ReportMetric(100*cpu[0]/idleFor.Seconds(), "empty_cpu_%")
	for i, r := range recs {
		b.ReportMetric(100*cpu[i+1]/idleFor.Seconds(), fmt.Sprintf("idle_cpu_%d_%%", r.n))
		b.ReportMetric(cpu[i+1]/cpu[0], fmt.Sprintf("idle_cpu_ratio_%d", r.n))
	}
}
