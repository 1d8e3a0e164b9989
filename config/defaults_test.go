package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/config"
	"github.com/firstpage-oncall/firstpage/sources/poll"
	"github.com/firstpage-oncall/firstpage/triage"
)

// The documented defaults are those that the rooms have by themselves.
func TestDefaultsAreThoseOfTheRooms(t *testing.T) {
	t.Parallel()
	c, p, pace := config.Default(), triage.Defaults(), poll.DefaultPace()
	for _, x := range []struct{ got, want any }{
		{c.Severity.Label, p.SeverityLabel},
		{c.Services.Labels, p.ServiceLabels},
		{c.Services.TeamLabels, p.TeamLabels},
		{c.Runbooks.Keys, p.RunbookKeys},
		{c.Refresh, config.Refresh{Alerts: pace.Alerts, Rules: pace.Rules, Changes: pace.Changes}},
		{c.Timeout, pace.Deadline},
	} {
		if diff := cmp.Diff(x.want, x.got); diff != "" {
			t.Error(diff)
		}
	}
}
