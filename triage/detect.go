package triage

import (
	_ "embed" // detectors.yaml
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v4"
)

//go:embed detectors.yaml
var detectorsYAML []byte

// Detector reads one signal of a service's health from well-known metrics.
type Detector struct {
	Signal string   `yaml:"signal"`
	Title  string   `yaml:"title"`
	For    []string `yaml:"for"` // the metrics that $m stands for; one, or one "*_x", in what [Detectors] gives
	Where  []string `yaml:"where"`
	Needs  []string `yaml:"needs"`  // metrics that must be there
	Unless []string `yaml:"unless"` // metrics that must not
	Query  string   `yaml:"query"`  // PromQL; $sel is the selector's inside
	Unit   Unit     `yaml:"unit"`
	Worse  string   `yaml:"worse"` // up, down or "": the direction that is bad
	Why    string   `yaml:"why"`   // what the number is, in words

	// Failed and Total are the counters behind a share of failures, as
	// selectors with $sel: with them it can be split by version. Known are
	// those whose end is known. Native: they are native histograms.
	Failed []string `yaml:"failed"`
	Known  []string `yaml:"known"`
	Total  string   `yaml:"total"`
	Native bool     `yaml:"native"`
}

// App is the selection of a service's own metrics, by the labels that Prometheus
// gives its targets.
const App = "app"

// Selection is another way to find a service: by a label that somebody else's
// metrics have for it.
type Selection struct {
	Match     string `yaml:"match"`     // inside of a selector with $name, $re and $ns
	Namespace string `yaml:"namespace"` // label of the namespace; empty: there is none
}

type detectorFile struct {
	Selections map[string]Selection `yaml:"selections"`
	Detectors  []Detector           `yaml:"detectors"`
}

// builtIn is detectors.yaml; it is read once. An error is a defect of the build;
// a test loads it.
var builtIn = sync.OnceValue(func() detectorFile {
	f, err := parseDetectors(detectorsYAML)
	if err != nil {
		panic("triage: detectors.yaml: " + err.Error())
	}
	return f
})

// Detectors are the built-in detectors in order of display, the better of two
// for one signal first. Each is about one metric and one selection, Where[0].
// The list is new, what its entries hold is shared.
func Detectors() []Detector { return slices.Clone(builtIn().Detectors) }

// Selections are the ways to find a service in others' metrics, by name. The
// result is new.
func Selections() map[string]Selection { return maps.Clone(builtIn().Selections) }

func parseDetectors(doc []byte) (detectorFile, error) {
	var f detectorFile
	dec := yaml.NewDecoder(strings.NewReader(string(doc)))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		return f, err
	}
	var out []Detector
	for i, d := range f.Detectors {
		if d.Signal == "" || d.Title == "" || len(d.For) == 0 || d.Query == "" && (d.Total == "" || len(d.Failed) == 0) {
			return f, fmt.Errorf("detector %d: signal, title, for, and query or failed and total are required", i+1)
		}
		if len(d.Where) == 0 {
			d.Where = []string{App}
		}
		if len(d.Needs) == 0 {
			d.Needs = []string{"$m"}
		}
		if d.Query == "" {
			d.Query = d.share()
		}
		for _, w := range d.Where {
			if _, ok := f.Selections[w]; !ok && w != App {
				return f, fmt.Errorf("detector %d: there is no selection %q", i+1, w)
			}
			for _, m := range d.For {
				one := d
				one.For, one.Where = []string{m}, []string{w}
				if !one.Open() {
					one = one.of(m)
				}
				out = append(out, one)
			}
		}
	}
	f.Detectors = out
	return f, nil
}

// share is the query of the failed in all, none where no end is known.
func (d Detector) share() string {
	known := d.Known
	if len(known) == 0 {
		known = []string{d.Total}
	}
	return "(\n  sum(" + d.rates(d.Failed, "5m") + ")\n  or\n  0 * sum(" + d.rates(known, "5m") + ")\n)\n/ sum(" +
		d.rates([]string{d.Total}, "5m") + ")"
}

