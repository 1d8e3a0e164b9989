package sources

import "strings"

// The names that alerts carry by convention, as they are found in 4,348 public
// alerting rules and in what the tools that write them make. They are the
// defaults of the configuration. Each list is new with each call.

// SeverityLabel is the label that holds an alert's severity.
const SeverityLabel = "severity"

// ServiceLabels are the labels that may name the service, best first.
func ServiceLabels() []string {
	return []string{
		"service", "service_name", "app", "app_kubernetes_io_name", "component", "type",
		"deployment", "statefulset", "daemonset", "cronjob", "job", "namespace", "cluster",
	}
}

// TeamLabels are the labels that may name the owning team, best first.
func TeamLabels() []string { return []string{"team", "owner", "squad", "support_group"} }

// RunbookKeys are the annotation and label names that may hold a runbook's
// link, most usual first.
func RunbookKeys() []string {
	return []string{"runbook_url", "runbook", "runbookURL", "runbook_link", "playbook", "playbook_url", "documentation"}
}

// JobName is the name in a value of job of the form namespace/name, as
// OpenTelemetry (service.namespace/service.name) and the Prometheus operator
// write it.
func JobName(job string) string {
	if i := strings.LastIndexByte(job, '/'); i > 0 && i+1 < len(job) {
		return job[i+1:]
	}
	return job
}

// TeamName is a team's name in the one form that all spellings share: team-x,
// group:default/team-x, group:x and x are x. Case is left as it is.
func TeamName(name string) string {
	s := strings.TrimSpace(name)
	if i := strings.IndexByte(s, ':'); i >= 0 && (strings.EqualFold(s[:i], "group") || strings.EqualFold(s[:i], "team")) {
		s = s[i+1:]
		if k := strings.LastIndexByte(s, '/'); k >= 0 {
			s = s[k+1:]
		}
	}
	s = strings.TrimPrefix(s, "default/")
	if len(s) > 5 && strings.EqualFold(s[:5], "team-") {
		s = s[5:]
	}
	if s == "" {
		return name
	}
	return s
}

// LegacyName reports whether a label's name needs no quotes in PromQL: letters
// of ASCII, digits but not first, and underscores. Others are understood by
// Prometheus 3 only.
func LegacyName(label string) bool {
	for i, c := range label {
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return label != ""
}

// ShortRevision is a revision as people write it: the first 7 digits of a whole
// git hash (git's own default), anything else as it is.
func ShortRevision(revision string) string {
	if (len(revision) == 40 || len(revision) == 64) && strings.Trim(revision, "0123456789abcdef") == "" {
		return revision[:7]
	}
	return revision
}
