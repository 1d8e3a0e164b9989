package tui

import (
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/reader"
)

const (
	// liveEvery is how old the answer of a query on screen may become.
	liveEvery = 15 * time.Second
	// liveAtOnce is how many queries of a runbook are under way at once.
	liveAtOnce = 2
	// liveCells is the resolution of an answer's trend.
	liveCells = 24
)

// asked is when the queries of the open runbook were asked last.
type asking struct {
	at      time.Time
	running bool
}

// askQueries asks the queries that are on screen and whose answers have aged.
// It waits until the selection rests: running through the list asks nothing.
func (a *App) askQueries() tea.Cmd {
	if !a.page.ok || !a.page.settled || !a.lay.visible(runbookSlot) || a.shown().Doc.Empty() || a.opts.Assembler.Query == nil {
		return nil
	}
	running := 0
	for _, q := range a.page.asking {
		if q.running {
			running++
		}
	}
	var cmds []tea.Cmd
	for _, q := range a.panes.reader.Queries() {
		last := a.page.asking[q]
		if last.running || !last.at.IsZero() && a.opts.Now().Sub(last.at) < liveEvery || running >= liveAtOnce {
			continue
		}
		running++
		a.page.asking[q] = asking{at: a.opts.Now(), running: true}
		cmds = append(cmds, a.askQuery(q))
	}
	return tea.Batch(cmds...)
}

func (a *App) askQuery(q string) tea.Cmd {
	ctx, p, assembler := a.page.ctx, a.page.Page, a.opts.Assembler
	key := a.panes.reader.Key()
	msg := liveMsg{alert: p.Item.ID, document: key, query: q}
	expr, gap := a.filledQuery(q)
	return func() tea.Msg {
		switch {
		case ctx.Err() != nil:
			return nil
		case gap != "":
			msg.live = page.Live{AsOf: assembler.Now(), Err: errors.New("not asked: " + gap)}
		default:
			msg.live = assembler.Ask(ctx, p, expr)
		}
		return msg
	}
}

// filledQuery is a query of the runbook, or of a link in it, with what the alert
// fills in, or what is to be said of a placeholder that is left.
func (a *App) filledQuery(q string) (expr, gap string) {
	code := runbook.CodeBlock{Code: []byte(q), Lang: "promql"}
	for _, c := range a.shown().Doc.Codes() {
		if reader.QueryText(c.Code) == q {
			code = c
			break
		}
	}
	f := runbook.Fill(code, a.values())
	if len(f.Missing) > 0 {
		return "", gapWords(f.Missing[0])
	}
	return f.Text, ""
}

// liveMsg: a query of the runbook was answered.
type liveMsg struct {
	alert    sources.AlertID
	document string // the reader's key of the text that it stands in
	query    string
	live     page.Live
}

func (a *App) onLive(msg liveMsg) tea.Cmd {
	if msg.alert != a.selected() {
		a.dirty = false
		return nil
	}
	last := a.page.asking[msg.query]
	last.running = false
	a.page.asking[msg.query] = last
	if msg.document == a.panes.reader.Key() {
		a.panes.reader.SetAnswer(msg.query, answerOf(msg.live))
	}
	return a.askQueries()
}

// askWords say what is wrong with a query: the server's words first. Its
// address is the header's to say.
func askWords(err error) string {
	var said *sources.Error
	if errors.As(err, &said) && !said.Detail.Empty() {
		return page.SourceName(said.Source) + ": " + said.Detail.String()
	}
	return safe.Err(err)
}

// answerOf puts an answer into the reader's words.
func answerOf(l page.Live) reader.Answer {
	var out reader.Answer
	for _, s := range l.Series {
		times, values := sources.Columns(s.Points)
		out.Rows = append(out.Rows, reader.AnswerRow{Name: s.Name, Value: s.Value,
			Spark: frame.Spread(times, values, l.AsOf.Add(-time.Hour), l.AsOf, liveCells)})
	}
	switch {
	case l.Err != nil:
		out.Note, out.Wrong = askWords(l.Err), true
	case len(l.Series) == 0:
		out.Note = reader.NoSeries()
	case l.More > 0:
		out.Note = reader.MoreSeries(l.More)
	}
	return out
}
