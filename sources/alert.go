package sources

import (
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// State is where an alert stands.
type State string

// The states of an alert. Resolved is ours: the alert was seen and is gone.
const (
	Firing   State = "firing"
	Pending  State = "pending"
	Resolved State = "resolved"
)

// AlertID names one alert across refreshes and clusters: selection, page and
// journal follow it. 16 hexadecimal digits.
type AlertID string

// NewAlertID hashes the cluster's name and the sorted labels.
func NewAlertID(cluster string, ls Labels) AlertID {
	h := fnvAdd(fnvAdd(fnvOffset, cluster), "\x00")
	return AlertID(hex16(fnvAdd(h, ls.Fingerprint())))
}

// Alert is one active (or lately resolved) alert of one cluster.
type Alert struct {
	ID      AlertID
	Cluster string // configured name

	Labels      Labels // with alertname
	Annotations Labels // templates expanded by Prometheus

	State           State
	ActiveAt        time.Time // when the expression began to hold; zero if unknown
	KeepFiringSince time.Time // zero unless keep_firing_for holds it
	ResolvedAt      time.Time // zero unless State is Resolved; when we first saw it gone

	Value float64 // of the expression at the last evaluation; may be NaN

	// AM is the alert as Alertmanager sees it. Nil: not known.
	AM *AMView
	// OnlyAM is true when nobody but Alertmanager tells of it: the labels are
	// then its own, and there is neither ActiveAt nor Value.
	OnlyAM bool
}

// Name is the alertname label.
func (a Alert) Name() safe.Value { return a.Labels.Value("alertname") }

// AMView is Alertmanager's side of an alert. Its labels can differ from
// Prometheus' (external labels, alert relabelling).
type AMView struct {
	Labels      Labels
	Annotations Labels
	Fingerprint string       // of its labels
	SilencedBy  []safe.Value // silence IDs
	InhibitedBy []safe.Value // fingerprints
	Receivers   []safe.Value
	StartsAt    time.Time // when it fired first, as far as Alertmanager was told
}

// Name is the alertname label.
func (v AMView) Name() safe.Value { return v.Labels.Value("alertname") }

// Quiet reports whether it is silenced or inhibited: nobody is told of it.
func (v AMView) Quiet() bool { return len(v.SilencedBy) > 0 || len(v.InhibitedBy) > 0 }

// RuleGroup is one group of a rule file, as the server evaluates it or as it is
// written.
type RuleGroup struct {
	Name, File     safe.Value
	Interval       time.Duration
	LastEvaluation time.Time     // zero: never
	EvaluationTime time.Duration // how long the last evaluation took
	Rules          []Rule        // alerting rules only, in file order
	Recorded       []Recording   // recording rules, in file order; nil: none, or not asked for
}

// Recording is one recording rule.
type Recording struct {
	Name  safe.Value // of the series it makes
	Query safe.Value // PromQL as the server prints it
}

// Rule is one alerting rule.
type Rule struct {
	Name          safe.Value
	Line          int        // in the group's File, from 1; 0: not known, as from a server
	Query         safe.Value // PromQL as the server prints it, or as written in a file
	For           time.Duration
	KeepFiringFor time.Duration
	Labels        Labels // as written: templates not expanded
	Annotations   Labels // as written: templates not expanded
	Health        safe.Value
	LastError     safe.Value
}

// Matcher is one condition of a silence, in Alertmanager's terms.
type Matcher struct {
	Name, Value safe.Value
	IsRegex     bool
	IsEqual     bool
}

// Silence is one silence of an Alertmanager.
type Silence struct {
	ID               safe.Value
	Matchers         []Matcher
	StartsAt, EndsAt time.Time
	CreatedBy        safe.Value
	Comment          safe.Value
	State            string // SilenceActive and so on
}

// The states of a silence, in Alertmanager's words.
const (
	SilenceActive  = "active"
	SilencePending = "pending" // it is still to begin
	SilenceExpired = "expired"
)
