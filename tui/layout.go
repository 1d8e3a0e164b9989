package tui

// Breakpoints in cells; screens.md says why: at 140 columns three columns
// would leave 48 for the runbook, too few for a command.
const (
	wideW, midW       = 152, 100
	wideH             = 30
	tinyW, tinyH      = 60, 15
	suspectRowsMin    = 20 // below this height the suspect row goes
	stripRowsMin      = 17 // below this height the tab strip goes
	shortStripW       = 80 // below this width the strip shows names only for the open tab
	minAlerts, maxAlt = 44, 64
	minContext, maxCt = 46, 60
	minRunbook        = 60
	whoH              = 36  // below this height the pane of who can help is its title
	minPane           = 6   // rows of a pane that shares a column, its title included
	gutter            = 2   // cells between two columns: the divider and a blank
	hintShare         = 8   // of the screen's height: one row of so many may be the guide's
	wideRunbook       = 100 // the runbook gets columns beyond 200 up to this
)

// shape says which of the layouts is in force.
type shape int8

const (
	tiny  shape = iota // the page in one sentence and what size is needed
	one                // one pane under a tab strip
	two                // alerts over context | runbook
	three              // alerts | runbook | context
)

// rect is a place on the screen in cells: column, row, width, height. The
// first row of a pane is its title.
type rect struct{ x, y, w, h int }

// layout is where everything goes. A pane that is not shown has height 0.
type layout struct {
	shape   shape
	w, h    int
	banner  int // rows of the banner under the header
	head    int // row of the page sentence
	suspect int // row of the best suspect; -1: not shown
	guide   int // first row of the guide, above the last rows; -1: not shown
	hints   int // rows of the guide
	strip   int // row of the tab strip; -1: not shown
	panes   [slots]rect
	who     rect // the pane that has no key of its own, below the health; height 0: not shown
	message int  // row of the last message; -1: shares the footer's
	footer  int  // row of the keys; -1: none
}

// wanted is how many rows some panes would fill, so that none stands empty
// beside one that is cut.
type wanted struct{ alerts, changes, health, who int }

// slot is one pane. Its number is its key less one.
type slot int8

const (
	alertsSlot slot = iota
	runbookSlot
	changesSlot
	healthSlot
	whySlot
	slots int = iota
)

// layoutFor is the only arithmetic on the screen's size. open is the pane that
// the user is in; it decides which one is shown where only one fits. banner is
// how many rows of trouble stand under the header, guide how many rows the
// guide would fill above the last ones.
func layoutFor(w, h int, open slot, banner, guide int, want wanted) layout {
	l := layout{w: w, h: h, suspect: -1, guide: -1, strip: -1, message: -1, footer: -1}
	switch {
	case w < tinyW || h < tinyH:
		l.shape = tiny
		l.head = min(1, max(0, h-1))
		return l
	case w >= wideW && h >= wideH:
		l.shape = three
	case w >= midW && h >= wideH:
		l.shape = two
	default:
		l.shape = one
	}
	l.banner = min(banner, max(0, h/4))
	l.head = 1 + l.banner
	l.footer = h - 1
	top := l.head + 1
	bottom := h - 1
	if l.shape != one {
		bottom--
		l.message = bottom
	}
	if l.hints = min(guide, h/hintShare); l.hints > 0 {
		bottom -= l.hints
		l.guide = bottom
	}
	if l.shape == one {
		l.single(top, bottom, open)
		return l
	}
	body := rect{0, top, w, bottom - top}
	if l.shape == two {
		l.double(body, open, want)
	} else {
		l.triple(body, want)
	}
	return l
}

func (l *layout) single(top, bottom int, open slot) {
	if l.h >= suspectRowsMin {
		l.suspect, top = top, top+1
	}
	if l.h >= stripRowsMin {
		l.strip, top = top, top+1
	}
	l.panes[open] = rect{0, top, l.w, bottom - top}
}

// whoRows is how many rows the pane of who can help gets, its title included: on
// a low screen only that.
func (l *layout) whoRows(want wanted) int {
	if l.h < whoH {
		return 1
	}
	return want.who + 1
}

func (l *layout) double(b rect, open slot, want wanted) {
	whole := b
	b.h -= l.whoRows(want)
	left := max(minAlerts, min(maxCt, b.w*47/100))
	spare := b.h - want.changes - 1 - want.health - 1 // what the others leave, the list of a storm may have
	a := clamp(want.alerts+1, 5, max(b.h*2/5, spare))
	ch := share(b.h-a, want.changes+1, want.health+1)
	l.panes[alertsSlot] = rect{b.x, b.y, left, a}
	l.panes[changesSlot] = rect{b.x, b.y + a, left, ch}
	l.panes[healthSlot] = rect{b.x, b.y + a + ch, left, b.h - a - ch}
	l.who = rect{b.x, b.y + b.h, left, whole.h - b.h}
	right := rect{b.x + left + gutter, b.y, b.w - left - gutter, whole.h}
	if open == whySlot {
		l.panes[whySlot] = right
	} else {
		l.panes[runbookSlot] = right
	}
}

func (l *layout) triple(b rect, want wanted) {
	left := clamp(b.w*28/100, minAlerts, maxAlt)
	right := clamp(b.w*27/100, minContext, maxCt)
	mid := b.w - left - right - 2*gutter
	if mid > wideRunbook {
		left, mid = left+mid-wideRunbook, wideRunbook
	}
	a := clamp(want.alerts+1, 8, b.h*3/5)
	l.panes[alertsSlot] = rect{b.x, b.y, left, a}
	l.panes[whySlot] = rect{b.x, b.y + a, left, b.h - a}
	l.panes[runbookSlot] = rect{b.x + left + gutter, b.y, mid, b.h}
	who := l.whoRows(want)
	ch := share(b.h-who, want.changes+1, want.health+1)
	x := b.x + left + mid + 2*gutter
	l.panes[changesSlot] = rect{x, b.y, right, ch}
	l.panes[healthSlot] = rect{x, b.y + ch, right, b.h - who - ch}
	l.who = rect{x, b.y + b.h - who, right, who}
}

// share is how many of total rows the first of two panes gets: what it wants if
// the other then has what it wants too. Else the second, which is short and
// whose rows are all of worth, has what it wants up to half, and the first, a
// list whose worth is at its top, the rest; never so few that its answer cannot
// be seen.
func share(total, first, second int) int {
	if first+second <= total {
		return clamp(first+(total-first-second)/2, minPane, total-minPane)
	}
	return clamp(total-min(second, total/2), minPane, total-minPane)
}

func clamp(n, lo, hi int) int { return max(lo, min(n, max(lo, hi))) }

// visible reports whether a pane is on the screen.
func (l layout) visible(s slot) bool { return l.panes[s].h > 0 }
