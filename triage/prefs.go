package triage

import (
	"strings"
	"time"
)

// Defaults are the settings that need no configuration. The severity values,
// label names and alert names are those found in 4,000 public rules.
func Defaults() Prefs {
	return Prefs{
		SeverityLabel: "severity",
		Ranks: map[string]SeverityRank{
			"page": RankPage, "s1": RankPage, "p1": RankPage, "sev1": RankPage, "emergency": RankPage, "disaster": RankPage,
			"critical": RankCritical, "s2": RankCritical, "p2": RankCritical, "sev2": RankCritical,
			"error": RankCritical, "high": RankCritical, "major": RankCritical,
			"warning": RankWarning, "s3": RankWarning, "notify": RankWarning, "ticket": RankWarning,
			"task": RankWarning, "medium": RankWarning, "unknown": RankWarning,
			"info": RankInfo, "s4": RankInfo, "low": RankInfo,
			"none": RankNone,
		},
		ServiceLabels: defaultServiceLabels(),
		ExporterJobs: []string{
			"*kube-state-metrics*", "node", "*node-exporter*", "*node_exporter*", "*windows-exporter*", "*windows_exporter*",
			"*blackbox*", "*kubelet*", "*cadvisor*", "prometheus*", "*snmp-exporter*", "*snmp_exporter*", "snmp",
			"*pushgateway*", "*process-exporter*",
		},
		TeamLabels: []string{"team", "owner", "squad", "support_group"},
		RunbookKeys: []string{
			"runbook_url", "runbook", "runbookURL", "runbook_link", "playbook", "playbook_url", "documentation",
		},
		DeadMen: []string{
			"Watchdog", "*DeadMansSwitch", "*DeadManSwitch", "*DeadMansSnitch", "SnitchHeartBeat", "Heartbeat",
		},
		Inhibitors:   []string{"InfoInhibitor", "Inhibition*"},
		ResolvedFor:  time.Hour,
		ChangeWindow: 24 * time.Hour,
	}
}

func defaultServiceLabels() []string {
	return []string{
		"service", "app", "app_kubernetes_io_name", "component", "type",
		"deployment", "statefulset", "daemonset", "cronjob", "job", "namespace", "cluster",
	}
}

// glob reports whether s matches the pattern, in which * stands for any text;
// case is ignored.
func glob(pattern, s string) bool {
	p, s := strings.ToLower(pattern), strings.ToLower(s)
	parts := strings.Split(p, "*")
	if len(parts) == 1 {
		return p == s
	}
	if !strings.HasPrefix(s, parts[0]) {
		return false
	}
	s = s[len(parts[0]):]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return strings.HasSuffix(s, parts[len(parts)-1])
}

func globAny(patterns []string, s string) bool {
	for _, p := range patterns {
		if glob(p, s) {
			return true
		}
	}
	return false
}
