package kubernetes

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

// KindName is how the configuration names this kind of source.
const KindName = "kubernetes"

// Options is what the configuration may say.
type Options struct {
	Cluster    string   `yaml:"cluster" doc:"name of the configured cluster that this is; may be left out if there is only one" example:"prod-eu"`
	Context    string   `yaml:"context" doc:"context of the kubeconfig; empty: the current one" example:"prod-eu-admin"`
	Kubeconfig string   `yaml:"kubeconfig" check:"kubeconfig" doc:"path of the kubeconfig; empty: what kubectl itself uses ($KUBECONFIG, ~/.kube/config)" example:"~/.kube/prod-eu"`
	Namespaces []string `yaml:"namespaces" doc:"namespaces to ask, for users who may not list all; empty: all. Argo CD and Flux objects are looked for in these too" example:"[shop, argocd]"`

	Command       []string `yaml:"command" doc:"the kubectl to run, or a program that takes the same arguments"`
	ServiceLabels []string `yaml:"service_labels" doc:"labels of a workload that name its service; the first that is not empty counts, else the workload's own name"`
}

// Defaults returns the options without configuration. The labels are those
// that Kubernetes recommends, that most manifests have, and that the add-ons
// of Kubernetes itself have.
func Defaults() Options {
	return Options{
		Command:       []string{"kubectl"},
		ServiceLabels: []string{"app.kubernetes.io/name", "app", "k8s-app"},
	}
}

// Kind describes this source to the configuration.
func Kind() sources.ChangeKind {
	return sources.ChangeKind{
		Name:    KindName,
		Summary: "rollouts, rollbacks, restarts and changes of configuration in Kubernetes, Argo CD and Flux, read with kubectl",
		Sees:    []sources.ChangeType{sources.Deploy, sources.Rollback, sources.Config, sources.Infra, sources.Scale, sources.Restart},
		Options: func() any { o := Defaults(); return &o },
		Open:    sources.Opener(Open),
	}
}

// check fills what is left out and reports every problem at once.
func (o *Options) check(env sources.Env) error {
	d := Defaults()
	if len(o.Command) == 0 || o.Command[0] == "" {
		o.Command = d.Command
	}
	if len(o.ServiceLabels) == 0 {
		o.ServiceLabels = d.ServiceLabels
	}
	o.Namespaces = slices.Compact(slices.Sorted(slices.Values(o.Namespaces)))
	var errs []error
	switch {
	case o.Cluster != "" && !slices.Contains(env.Clusters, o.Cluster):
		errs = append(errs, fmt.Errorf("cluster: no cluster is named %q (%s)", o.Cluster, strings.Join(env.Clusters, ", ")))
	case o.Cluster == "" && len(env.Clusters) == 1:
		o.Cluster = env.Clusters[0]
	case o.Cluster == "":
		errs = append(errs, fmt.Errorf("cluster: say which one (%s)", strings.Join(env.Clusters, ", ")))
	}
	return errors.Join(append(errs, o.Check())...)
}

// Check says what is wrong with the options by themselves.
func (o *Options) Check() error {
	var errs []error
	for _, ns := range o.Namespaces {
		if !namespaceName(ns) {
			errs = append(errs, fmt.Errorf("namespaces: %q is not the name of a namespace", ns))
		}
	}
	return errors.Join(errs...)
}

// namespaceName reports whether s is a label of DNS (RFC 1123), as names of
// namespaces are: it stands in a path.
func namespaceName(s string) bool {
	return s != "" && len(s) <= 63 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" &&
		!strings.HasPrefix(s, "-") && !strings.HasSuffix(s, "-")
}

// Open checks the options and makes the source; it asks nothing yet.
func Open(o Options, env sources.Env) (*Source, error) {
	if err := o.check(env); err != nil {
		return nil, err
	}
	if env.Now == nil {
		env.Now = time.Now
	}
	name := env.Name
	if name == "" {
		name = KindName
	}
	return &Source{
		opt: o, now: env.Now, kubectl: newKubectl(o),
		id:     sources.SourceID{Kind: KindName, Name: name, Cluster: o.Cluster},
		groups: map[string]group{}, memory: newMemory(),
	}, nil
}
