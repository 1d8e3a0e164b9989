package config

import (
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/firstpage-oncall/firstpage/sources"
)

// Config is the whole configuration. Load fills it; a flag may still change
// it through the methods UsePrometheus, Select and SetTheme.
type Config struct {
	Include   []string      `yaml:"include,omitempty" check:"file" doc:"More configuration files, merged under this one: what this file sets wins, lists are appended. Meant for the part a team keeps in its repository. A command in an included file does not run, and no secret of yours goes where such a file says, until you trust it: firstpage config trust." example:"[~/src/oncall/firstpage.yaml]"`
	Clusters  []Cluster     `yaml:"clusters,omitempty" doc:"The Prometheus servers to ask, each under a name of its own. Without any: $PROMETHEUS_URL, else http://localhost:9090."`
	Runbooks  Runbooks      `yaml:"runbooks" doc:"Where runbooks are found."`
	Services  Services      `yaml:"services" doc:"How an alert's service and owner are found."`
	Links     Links         `yaml:"links" doc:"Dashboards, logs and traces that o offers for an alert, beside those that its annotations, its labels and the catalog name (docs/links.md)."`
	Severity  Severity      `yaml:"severity" doc:"How urgent an alert is."`
	Changes   []Change      `yaml:"changes,omitempty" doc:"Where deploys and other changes are seen, beside Prometheus itself, which needs no entry."`
	OnCall    []OnCall      `yaml:"oncall,omitempty" doc:"The on-call schedules of teams, as calendars (docs/oncall.md)."`
	Me        []string      `yaml:"me,omitempty" check:"name" doc:"You, as schedules write you: name and address. The screen then says until when you are on call." example:"[Ada Okafor, ada@example.com]"`
	Theme     string        `yaml:"theme" enum:"auto|dark|light|high-contrast" doc:"Colours. auto asks the terminal for its background."`
	ReadOnly  bool          `yaml:"read_only" doc:"Leave out everything that changes something outside: silences and running commands."`
	Refresh   Refresh       `yaml:"refresh" doc:"How often the sources are asked."`
	Timeout   time.Duration `yaml:"timeout" min:"100ms" doc:"How long one request may take before it counts as failed."`
	Watchdogs []string      `yaml:"watchdogs,omitempty" doc:"Further names of alerts that fire all the time on purpose (dead-man switches), beyond Watchdog, DeadMansSwitch and their like; * stands for any text. They are folded away, and missed when they stop." example:"[Canary*]"`

	// Files are the configuration files that were read, as named, each
	// before those it includes. Nil: none.
	Files []string `yaml:"-"`
	// Warnings are things that work and should be put right, in file order.
	Warnings []Problem `yaml:"-"`

	pending, granted []Grant
	onlyPending      bool
}

// Cluster is one Prometheus and the Alertmanager that goes with it.
type Cluster struct {
	Name         string       `yaml:"name" required:"true" check:"name" doc:"The name on screen and in output. Unique." example:"prod-eu"`
	Prometheus   Prometheus   `yaml:"prometheus" required:"true" doc:"The server to ask for alerts, rules and series."`
	Alertmanager Alertmanager `yaml:"alertmanager,omitempty" doc:"Its Alertmanager: what is silenced or inhibited, and by whom."`

	Place  Place  `yaml:"-"` // of the entry; zero unless Origin is FromFile
	Origin Origin `yaml:"-"` // who named the Prometheus
}

// Prometheus is a server with the Prometheus HTTP API: Prometheus itself,
// Thanos, Mimir, VictoriaMetrics, a Grafana data source proxy.
type Prometheus struct {
	URL          string                      `yaml:"url" required:"true" check:"server" doc:"Its address, with the path prefix if it has one: https://prometheus.example.com/prefix." example:"https://prometheus.eu.example.com"`
	HTTP         promconfig.HTTPClientConfig `yaml:"http,omitempty" doc:"The HTTP settings of every Prometheus configuration: basic_auth, authorization, oauth2, tls_config, http_headers, proxy_url." example:"{basic_auth: {username: oncall, password_file: ~/.secrets/prometheus}}"`
	TokenCommand []string                    `yaml:"token_command,omitempty" check:"command" doc:"A program and its arguments, run without a shell, that prints a bearer token." example:"[gcloud, auth, print-access-token]"`
	Timeout      time.Duration               `yaml:"timeout,omitempty" min:"100ms" doc:"In place of the general timeout." example:"10s"`
}

