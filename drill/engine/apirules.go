package engine

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
)

type alertJSON struct {
	Labels          labels.Labels `json:"labels"`
	Annotations     labels.Labels `json:"annotations"`
	State           string        `json:"state"`
	ActiveAt        time.Time     `json:"activeAt"`
	KeepFiringSince *time.Time    `json:"keepFiringSince,omitempty"`
	Value           string        `json:"value"`
}

type groupJSON struct {
	Name           string    `json:"name"`
	File           string    `json:"file"`
	Rules          []any     `json:"rules"`
	Interval       float64   `json:"interval"`
	Limit          int       `json:"limit"`
	EvaluationTime float64   `json:"evaluationTime"`
	LastEvaluation time.Time `json:"lastEvaluation"`
}

type ruleJSON struct {
	Name           string        `json:"name"`
	Query          string        `json:"query"`
	Labels         labels.Labels `json:"labels"`
	Health         health        `json:"health"`
	LastError      string        `json:"lastError,omitempty"`
	EvaluationTime float64       `json:"evaluationTime"`
	LastEvaluation time.Time     `json:"lastEvaluation"`
	Type           string        `json:"type"`
}

type alertingJSON struct {
	ruleJSON
	State         string        `json:"state"`
	Duration      float64       `json:"duration"`
	KeepFiringFor float64       `json:"keepFiringFor"`
	Annotations   labels.Labels `json:"annotations"`
	Alerts        []alertJSON   `json:"alerts"` // null when they were not asked for
}

func (e *Engine) apiAlerts(*http.Request) (answer, error) {
	out := []alertJSON{}
	for _, a := range e.Alerts() {
		out = append(out, a.json())
	}
	return answer{data: map[string]any{"alerts": out}}, nil
}

func (a Alert) json() alertJSON {
	out := alertJSON{Labels: a.labels, Annotations: a.annotations, State: a.State.String(), ActiveAt: a.ActiveAt.UTC(),
		Value: strconv.FormatFloat(a.Value, 'e', -1, 64)}
	if !a.KeepFiringSince.IsZero() {
		since := a.KeepFiringSince.UTC()
		out.KeepFiringSince = &since
	}
	return out
}

// rulesRequest is what the endpoint rules can be asked for. An empty list
// means any.
type rulesRequest struct {
	names, groups, files []string
	match                [][]*labels.Matcher
	recording, alerting  bool
	withAlerts           bool
	limit                int // groups of one page; 0: all
	token                string
}

func (e *Engine) rulesRequest(r *http.Request) (rulesRequest, error) {
	if err := r.ParseForm(); err != nil {
		return rulesRequest{}, badData(fmt.Errorf("error parsing form values: %w", err))
	}
	q := rulesRequest{names: r.Form["rule_name[]"], groups: r.Form["rule_group[]"], files: r.Form["file[]"], withAlerts: true}
	var err error
	if q.match, err = matcherSets(e.parser, r.Form["match[]"]); err != nil {
		return q, badData(err)
	}
	kind := strings.ToLower(r.Form.Get("type"))
	q.alerting, q.recording = kind != "record", kind != "alert"
	if kind != "" && q.alerting && q.recording {
		return q, badParam("type", fmt.Errorf("not supported value %q", kind))
	}
	if s := strings.ToLower(r.Form.Get("exclude_alerts")); s != "" {
		exclude, err := strconv.ParseBool(s)
		if err != nil {
			return q, badParam("exclude_alerts", fmt.Errorf("error converting exclude_alerts: %w", err))
		}
		q.withAlerts = !exclude
	}
	q.token = r.Form.Get("group_next_token")
	size := r.Form.Get("group_limit")
	if size == "" {
		if q.token != "" {
			return q, badParam("group_next_token", errors.New("group_limit needs to be present in order to paginate over the groups"))
		}
		return q, nil
	}
	n, err := strconv.ParseInt(size, 10, 32)
	if err != nil {
		return q, badParam("group_limit", fmt.Errorf("group_limit needs to be a valid number: %w", err))
	}
	if n <= 0 {
		return q, badParam("group_limit", errors.New("group_limit needs to be greater than 0"))
	}
	q.limit = int(n)
	return q, nil
}

func (e *Engine) apiRules(r *http.Request) (answer, error) {
	q, err := e.rulesRequest(r)
	if err != nil {
		return answer{}, err
	}
	groups := e.groups
	if q.token != "" {
		i := slices.IndexFunc(groups, func(g *group) bool { return g.token() == q.token })
		if i < 0 {
			return answer{}, badParam("group_next_token", fmt.Errorf("invalid group_next_token '%v'. were rule groups changed?", q.token))
		}
		groups = groups[i:]
	}
	out := []groupJSON{}
	next := ""
	for _, g := range groups {
		one := q.group(g)
		if len(one.Rules) == 0 {
			continue
		}
		if q.limit > 0 && len(out) == q.limit {
			next = g.token()
			break
		}
		out = append(out, one)
	}
	data := map[string]any{"groups": out}
	if next != "" {
		data["groupNextToken"] = next
	}
	return answer{data: data}, nil
}

// anyOf reports whether the list is empty or has the value.
func anyOf(list []string, v string) bool { return len(list) == 0 || slices.Contains(list, v) }

// group is the group with the rules that were asked for, perhaps none.
func (q rulesRequest) group(g *group) groupJSON {
	g.mu.Lock()
	last, took := g.last, g.took
	g.mu.Unlock()
	out := groupJSON{Name: g.name, File: g.file, Rules: []any{}, Interval: g.interval.Seconds(), Limit: g.limit,
		EvaluationTime: took.Seconds(), LastEvaluation: last.UTC()}
	if !anyOf(q.groups, g.name) || !anyOf(q.files, g.file) {
		return out
	}
	for _, r := range g.rules {
		wanted := q.recording
		if r.alert != nil {
			wanted = q.alerting
		}
		if wanted && anyOf(q.names, r.name) && q.matches(r.labels) {
			out.Rules = append(out.Rules, r.json(q.withAlerts))
		}
	}
	return out
}

func (q rulesRequest) matches(l labels.Labels) bool {
	return len(q.match) == 0 || slices.ContainsFunc(q.match, func(ms []*labels.Matcher) bool { return matches(l, ms) })
}

func (r *rule) json(withAlerts bool) any {
	r.mu.Lock()
	out := ruleJSON{Name: r.name, Query: r.query, Labels: r.labels, Health: r.health, EvaluationTime: r.took.Seconds(),
		LastEvaluation: r.last.UTC(), Type: "recording"}
	if r.err != nil {
		out.LastError = r.err.Error()
	}
	r.mu.Unlock()
	if r.alert == nil {
		return out
	}
	out.Type = "alerting"
	a := alertingJSON{ruleJSON: out, State: r.state().String(), Duration: r.alert.hold.Seconds(),
		KeepFiringFor: r.alert.keep.Seconds(), Annotations: r.alert.annotations}
	if withAlerts {
		a.Alerts = []alertJSON{}
		for _, one := range r.current() {
			a.Alerts = append(a.Alerts, one.json())
		}
	}
	return a
}
