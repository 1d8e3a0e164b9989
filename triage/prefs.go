package triage

import (
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

// Defaults are the settings that need no configuration. The severity values,
// label names and alert names are those found in 4,000 public rules.
func Defaults() Prefs {
	return Prefs{
		SeverityLabel: sources.SeverityLabel,
		Ranks: map[string]SeverityRank{
			"page": RankPage, "s1": RankPage, "p1": RankPage, "sev1": RankPage, "emergency": RankPage, "disaster": RankPage,
			"critical": RankCritical, "s2": RankCritical, "p2": RankCritical, "sev2": RankCritical,
			"error": RankCritical, "high": RankCritical, "major": RankCritical,
			"warning": RankWarning, "s3": RankWarning, "notify": RankWarning, "ticket": RankWarning,
			"task": RankWarning, "medium": RankWarning, "unknown": RankWarning,
			"info": RankInfo, "s4": RankInfo, "low": RankInfo,
			"none": RankNone,
		},
		ServiceLabels: sources.ServiceLabels(),
		TeamLabels:    sources.TeamLabels(),
		RunbookKeys:   sources.RunbookKeys(),
		ResolvedFor:   time.Hour,
		ChangeWindow:  24 * time.Hour,
	}
}

// knownExporters are job names that name an exporter of many things, as Helm
// charts, the Prometheus operator and hand-written configurations have them.
// Exporters that sit beside one service (mysqld, redis) are left out: their
// job is as good a name as any.
func knownExporters() []string {
	return []string{
		"*kube-state-metrics*", "node", "*node-exporter*", "*node_exporter*", "*windows-exporter*", "*windows_exporter*",
		"*blackbox*", "*kubelet*", "*cadvisor*", "prometheus*", "snmp", "*snmp-exporter*", "*snmp_exporter*",
		"*pushgateway*", "*process-exporter*", "*dcgm-exporter*", "*dcgm_exporter*", "*ipmi*exporter*", "*smartctl*exporter*",
		"*statsd*exporter*", "*graphite*exporter*", "*cloudwatch*exporter*", "*stackdriver*exporter*",
	}
}

// knownDeadMen are names of alerts that prove by firing that alerting works.
func knownDeadMen() []string {
	return []string{"Watchdog", "*DeadMansSwitch", "*DeadManSwitch", "*DeadMansSnitch", "SnitchHeartBeat", "Heartbeat"}
}

// knownInhibitors are names of alerts that fire to quiet others.
func knownInhibitors() []string { return []string{"InfoInhibitor", "Inhibition*"} }

// names is a compiled list of names and patterns.
type names struct{ in, out []pattern }

// pattern is lower case, cut at its asterisks.
type pattern []string

// namesOf compiles the settings and what is known anyway.
func namesOf(settings []string, known ...string) names {
	var n names
	for _, p := range settings {
		if not, ok := strings.CutPrefix(p, "!"); ok {
			n.out = append(n.out, strings.Split(strings.ToLower(not), "*"))
		} else {
			n.in = append(n.in, strings.Split(strings.ToLower(p), "*"))
		}
	}
	for _, p := range known {
		n.in = append(n.in, strings.Split(strings.ToLower(p), "*"))
	}
	return n
}

// notOnly is the settings that take names out.
func notOnly(settings []string) []string {
	return slices.DeleteFunc(slices.Clone(settings), func(p string) bool { return !strings.HasPrefix(p, "!") })
}

// refuses reports whether a pattern takes s out.
func (n names) refuses(s string) bool {
	s = strings.ToLower(s)
	return slices.ContainsFunc(n.out, func(p pattern) bool { return p.match(s) })
}

// has reports whether s matches a pattern, and none that takes names out.
func (n names) has(s string) bool {
	s = strings.ToLower(s)
	match := func(p pattern) bool { return p.match(s) }
	return slices.ContainsFunc(n.in, match) && !slices.ContainsFunc(n.out, match)
}

// match reports whether s, in lower case, is what the pattern describes.
func (p pattern) match(s string) bool {
	last := len(p) - 1
	if last == 0 {
		return p[0] == s
	}
	s, ok := strings.CutPrefix(s, p[0])
	if !ok {
		return false
	}
	for _, part := range p[1:last] {
		if _, s, ok = strings.Cut(s, part); !ok {
			return false
		}
	}
	return strings.HasSuffix(s, p[last])
}
