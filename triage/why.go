package triage

import (
	"math"
	"slices"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// Why is why an alert fires: what its rule measures, against which limit.
type Why struct {
	Expr
	Query                 safe.Value // the rule's, as the server prints it
	For, KeepFiringFor    time.Duration
	Value                 float64 // of Measured at the server's last evaluation; NaN when not known
	Trend                 Trend
	Points                []sources.Point // of Measured, oldest first
	Culprits              sources.Labels  // what the alert points at, the telling ones first (not sorted by name)
	RuleHealth, RuleError safe.Value
	Recorded              Recorded // the recording rule behind Measured
	RuleKnown             bool     // false: no rule of that name, or the rules are not known
}

// Explain is what the alert and its rule say; Points and Trend take a query
// and stay empty.
func Explain(it Item) Why {
	w := Why{Value: it.Value, Culprits: culprits(it)}
	if it.Rule == nil {
		return w
	}
	w.RuleKnown = true
	w.Query, w.Expr = it.Rule.Query, Split(it.Rule.Query.Raw())
	if w.Recorded = it.Recordings.behind(w.Query.Raw()); w.Recorded.Known() {
		w.Unit = w.Recorded.unit(w.Expr)
	}
	if w.Indirect {
		w.Value = math.NaN()
	}
	w.For, w.KeepFiringFor = it.Rule.For, it.Rule.KeepFiringFor
	w.RuleHealth, w.RuleError = it.Rule.Health, it.Rule.LastError
	return w
}

// culprits are the labels that the series brought along, not the rule: what
// the alert points at. Labels that tell the instance of the trouble apart come
// first, those that most alerts share last.
func culprits(it Item) sources.Labels {
	var out sources.Labels
	for _, l := range it.Labels {
		name := l.Name.Raw()
		if l.Value.Empty() || slices.Contains(dullLabels(), name) {
			continue
		}
		if it.Rule != nil {
			if v, ok := it.Rule.Labels.Get(name); ok && !templated(v) {
				continue
			}
		}
		out = append(out, l)
	}
	slices.SortStableFunc(out, func(a, b sources.Label) int { return telling(a.Name.Raw()) - telling(b.Name.Raw()) })
	return out
}

// dullLabels say how important an alert is and whose, not what is wrong.
func dullLabels() []string {
	return []string{
		"alertname", "severity", "team", "owner", "squad", "support_group", "tier", "alertstate", "__name__",
		"runbook", "runbook_url", "playbook", "dashboard", "prometheus", "prometheus_replica", "monitor", "endpoint", "metrics_path", "uid",
	}
}

// telling ranks label names: first what splits a service (version, path, code),
// then the place, unknown names between the two, and last what is said
// elsewhere on the page.
func telling(name string) int {
	for rank, names := range [...][]string{
		{"version", "path", "handler", "route", "uri", "code", "status", "status_code", "method", "reason", "device", "mountpoint", "topic", "queue", "database", "phase", "condition"},
		{"pod", "container", "instance", "node", "host", "hostname", "nodename", "persistentvolumeclaim"},
		{"deployment", "statefulset", "daemonset", "cronjob", "job_name", "horizontalpodautoscaler"},
		nil, // any other name
		{"namespace", "region", "zone", "env", "environment"},
		{"service", "app", "job", "cluster"},
	} {
		if slices.Contains(names, name) {
			return rank
		}
	}
	return 3
}
