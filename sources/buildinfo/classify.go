package buildinfo

import (
	"slices"
	"strings"
)

// infraNames are programs that watch or carry services and are none
// themselves: their version is kind infra. Jobs may have them with something
// in front or behind, as charts name them (kube-prometheus-stack-prometheus,
// prometheus-k8s, monitoring/node-exporter).
//
// From the build_info metrics of the Prometheus, Grafana and Kubernetes
// projects.
func infraNames() []string {
	return []string{
		"alertmanager", "apiserver", "blackbox", "cadvisor", "coredns", "cortex", "etcd", "exporter", "grafana",
		"kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler", "kube-state-metrics", "kubelet",
		"loki", "mimir", "node-exporter", "opentelemetry-collector", "otelcol", "prometheus",
		"promtail", "pushgateway", "thanos", "vmagent", "vmalert", "vmsingle",
	}
}

// isInfra reports whether a key speaks of infrastructure: by the service's
// name, or by the metric, which carries the program's name.
func isInfra(k key, jobs []string) bool {
	if slices.Contains(jobs, k.job) {
		return true
	}
	program := strings.TrimSuffix(strings.TrimSuffix(k.metric, "build_info"), "_")
	own := strings.ReplaceAll(k.service(), "-", "_") == program
	for _, n := range infraNames() {
		if named(program, n) || k.job == n || (!own && named(k.service(), n)) {
			return true
		}
	}
	// Not a name for jobs: kubernetes-pods is where all services are.
	return program == "kubernetes"
}

// named reports whether the words of name stand in s, between dashes. An
// underscore is a dash: node_exporter is node-exporter.
func named(s, name string) bool {
	s = strings.ReplaceAll(s, "_", "-")
	return strings.Contains("-"+s+"-", "-"+name+"-")
}
