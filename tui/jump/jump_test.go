package jump

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// night is 3,000 alerts in 24 rows: a few of one alert, some of many, one of
// most.
func night() []Row {
	var rows []Row
	n := 0
	for i, size := range []int{1, 1, 1, 2, 9, 30, 75, 75, 75, 75, 75, 75, 75, 75, 75, 75, 75, 75, 75, 75, 76, 500, 600, 730} {
		r := Row{Title: fmt.Sprintf("Rule%02d", i)}
		for range size {
			r.Alerts = append(r.Alerts, Alert{sources.AlertID(fmt.Sprint("id-", n)), fmt.Sprintf("host-%d:9100", n*1777%3000)})
			n++
		}
		rows = append(rows, r)
	}
	return rows
}

// way is the letters that lead to an alert; empty: none do.
func (m *Model) way(id sources.AlertID) string {
	out := ""
	for len(out) < 10 {
		found := false
		for i, l := range m.split(m.top()) {
			has := func(as []Alert) bool { return slices.ContainsFunc(as, func(a Alert) bool { return a.ID == id }) }
			if has(l.alerts) || slices.ContainsFunc(l.rows, func(r Row) bool { return has(r.Alerts) }) {
				letter := Letters[i : i+1]
				out, found = out+letter, true
				if got := m.Type(letter); got == id {
					return out
				} else if got != "" {
					return ""
				}
				break
			}
		}
		if !found {
			return ""
		}
	}
	return ""
}

func TestAnyOf3000AlertsIsFourLettersAway(t *testing.T) {
	t.Parallel()
	rows := night()
	for _, size := range [][2]int{{76, 17}, {116, 34}, {196, 44}, {56, 13}} {
		m := New(theme.New(theme.Dark, true))
		m.SetSize(size[0], size[1])
		m.Open(rows)
		ways := map[string]bool{}
		total := 0
		for _, r := range rows {
			for _, a := range r.Alerts {
				for m.Back() {
				}
				w := m.way(a.ID)
				if w == "" || len(w) > 4 || ways[w] {
					t.Fatalf("%v: %q leads to %s of %s", size, w, a.Text, r.Title)
				}
				ways[w] = true
				total++
			}
		}
		if total != 3000 {
			t.Errorf("%d alerts", total)
		}
	}
}

func TestRangesAreInTheOrderOfNumbersAndSaySo(t *testing.T) {
	t.Parallel()
	r := Row{Title: "NodeDown"}
	for i := range 52 {
		r.Alerts = append(r.Alerts, Alert{sources.AlertID(fmt.Sprint(i)), fmt.Sprintf("host-%d", 51-i)})
	}
	m := New(theme.New(theme.Dark, true))
	m.SetSize(76, 30)
	m.Open([]Row{r, {Title: "One", Alerts: []Alert{{"one", "x"}}}})
	screen := func() string { return ansi.Strip(strings.Join(m.Rows(), "\n")) }
	if s := screen(); !strings.HasPrefix(s, "a NodeDown x52 ") || !strings.Contains(s, "\nb One ") {
		t.Errorf("rows:\n%s", s)
	}
	if m.Type("z") != "" || m.Type("") != "" || m.Type("-") != "" || m.Back() {
		t.Error("what is no letter does something")
	}
	if m.Type("a") != "" {
		t.Error("a row of many is an alert")
	}
	if s := screen(); !strings.HasPrefix(s, "a host-0 to host-1 x2 ") || !strings.Contains(s, "\nz host-50 to host-51 x2 ") {
		t.Errorf("ranges:\n%s", s)
	}
	if !m.Back() || m.Type("b") != "one" {
		t.Error("back does not lead to the rows")
	}
	m.Type("a")
	m.Type("f")
	if got := m.Type("b"); got != sources.AlertID(fmt.Sprint(51-11)) {
		t.Errorf("host-11 is %q:\n%s", got, screen())
	}
}

func TestARangeThatIsTooLongEndsWhereItsEndsDiffer(t *testing.T) {
	t.Parallel()
	l := level{title: "NodeDown checkout host-1:9100", to: "NodeDown checkout host-20:9100"}
	for w, want := range map[int]string{
		70: "NodeDown checkout host-1:9100 to NodeDown checkout host-20:9100",
		50: "NodeDown checkout host-1:9100 to host-20:9100",
		30: "NodeDown chec… to host-20:9100",
	} {
		if got := l.span(w); got != want {
			t.Errorf("%d: %q, want %q", w, got, want)
		}
	}
}

func TestEntriesStayInside(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("very-long-", 20)
	var rows []Row
	for i := range 60 {
		rows = append(rows, Row{long, []Alert{{sources.AlertID(fmt.Sprint(i)), long + "1"}, {sources.AlertID(fmt.Sprint(i, "b")), long + "2"}}})
	}
	for w := 10; w < 210; w += 13 {
		for h := 1; h < 50; h += 3 {
			m := New(theme.New(theme.Dark, true))
			m.SetSize(w, h)
			m.Open(rows)
			for range 3 {
				got := m.Rows()
				if len(got) > max(2, h) {
					t.Fatalf("%dx%d: %d rows", w, h, len(got))
				}
				for _, r := range got {
					if ansi.StringWidth(r) > w {
						t.Fatalf("%dx%d: %d cells: %q", w, h, ansi.StringWidth(r), ansi.Strip(r))
					}
				}
				m.Type("b")
			}
		}
	}
}

// A label's value may be nothing but blanks.
func TestARangeOfBlankNamesIsDrawn(t *testing.T) {
	t.Parallel()
	m := New(theme.New(theme.Dark, true))
	m.SetSize(30, 1)
	long := strings.Repeat("x", 60)
	m.Open([]Row{{Title: "R", Alerts: []Alert{{"1", " "}, {"2", long}, {"3", long + "y"}}}})
	m.Type("a")
	if rows := m.Rows(); len(rows) == 0 {
		t.Error("nothing is drawn")
	}
	m.Open([]Row{{Title: "R", Alerts: []Alert{{"1", " "}, {"2", "  "}, {"3", strings.Repeat(" ", 60)}}}})
	m.Type("a")
	m.Rows()
}