// Alertmanager is the Alertmanager of a cluster. An empty URL: none.
type Alertmanager struct {
	URL  string                      `yaml:"url,omitempty" required:"true" check:"server" doc:"Its address, with the path prefix if it has one." example:"https://alertmanager.eu.example.com"`
	HTTP promconfig.HTTPClientConfig `yaml:"http,omitempty" doc:"HTTP settings, as for prometheus." example:"{tls_config: {ca_file: ~/.certs/ca.pem}}"`
	// Match is for an Alertmanager of several clusters.
	Match []string `yaml:"match,omitempty" check:"text" doc:"Alertmanager matchers that the alerts of this cluster have, where one Alertmanager serves several clusters: best those of the external labels." example:"['cluster=\"prod-eu\"']"`
}

// Runbooks says where runbooks are found.
type Runbooks struct {
	Checkouts []Checkout    `yaml:"checkouts,omitempty" doc:"Local clones of the repositories that hold runbooks: they open at once, and offline."`
	Fetch     string        `yaml:"fetch" enum:"ask|always|never" doc:"Whether a runbook that no checkout has may be fetched from the network. ask asks once for each host, and remembers."`
	Hosts     []RunbookHost `yaml:"hosts,omitempty" doc:"Hosts whose pages may be fetched without a question, unless fetch is never, each with its own credentials. No other host is ever sent any."`
	Keys      []string      `yaml:"keys" doc:"Annotations, then labels, that may hold the link. The first that holds one wins."`
}

// Checkout is a directory that stands for what lies under a link prefix.
type Checkout struct {
	URL     string `yaml:"url,omitempty" check:"text" doc:"The beginning of the links that it answers. Guessed from the git remote or the site's settings when left out." example:"https://github.com/acme/runbooks/blob/main/"`
	Path    string `yaml:"path" required:"true" check:"dir" doc:"The directory." example:"~/src/runbooks"`
	Content string `yaml:"content,omitempty" check:"text" doc:"The directory inside it that a site is built from, such as content or docs. Guessed when left out." example:"docs"`
}

// RunbookHost is a host of runbooks and what to say to it.
type RunbookHost struct {
	Host         string                      `yaml:"host" required:"true" check:"host" doc:"Its name as links have it, with a port if they do. It is asked by https; write http:// in front for one that speaks nothing else. For github.com the credentials go to raw.githubusercontent.com, which serves its files." example:"github.example.com"`
	HTTP         promconfig.HTTPClientConfig `yaml:"http,omitempty" doc:"HTTP settings, as for prometheus." example:"{authorization: {credentials_file: ~/.secrets/github}}"`
	TokenCommand []string                    `yaml:"token_command,omitempty" check:"command" doc:"A program and its arguments, run without a shell, that prints a bearer token." example:"[gh, auth, token]"`

	Place Place `yaml:"-"` // of the entry
}

// Services says how an alert's service and owner are found.
type Services struct {
	Labels     []string `yaml:"labels" doc:"Labels that may name the service, best first."`
	Catalog    []string `yaml:"catalog,omitempty" check:"files" doc:"What describes services, best first: files, folders or patterns with ** (docs/services.md). Owner, channel, repository, dependencies, default runbook; in firstpage's own format, Backstage's or GitLab's." example:"[~/src/oncall/services.yaml]"`
	Exporters  []string `yaml:"exporters,omitempty" doc:"Further values of job that name an exporter, whose own labels say nothing about the service, beyond kube-state-metrics, node-exporter and their like; * stands for any text." example:"[snmp-*]"`
	TeamLabels []string `yaml:"team_labels" doc:"Labels that may name the owning team, best first."`
}

