package tui

import "testing"

// TestLayoutStaysOnScreen tries every size: panes lie inside the body, do not
// overlap, and the pane that is open is there from 60x15 on.
func TestLayoutStaysOnScreen(t *testing.T) {
	t.Parallel()
	for w := 0; w <= 300; w += 3 {
		for h := 0; h <= 100; h++ {
			for open := range slot(slots) {
				for _, banner := range []int{0, 2, 9} {
					checkLayout(t, w, h, open, banner)
				}
			}
		}
	}
}

func checkLayout(t *testing.T, w, h int, open slot, banner int) {
	t.Helper()
	l := layoutFor(w, h, open, banner, 0, wanted{40, 10, 30, 3})
	taken := map[[2]int]slot{}
	for s, r := range append(l.panes[:], l.who) {
		s := slot(s)
		if r.h == 0 {
			continue
		}
		if r.x < 0 || r.y <= l.head || r.w <= 0 || r.h < 0 || r.x+r.w > w || r.y+r.h > h-1 {
			t.Fatalf("%dx%d open %d banner %d: pane %d at %+v is outside", w, h, open, banner, s, r)
		}
		for _, x := range []int{r.x, r.x + r.w - 1} {
			for y := r.y; y < r.y+r.h; y++ {
				if other, ok := taken[[2]int{x, y}]; ok {
					t.Fatalf("%dx%d open %d: panes %d and %d overlap at %d,%d", w, h, open, s, other, x, y)
				}
				taken[[2]int{x, y}] = s
			}
		}
	}
	if w < tinyW || h < tinyH {
		if l.shape != tiny {
			t.Fatalf("%dx%d: shape %d", w, h, l.shape)
		}
		return
	}
	if !l.visible(open) {
		t.Fatalf("%dx%d: the open pane %d is not there", w, h, open)
	}
}

func TestAStormHasTheRoomThatOthersLeave(t *testing.T) {
	t.Parallel()
	for want, rows := range map[wanted]int{
		{20, 5, 2, 0}:   21, // its title too: all of it
		{20, 12, 10, 0}: 14, // all have much: two fifths
		{3, 5, 2, 0}:    5,
	} {
		l := layoutFor(120, 40, runbookSlot, 0, 0, want)
		if got := l.panes[alertsSlot].h; got != rows {
			t.Errorf("%+v: %d rows, want %d", want, got, rows)
		}
	}
}

func TestLayoutBreakpoints(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		w, h int
		want shape
	}{
		{59, 40, tiny}, {200, 14, tiny}, {60, 15, one}, {99, 60, one}, {300, 29, one},
		{100, 30, two}, {151, 50, two}, {152, 30, three}, {300, 100, three},
	} {
		if got := layoutFor(tc.w, tc.h, runbookSlot, 0, 0, wanted{10, 9, 6, 3}).shape; got != tc.want {
			t.Errorf("%dx%d: shape %d, want %d", tc.w, tc.h, got, tc.want)
		}
	}
	l := layoutFor(200, 50, runbookSlot, 0, 0, wanted{30, 9, 6, 3})
	if w := l.panes[runbookSlot].w; w < minRunbook || w > wideRunbook {
		t.Errorf("runbook at 200 columns is %d wide", w)
	}
	if w := layoutFor(120, 40, runbookSlot, 0, 0, wanted{10, 9, 6, 3}).panes[runbookSlot].w; w < minRunbook {
		t.Errorf("runbook at 120 columns is %d wide, want at least %d", w, minRunbook)
	}
}
