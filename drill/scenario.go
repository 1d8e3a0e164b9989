package drill

import (
	"io/fs"
	"time"

	"github.com/firstpage-oncall/firstpage/drill/engine"
)

// Scenario is one incident as its folder describes it; docs/drills.md is the
// reference of the format. Moments are durations from the moment at which the
// screen opens: negative ones are the past.
type Scenario struct {
	Title   string      `yaml:"title"`
	Story   string      `yaml:"story"` // what really happens; told afterwards
	Cluster string      `yaml:"cluster"`
	Clock   Clock       `yaml:"clock"`
	Seed    uint64      `yaml:"seed"`
	Targets []Target    `yaml:"targets"`
	Series  []Recorded  `yaml:"series"`
	Changes []Change    `yaml:"changes"`
	Others  *Background `yaml:"background"`
	Actions []Action    `yaml:"actions"`
	Code    *Repository `yaml:"repository"`
	OnCall  []Rota      `yaml:"oncall"`
	Guide   []Hint      `yaml:"guide"`
	Page    string      `yaml:"page"` // the alert that the guide is about; required with a guide

	// Rules, Services and Files are the other files of the folder.
	Rules    []engine.RuleFile `yaml:"-"`
	Services []byte            `yaml:"-"` // services.yaml; nil: none
	Files    fs.FS             `yaml:"-"`
}

// Rota is who is on call for a team: its people one after another, a week each
// from Monday 09:00, the first of them as the screen opens.
type Rota struct {
	Team   string   `yaml:"team"`
	People []string `yaml:"people"`
}

// Clock says how much of the past there is and how time goes.
type Clock struct {
	History Span    `yaml:"history"` // before the screen opens; default 6h
	Step    Span    `yaml:"step"`    // between two samples, default 5s; once a minute in the far past
	Fine    Span    `yaml:"fine"`    // how much of the past has that step; default 75m
	Speed   float64 `yaml:"speed"`   // default 1
}

// Span is a duration, or a moment as one from the opening of the screen. It is
// written as Prometheus and Go write them, with a minus for the past: 90s,
// -8m, -2d.
type Span time.Duration

// Target is something that is scraped: a job with its instances, the version
// that each runs, and metrics that depend on it. Each instance has up,
// process_start_time_seconds and, with a version, a build_info of its own.
type Target struct {
	Job       string            `yaml:"job"`
	Labels    map[string]string `yaml:"labels"`     // on every series of the job
	Instances []string          `yaml:"instances"`  // values of the label instance
	BuildInfo string            `yaml:"build_info"` // the metric's name; default the job's name and _build_info
	Version   string            `yaml:"version"`    // that runs at the beginning; empty: no build_info
	Commit    string            `yaml:"commit"`     // its id in repository; the label revision
	// OnMetrics puts the label version on the metrics too, as an application
	// that labels them itself, or a relabelling, does.
	OnMetrics bool      `yaml:"version_on_metrics"`
	Rollouts  []Rollout `yaml:"rollouts"`
	Metrics   []Metric  `yaml:"metrics"`
}

// Rollout is a new version taking over, instance by instance.
type Rollout struct {
	At      *Span  `yaml:"at"` // when the first instance has it
	On      string `yaml:"on"` // or the action that starts it
	Version string `yaml:"version"`
	Commit  string `yaml:"commit"`
	Every   Span   `yaml:"every"` // between two instances
}

// Metric is one series of each instance of a target.
type Metric struct {
	Name      string            `yaml:"name"`
	Labels    map[string]string `yaml:"labels"`
	Generator `yaml:",inline"`
}

// Generator is how a value behaves: a counter that grows by a rate per second,
// a gauge, or a gauge that holds a moment as Unix time. The last condition that holds decides; it is reached from the
// value before it within Over.
type Generator struct {
	Rate   *float64    `yaml:"rate"`
	Value  *float64    `yaml:"value"`
	Moment *Span       `yaml:"moment"`
	Noise  float64     `yaml:"noise"` // share of the value, as a standard deviation
	When   []Condition `yaml:"when"`
}

// Condition changes a value from a moment on, while a version runs, or once an
// action was done.
type Condition struct {
	Version string `yaml:"version"` // while the instance runs it
	At      *Span  `yaml:"at"`
	On      string `yaml:"on"` // from this action on
	Until   *Span  `yaml:"until"`
	Off     string `yaml:"off"`   // until this action
	After   Span   `yaml:"after"` // this long after the condition began to hold
	Over    Span   `yaml:"over"`  // reached within

	Rate  *float64 `yaml:"rate"`
	Value *float64 `yaml:"value"`
	Gone  bool     `yaml:"gone"` // the series ends
}

// Recorded is a series without a target: in the notation of promtool's unit
// tests, from the beginning of the history on, or generated.
type Recorded struct {
	Series    string `yaml:"series"`   // name{label="value"}
	Values    string `yaml:"values"`   // promtool's notation; the last value stays
	Interval  Span   `yaml:"interval"` // between two of the values; default 1m
	Generator `yaml:",inline"`
}

// Change is one line of the events that a pipeline would write down.
type Change struct {
	At        *Span  `yaml:"at"`
	On        string `yaml:"on"`
	Kind      string `yaml:"kind"`
	Service   string `yaml:"service"`
	Version   string `yaml:"version"`
	From      string `yaml:"from_version"`
	Commit    string `yaml:"commit"`
	FromID    string `yaml:"from_commit"`
	Took      Span   `yaml:"took"`
	Author    string `yaml:"author"`
	Title     string `yaml:"title"`
	URL       string `yaml:"url"`
	Namespace string `yaml:"namespace"`
}

// Background is the deploys of everybody else, made up from the seed.
type Background struct {
	Services  []string `yaml:"services"`
	Namespace string   `yaml:"namespace"`
	PerHour   float64  `yaml:"per_hour"`
}

// Action is a command that the scenario knows. Words in brackets may be left
// out: kubectl [-n shop] rollout undo deploy/checkout.
type Action struct {
	Name     string   `yaml:"name"` // what on: and off: refer to; empty: it only answers
	Commands []string `yaml:"commands"`
	Says     string   `yaml:"says"` // what the command would print
}

// Repository is a small git history. It is built with the git binary when a
// session starts; without git there are only its files.
type Repository struct {
	Name    string   `yaml:"name"`   // of the folder
	Remote  string   `yaml:"remote"` // https address of the forge, without .git
	Branch  string   `yaml:"branch"` // default main
	Commits []Commit `yaml:"commits"`
}

// Commit is one commit, oldest first. Its files are whole; a nil text removes
// one. Put takes files or folders of the scenario: path in the repository to
// path in the scenario.
type Commit struct {
	ID      string             `yaml:"id"`
	At      Span               `yaml:"at"`
	Author  string             `yaml:"author"` // Name <address>
	Message string             `yaml:"message"`
	Files   map[string]*string `yaml:"files"`
	Put     map[string]string  `yaml:"put"`
}

// Hint is one line of the guide for somebody who sees the screen for the first
// time. It stands until the key's action was done on the page of the guide.
type Hint struct {
	Short string `yaml:"short"` // for small screens; at most 48 characters
	Text  string `yaml:"text"`
	Until string `yaml:"until"` // an action of the key table, such as next-step; empty: the last one
	Step  int    `yaml:"step"`  // of the runbook, from 1, at which that counts; 0: any
}
