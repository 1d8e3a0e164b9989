package page

import (
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// A rollback is offered only where it takes back the change that it is shown
// for.
func TestUndoOf(t *testing.T) {
	t.Parallel()
	p := openBurn(t)
	text := "# Checkout\n\n## Alerts\n\n### Roll back\n\n```bash\nkubectl --context <cluster> rollout undo deploy/checkout\n```\n"
	book := func(text string) Runbook {
		return Runbook{Doc: runbook.Parse([]byte(text), runbook.Where{Path: "/src/runbooks/checkout.md"})}
	}
	own := triage.Suspect{Change: deploy(), Relation: "same service"}
	with := func(edit func(*triage.Suspect)) triage.Suspect {
		s := own
		edit(&s)
		return s
	}
	u := p.UndoOf(own, book(text))
	if u.Why != "" || u.Note != "" || u.Command.Text != "kubectl --context prod-eu rollout undo deploy/checkout" || u.Where != `checkout.md:7 ("Roll back")` {
		t.Errorf("%+v", u)
	}
	if u := p.UndoOf(own, book(strings.ReplaceAll(text, "deploy/checkout", "deploy/app"))); u.Why != "" || !strings.Contains(u.Note, "does not name checkout") {
		t.Errorf("a command without the name: %+v", u)
	}
	both := text + "\n```bash\nkubectl rollout undo deploy/payments\n```\n"
	payments := with(func(s *triage.Suspect) { s.Service, s.Relation = safe.Outside("payments"), "called by checkout" })
	if u := p.UndoOf(payments, book(both)); u.Command.Text != "kubectl rollout undo deploy/payments" {
		t.Errorf("the command of the other service: %+v", u)
	}
	for name, tc := range map[string]struct {
		s    triage.Suspect
		text string
		want string
	}{
		"another service":   {payments, text, "does not name payments"},
		"a part of a name":  {with(func(s *triage.Suspect) { s.Service, s.Relation = safe.Outside("check"), "other" }), text, "does not name check"},
		"a flag":            {with(func(s *triage.Suspect) { s.Kind = sources.Flag }), text, "kind flag"},
		"a rollback":        {with(func(s *triage.Suspect) { s.Kind = sources.Rollback }), text, "would bring 1.41.0 again"},
		"no runbook":        {own, "", "no runbook text"},
		"a runbook without": {own, "# X\n\n```bash\nkubectl get pods\n```\n", "no command that takes"},
	} {
		if u := p.UndoOf(tc.s, book(tc.text)); !strings.Contains(u.Why, tc.want) || u.Command.Text != "" {
			t.Errorf("%s: %+v", name, u)
		}
	}
	back := with(func(s *triage.Suspect) {
		s.Kind, s.StartedAt, s.Version, s.FromVersion = sources.Rollback, s.StartedAt.Add(5*time.Minute), s.FromVersion, s.Version
	})
	p.Ranking.Suspects = []triage.Suspect{own, back}
	if u := p.UndoOf(own, book(text)); !strings.Contains(u.Why, "the rollback to 1.41.0 came after this") {
		t.Errorf("what was taken back already: %+v", u)
	}
	p.Ranking.Suspects[1].Cluster, own.Cluster = "prod-us", "prod-eu"
	if u := p.UndoOf(own, book(text)); u.Why != "" {
		t.Errorf("a rollback in another cluster: %+v", u)
	}
}
