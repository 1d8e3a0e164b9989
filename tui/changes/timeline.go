package changes

import (
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// Subject is what the timeline is about: a page, or the whole board.
type Subject struct {
	About   string // which page; empty: none, the whole board
	Ranking triage.Ranking
	Service string // of the page, clean; empty: not known
	Cluster string // of the page
	Onset   time.Time
	Fired   time.Time // zero: it has not, or that is not known
	Now     time.Time
	Loc     *time.Location
}

// OfPage is the subject of an open page.
func OfPage(p page.Page, now time.Time, loc *time.Location) Subject {
	return Subject{About: string(p.Item.ID), Ranking: p.Ranking, Service: p.Item.Service.Name.String(), Cluster: p.Item.Cluster,
		Onset: p.Onset.Value.At, Fired: triage.Fired(p.Item), Now: now, Loc: loc}
}

// spans are how far back before the trouble the axis can reach; 0: to the oldest
// change. The first is usual.
var spans = []time.Duration{2 * time.Hour, 30 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour, 0}

// byLength are the spans from the shortest to all, as indexes.
var byLength = []int{1, 2, 0, 3, 4, 5}

// Timeline is every change on one axis of time, in lanes by their relation to
// the page, and below it the list of them, most likely first. Make it with
// NewTimeline.
type Timeline struct {
	theme theme.Theme
	w, h  int
	s     Subject

	words  string           // of the filter
	shown  []triage.Suspect // that pass it
	cursor int
	key    string // of the change under the cursor
	first  int    // the first change of the list that is on screen
	span   int    // index of spans
}

// NewTimeline makes an empty timeline.
func NewTimeline(t theme.Theme) *Timeline { return &Timeline{theme: t} }

// SetTheme changes the looks.
func (t *Timeline) SetTheme(th theme.Theme) { t.theme = th }

// SetSize sets the size in cells, the title not counted.
func (t *Timeline) SetSize(w, h int) { t.w, t.h = w, h }

// Set gives it what it is about. The cursor stays on its change; on another page
// it goes to the first, and the filter is gone.
func (t *Timeline) Set(s Subject) {
	if s.About != t.s.About {
		t.key, t.cursor, t.first, t.words = "", 0, 0, ""
	}
	t.s = s
	t.apply()
}

// Filter shows only the changes that hold all words of a text.
func (t *Timeline) Filter(text string) {
	t.words, t.first = text, 0
	t.apply()
}

// Words is the filter as it was typed.
func (t *Timeline) Words() string { return t.words }

func (t *Timeline) apply() {
	t.shown = triage.Matching(t.s.Ranking.Suspects, t.words)
	t.cursor = find(t.shown, t.key, t.cursor)
}

// Move moves the cursor by n changes.
func (t *Timeline) Move(n int) {
	t.cursor = max(0, min(t.cursor+n, len(t.shown)-1))
	if s, ok := t.Selected(); ok {
		t.key = Key(s.Change)
	}
}

// Select puts the cursor on a change, if it is there.
func (t *Timeline) Select(key string) {
	t.key = key
	t.cursor = find(t.shown, key, t.cursor)
}

// Page is how many changes the list shows, about.
func (t *Timeline) Page() int { return max(1, t.plan().list) }

// Selected is the change under the cursor; false: there is none.
func (t *Timeline) Selected() (triage.Suspect, bool) {
	if t.cursor >= len(t.shown) {
		return triage.Suspect{}, false
	}
	return t.shown[t.cursor], true
}

// Stretch reaches further back with 1, less far with -1; false: it cannot.
func (t *Timeline) Stretch(n int) bool {
	for i, s := range byLength {
		if s == t.span && i+n >= 0 && i+n < len(byLength) {
			t.span = byLength[i+n]
			return true
		}
	}
	return false
}

// Matches is how many changes pass the filter, and of how many.
func (t *Timeline) Matches() (shown, of int) { return len(t.shown), len(t.s.Ranking.Suspects) }

// Range says which time the axis shows: "2 h before it began until now".
func (t *Timeline) Range() string {
	d := spans[t.span]
	switch {
	case d == 0:
		return "all that is known, until now"
	case t.s.Onset.IsZero():
		return "the last " + page.Lasting(d)
	}
	return page.Lasting(d) + " before it began, until now"
}

// Counts says how many changes of how many services there are.
func (t *Timeline) Counts() string {
	all := t.s.Ranking.Suspects
	return page.Counted(len(all), "change") + ", " + page.Counted(triage.Services(all), "service")
}

// axis is the axis of w cells.
func (t *Timeline) axis(w int) axis {
	start := t.s.Onset
	if start.IsZero() || start.After(t.s.Now) {
		start = t.s.Now
	}
	from := start.Add(-spans[t.span])
	if spans[t.span] == 0 {
		for _, s := range t.s.Ranking.Suspects {
			if s.StartedAt.Before(from) {
				from = s.StartedAt
			}
		}
		from = from.Add(-time.Minute)
	}
	return newAxis(from, t.s.Now, t.s.Onset, w)
}

// title is a change in the list: what it brought and how far it has come.
func (t *Timeline) title(s triage.Suspect) string {
	text := page.ChangeWhat(s.Change)
	if c := elsewhere(s.Change, t.s.Cluster); c != "" && t.s.About != "" {
		text += c
	}
	return safe.Text(text)
}
