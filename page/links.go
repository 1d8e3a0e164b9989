package page

import (
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/triage"
)

// Links are the web addresses that help with the alert, the runbook's first; see
// triage.Board.Links. Nil: there is none.
func Links(p Page) []triage.Link {
	var out []triage.Link
	if ref := p.Runbook.Value.Ref; ref.State == runbook.LinkOK {
		what := "annotation "
		if ref.Label {
			what = "label "
		}
		out = append(out, triage.WebLink(triage.RunbookLink, ref.Link, what+safe.Text(ref.Key)))
	}
	return append(out, p.board.Links(p.Item, p.Onset.Value)...)
}

// others are the links beside the runbook's, which has a section of its own.
func (p Page) others() []triage.Link {
	list := Links(p)
	if len(list) > 0 && list[0].Kind == triage.RunbookLink {
		return list[1:]
	}
	return list
}

// LinkTitle is a link's title where it says more than the kind; else empty.
func LinkTitle(l triage.Link) string {
	if title := l.Title.String(); title != string(l.Kind) {
		return title
	}
	return ""
}

// LinkWords are a link's title, with what it leads to where the title does not
// say that.
func LinkWords(l triage.Link) string {
	if LinkTitle(l) == "" || l.Kind == triage.OtherLink {
		return l.Title.String()
	}
	return string(l.Kind) + ": " + LinkTitle(l)
}

// AddressWords are where a link leads, or why it cannot be opened.
func AddressWords(l triage.Link) string {
	if l.URL.Empty() {
		return "cannot be opened: " + l.Missing
	}
	return l.Shown()
}

func (t *text) links() {
	list := Links(t.p)
	if len(list) == 0 {
		return
	}
	t.heading("Links")
	for _, l := range list {
		t.line("%s (%s): %s", LinkWords(l), l.From, AddressWords(l))
	}
}

func (m *markdown) links() {
	list := m.p.others()
	if len(list) == 0 {
		return
	}
	m.heading("Links")
	for _, l := range list {
		where := escape(AddressWords(l))
		if !l.URL.Empty() {
			where = address(safe.Outside(l.Shown()))
		}
		m.line("- %s: %s", escape(LinkWords(l)), where)
	}
}

type linkJSON struct {
	Kind    triage.LinkKind `json:"kind"`
	Title   safe.Value      `json:"title"`
	URL     string          `json:"url"`     // empty: it cannot be opened
	Masked  bool            `json:"masked"`  // what lets somebody in is left out of url
	From    string          `json:"from"`    // who gave it
	Missing string          `json:"missing"` // why it cannot be opened
}

func (p Page) linksJSON() []linkJSON {
	out := []linkJSON{}
	for _, l := range Links(p) {
		out = append(out, linkJSON{l.Kind, l.Title, l.Shown(), l.Masked(), l.From, l.Missing})
	}
	return out
}
