package changes

import (
	"math/rand/v2"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)

func before(d time.Duration) time.Time { return noon.Add(-d) }

// What was before the onset is left of its mark, what came after right of it,
// and time never goes back, at every scale and width.
func TestAxisKeepsBeforeAndAfter(t *testing.T) {
	t.Parallel()
	for range 20_000 {
		span := time.Duration(rand.Int64N(int64(50 * time.Hour)))
		onset := before(time.Duration(rand.Int64N(int64(60 * time.Hour))))
		a := newAxis(onset.Add(-span), noon, onset, rand.IntN(200))
		x := a.from.Add(time.Duration(rand.Int64N(int64(noon.Sub(a.from)) + 1)))
		y := a.from.Add(time.Duration(rand.Int64N(int64(noon.Sub(a.from)) + 1)))
		cx, cy := a.cell(x), a.cell(y)
		if a.w > 0 && noon.After(a.from) && (cx < 0 || cx >= a.w) {
			t.Fatalf("%+v: %s is at %d", a, x, cx)
		}
		if x.Before(y) && cx > cy {
			t.Fatalf("%+v: %s at %d, %s at %d", a, x, cx, y, cy)
		}
		if a.mark >= 0 && (x.Before(onset) != (cx < a.mark) || cx == a.mark) {
			t.Fatalf("%+v: %s is at %d", a, x, cx)
		}
	}
	a := newAxis(before(time.Hour), noon, before(5*time.Minute), 80)
	if a.cell(before(2*time.Hour)) != -1 || a.cell(noon.Add(time.Hour)) != 79 || a.cell(time.Time{}) != -1 {
		t.Error("outside of the axis")
	}
	if old := newAxis(before(50*time.Hour), noon, before(48*time.Hour), 101); old.mark != 60 {
		t.Errorf("the time before an old onset has %d of 100 cells", old.mark)
	}
}

func TestAxisHeading(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time {
		v, err := time.Parse("2 15:04", s)
		if err != nil {
			t.Fatal(err)
		}
		return time.Date(2026, 3, v.Day(), v.Hour(), v.Minute(), 0, 0, time.UTC)
	}
	for _, tc := range []struct {
		from, to, onset, fired string
		w                      int
		want                   string
	}{
		{"9 12:02", "9 14:09", "9 14:02", "9 14:05", 80, "                 12:30             13:00              13:30   began 14:02 ┊  F  "},
		{"9 13:32", "9 14:09", "9 14:02", "9 14:05", 80, "                 13:40                13:50         began 14:02 ┊      F paged  "},
		{"6 20:00", "9 14:09", "7 20:00", "7 20:03", 60, "     7 Mar       began 7 Mar 20:00 ┊F paged 20:03  9 Mar now"},
		{"9 13:09", "9 14:09", "1 00:00", "1 00:00", 24, "        13:30        now"},
	} {
		a := newAxis(at(tc.from), at(tc.to), at(tc.onset), tc.w)
		if got := string(a.heading(at(tc.fired), time.UTC)); got != tc.want {
			t.Errorf("got  %q\nwant %q", got, tc.want)
		}
	}
	for range 20_000 {
		span := time.Duration(rand.Int64N(int64(400*time.Hour))) + 1
		a := newAxis(before(span), noon, before(time.Duration(rand.Int64N(int64(span)))), rand.IntN(200))
		if n := len(a.heading(before(time.Duration(rand.Int64N(int64(span)))), time.UTC)); n != a.w {
			t.Fatalf("%+v: %d cells", a, n)
		}
	}
}
