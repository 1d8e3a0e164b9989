package tui

import (
	"fmt"
	"path"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/frame"
)

// runbookHead is the rows above the text that say where it came from and what
// is not as it should be.
func (a *App) runbookHead(w int) []string {
	rb := a.shown()
	if !a.page.ok || rb.Doc.Empty() {
		return nil
	}
	style := a.theme.Muted
	rows := []string{style.Paint(a.whereWords(rb, w))}
	add := func(text string) {
		for _, r := range frame.Wrap(text, w) {
			rows = append(rows, a.theme.Warning.Paint(r))
		}
	}
	if a.page.changed != "" && a.page.changed == rb.Doc.Where.Path {
		add("This file has changed since it was read: r reads it again.")
	}
	if len(a.page.visited) > 0 {
		rows = append(rows, a.theme.Accent.Paint(frame.Cut("A link led here; esc goes back.", w)))
	}
	if rb.Doc.Where.Via == runbook.ViaName {
		add(byNameWords(rb))
	}
	if rb.Pos.Missed {
		add("The link's #" + safe.Text(rb.Ref.Fragment) + " is in no heading here: " + placeWords(rb.Pos) + ".")
	}
	for _, c := range rb.Doc.Cut {
		add(upperFirst(c) + ".")
	}
	if words, trouble := a.fetchWords(rb); trouble {
		add(words)
	} else if words != "" {
		if short, _, ok := strings.Cut(words, fetchOnce); ok && frame.Width(words) > w {
			words = short
		}
		rows = append(rows, a.theme.AccentBold.Paint(frame.Cut(words, w)))
	}
	return append(rows, "")
}

