package page

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/prometheus"
	"github.com/firstpage-oncall/firstpage/triage"
)

// counting is a Querier that counts the questions and remembers the largest
// answer.
type counting struct {
	sources.Querier
	mu      sync.Mutex
	asked   int
	most    int
	largest string // the question with that answer
}

func (c *counting) saw(expr string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked++; n > c.most {
		c.most, c.largest = n, expr
	}
}

func (c *counting) Query(ctx context.Context, expr string, at time.Time) (sources.Vector, error) {
	v, err := c.Querier.Query(ctx, expr, at)
	c.saw(expr, len(v))
	return v, err
}

func (c *counting) QueryRange(ctx context.Context, expr string, r sources.Range) (sources.Matrix, error) {
	m, err := c.Querier.QueryRange(ctx, expr, r)
	c.saw(expr, len(m))
	return m, err
}

func counted(t *testing.T, url string) *counting {
	t.Helper()
	c, err := prometheus.Open(prometheus.Options{Cluster: "x", URL: url, Timeout: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return &counting{Querier: c}
}

// exposition is one file of testdata/health: what a target says, and which
// service is asked for. Lines of ours begin with "# target", the labels that
// Prometheus gives what follows; "# service", with the alert's namespace; "# by",
// the alert's label; "# instance", where no service is known; and "# grown", how
// long the counters took to their values.
type exposition struct {
	item  triage.Item
	name  string
	grown time.Duration
	lines []sampled
}

// sampled is one series with its value.
type sampled struct {
	metric, labels string
	value          float64
	counter        bool
}

func expositions(t *testing.T) []exposition {
	t.Helper()
	files, err := filepath.Glob("testdata/health/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var out []exposition
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, readExposition(t, strings.TrimSuffix(filepath.Base(file), ".txt"), string(text)))
	}
	return out
}

func readExposition(t *testing.T, name, text string) exposition {
	t.Helper()
	x := exposition{name: name, grown: 100 * time.Second}
	x.item.Service = triage.Found{Name: safe.Outside(name), By: "service"}
	target, counters := "", map[string]bool{}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if words[0] != "#" {
			x.lines = append(x.lines, readSample(t, line, target, counters))
			continue
		}
		switch words[1] {
		case "target":
			target = words[2]
		case "service":
			x.item.Labels = sources.NewLabels(map[string]string{"namespace": words[2]})
		case "by":
			label, value, _ := strings.Cut(words[2], "=")
			x.item.Service.By, x.item.Labels = label, sources.NewLabels(map[string]string{label: value})
		case "instance":
			x.item.Service, x.item.Labels = triage.Found{}, sources.NewLabels(map[string]string{"instance": words[2]})
		case "grown":
			grown, err := time.ParseDuration(words[2])
			if err != nil {
				t.Fatal(err)
			}
			x.grown = grown
		case "TYPE":
			for _, end := range map[string][]string{"counter": {""}, "histogram": {"_bucket", "_count", "_sum"}, "summary": {"_count", "_sum"}}[words[3]] {
				counters[words[2]+end] = true
			}
		}
	}
	return x
}

// readSample reads one line; a time at its end is left out. Where the target
// does not say of what type a metric is, its name does.
func readSample(t *testing.T, line, target string, counters map[string]bool) sampled {
	t.Helper()
	at := strings.LastIndexByte(line, '}')
	words := strings.Fields(line[at+1:])
	s := sampled{labels: target}
	if at < 0 {
		s.metric, words = words[0], words[1:]
	} else {
		var own string
		s.metric, own, _ = strings.Cut(line[:at], "{")
		s.labels += "," + own
	}
	v, err := strconv.ParseFloat(words[0], 64)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	s.value, s.counter = v, counters[s.metric]
	if len(counters) == 0 {
		for _, end := range []string{"_total", "_bucket", "_count", "_sum", "_requests", "_rq_xx"} {
			s.counter = s.counter || strings.HasSuffix(s.metric, end)
		}
	}
	return s
}

// stored is a day and an hour of the expositions: counters grow as fast as they
// have, the rest stands still.
func stored(xs []exposition, end time.Time) string {
	byMetric := map[string]*strings.Builder{}
	for _, x := range xs {
		for _, s := range x.lines {
			b := byMetric[s.metric]
			if b == nil {
				b = &strings.Builder{}
				byMetric[s.metric] = b
			}
			for _, span := range [][2]time.Duration{{24*time.Hour + 15*time.Minute, 24*time.Hour - time.Minute}, {75 * time.Minute, 0}} {
				for ago := span[0]; ago >= span[1]; ago -= time.Minute {
					y := s.value
					if s.counter {
						y *= float64(25*time.Hour-ago) / float64(x.grown)
					}
					fmt.Fprintf(b, "%s{%s} %s %d\n", s.metric, s.labels, strconv.FormatFloat(y, 'f', -1, 64), end.Add(-ago).Unix())
				}
			}
		}
	}
	var b strings.Builder
	for _, lines := range byMetric {
		b.WriteString(lines.String())
	}
	return b.String() + "# EOF\n"
}

