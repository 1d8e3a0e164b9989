package sources

// The names that alerts carry by convention, as they are found in 4,348 public
// alerting rules and in what the tools that write them make. They are the
// defaults of the configuration. Each list is new with each call.

// SeverityLabel is the label that holds an alert's severity.
const SeverityLabel = "severity"

// ServiceLabels are the labels that may name the service, best first.
func ServiceLabels() []string {
	return []string{
		"service", "app", "app_kubernetes_io_name", "component", "type",
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
