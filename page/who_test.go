package page

import (
	"strings"
	"testing"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// Whom to ask comes from the service, else from its owner, who may be known by
// a label alone; what is not known says how it would be.
func TestWhoByServiceAndTeam(t *testing.T) {
	t.Parallel()
	teams := []sources.Team{
		{Name: safe.Outside("team-Payments"), Channel: safe.Outside("#pay"), Escalation: safe.Outside("call Maude")},
		{Name: safe.Outside("cart"), Aliases: []safe.Value{safe.Outside("baskets")}, Channel: safe.Outside("#cart")},
	}
	services := []sources.Service{
		{Name: safe.Outside("checkout"), Team: safe.Outside("payments"), Channel: safe.Outside("#checkout"), Tier: safe.Outside("1")},
		{Name: safe.Outside("search")},
	}
	for _, tc := range []struct{ labels, want string }{
		{"service=checkout", "Owner: payments, #checkout, tier 1|Stuck? call Maude"},
		{"service=other team=group:default/payments", "Owner: payments, #pay|Stuck? call Maude"},
		{"service=other owner=baskets", "Owner: baskets, #cart|"},
		{"service=other team=unheard", "Owner: unheard|"},
		{"service=search", "Owner: not known. Add team: to search in the catalog.|"},
		{"service=other", "Owner: not known. Describe other and its team in a catalog (configuration: services: {catalog: [FILE]}), or give the rule a label team.|"},
		{"x=y", "Owner: not known. Give the rule a label team, or name the label that says which service it is about (configuration: services: {labels: [NAME]}).|"},
	} {
		a := burn()
		m := map[string]string{"alertname": "A"}
		for f := range strings.FieldsSeq(tc.labels) {
			k, v, _ := strings.Cut(f, "=")
			m[k] = v
		}
		a.Labels = sources.NewLabels(m)
		a.ID = sources.NewAlertID("prod-eu", a.Labels)
		s := snapshot(a)
		s.Services = []sources.Feed[sources.Service]{feed("catalog", now, services...)}
		s.Teams = []sources.Feed[sources.Team]{feed("catalog", now, teams...)}
		p, ok := Open(build(s, now), a.ID, nil)
		if !ok {
			t.Fatal(tc.labels)
		}
		var out strings.Builder
		if err := WriteText(&out, p, TextOptions{}); err != nil {
			t.Fatal(err)
		}
		owner, stuck := "", ""
		for line := range strings.Lines(out.String()) {
			line = strings.TrimSpace(line)
			if strings.HasPrefix(line, "Owner:") {
				owner = line
			}
			if strings.HasPrefix(line, "Stuck?") {
				stuck = line
			}
		}
		if got := owner + "|" + stuck; got != tc.want {
			t.Errorf("%s: %q, want %q", tc.labels, got, tc.want)
		}
		j := p.whoJSON()
		if c := j.Channel.Raw(); c != "" && !strings.Contains(owner, c) || j.Escalation.Raw() != strings.TrimPrefix(strings.TrimPrefix(stuck, "Stuck?"), " ") {
			t.Errorf("%s: %+v", tc.labels, j)
		}
	}
}
