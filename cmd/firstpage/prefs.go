package main

import (
	"slices"
	"strings"

	"github.com/firstpage-oncall/firstpage/config"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/all"
	"github.com/firstpage-oncall/firstpage/sources/buildinfo"
	"github.com/firstpage-oncall/firstpage/triage"
)

// prefs are the settings of judgement as the configuration has them.
func prefs(cfg *config.Config) triage.Prefs {
	p := triage.Defaults()
	p.SeverityLabel = cfg.Severity.Label
	p.ServiceLabels = cfg.Services.Labels
	p.ExporterJobs = cfg.Services.Exporters
	p.TeamLabels = cfg.Services.TeamLabels
	p.RunbookKeys = cfg.Runbooks.Keys
	p.DeadMen = cfg.Watchdogs
	p.Me = cfg.Me
	p.Links = triage.LinkPrefs{Grafana: cfg.Links.Grafana, Bases: cfg.Links.Bases}
	for _, l := range cfg.Links.Add {
		p.Links.Add = append(p.Links.Add, triage.AddedLink{Title: l.Title, Kind: triage.LinkKind(l.Kind), URL: l.URL})
	}
	p.ChangeWindow = buildinfo.Defaults().Window
	for _, ch := range cfg.Changes {
		if o, ok := ch.Options.(*buildinfo.Options); ok {
			p.ChangeWindow = min(p.ChangeWindow, o.Window)
		}
	}
	p.Unseen = unseen(cfg)
	for value, rank := range cfg.Severity.Ranks {
		p.Ranks[strings.ToLower(value)] = ranks[rank]
	}
	return p
}

// unseen are the kinds of change that no source of the configuration tells.
func unseen(cfg *config.Config) []sources.ChangeType {
	var seen []sources.ChangeType
	for _, k := range all.Kinds() {
		used := func(ch config.Change) bool { return ch.Kind == k.Name }
		if k.Name == buildinfo.KindName || slices.ContainsFunc(cfg.Changes, used) {
			seen = append(seen, k.Sees...)
		}
	}
	return slices.DeleteFunc(sources.ChangeTypes(), func(t sources.ChangeType) bool { return slices.Contains(seen, t) })
}

// ranks are the words that the configuration has for ranks.
var ranks = map[string]triage.SeverityRank{
	"page": triage.RankPage, "critical": triage.RankCritical, "warning": triage.RankWarning,
	"info": triage.RankInfo, "none": triage.RankNone,
}
