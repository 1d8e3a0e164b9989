package engine

import (
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

// BenchmarkQueryRange asks both servers the same over HTTP; x-real is our time
// divided by the real server's.
func BenchmarkQueryRange(b *testing.B) {
	series := fixture()
	srv := promtest.Start(b, promtest.Options{OpenMetrics: openMetrics(series)})
	e := open(b, Options{})
	if err := e.Append(series...); err != nil {
		b.Fatal(err)
	}
	mine := serving(b, e)
	for name, expr := range map[string]string{
		"selector": `requests_total`, "sum": `sum by (code) (rate(requests_total[5m]))`,
		"quantile": `histogram_quantile(0.95, sum by (le) (rate(latency_seconds_bucket[5m])))`,
	} {
		args := url.Values{"query": {expr}, "step": {"15"}, "start": {strconv.FormatInt(fixtureStart().Unix(), 10)},
			"end": {strconv.FormatInt(fixtureStart().Add(45*time.Minute).Unix(), 10)}}
		b.Run(name, func(b *testing.B) {
			var real time.Duration
			for b.Loop() {
				ask(b, mine, "/api/v1/query_range", args, http.MethodGet)
				b.StopTimer()
				start := time.Now()
				ask(b, srv.URL, "/api/v1/query_range", args, http.MethodGet)
				real += time.Since(start)
				b.StartTimer()
			}
			b.ReportMetric(float64(b.Elapsed())/float64(real), "x-real")
		})
	}
}
