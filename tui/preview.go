package tui

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/tui/frame"
)

// drawPreview lays the preview over the body; the page's sentence stays.
func (a *App) drawPreview(rows []string) {
	r := &a.view.run
	top, bottom := a.lay.head+1, a.bodyEnd()
	if a.lay.shape == tiny {
		bottom = len(rows)
	}
	w := a.w
	body, foot := a.previewRows(w - 4)
	room := bottom - top - 2 - len(foot)
	if room < minSeen {
		r.drawn = r.stage != asked
		for i, l := range frame.Wrap("Too small to show what would run. Make the window larger; y is off, esc closes.", w) {
			if top+i < bottom {
				rows[top+i] = a.theme.WarningBold.Paint(l)
			}
		}
		return
	}
	if len(body) > room {
		room--
		more := "more below (j), all of it is to be seen before y"
		if r.scroll+room >= len(body) {
			more = "that was the end of it (k goes up)"
		} else if r.stage != asked {
			more = "more below (j)"
		}
		foot = append([]string{a.theme.Muted.Paint(more)}, foot...)
	}
	r.scroll = clamp(r.scroll, 0, max(0, len(body)-room))
	shown := body[r.scroll:min(len(body), r.scroll+room)]
	for i, l := range a.boxed(a.previewTitle(), safe.Text(a.page.Item.Cluster), append(shown[:len(shown):len(shown)], foot...), w) {
		if top+i < bottom {
			rows[top+i] = l
		}
	}
	for y := top + len(shown) + len(foot) + 2; y < bottom; y++ {
		rows[y] = "" // nothing beside it: this is to be read
	}
	// What was seen before y stays seen while the name of a context is typed.
	r.drawn = r.scroll+room >= len(body) || r.stage != asked || a.view.mode == naming
}

func (a *App) previewTitle() string {
	switch a.view.run.stage {
	case running:
		return "Under way"
	case ended:
		if a.view.run.failed {
			return "It did not work: what it said"
		}
		return "Done: what it printed"
	}
	if o := a.view.run.offer; o != nil {
		return o.Title + " Nothing has been done yet"
	}
	return "Run this? Nothing has been done yet"
}

// previewRows are the exact command, or what it printed, and the rows below
// that never scroll away: what it means and which keys decide.
func (a *App) previewRows(w int) (body, foot []string) {
	r := a.view.run
	note := a.opts.Actions.RunNote
	if r.offer != nil {
		note = r.offer.Note
		body = a.offerRows(r.offer, w)
	} else {
		body = a.commandRows(w)
	}
	if r.stage == asked {
		foot = append(foot, "")
		if note == "" {
			note = "It runs in your shell, on this machine, with your rights."
		}
		for _, l := range frame.Wrap(note, w) {
			foot = append(foot, a.theme.Warning.Paint(l))
		}
		return body, append(foot, a.askedRows(w)...)
	}
	body = append(body, "")
	for _, l := range strings.Split(strings.TrimRight(r.output, "\n"), "\n") {
		body = append(body, frame.Chop(safe.Text(l), max(1, w))...)
	}
	if r.stage == running {
		return body, []string{"", a.theme.Muted.Paint("running ...")}
	}
	return body, []string{"", a.theme.Key.Paint("esc") + " back to the page"}
}

// askedRows are which keys decide, or the line in which the name of another
// cluster's context is typed.
func (a *App) askedRows(w int) []string {
	name := a.view.run.aims.wrong()
	if a.view.mode == naming {
		return a.nameRows(name, w)
	}
	yes := " do it (Enter does nothing)   "
	if name != "" {
		yes = " asks for the name of the context   "
	}
	return []string{a.theme.Key.Paint("y") + yes + a.theme.Key.Paint("esc") + " cancel"}
}