func TestHealthOfExpositions(t *testing.T) {
	t.Parallel()
	end := time.Now().Truncate(time.Minute)
	xs := expositions(t)
	srv := promtest.Start(t, promtest.Options{OpenMetrics: stored(xs, end)})
	q := counted(t, srv.URL)
	covered := map[string]bool{}
	for _, x := range xs {
		h, err := HealthOf(t.Context(), q, x.item, "", end)
		if err != nil || len(h.Signals) == 0 {
			t.Errorf("%s: %v %s", x.name, err, h.Note)
			continue
		}
		d, err := detect(t.Context(), q, x.item, "", end)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range d.picked {
			if h.Signals[i].HasNow {
				covered[p.Filled("")] = true
			}
		}
		for signal, want := range wantHealth[x.name] {
			i := slices.IndexFunc(h.Signals, func(s triage.Signal) bool { return s.Name == signal })
			if i < 0 {
				t.Errorf("%s: no %s", x.name, signal)
				continue
			}
			s := h.Signals[i]
			theirs, err := q.Query(t.Context(), want.query, end)
			if err != nil || len(theirs) != 1 || !s.HasNow || !near(s.Now, theirs[0].V) || !math.IsNaN(want.value) && !near(s.Now, want.value) {
				t.Errorf("%s: %s is %v (%v), by hand %v, want %v, %v\n%s", x.name, signal, s.Now, s.HasNow, theirs, want.value, err, s.Query)
			}
			if signal != "certificate" && (!s.HasBefore || !s.HasDay || !near(s.Now, s.Before) && signal != "restarts" || !near(s.Now, s.Day) && signal != "restarts") {
				t.Errorf("%s: %s is %v, before %v, a day ago %v (%v)", x.name, signal, s.Now, s.Before, s.Day, s.HasDay)
			}
		}
	}
	if q.most > 100 { // far below 2,000: everything is aggregated by the server
		t.Errorf("an answer of %d series", q.most)
	}
	for _, d := range triage.Detectors() {
		native := d.Native || strings.Contains(d.Query, "histogram_count") || strings.Contains(d.Query, "0.99, sum(rate")
		if !d.Open() && !native && !covered[d.Filled("")] { // native ones: TestNativeHistograms; open ones: by name above
			t.Errorf("no exposition for %s of %s in %s", d.Signal, d.For[0], d.Where[0])
		}
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 0.01*math.Max(math.Abs(a), math.Abs(b)) }

func TestCatalogQueries(t *testing.T) {
	t.Parallel()
	srv := promtest.Start(t, promtest.Options{OpenMetrics: stored([]exposition{readExposition(t, "checkout", `# target job="checkout"
http_requests_total{code="200"} 90
http_requests_total{code="500"} 10
orders{kind="a"} 3
orders{kind="b"} 4
`)}, time.Now().Truncate(time.Minute))})
	v := safe.Outside
	it := triage.Item{Service: triage.Found{Name: v("checkout"), By: "job"}, Queries: []sources.HealthQuery{
		{Signal: v("orders"), Title: v("orders"), Query: v("sum(orders) # open"), Worse: v("down")},
		{Signal: v("errors"), Title: v("lost"), Query: v("scalar(sum(orders)) / 100"), Unit: v("ratio")},
		{Signal: v("wrong"), Title: v("wrong"), Query: v("sum(orders")},
		{Signal: v("many"), Title: v("many"), Query: v("orders")},
	}}
	h, err := HealthOf(t.Context(), counted(t, srv.URL), it, "", time.Now().Truncate(time.Minute))
	if err != nil || len(h.Signals) != 5 {
		t.Fatalf("%v %+v", err, h.Signals)
	}
	s := h.Signals
	if s[0].Now != 7 || s[0].Verdict != "same" || s[1].Title != "lost" || s[1].Now != 0.07 || s[4].Name != "traffic" {
		t.Errorf("%+v", s)
	}
	if s[2].Err == nil || !strings.Contains(s[2].Err.Error(), "parse error") || s[3].Err == nil || !strings.Contains(s[3].Err.Error(), "several series") {
		t.Errorf("%v, %v", s[2].Err, s[3].Err)
	}
}
