package triage

import (
	"slices"
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
		TeamLabels:    []string{"team", "owner", "squad", "support_group"},
		RunbookKeys: []string{
			"runbook_url", "runbook", "runbookURL", "runbook_link", "playbook", "playbook_url", "documentation",
		},
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

// knownExporters are job names that name an exporter of many things, as Helm
// charts, the Prometheus operator and hand-written configurations have them.
// Exporters that sit beside one service (mysqld, redis) are left out: their
// job is as good a name as any.
func knownExporters() []string {
	return []string{
		"*kube-state-metrics*", "node", "*node-exporter*", "*node_exporter*", "*windows-exporter*", "*windows_exporter*",
		"*blackbox*", "*kubelet*", "*cadvisor*", "prometheus*", "snmp", "*snmp-exporter*", "*snmp_exporter*",
		"*pushgateway*", "*process-exporter*",
	}
}

// knownDeadMen are names of alerts that prove by firing that alerting works.
func knownDeadMen() []string {
	return []string{"Watchdog", "*DeadMansSwitch", "*DeadManSwitch", "*DeadMansSnitch", "SnitchHeartBeat", "Heartbeat"}
}

// knownInhibitors are names of alerts that fire to quiet others.
func knownInhibitors() []string { return []string{"InfoInhibitor", "Inhibition*"} }

// listed reports whether s matches a pattern of the settings or one that is
// known anyway, and none of the settings that begin with an exclamation mark.
func listed(settings, known []string, s string) bool {
	found := false
	for _, p := range settings {
		if not, ok := strings.CutPrefix(p, "!"); ok {
			if glob(not, s) {
				return false
			}
			continue
		}
		found = found || glob(p, s)
	}
	return found || slices.ContainsFunc(known, func(p string) bool { return glob(p, s) })
}
