package page

import (
	"context"
	"errors"

	"github.com/firstpage-oncall/firstpage/runbook"
)

// runbookPart reads the document behind the alert's link on this machine. It
// does not age: a file never changes under the reader's eye (see Again). What
// the network has is another part, behind it.
func runbookPart() spec {
	return spec{
		part: PartRunbook, name: "runbook", ready: always,
		slot:  func(p *Page) slot { return &p.Runbook },
		basis: runbookBasis,
		load:  loadRunbook,
	}
}

func runbookBasis(p Page) string {
	r := p.Runbook.Value.Ref
	return r.Link.Raw() + "\x00" + r.Service.Raw() + "\x00" + r.Team.Raw()
}

func loadRunbook(ctx context.Context, a *Assembler, p Page) []outcome {
	ref := p.Runbook.Value.Ref
	if a.Runbooks == nil {
		return []outcome{done(PartRunbook, Absent, Runbook{Ref: ref, Reason: missing(ref, nil)})}
	}
	doc, trail, err := a.Runbooks.Resolve(ctx, ref)
	return []outcome{resolved(ref, doc, trail, err)}
}

// resolved is what a resolver's answer means for the page.
func resolved(ref runbook.Ref, doc runbook.Document, trail runbook.Trail, err error) outcome {
	var none *runbook.NotFoundError
	switch {
	case errors.As(err, &none):
		return done(PartRunbook, Absent, Runbook{Ref: ref, Trail: trail, Reason: none.Reason, Stub: none.Stub})
	case err != nil:
		return failed(PartRunbook, err)
	}
	rb := Runbook{Doc: doc, Ref: ref, Trail: trail, Pos: Place(doc, ref)}
	rb.Reason = reason(doc, rb.Pos)
	return done(PartRunbook, OK, rb)
}

// Place is where a reference leads in the document that was found for it. The
// catalog's default is another page than the link's: the fragment means nothing
// there.
func Place(doc runbook.Document, ref runbook.Ref) runbook.Pos {
	if doc.Where.Via == runbook.ViaCatalog {
		ref.Fragment = ""
	}
	return doc.Place(ref.Fragment, ref.Alert.Raw())
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
		if r.Name == "network" && r.Tried != "" {
			return runbook.FetchFailed
		}
	}
	return runbook.NoCheckout
}