// whereWords is the file and line on screen, which rung gave it and how old it
// is, as much of that as w cells hold; the file's name and line go last.
func (a *App) whereWords(rb page.Runbook, w int) string {
	wh := rb.Doc.Where
	line := fmt.Sprintf(":%d", a.panes.reader.Line())
	from, age := "", ""
	switch wh.Via {
	case runbook.ViaCheckout, runbook.ViaName:
		from = ", in your checkout"
	case runbook.ViaNetwork:
		from = ", from the network"
	case runbook.ViaCache:
		from = ", from the cache, " + page.Ago(a.opts.Now().Sub(wh.AsOf)) + " old"
	}
	if !wh.Edited.IsZero() {
		age = ", edited " + page.Ago(a.opts.Now().Sub(wh.Edited)) + " ago"
	}
	long := a.homely(wh.Path)
	if long == wh.Path && wh.Root != "" && wh.Rel != "" { // outside the home folder: from the checkout's own on
		long = path.Base(strings.ReplaceAll(wh.Root, `\`, "/")) + "/" + wh.Rel
	}
	if long == "" {
		long = wh.URL
	}
	short := long[strings.LastIndex(long, "/")+1:]
	for _, text := range []string{long + line + from + age, long + line + from, short + line + from + age, short + line + from} {
		if text = safe.Text(text); frame.Width(text) <= w {
			return text
		}
	}
	return frame.Cut(safe.Text(short+line), w)
}

// homely is a path with the user's home folder as ~.
func (a *App) homely(path string) string {
	if rest, ok := strings.CutPrefix(path, a.opts.Home+"/"); ok && a.opts.Home != "" {
		return "~/" + rest
	}
	return path
}

func byNameWords(rb page.Runbook) string {
	text := "Found by name: "
	switch rb.Ref.State {
	case runbook.LinkNone:
		text += "the alert has no runbook link."
	case runbook.LinkTemplated:
		text += "the alert's link is a template that was not expanded."
	default:
		text += "the alert's link " + triage.Readable(rb.Ref.Link) + " leads nowhere on this machine."
	}
	if n := len(rb.Doc.Where.Also); n > 0 {
		text += fmt.Sprintf(" %d other places name it too: %s.", n, safe.Text(rb.Doc.Where.Also[0]))
	}
	return text
}

func placeWords(p runbook.Pos) string {
	switch p.Kind {
	case runbook.AtHeading:
		return "shown from the heading that names the alert"
	case runbook.AtMention:
		return "shown from the first line that names the alert"
	}
	return "shown from the top"
}

// runbookRows is the runbook, or what was tried to find it and what to do now.
func (a *App) runbookRows(w, h int) []string {
	if a.shown().Doc.Empty() {
		return fit(a.noRunbook(w), h)
	}
	return fit(append(a.runbookHead(w), a.panes.reader.Rows()...), h)
}

func fit(rows []string, h int) []string {
	if h <= 0 {
		return nil
	}
	out := make([]string, h)
	copy(out, rows)
	return out
}

// noRunbook is the useful screen when there is no text: every rung that was
// tried with its outcome, and what can be done without one.
func (a *App) noRunbook(w int) []string {
	rb := a.page.Runbook
	var rows []string
	add := func(text string) { rows = append(rows, frame.Wrap(text, w)...) }
	switch rb.State {
	case page.Waiting:
		add("Looking for the runbook ...")
		return rows
	case page.Failed:
		add("The runbook could not be looked up: " + safe.Err(rb.Err))
	default:
		if state, host := rb.Value.Trail.Fetch(); state == runbook.FetchDue {
			add("The runbook is being fetched from " + safe.Text(host) + " ...")
			break
		}
		add("There is no runbook text for this alert. " + page.ReasonWords(rb.Value.Reason))
	}
	if len(rb.Value.Trail) > 0 {
		rows = append(rows, "", a.theme.Muted.Paint("What was tried, in order:"))
		for _, r := range rb.Value.Trail {
			text := r.Result
			if r.Tried != "" {
				text = r.Tried + ": " + r.Result
			}
			rows = append(rows, frame.Indent("  "+safe.Text(r.Name), safe.Text(text), 12, w)...)
		}
	}
	rows = append(rows, "", a.theme.Bold.Paint("Do now:"))
	for _, do := range a.withoutRunbook() {
		rows = append(rows, frame.Indent(a.theme.Key.Paint(do.key), do.words, 3, w)...)
	}
	wrote := "The team wrote: "
	if s := a.page.Item.Annotations.Value("summary").String(); s != "" {
		rows = append(rows, "")
		add(wrote + s)
		wrote = ""
	}
	if d := a.page.Item.Annotations.Value("description"); !d.Empty() {
		if wrote != "" {
			rows = append(rows, "")
		}
		add(wrote + d.Lines())
	}
	return rows
}

// todo is a key and what it does; without one, what to do otherwise.
type todo struct{ key, words string }

// withoutRunbook is what can be done without a runbook, the most useful first.
func (a *App) withoutRunbook() []todo {
	rb := a.page.Runbook
	var out []todo
	switch state, host := rb.Value.Trail.Fetch(); {
	case state == runbook.FetchDue:
		out = append(out, todo{"", "wait a moment; meanwhile:"})
	case state == runbook.FetchRetry:
		out = append(out, todo{"F", "try " + safe.Text(host) + " again"})
	case state == runbook.FetchAsk && a.opts.Actions.Allow != nil:
		out = append(out, todo{"F", "fetch it from " + safe.Text(host) + ": allows this host from now on"})
	}
	out = append(out, todo{"5", "why it fires: what is measured, the limit, the labels"}, todo{"d", "what changed before it began"})
	if owner := a.whomToAsk(); owner != "" {
		out = append(out, todo{"", "ask " + owner + ": asking is normal"})
	}
	if a.canBegin() {
		out = append(out, todo{"e", "begin it, in your checkout: " + safe.Text(rb.Value.Stub.Rel)})
	}
	if rb.Value.Ref.State == runbook.LinkOK {
		out = append(out, todo{"o", "open the link elsewhere"})
	}
	return out
}

// suspectRow is the best suspect and the owner, for screens with one pane.
func (a *App) suspectRow() string {
	if !a.page.ok {
		return ""
	}
	r := a.page.Ranking
	text := ""
	switch {
	case len(r.Suspects) > 0:
		s := r.Suspects[0]
		short := s.Change // the version it came from and its share are in the pane
		short.FromVersion, short.FromRevision, short.Share = safe.Value{}, safe.Value{}, sources.Share{}
		text = fmt.Sprintf("%s (3): %s at %s, %s", s.Verdict, page.ChangeTitle(short),
			page.ShortClock(s.StartedAt, a.opts.Now(), a.opts.Loc), page.Before(s))
	case r.NoneFound:
		text = "NO CHANGE FOUND (3)"
	default:
		text = "What changed: not known yet (3)"
	}
	if owner := a.whomToAsk(); owner != "" {
		return frame.Ends(" "+text, "Owner "+owner, a.w)
	}
	return frame.Cut(" "+text, a.w)
}

// strip is the tab strip of the one-pane layout: each closed pane still says
// its answer in a word.
func (a *App) strip() string {
	out := ""
	for s := range slot(slots) {
		text := fmt.Sprintf("%d %s", s+1, a.tab(s))
		if a.w < shortStripW && s != a.view.open {
			text = fmt.Sprintf("%d", s+1)
		}
		if s == a.view.open {
			text = a.theme.AccentBold.Paint("[" + text + "]")
		}
		out += " " + text + " "
	}
	return frame.Cut(out, a.w)
}

func (a *App) tab(s slot) string {
	switch s {
	case alertsSlot:
		n := 0
		if a.board != nil {
			n = a.board.Counts.Alerts
		}
		return fmt.Sprintf("Alerts %d", n)
	case runbookSlot:
		if a.page.ok && a.page.Runbook.State == page.Absent {
			return "Runbook none"
		}
		return "Runbook"
	case changesSlot:
		n := fmt.Sprintf("%d", len(a.page.Ranking.Suspects))
		if len(a.page.Ranking.Failed) > 0 {
			n += "?"
		}
		return "Changes " + n
	case healthSlot:
		return "Health" + a.healthWord()
	}
	return "Why"
}

// healthWord is the worst thing the health pane has to say.
func (a *App) healthWord() string {
	if a.page.Health.State == page.Failed {
		return " ?"
	}
	for _, s := range a.page.Health.Value.Signals {
		switch s.Verdict {
		case "worse", "gone":
			return " " + s.Verdict
		}
		if s.Name == "errors" && s.Verdict == "up" {
			return " worse"
		}
	}
	return ""
}

// whomToAsk is the owner; empty: not known.
func (a *App) whomToAsk() string {
	owner := a.page.Item.Owner
	if owner.Guess() {
		return owner.Name.String() + " (a guess)"
	}
	return owner.Name.String()
}
