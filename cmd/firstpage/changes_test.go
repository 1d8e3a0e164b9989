package main

import (
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

// That none was found says in which time and by whom, and nothing where nobody
// was asked.
func TestNoChange(t *testing.T) {
	t.Parallel()
	feeds := []sources.Feed[sources.Change]{
		{Source: sources.SourceID{Kind: "prometheus", Name: "prometheus", Cluster: "prod"}},
		{Source: sources.SourceID{Kind: "git", Name: "git"}},
	}
	f := &changesFlags{since: span(24 * time.Hour)}
	for want, got := range map[string]string{
		"No change found in the last 24 h. Asked: prometheus prod, git.":                             noChange("", f, feeds),
		"No deploy of checkout found in the last 24 h. Asked: prometheus prod, git.":                 noChange("checkout", &changesFlags{since: f.since, deploys: true}, feeds),
		"Whether there was a change is not known: no source of changes is connected (docs/changes).": noChange("", f, nil),
	} {
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
