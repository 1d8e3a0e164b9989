package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/template"
)

// State is the state of an alert or of a rule.
type State int

// The states, from the least to the most urgent: a rule has the highest state
// of its alerts. StateUnknown is a rule that was never evaluated.
const (
	StateUnknown State = iota
	StateInactive
	StatePending
	StateFiring
)

// String is the word of the API.
func (s State) String() string {
	switch s {
	case StateInactive:
		return "inactive"
	case StatePending:
		return "pending"
	case StateFiring:
		return "firing"
	}
	return "unknown"
}

// resolvedRetention is how long a resolved alert stays in a rule's memory
// (rules/alerting.go). It is not listed meanwhile.
const resolvedRetention = 15 * time.Minute

// The synthetic series of alerts.
const (
	alertsName     = "ALERTS"
	forStateName   = "ALERTS_FOR_STATE"
	alertStateName = "alertstate"
)

// alerting is what an alerting rule has beyond a recording rule. active is
// keyed by the hash of the alert's labels and guarded by the rule's mutex.
type alerting struct {
	hold, keep  time.Duration // for, keep_firing_for
	annotations labels.Labels
	active      map[uint64]*activeAlert
}

// activeAlert is one alert of a rule: pending, firing, or resolved lately.
type activeAlert struct {
	state               State
	labels, annotations labels.Labels
	value               float64
	activeAt, resolved  time.Time
	keepSince           time.Time // since when only keep_firing_for holds it
}

// expander fills templates for the alerts of one evaluation.
type expander struct {
	ctx  context.Context
	e    *Engine
	rule *rule
	at   time.Time
}

// The shorthands that a template may use beside its data.
const templateDefs = "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}" +
	"{{$externalURL := .ExternalURL}}{{$value := .Value}}"

func (x expander) fill(text string, data any) string {
	if !strings.Contains(text, "{{") {
		return text // as the template would give, without parsing
	}
	t := template.NewTemplateExpander(x.ctx, templateDefs+text, "__alert_"+x.rule.name, data,
		model.Time(x.at.UnixMilli()), template.QueryFunc(x.e.query), x.e.externalURL, nil)
	out, err := t.Expand()
	if err != nil {
		return fmt.Sprintf("<error expanding template: %s>", err)
	}
	return out
}

// fresh makes an alert of each sample, keyed by the hash of its labels.
func (x expander) fresh(v promql.Vector) (map[uint64]*activeAlert, error) {
	out := make(map[uint64]*activeAlert, len(v))
	b := labels.NewBuilder(labels.EmptyLabels())
	for _, s := range v {
		data := template.AlertTemplateData(s.Metric.Map(), x.e.externalLabels, x.e.externalURL.String(), s)
		b.Reset(s.Metric)
		b.Del(model.MetricNameLabel)
		x.rule.labels.Range(func(l labels.Label) { b.Set(l.Name, x.fill(l.Value, data)) })
		b.Set(labels.AlertName, x.rule.name)
		a := &activeAlert{state: StatePending, labels: b.Labels(), value: s.F, activeAt: x.at}
		h := a.labels.Hash()
		if out[h] != nil {
			return nil, errors.New("vector contains metrics with the same labelset after applying alert labels")
		}
		notes := labels.NewScratchBuilder(x.rule.alert.annotations.Len())
		x.rule.alert.annotations.Range(func(l labels.Label) { notes.Add(l.Name, x.fill(l.Value, data)) })
		a.annotations = notes.Labels()
		out[h] = a
	}
	return out, nil
}

// advance moves the rule's alerts to the moment at, given those that the
// expression shows now, and returns the samples of ALERTS and
// ALERTS_FOR_STATE, stamped with sampleAt.
func (r *rule) advance(now map[uint64]*activeAlert, at, sampleAt time.Time, limit int) (promql.Vector, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	active := r.alert.active
	for h, a := range now {
		if known := active[h]; known != nil && known.state != StateInactive {
			known.value, known.annotations = a.value, a.annotations
			continue
		}
		active[h] = a
	}
	var out promql.Vector
	shown := 0
	for h, a := range active {
		if now[h] != nil {
			a.keepSince = time.Time{}
		} else if !r.lingers(h, a, at) {
			continue
		}
		shown++
		if a.state == StatePending && at.Sub(a.activeAt) >= r.alert.hold {
			a.state = StateFiring
		}
		out = append(out, r.samples(a, sampleAt)...)
	}
	if limit > 0 && shown > limit {
		r.alert.active = map[uint64]*activeAlert{}
		return nil, fmt.Errorf("exceeded limit of %d with %d alerts", limit, shown)
	}
	return out, nil
}

// lingers decides over an alert whose expression has ended: keep_firing_for
// holds it, or it is resolved, or it is forgotten.
func (r *rule) lingers(h uint64, a *activeAlert, at time.Time) bool {
	if a.state == StateFiring && r.alert.keep > 0 {
		if a.keepSince.IsZero() {
			a.keepSince = at
		}
		if at.Sub(a.keepSince) < r.alert.keep {
			return true
		}
	}
	if a.state == StatePending || (!a.resolved.IsZero() && at.Sub(a.resolved) > resolvedRetention) {
		delete(r.alert.active, h)
	}
	if a.state != StateInactive {
		a.state, a.resolved = StateInactive, at
	}
	return false
}

// samples are the two synthetic samples of an alert. The rule's own labels
// stand where a template made the alert's label empty, as in Prometheus.
func (r *rule) samples(a *activeAlert, at time.Time) promql.Vector {
	b := labels.NewBuilder(r.labels)
	a.labels.Range(func(l labels.Label) { b.Set(l.Name, l.Value) })
	b.Set(model.MetricNameLabel, forStateName)
	b.Set(labels.AlertName, r.name)
	forState := b.Labels()
	b.Set(model.MetricNameLabel, alertsName)
	b.Set(alertStateName, a.state.String())
	t := at.UnixMilli()
	return promql.Vector{
		{Metric: b.Labels(), T: t, F: 1},
		{Metric: forState, T: t, F: float64(a.activeAt.Unix())},
	}
}
