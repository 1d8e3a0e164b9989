package why

import (
	"math"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/graph"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// How many rows the graph takes, its two rows of time included.
const (
	leastGraph = 8 // the facts below it give way for so many
	mostGraph  = 14
	leastChart = 4 // for fewer the legend gives way
	maxLegend  = 2 // rows; one more in a high pane
	highPane   = 24
	maxSuspect = 3 // changes that are marked
)

// graph is the chart and its legend in so many rows, of which others would like
// some. Without data it is a line that says so, or nothing.
func (d drawing) graph(rows, others int) []string {
	c := d.chart()
	if len(c.Points) == 0 {
		return d.noGraph()
	}
	legend := len(d.legend(c.Marks))
	if rows-legend-1 < leastChart {
		legend = 0
	}
	room := rows - legend - 1
	h := max(1, min(max(room-others, min(leastGraph, room)), mostGraph))
	drawn := c.Draw(d.Width(), h, d.theme)
	if len(drawn.Rows) == 0 {
		return d.noGraph()
	}
	out := drawn.Rows
	if len(out) > 1 && legend > 0 {
		out = append(out, d.legend(drawn.Shown)...)
	}
	return append(out, d.pastNote()...)
}

// noGraph says why there is no graph where one would be expected.
func (d drawing) noGraph() []string {
	w := d.p.Why
	switch {
	case d.back > 0:
		if note := d.pastNote(); len(note) > 0 {
			return note
		}
		return []string{d.theme.Muted.Paint("No data in the " + d.Range() + ".")}
	case w.Err != nil || w.Value.Absent || !w.Value.Parsed:
		return nil // the facts say it
	case w.State == page.Waiting && d.p.Onset.State == page.Waiting:
		return []string{d.theme.Muted.Paint("Asking what it was before ...")}
	case w.State == page.OK && w.Value.RuleKnown:
		return []string{d.theme.Muted.Paint("There is no data to draw.")}
	}
	return nil
}

// pastNote says how it stands with the time that was asked for.
func (d drawing) pastNote() []string {
	switch {
	case d.back == 0:
		return nil
	case d.pastErr != nil:
		return paint(d.theme.Warning, frame.Wrap("NOT KNOWN, the "+d.Range()+": "+safe.Err(d.pastErr), d.Width()))
	case d.past == nil:
		return []string{d.theme.Muted.Paint("Asking for the " + d.Range() + " ...")}
	}
	return nil
}

// usualFrom is where the page's own graph begins.
func (d drawing) usualFrom() time.Time {
	from := d.p.GraphFrom()
	if pts := d.p.Why.Value.Points; len(pts) > 0 && (from.IsZero() || pts[0].T.Before(from)) {
		from = pts[0].T
	}
	if from.IsZero() || !from.Before(d.now) {
		from = d.now.Add(-time.Hour)
	}
	return from
}

// chart is what is drawn.
func (d drawing) chart() graph.Chart {
	w := d.p.Why.Value
	c := graph.Chart{From: d.usualFrom(), To: d.now, Format: w.Unit.Format, Loc: d.loc, ASCII: d.ascii}
	points := w.Points
	if d.back > 0 {
		c.From = d.now.Add(-d.back)
		if d.past != nil {
			points = d.past.Points
		}
	}
	c.Points = make([]graph.Point, len(points))
	for i, p := range points {
		c.Points[i] = graph.Point(p)
	}
	if n := len(points); n > 0 && points[n-1].T.After(c.To) {
		c.To = points[n-1].T
	}
	if w.HasLimit && !math.IsNaN(w.Limit) && !math.IsInf(w.Limit, 0) {
		c.Op, c.Limit = w.Op, w.Limit
	}
	c.Now, _, _ = strings.Cut(d.p.Sentence(d.now, d.loc).Value, " at ")
	d.unit(&c, w)
	c.Marks = d.marks()
	return c
}

// unit gives the axis what numbers of a unit are round in.
func (d drawing) unit(c *graph.Chart, w triage.Why) {
	most := math.Abs(c.Limit)
	for _, p := range c.Points {
		if v := math.Abs(p.V); v > most && !math.IsInf(v, 0) {
			most = v
		}
	}
	switch w.Unit {
	case triage.Ratio:
		c.Unit, c.Most = 0.01, 1
	case triage.Percent:
		c.Most = 100
	case triage.Bytes, triage.BytesPerSecond:
		for c.Unit = 1; most >= 1023.5 && c.Unit < 1<<60; most /= 1024 {
			c.Unit *= 1024
		}
	case triage.Seconds:
		switch {
		case most >= 2*86400:
			c.Unit = 86400
		case most >= 2*3600:
			c.Unit = 3600
		case most >= 120:
			c.Unit = 60
		}
	case triage.Timestamp:
		c.Format = func(v float64) string {
			if math.Abs(v) > 1e11 {
				return w.Unit.Format(v)
			}
			return time.Unix(int64(v), 0).In(d.loc).Format("2 Jan 15:04")
		}
	}
}

// marks are what happened, the most important first: it began, the likeliest
// change, it paged, the others, it ended.
func (d drawing) marks() []graph.Mark {
	var out []graph.Mark
	add := func(at time.Time, letter rune, rank int) {
		if !at.IsZero() && letter != 0 {
			out = append(out, graph.Mark{At: at, Letter: letter, Rank: rank})
		}
	}
	add(d.p.Onset.Value.At, 'B', 0)
	add(triage.Fired(d.p.Item), 'F', 2)
	if d.p.Over {
		add(d.p.Item.ResolvedAt, 'E', 2)
	}
	from, n := d.usualFrom(), 0
	if d.back > 0 {
		from = d.now.Add(-d.back)
	}
	for _, s := range d.p.Ranking.Suspects {
		if n == maxSuspect {
			break
		}
		if s.StartedAt.Before(from) || !s.Own() && s.Verdict != triage.Likely && s.Verdict != triage.Possible {
			continue
		}
		rank := 3 + n
		if n == 0 {
			rank = 1
		}
		add(s.StartedAt, letter(s.Kind), rank)
		n++
	}
	return out
}

// letter is a change's mark. A flag is a kind of configuration here: F is the
// page.
func letter(k sources.ChangeType) rune {
	if k == sources.Flag {
		k = sources.Config
	}
	return page.ChangeLetter(k)
}

// legend says what the letters mean, in as many words as there is room for.
func (d drawing) legend(marks []graph.Mark) []string {
	var rows []string
	most := maxLegend
	if d.Height() >= highPane {
		most++
	}
	for _, what := range []int{maxWhat, minWhat, 0} {
		if rows = d.legendOf(marks, what); len(rows) <= most {
			break
		}
	}
	return rows[:min(len(rows), most)]
}

func (d drawing) legendOf(marks []graph.Mark, what int) []string {
	var rows []string
	row := ""
	for _, m := range marks {
		entry := d.theme.Bold.Paint(string(m.Letter)) + d.theme.Muted.Paint(" "+page.ShortClock(m.At, d.now, d.loc)+" "+d.markWords(m, what))
		switch {
		case row == "":
			row = entry
		case frame.Width(row)+3+frame.Width(entry) <= d.Width():
			row += "   " + entry
		default:
			rows, row = append(rows, row), entry
		}
	}
	if row != "" {
		rows = append(rows, row)
	}
	return rows
}

func (d drawing) markWords(m graph.Mark, what int) string {
	switch m.Letter {
	case 'B':
		return "it began"
	case 'E':
		return "it ended"
	case 'F':
		if began := d.p.Onset.Value.At; what > 0 && !began.IsZero() && m.At.Sub(began) >= time.Second {
			return "paged (after " + page.Ago(m.At.Sub(began)) + ")"
		}
		return "paged"
	}
	for _, s := range d.p.Ranking.Suspects {
		if s.StartedAt.Equal(m.At) && letter(s.Kind) == m.Letter {
			text := string(s.Kind)
			if !s.Own() && !s.Service.Empty() {
				text = s.Service.String() + " " + text
			}
			v := page.ChangeVersion(s.Change)
			if v == "" {
				v = page.ChangeWhat(s.Change)
			}
			return strings.TrimSpace(text + " " + frame.Cut(v, what))
		}
	}
	return ""
}

// How much of what a change brought stands in the legend, and how much where
// that is too long; if it still is, only the kind.
const (
	maxWhat = 24
	minWhat = 11
)

func paint(s theme.Style, rows []string) []string {
	for i := range rows {
		rows[i] = s.Paint(rows[i])
	}
	return rows
}
