package page

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

func TestFoundWords(t *testing.T) {
	t.Parallel()
	one := []sources.Status{{}}
	for _, c := range []struct {
		r    triage.Ranking
		want string
	}{
		{triage.Ranking{NoneFound: true, Asked: one}, "NO CHANGE FOUND in the sources that were asked."},
		{triage.Ranking{Suspects: []triage.Suspect{{}}, Asked: one}, "It may be none of these."},
		{triage.Ranking{}, "No change is known: no source could be asked."},
		{triage.Ranking{Failed: one}, "No change is known: no source could be asked."},
		{triage.Ranking{Asked: one, Failed: one}, "No change is known, but not every source could be asked."},
	} {
		if got := foundWords(c.r); got != c.want {
			t.Errorf("%+v: %q, want %q", c.r, got, c.want)
		}
	}
}

// A server may send any time; JSON can only write four digits of a year.
func TestStampIsAlwaysWritable(t *testing.T) {
	t.Parallel()
	for at, want := range map[time.Time]bool{
		{}: false, time.UnixMilli(math.MaxInt64 / 4): false, time.UnixMilli(math.MinInt64 / 4): false,
		time.Date(9999, 12, 31, 23, 0, 0, 0, time.FixedZone("", -7200)): false, time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC): true,
	} {
		s := stamp(at)
		if (s != nil) != want {
			t.Errorf("%v gives %v", at, s)
		}
		if _, err := json.Marshal(s); err != nil {
			t.Error(err)
		}
	}
}
