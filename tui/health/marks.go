package health

import (
	"time"

	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/frame"
)

// mark is a change on the axis of the sparklines.
type mark struct {
	at     time.Time
	letter rune
}

// maxMarks is how many changes are marked: each hides a cell.
const maxMarks = 3

// letters name the kinds of change, as the view of all changes does.
var letters = map[sources.ChangeType]rune{sources.Deploy: 'D', sources.Rollback: 'R', sources.Config: 'C', sources.Flag: 'F',
	sources.Infra: 'I', sources.Scale: 'S', sources.Restart: 'X'}

// marksOf are the changes of the hour that may matter, most likely first.
func marksOf(p page.Page) []mark {
	var out []mark
	end := p.Health.AsOf
	for _, s := range p.Ranking.Suspects {
		may := s.Own() || s.Verdict == triage.Likely || s.Verdict == triage.Possible
		if may && s.StartedAt.After(end.Add(-time.Hour)) && !s.StartedAt.After(end) && len(out) < maxMarks {
			out = append(out, mark{s.StartedAt, letters[s.Kind]})
		}
	}
	return out
}

// marked puts the line of each change into a sparkline.
func (m *Model) marked(spark string) string {
	at := make([]time.Time, len(m.marks))
	for i, k := range m.marks {
		at[i] = k.at
	}
	return frame.Marked(spark, at, m.end.Add(-time.Hour), m.end)
}

// lettered is the axis: its ends, and the letters of the changes. Where one
// touches an end, that gives way: the hour is known.
func (m *Model) lettered(from, to string, w int) string {
	at := make([]int, len(m.marks))
	for i, k := range m.marks {
		at[i] = frame.CellOf(k.at, m.end.Add(-time.Hour), m.end, w)
		if at[i] <= len(from) {
			from = ""
		}
		if at[i] >= w-len(to)-1 {
			to = ""
		}
	}
	cells := []rune(frame.Ends(from, to, w))
	for i, k := range m.marks {
		if cells[at[i]] == ' ' && k.letter != 0 {
			cells[at[i]] = k.letter
		}
	}
	return string(cells)
}
