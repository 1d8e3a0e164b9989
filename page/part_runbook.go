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
		return []outcome{done(PartRunbook, Absent, Runbook{Ref: ref, Reason: missing(ref, nil)})}
	}
	doc, trail, err := a.Runbooks.Resolve(ctx, ref)
	var none *runbook.NotFoundError
	switch {
	case errors.As(err, &none):
		return []outcome{done(PartRunbook, Absent, Runbook{Ref: ref, Trail: trail, Reason: none.Reason})}
	case err != nil:
		return []outcome{failed(PartRunbook, err)}
	}
	rb := Runbook{Doc: doc, Ref: ref, Trail: trail, Pos: doc.Place(ref.Fragment, ref.Alert.Raw())}
	rb.Reason = reason(doc, rb.Pos)
	return []outcome{done(PartRunbook, OK, rb)}
}

// reason says how a document that was found relates to its link.
func reason(doc runbook.Document, pos runbook.Pos) runbook.Reason {
	switch {
	case doc.Where.Via == runbook.ViaName:
		return runbook.ByName
	case pos.Missed:
		return runbook.NoHeading
	}
	return runbook.OK
}

// missing says why there is no document, as far as reference and trail tell.
func missing(ref runbook.Ref, trail runbook.Trail) runbook.Reason {
	switch ref.State {
	case runbook.LinkNone:
		return runbook.NoLink
	case runbook.LinkTemplated:
		return runbook.Templated
	}
	for _, r := range trail {
		if r.Name == "checkout" && r.Tried != "" {
			return runbook.NoFile
		}
	}
	return runbook.NoCheckout
}
