package engine

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
)

// RuleFile is one rule file: its name as the API shows it, and its YAML.
type RuleFile struct {
	Name string
	Data []byte
}

// health is what the API says of a rule's last evaluation.
type health string

const (
	healthUnknown health = "unknown"
	healthGood    health = "ok"
	healthBad     health = "err"
)

// group is one rule group. The fields above the mutex never change.
type group struct {
	name, file string
	interval   time.Duration
	offset     time.Duration // how far back its queries look (query_offset)
	limit      int           // series or alerts a rule may give; 0: any number
	rules      []*rule

	mu   sync.Mutex
	last time.Time // slot of the last evaluation
	took time.Duration
}

// rule is a recording rule, or an alerting rule (then alert is not nil). The
// fields above the mutex never change; previous belongs to the evaluation.
type rule struct {
	name   string
	expr   parser.Expr
	query  string
	labels labels.Labels
	alert  *alerting

	previous map[string]labels.Labels // series of the last evaluation

	mu     sync.Mutex
	health health
	err    error
	last   time.Time
	took   time.Duration
}

// token names the group for paging, as Prometheus does.
func (g *group) token() string {
	sum := sha256.Sum256([]byte(g.file + ";" + g.name))
	return hex.EncodeToString(sum[:])
}

func (r *rule) failed(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.health, r.err = healthBad, err
}

func (r *rule) succeeded() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.health, r.err = healthGood, nil
}

func (r *rule) evaluated(at time.Time, took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last, r.took = at, took
}

// loadRules parses the files. The error joins every fault of every file.
func loadRules(files []RuleFile, interval time.Duration, p parser.Parser) ([]*group, error) {
	var out []*group
	var errs []error
	seen := map[string]bool{}
	for _, f := range files {
		if seen[f.Name] {
			errs = append(errs, fmt.Errorf("two rule files are named %q", f.Name))
			continue
		}
		seen[f.Name] = true
		parsed, faults := rulefmt.Parse(f.Data, false, model.UTF8Validation, p, slog.New(slog.DiscardHandler))
		for _, err := range faults {
			errs = append(errs, fmt.Errorf("%s: %w", f.Name, err))
		}
		if len(faults) > 0 {
			continue
		}
		for _, rg := range parsed.Groups {
			g, err := newGroup(f.Name, rg, interval, p)
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", f.Name, err))
				continue
			}
			out = append(out, g)
		}
	}
	slices.SortStableFunc(out, func(a, b *group) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.name, b.name))
	})
	return out, errors.Join(errs...)
}

func newGroup(file string, rg rulefmt.RuleGroup, interval time.Duration, p parser.Parser) (*group, error) {
	g := &group{name: rg.Name, file: file, interval: interval, limit: rg.Limit}
	if rg.Interval != 0 {
		g.interval = time.Duration(rg.Interval)
	}
	if rg.QueryOffset != nil {
		g.offset = time.Duration(*rg.QueryOffset)
	}
	for _, r := range rg.Rules {
		expr, err := p.ParseExpr(r.Expr)
		if err != nil {
			return nil, fmt.Errorf("group %q, rule %q: %w", rg.Name, cmp.Or(r.Alert, r.Record), err)
		}
		all := map[string]string{}
		maps.Copy(all, rg.Labels)
		maps.Copy(all, r.Labels)
		one := &rule{name: cmp.Or(r.Alert, r.Record), expr: expr, query: expr.String(), labels: labels.FromMap(all), health: healthUnknown}
		if r.Alert != "" {
			one.alert = &alerting{hold: time.Duration(r.For), keep: time.Duration(r.KeepFiringFor),
				annotations: labels.FromMap(r.Annotations), active: map[uint64]*activeAlert{}}
		}
		g.rules = append(g.rules, one)
	}
	return g, nil
}

// record turns the expression's answer into the rule's series.
func (r *rule) record(v promql.Vector, limit int) (promql.Vector, error) {
	b := labels.NewBuilder(labels.EmptyLabels())
	for i := range v {
		b.Reset(v[i].Metric)
		b.Set(model.MetricNameLabel, r.name)
		r.labels.Range(func(l labels.Label) { b.Set(l.Name, l.Value) })
		v[i].Metric = b.Labels()
	}
	if v.ContainsSameLabelset() {
		return nil, errors.New("vector contains metrics with the same labelset after applying rule labels")
	}
	if limit > 0 && len(v) > limit {
		return nil, fmt.Errorf("exceeded limit of %d with %d series", limit, len(v))
	}
	return v, nil
}
