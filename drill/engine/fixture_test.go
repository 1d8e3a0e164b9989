package engine

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
)

// The fixture: 45 minutes of samples each 15 s, three seconds off the minute,
// so that no query meets a sample on the edge of its range. There 2.x and 3.x
// differ by design (since 3.0 the left edge is outside).
const (
	fixtureStep  = 15 * time.Second
	fixtureSteps = 180
)

func fixtureStart() time.Time { return time.Date(2026, 3, 4, 5, 0, 3, 0, time.UTC) }

// noise is a small deterministic sequence from 0 to 1.
type noise uint64

func (n *noise) next() float64 {
	*n = *n*6364136223846793005 + 1442695040888963407
	return float64(*n>>40) / (1 << 24)
}

// fixture scripts counters with resets, gauges, gaps, series that begin and
// end, classic histograms and odd values.
func fixture() []Series {
	var out []Series
	add := func(f func(i int) (float64, bool), ls ...string) {
		s := Series{Labels: labels.FromStrings(ls...)}
		for i := range fixtureSteps {
			if v, ok := f(i); ok {
				s.Points = append(s.Points, Point{Time: fixtureStart().Add(time.Duration(i) * fixtureStep).UnixMilli(), Value: v})
			}
		}
		out = append(out, s)
	}
	n := noise(1)
	for inst := range 3 {
		name := fmt.Sprintf("app-%d:8080", inst)
		for _, code := range []string{"200", "404", "500"} {
			total := 5000 + math.Floor(1000*n.next()) // far from zero, see below
			add(func(i int) (float64, bool) {
				if total += math.Floor(50 * n.next()); inst == 1 && i == 90 {
					total = 3 // a restart
				}
				return total, inst != 2 || i < 60 || i > 95 // a gap of nine minutes
			}, "__name__", "requests_total", "job", "app", "instance", name, "code", code)
		}
		add(func(i int) (float64, bool) { return 1e8 * (1 + float64(inst) + math.Sin(float64(i)/9)), true },
			"__name__", "memory_bytes", "job", "app", "instance", name)
		add(func(i int) (float64, bool) { return 1, i%40 != 7 || inst != 0 }, "__name__", "build_info",
			"instance", name, "version", fmt.Sprintf("1.%d.0", inst%2))
		add(func(i int) (float64, bool) { return float64((i / 20 * (inst + 1)) % 2), i > 30*inst }, "__name__", "up",
			"job", "app", "instance", name)
		sum, counts := 0.0, make([]float64, 5)
		bounds := []float64{0.1, 0.5, 1, 5, math.Inf(1)}
		observed := make([][]float64, fixtureSteps)
		for i := range observed {
			many := 20
			if i == 0 {
				many = 6000 // far from zero: 2.x and 3.x extrapolate towards it in different ways
			}
			for range many {
				v := 3 * n.next() * n.next()
				sum += v
				for b, bound := range bounds {
					if v <= bound {
						counts[b]++
					}
				}
			}
			observed[i] = append([]float64{sum}, counts...)
		}
		for b, le := range []string{"0.1", "0.5", "1.0", "5.0", "+Inf"} {
			add(func(i int) (float64, bool) { return observed[i][b+1], true }, "__name__", "latency_seconds_bucket",
				"job", "app", "instance", name, "le", le)
		}
		add(func(i int) (float64, bool) { return observed[i][0], true }, "__name__", "latency_seconds_sum", "job", "app", "instance", name)
		add(func(i int) (float64, bool) { return observed[i][5], true }, "__name__", "latency_seconds_count", "job", "app", "instance", name)
	}
	for name, v := range map[string]float64{"nan": math.NaN(), "inf": math.Inf(1), "minus": math.Inf(-1), "tiny": 1.5e-9, "huge": 1.25e21, "zero": 0} {
		add(func(int) (float64, bool) { return v, true }, "__name__", "odd", "kind", name, "text", "a\"b\\c\n<é😀>")
	}
	add(func(i int) (float64, bool) { return float64(i), i < 80 }, "__name__", "ended", "job", "batch")
	return out
}

// openMetrics is the fixture as text for a real server.
func openMetrics(series []Series) string {
	var b strings.Builder
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
	for _, s := range series {
		name := s.Labels.Get("__name__")
		var rest []string
		s.Labels.MatchLabels(false, "__name__").Range(func(l labels.Label) {
			rest = append(rest, l.Name+`="`+escape.Replace(l.Value)+`"`)
		})
		for _, p := range s.Points {
			fmt.Fprintf(&b, "%s{%s} %v %d.%03d\n", name, strings.Join(rest, ","), p.Value, p.Time/1000, p.Time%1000)
		}
	}
	return b.String()
}

func open(t testing.TB, o Options) *Engine {
	t.Helper()
	e, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// serving opens an engine and serves it until the test ends.
func serving(t testing.TB, e *Engine) string {
	t.Helper()
	s, err := e.Serve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s.URL
}