// rates are the rates of counters, one series each of theirs.
func (d Detector) rates(counters []string, window string) string {
	var parts []string
	for _, c := range counters {
		r := "rate(" + c + "[" + window + "])"
		if d.Native {
			r = "histogram_count(" + r + ")"
		}
		parts = append(parts, r)
	}
	return strings.Join(parts, " or ")
}

// Open reports whether the detector is about any metric whose name ends so.
func (d Detector) Open() bool { return strings.HasPrefix(d.For[0], "*") }

// of is the detector for one metric.
func (d Detector) of(metric string) Detector {
	put := func(list []string) []string {
		out := make([]string, len(list))
		for i, s := range list {
			out[i] = strings.ReplaceAll(s, "$m", metric)
		}
		return out
	}
	d.For, d.Needs, d.Failed, d.Known = []string{metric}, put(d.Needs), put(d.Failed), put(d.Known)
	d.Query, d.Total = strings.ReplaceAll(d.Query, "$m", metric), strings.ReplaceAll(d.Total, "$m", metric)
	return d
}

// Filled is the detector's query for a selector's inside, such as job="checkout".
// An empty one selects every series.
func (d Detector) Filled(selector string) string { return fillSelector(d.Query, selector) }

func fillSelector(query, selector string) string {
	if selector == "" {
		query = strings.ReplaceAll(query, "$sel,", "")
	}
	return strings.ReplaceAll(query, "$sel", selector)
}

// Fill is the selection's inside for a name and a namespace, which may be
// empty; empty: it cannot be told without one.
func (s Selection) Fill(name, namespace string) string {
	if namespace == "" && strings.Contains(s.Match, "$ns") {
		return ""
	}
	inside := func(text string) string { q := strconv.Quote(text); return q[1 : len(q)-1] }
	out := strings.NewReplacer("$name", inside(name), "$re", inside(regexp.QuoteMeta(name)), "$ns", inside(regexp.QuoteMeta(namespace))).Replace(s.Match)
	if s.Namespace != "" && namespace != "" {
		out += "," + s.Namespace + `="` + inside(namespace) + `"`
	}
	return out
}

// Pick is the first detector of each signal whose metrics are all present in
// its selection, in order of display; present lists the metrics of one. Of an
// open detector the only metric that fits is taken; of two neither.
func Pick(ds []Detector, present map[string][]string) []Detector {
	var order []string
	best := make(map[string]Detector)
	for _, d := range ds {
		if !slices.Contains(order, d.Signal) {
			order = append(order, d.Signal)
		}
		if _, have := best[d.Signal]; have {
			continue
		}
		there := present[d.Where[0]]
		if d.Open() {
			m, ok := only(d, there)
			if !ok {
				continue
			}
			d = d.of(m)
		}
		has := func(m string) bool { return slices.Contains(there, m) }
		lacks := func(m string) bool { return !has(m) }
		if !slices.ContainsFunc(d.Needs, lacks) && !slices.ContainsFunc(d.Unless, has) {
			best[d.Signal] = d
		}
	}
	var out []Detector
	for _, name := range order {
		if d, ok := best[name]; ok {
			out = append(out, d)
		}
	}
	return out
}

// only is the one metric that an open detector may be about. A name that PromQL
// wants in quotes is none: queries have names bare.
func only(d Detector, there []string) (string, bool) {
	found := ""
	for _, name := range there {
		base, ok := strings.CutSuffix(name, strings.TrimPrefix(d.Needs[0], "$m"))
		if !ok || !strings.HasSuffix(base, strings.TrimPrefix(d.For[0], "*")) || base == found || !model.LegacyValidation.IsValidMetricName(name) {
			continue
		}
		if found != "" {
			return "", false
		}
		found = base
	}
	return found, found != ""
}
