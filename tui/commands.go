package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// settle is how long the selection rests before parts that ask the network are
// loaded, so that running through the list asks nothing.
const settle = 80 * time.Millisecond

// waitBoard waits for the next snapshot and judges it, outside of Update. The
// root arms it again after each board.
func waitBoard(ctx context.Context, box <-chan sources.Snapshot, o *overs, p triage.Prefs, watch func(context.Context, *triage.Board), now func() time.Time) tea.Cmd {
	return func() tea.Msg {
		select {
		case s := <-box:
			b := page.WithOvers(s, o.list(), p, now())
			if watch != nil {
				watch(ctx, b)
			}
			return boardMsg{b}
		case <-ctx.Done():
			return nil
		}
	}
}

// loadPart loads one part of a page.
func loadPart(ctx context.Context, a *page.Assembler, p page.Page, part page.Part) tea.Cmd {
	return func() tea.Msg {
		if ctx.Err() != nil {
			return nil // the page was left before its turn came
		}
		return partLoadedMsg{id: p.Item.ID, result: a.Load(ctx, p, part)}
	}
}

func waitSettled(id sources.AlertID) tea.Cmd {
	return tea.Tick(settle, func(time.Time) tea.Msg { return settledMsg{id} })
}

// typing is how long the filter's text must stand before the list follows.
const typing = 30 * time.Millisecond

func waitTyped(text string) tea.Cmd {
	return tea.Tick(typing, func(time.Time) tea.Msg { return typedMsg{text} })
}

// tick wakes at the next full second, so that every age on screen steps
// together.
func tick() tea.Cmd {
	return tea.Every(time.Second, func(t time.Time) tea.Msg { return tickMsg(t) })
}

func openLink(ctx context.Context, open func(context.Context, string) error, url, shown string) tea.Cmd {
	return func() tea.Msg {
		if err := open(ctx, url); err != nil {
			return doneMsg{text: "no browser could be opened. The link: " + shown, err: err}
		}
		return doneMsg{text: "opened " + shown}
	}
}

// waitOutput waits for the next piece of a command's output.
func waitOutput(run int, from <-chan Output) tea.Cmd {
	return func() tea.Msg {
		out, more := <-from
		return outputMsg{run: run, out: out, more: more, after: from}
	}
}
