package page

import (
	"context"
	"errors"

	"github.com/firstpage-oncall/firstpage/runbook"
)

// runbookPart reads the document behind the alert's link. It does not age: a
// text never changes under the reader's eye (see Again).
func runbookPart() spec {
	return spec{
		part: PartRunbook, name: "runbook", ready: always,
		slot: func(p *Page) slot { return &p.Runbook },
		basis: func(p Page) string {
			r := p.Runbook.Value.Ref
			return r.Link.Raw() + "\x00" + r.Service.Raw() + "\x00" + r.Team.Raw()
		},
		load: loadRunbook,
	}
}

func loadRunbook(ctx context.Context, a *Assembler, p Page) []outcome {
	ref := p.Runbook.Value.Ref
	if a.Runbooks == nil {
		reason := runbook.NoCheckout
		switch ref.State {
		case runbook.LinkNone:
			reason = runbook.NoLink
		case runbook.LinkTemplated:
			reason = runbook.Templated
		}
		return []outcome{done(PartRunbook, Absent, Runbook{Ref: ref, Reason: reason})}
	}
	doc, trail, err := a.Runbooks.Resolve(ctx, ref)
	var none *runbook.NotFoundError
	switch {
	case errors.As(err, &none):
		return []outcome{done(PartRunbook, Absent, Runbook{Ref: ref, Trail: trail, Reason: none.Reason})}
	case err != nil:
		return []outcome{failed(PartRunbook, err)}
	}
	rb := Runbook{Doc: doc, Ref: ref, Trail: trail, Reason: runbook.OK}
	rb.Pos = doc.Place(ref.Fragment, ref.Alert.Raw())
	switch {
	case doc.Where.Via == runbook.ViaName:
		rb.Reason = runbook.ByName
	case rb.Pos.Missed:
		rb.Reason = runbook.NoHeading
	}
	return []outcome{done(PartRunbook, OK, rb)}
}