// Links says which links a page offers beside those that alerts and catalogs
// name.
type Links struct {
	Grafana string            `yaml:"grafana,omitempty" check:"server" doc:"Your Grafana, for dashboards that alerts and catalogs name by their uid or name only. Nothing is asked of it." example:"https://grafana.example.com"`
	Bases   map[string]string `yaml:"bases,omitempty" check:"server" doc:"What stands before the value of an annotation or label that is no whole address, by its name." example:"{kibana: 'https://logs.example.com'}"`
	Add     []Link            `yaml:"add,omitempty" doc:"Links that every alert has which has the labels in them."`
}

// Link is one link of the configuration.
type Link struct {
	Title string `yaml:"title" required:"true" check:"name" doc:"What it is, for the list." example:"Logs of the namespace"`
	URL   string `yaml:"url" required:"true" check:"text" doc:"Its address. {{ $labels.NAME }} is the alert's label, {{ service }}, {{ owner }}, {{ cluster }} and {{ alert }} are names, {{ from }} and {{ to }} the time around the trouble (RFC 3339; from_ms, to_ms, from_us and to_us as a number). Variables are not expanded: no secret belongs here." example:"'https://logs.example.com/search?q={{ $labels.namespace }}&from={{ from }}'"`
	Kind  string `yaml:"kind,omitempty" enum:"dashboard|logs|traces|link" doc:"What it leads to. Guessed from the title when left out." example:"logs"`

	Place Place `yaml:"-"` // of the entry
}

// Severity says how urgent an alert is.
type Severity struct {
	Label string            `yaml:"label" required:"true" doc:"The label that holds the severity."`
	Ranks map[string]string `yaml:"ranks,omitempty" enum:"page|critical|warning|info|none" doc:"What a value of that label means, for values beyond the usual ones (page, critical, error, warning, info and their like are known). none folds the alert away." example:"{p1: page, p2: warning, noise: none}"`
}

// Change is one source of changes.
type Change struct {
	Kind    string `yaml:"kind" required:"true" doc:"What it is."`
	Name    string `yaml:"name,omitempty" check:"name" doc:"The name on screen and in output. The kind when left out."`
	Options any    `yaml:",inline"` // what Options of the kind returned, filled

	Place Place `yaml:"-"` // of the entry
}

// OnCall is one on-call schedule.
type OnCall struct {
	Team     string `yaml:"team" required:"true" check:"name" doc:"The team that is on call, as a catalog or a label of alerts names it." example:"payments"`
	ICal     string `yaml:"ical" required:"true" check:"feed" doc:"The address of the schedule's iCal feed (https or webcal), which is a secret and shown nowhere; or the path of a file." example:"'${PAYMENTS_ICAL}'"`
	Override bool   `yaml:"override,omitempty" doc:"Whoever stands in it is on call in place of those in the team's other schedules."`

	Place Place `yaml:"-"` // of the entry
}

// Refresh says how often each kind of source is asked while the screen is
// looked at. A refresh by hand is always possible.
type Refresh struct {
	Alerts  time.Duration `yaml:"alerts" min:"1s" doc:"Between two looks at the alerts."`
	Rules   time.Duration `yaml:"rules" min:"1s" doc:"Between two looks at the rules, which are large and change rarely."`
	Changes time.Duration `yaml:"changes" min:"1s" doc:"Between two looks at the sources of changes."`
}

// Default is the configuration without any file, flag or variable. It has no
// cluster yet.
func Default() *Config {
	return &Config{
		Runbooks: Runbooks{Fetch: "ask", Keys: sources.RunbookKeys()},
		Services: Services{Labels: sources.ServiceLabels(), TeamLabels: sources.TeamLabels()},
		Severity: Severity{Label: sources.SeverityLabel},
		Theme:    "auto",
		Refresh:  Refresh{Alerts: 5 * time.Second, Rules: 5 * time.Minute, Changes: 30 * time.Second},
		Timeout:  5 * time.Second,
	}
}

// defaulter is for structs that stand in a list, where Default cannot reach.
type defaulter interface{ setDefaults() }

func (h *RunbookHost) setDefaults() { h.HTTP = promconfig.DefaultHTTPClientConfig }

func (c *Cluster) setDefaults() {
	c.Origin = FromFile
	c.Prometheus.HTTP = promconfig.DefaultHTTPClientConfig
	c.Alertmanager.HTTP = promconfig.DefaultHTTPClientConfig
}
