package reader

import (
	"sort"
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// part is a run of rows: finished ones, or a code box that paints its rows when
// they are asked for.
type part struct {
	rows []string
	box  *box
	// lead goes before each row of the box, lead0 before its first.
	lead0, lead string
}

func (p part) len() int {
	if p.box != nil {
		return p.box.rows()
	}
	return len(p.rows)
}

// ready makes a part of finished rows.
func ready(rows ...string) []part {
	if len(rows) == 0 {
		return nil
	}
	return []part{{rows: rows}}
}

// indent puts first before the first row and rest before all others.
func indent(ps []part, first, rest string) []part {
	out := make([]part, 0, len(ps))
	for _, p := range ps {
		if p.box != nil {
			p.lead0, p.lead = first+p.lead0, rest+p.lead
			out = append(out, p)
			first = rest
			continue
		}
		rows := make([]string, len(p.rows))
		for i, r := range p.rows {
			rows[i] = first + r
			if r == "" {
				rows[i] = strings.TrimRight(first, " ")
			}
			first = rest
		}
		out = append(out, part{rows: rows})
	}
	return out
}

// drawn is one block ready to be shown: its parts and where each begins. It is
// immutable but for what its boxes keep of their lines.
type drawn struct {
	parts  []part
	starts []int // first row of each part
	n      int   // rows
	bytes  int   // about what it holds in memory
}

// finish counts the rows and lets gap blank rows follow.
func finish(ps []part, gap int) *drawn {
	if gap > 0 {
		ps = append(ps, part{rows: make([]string, gap)})
	}
	d := &drawn{parts: ps}
	for _, p := range ps {
		d.starts = append(d.starts, d.n)
		d.n += p.len()
		for _, r := range p.rows {
			d.bytes += len(r) + 16
		}
		if p.box != nil {
			d.bytes += p.box.bytes()
		}
	}
	return d
}

// at finds the part that holds row i and the row's number in it.
func (d *drawn) at(i int) (part, int) {
	k := sort.Search(len(d.starts), func(k int) bool { return d.starts[k] > i }) - 1
	for d.parts[k].len() == 0 { // parts without rows share their start
		k--
	}
	return d.parts[k], i - d.starts[k]
}

// row is row i with code scrolled side cells to the left, at most width cells
// wide; width 0: as wide as it is.
func (d *drawn) row(i, side, width int) string {
	p, k := d.at(i)
	if p.box == nil {
		return p.rows[k] // clipped when it was drawn
	}
	lead := p.lead
	if k == 0 {
		lead = p.lead0
	}
	s := lead + p.box.paint(k, side)
	if width > 0 && ansi.StringWidth(s) > width { // a frame that is narrower than its indent
		s = ansi.Truncate(s, width, "")
	}
	return s
}

// find is the row where words begins, letters and digits only; -1 if nowhere.
func (d *drawn) find(words string) int {
	if words == "" {
		return -1
	}
	var all strings.Builder
	ends := make([]int, d.n) // of each row in all
	for i := range d.n {
		all.WriteString(onlyWords(ansi.Strip(d.row(i, 0, 0))))
		ends[i] = all.Len()
	}
	at := strings.Index(all.String(), words)
	if at < 0 {
		return -1
	}
	return sort.SearchInts(ends, at+1)
}

// onlyWords leaves letters and digits.
func onlyWords(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}