// offerRows are what a proposal is about; of a diff what comes and what goes.
func (a *App) offerRows(o *Proposal, w int) []string {
	if a.view.run.stage != asked {
		return nil
	}
	var body []string
	for _, l := range o.Lines {
		style := a.theme.Plain
		switch {
		case strings.HasPrefix(l, "+"):
			style = a.theme.OK
		case strings.HasPrefix(l, "-"):
			style = a.theme.Warning
		case strings.HasPrefix(l, "@@"):
			style = a.theme.Muted
		}
		for _, piece := range frame.Chop(l, max(1, w)) {
			body = append(body, style.Paint(piece))
		}
	}
	return body
}

// commandRows are the exact command with what the runbook says to it.
func (a *App) commandRows(w int) (body []string) {
	r := a.view.run
	_, at, of := a.panes.reader.Step()
	body = append(body, a.theme.Muted.Paint(frame.Cut(fmt.Sprintf("step %d of %d, %s:%d", at, of,
		safe.Text(path.Base(a.shown().Doc.Where.Path)), r.command.Line), w)))
	if r.stage == asked {
		body = append(body, frame.Wrap(a.stepWords(), w)...) // a command without its condition misleads
		if at, again := a.view.ran[r.key]; again {
			body = append(body, a.theme.WarningBold.Paint(frame.Cut("You have run this at "+page.Clock(at, a.opts.Now(), a.opts.Loc)+".", w)))
		}
		for _, m := range r.aims.said(aim.mismatch) {
			for _, row := range frame.Wrap(m, w) {
				body = append(body, a.theme.Danger.Paint(row))
			}
		}
		for _, l := range a.warnings(r.command) {
			for _, row := range frame.Wrap(l, w) {
				body = append(body, a.theme.Warning.Paint(row))
			}
		}
	}
	body = append(body, "")
	lead := "  "
	if r.stage != asked {
		lead = "$ "
	}
	for _, l := range strings.Split(r.command.Text, "\n") {
		// The command wraps here, cell by cell: all of it must be seen before it
		// is confirmed, and nothing is copied from this screen.
		for i, piece := range frame.Chop(safe.Text(l), max(1, w-2)) {
			if i > 0 {
				lead = "  "
			}
			body = append(body, lead+a.theme.Bold.Paint(piece))
		}
		lead = "  "
	}
	return body
}

// warnings are what is to be known of a command before it runs: what is still
// to be filled in, what cannot be seen, which cluster it is left to.
func (a *App) warnings(f runbook.Filled) []string {
	var out []string
	for _, g := range f.Missing {
		if w := "Still to fill in: " + gapWords(g) + "."; !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	if left := gapNames(f.Earlier); left != "" {
		out = append(out, "An earlier block sets "+left+"; this one runs without it.")
	}
	if seen := unseen(f, false); seen != "" {
		out = append(out, "It holds what cannot be seen: "+seen+".")
	}
	out = append(out, a.view.run.aims.said(aim.current)...)
	for _, d := range a.view.run.dangers {
		out = append(out, "It changes production: "+safe.Text(d.Word)+" "+d.Why+".")
	}
	return out
}

// stepWords is what the runbook says to the current step's command: the words
// of its item.
func (a *App) stepWords() string {
	s, _, _ := a.panes.reader.Step()
	return a.shown().Doc.StepWords(s)
}

// boxed frames rows in a box of w cells.
func (a *App) boxed(title, right string, inner []string, w int) []string {
	edge := a.theme.RuleFocus
	left := " " + frame.Cut(title, max(0, w-8-frame.Width(right))) + " "
	right = " " + right + " "
	fill := max(0, w-4-frame.Width(left)-frame.Width(right))
	out := []string{edge.Paint("┌─") + a.theme.TitleFocus.Paint(left) + edge.Paint(strings.Repeat("─", fill)) + a.theme.Muted.Paint(right) + edge.Paint("─┐")}
	for _, l := range inner {
		out = append(out, edge.Paint("│ ")+frame.Pad(l, max(0, w-4))+edge.Paint(" │"))
	}
	return append(out, edge.Paint("└"+strings.Repeat("─", max(0, w-2))+"┘"))
}
