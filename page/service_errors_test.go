package page

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/triage"
)

func TestServiceErrorsSayWhoseTheyAre(t *testing.T) {
	t.Parallel()
	broken, down := errors.New("parse error"), errors.New("the connection was refused")
	rows := []triage.ServiceRow{{Name: safe.Outside("cart")}, {Name: safe.Outside("web")}, {Name: safe.Outside("mail")}}
	of := map[string]ServiceHealth{
		rows[0].Key(): {Health: triage.Health{Signals: []triage.Signal{{Title: "queue", Err: broken}, {Title: "errors", Err: down}}}},
		rows[1].Key(): {Health: triage.Health{Signals: []triage.Signal{{Title: "errors", Err: down}}}},
		rows[2].Key(): {Err: errors.New("too many series")},
	}
	l := Services{Errs: map[string]error{"prod": errors.New("no answer")}}
	want := []string{"no answer", "cart, queue: parse error", "the connection was refused", "mail: too many series"}
	if d := cmp.Diff(want, ServiceErrors(l, rows, of)); d != "" {
		t.Error(d)
	}
	if got := ServiceErrors(Services{}, rows, nil); got != nil {
		t.Errorf("all is known: %v", got)
	}
}
