package buildinfo

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

// KindName is how the configuration names this kind of source.
const KindName = "prometheus"

// Options is what the configuration may say. It is on with the defaults for
// every cluster without being named.
type Options struct {
	Cluster string        `yaml:"cluster" doc:"name of the cluster whose Prometheus is asked; may be left out if there is only one" example:"prod-eu"`
	Window  time.Duration `yaml:"window" doc:"how far back versions are compared"`
	Metrics string        `yaml:"metrics" doc:"regular expression for the names of the metrics that carry versions"`

	VersionLabels  []string          `yaml:"version_labels" doc:"labels that hold the version; the first that is not empty counts"`
	RevisionLabels []string          `yaml:"revision_labels" doc:"labels that hold the commit; the first that is not empty counts"`
	Watch          []string          `yaml:"watch" doc:"what to look for, where its metrics exist"`
	ImageLabels    []string          `yaml:"image_labels" doc:"labels of kube_pod_container_info that hold the image; the first that is not empty counts"`
	ServiceLabels  []string          `yaml:"service_labels" doc:"labels of kube_deployment_labels and its like that name the service; the first that is not empty counts, else the workload's name"`
	DeployMetrics  []string          `yaml:"deploy_metrics" doc:"metrics that a pipeline writes with each deploy: the unix time of it, or a counter if the name ends in _total" example:"[deploy_timestamp_seconds]"`
	Rename         map[string]string `yaml:"rename" doc:"metrics, and labels of kube-state-metrics, that have another name here: the usual name and that one" example:"{kube_pod_container_info: k8s_pod_container_info}"`
	InfraJobs      []string          `yaml:"infra_jobs" doc:"further jobs that are infrastructure: their new versions are kind infra, not deploy" example:"[postgres]"`
}

// Defaults returns the options without configuration: 6 h; *_build_info with
// version and revision as prometheus/common writes them, target_info with
// service_version as OpenTelemetry's exporters do, and the label names that
// Kubernetes and hand-written build_info metrics use.
func Defaults() Options {
	return Options{
		Window:         6 * time.Hour,
		Metrics:        "(.+_)?build_info|target_info",
		VersionLabels:  []string{"version", "service_version", "app_version", "git_version"},
		RevisionLabels: []string{"revision", "commit", "git_commit", "vcs_ref_head_revision"},
		Watch:          Watches(),
		ImageLabels:    []string{"image_spec", "image"},
		ServiceLabels:  []string{"label_app_kubernetes_io_name", "label_app"},
	}
}

// Kind describes this source to the configuration.
func Kind() sources.ChangeKind {
	return sources.ChangeKind{
		Name:    KindName,
		Summary: "deploys, rollbacks and other changes read from the metrics of a cluster's Prometheus; on by default",
		Sees:    []sources.ChangeType{sources.Deploy, sources.Rollback, sources.Infra, sources.Scale, sources.Restart},
		Options: func() any { o := Defaults(); return &o },
		Open:    sources.Opener(Open),
	}
}

const (
	minWindow = 10 * time.Minute
	maxWindow = 31 * 24 * time.Hour
)

// check fills what is left out and reports every problem at once.
func (o *Options) check(env sources.Env) error {
	d := Defaults()
	if o.Window == 0 {
		o.Window = d.Window
	}
	if o.Metrics == "" {
		o.Metrics = d.Metrics
	}
	if len(o.VersionLabels) == 0 {
		o.VersionLabels = d.VersionLabels
	}
	if len(o.RevisionLabels) == 0 {
		o.RevisionLabels = d.RevisionLabels
	}
	if o.Watch == nil { // an empty list is none
		o.Watch = d.Watch
	}
	if len(o.ImageLabels) == 0 {
		o.ImageLabels = d.ImageLabels
	}
	if o.ServiceLabels == nil {
		o.ServiceLabels = d.ServiceLabels
	}
	var errs []error
	if o.Cluster == "" {
		if len(env.Clusters) == 1 {
			o.Cluster = env.Clusters[0]
		} else {
			errs = append(errs, fmt.Errorf("cluster: say which one (%s)", strings.Join(env.Clusters, ", ")))
		}
	}
	if o.Window < minWindow || o.Window > maxWindow {
		errs = append(errs, fmt.Errorf("window: %v is not between %v and %v", o.Window, minWindow, maxWindow))
	}
	if _, err := regexp.Compile(o.Metrics); err != nil {
		errs = append(errs, fmt.Errorf("metrics: %w", err))
	}
	for _, w := range o.Watch {
		if !slices.Contains(Watches(), w) {
			errs = append(errs, fmt.Errorf("watch: %q is none of %s", w, strings.Join(Watches(), ", ")))
		}
	}
	for _, f := range []struct {
		key    string
		labels []string
	}{
		{"version_labels", o.VersionLabels}, {"revision_labels", o.RevisionLabels},
		{"image_labels", o.ImageLabels}, {"service_labels", o.ServiceLabels},
		{"deploy_metrics", o.DeployMetrics},
		{"rename", slices.Sorted(maps.Keys(o.Rename))}, {"rename", slices.Sorted(maps.Values(o.Rename))},
	} {
		for _, l := range f.labels {
			if !sources.LegacyName(strings.ReplaceAll(l, ":", "_")) { // as names of recording rules
				errs = append(errs, fmt.Errorf("%s: %q is not a name", f.key, l))
			}
		}
	}
	return errors.Join(errs...)
}

// Open checks the options and makes the source; it asks nothing yet.
func Open(o Options, env sources.Env) (*Source, error) {
	if err := o.check(env); err != nil {
		return nil, err
	}
	var q sources.Querier
	if env.Query != nil {
		q = env.Query(o.Cluster)
	}
	if q == nil {
		return nil, fmt.Errorf("cluster: no cluster is named %q (%s)", o.Cluster, strings.Join(env.Clusters, ", "))
	}
	if env.Now == nil {
		env.Now = time.Now
	}
	name := env.Name
	if name == "" {
		name = KindName
	}
	s := &Source{
		opt: o, q: q, now: env.Now, steps: stepsFor(o.Window), watches: o.watches(),
		id: sources.SourceID{Kind: KindName, Name: name, Cluster: o.Cluster}, tracks: map[key]*track{}, last: census{},
	}
	if slices.Contains(o.Watch, watchVersions) {
		s.versions = o.versions()
	}
	return s, nil
}
