package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/prometheus"
	"github.com/firstpage-oncall/firstpage/triage"
)

// benchRefresh is what one refresh costs: fetch, decode and judge, beside
// fetching the same bytes and decoding them with encoding/json.
func (r recording) benchRefresh(b *testing.B) {
	s := r.serve(b)
	client, err := prometheus.Open(prometheus.Options{Cluster: "prod", URL: s.URL})
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
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
	resp, err := http.Get(url)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
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
