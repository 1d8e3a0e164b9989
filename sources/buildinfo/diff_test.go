package buildinfo

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var t0 = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// timeline reads steps of one minute: "A3 | A2 B1 x5 | - | B3": the versions
// and their instances, "-" for nothing seen, "xN" for N such steps.
func timeline(t *testing.T, s string) []step {
	t.Helper()
	var out []step
	at := t0
	for _, part := range strings.Split(s, "|") {
		count, times := map[build]int{}, 1
		for _, w := range strings.Fields(part) {
			n, err := strconv.Atoi(w[1:])
			switch {
			case w == "-":
			case err != nil:
				t.Fatalf("%q: %v", w, err)
			case w[0] == 'x':
				times = n
			default:
				count[build{version: w[:1]}] = n
			}
		}
		for range times {
			out = append(out, step{at: at, count: count})
			at = at.Add(time.Minute)
		}
	}
	return out
}

// show writes a rollout in one line: what, minutes of start and end, marks.
func show(r rollout) string {
	min := func(t time.Time) string {
		if t.IsZero() {
			return "?"
		}
		return strconv.Itoa(int(t.Sub(t0) / time.Minute))
	}
	kind := "deploy"
	if r.back {
		kind = "rollback"
	}
	s := fmt.Sprintf("%s %s>%s %s-%s most %d/%d now %d/%d", kind, r.from.version, r.to.version,
		min(r.start), min(r.end), r.most, r.of, r.now, r.all)
	for mark, on := range map[string]bool{" aborted": r.aborted && !r.superseded, " superseded": r.superseded, " unseen": r.unseen,
		fmt.Sprintf(" pause %v", r.pause): r.pause > 0, fmt.Sprintf(" side by side %v", r.sideBySide): r.sideBySide > 0} {
		if on {
			s += mark
		}
	}
	return s
}

func TestDiff(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"nothing seen", "- x10", ""},
		{"version seen at window start is no change", "A3 x60", ""},
		{"first version of a new service is no change", "- x10 | A3 x60", ""},
		{"rolling deploy", "A3 x10 | A2 B1 | A1 B2 | B3 x10",
			"deploy A>B 10-12 most 3/3 now 3/3"},
		{"rolling deploy with surge", "A3 x10 | A3 B1 | A2 B1 | A2 B2 | A1 B2 | A1 B3 | B3 x10",
			"deploy A>B 10-15 most 3/4 now 3/3"},
		{"one instance swapped", "A1 x10 | B1 x10", "deploy A>B 10-10 most 1/1 now 1/1"},
		{"in the middle of a rollout", "A3 x10 | A2 B1 x5",
			"deploy A>B 10-? most 1/3 now 1/3 side by side 4m0s"},
		{"crash of one of two", "A2 x10 | A1 x3 | A2 x10", ""},
		{"scrape gap", "A3 x10 | - x10 | A3 x10", ""},
		{"scrape gap of some, back one by one", "A2 B1 x10 | - x3 | A1 | A2 B1 x9", ""},
		{"deploy then rollback", "A3 x10 | A2 B1 | B3 x30 | A1 B2 | A3 x10",
			"deploy A>B 10-11 most 3/3 now 0/3; rollback B>A 41-42 most 3/3 now 3/3"},
		{"deploy then rollback of one instance", "A1 x10 | B1 x30 | A1 x10",
			"deploy A>B 10-10 most 1/1 now 0/1; rollback B>A 40-40 most 1/1 now 1/1"},
		{"rollback of one instance with surge", "A1 x10 | A1 B1 | B1 x30 | A1 B1 | A1 x10",
			"deploy A>B 10-11 most 1/2 now 0/1; rollback B>A 41-42 most 1/2 now 1/1"},
		{"rollback half-way", "A3 x10 | A2 B1 x5 | A3 x2",
			"deploy A>B 10-15 most 1/3 now 0/3 aborted; rollback B>A 15-15 most 3/3 now 3/3"},
		{"rollback half-way with surge", "A3 x10 | A3 B1 | A2 B1 | A2 B2 x5 | A3 B2 | A3 B1 | A3 x2",
			"deploy A>B 10-19 most 2/4 now 0/3 aborted; rollback B>A 18-19 most 3/3 now 3/3"},
		{"rollback of a version that crashes", "A3 x10 | A2 B1 | A1 B2 | B2 x3 | A1 B2 | A2 B1 | A3 x5",
			"deploy A>B 10-12 most 2/3 now 0/3; rollback B>A 15-17 most 3/3 now 3/3"},
		{"rolled forward again", "A1 x10 | B1 x10 | A1 x10 | B1 x10",
			"deploy A>B 10-10 most 1/1 now 1/1; rollback B>A 20-20 most 1/1 now 0/1; deploy A>B 30-30 most 1/1 now 1/1"},
		{"back to the last but one", "A1 x10 | B1 x10 | C1 x10 | A1 x10",
			"deploy A>B 10-10 most 1/1 now 0/1; deploy B>C 20-20 most 1/1 now 0/1; rollback C>A 30-30 most 1/1 now 1/1"},
		{"next version half-way", "A3 x10 | A2 B1 x5 | A2 C1 | C3 x5",
			"deploy A>B 10-15 most 1/3 now 0/3 superseded; deploy A>C 15-16 most 3/3 now 3/3"},
		{"two versions together", "A2 x10 | B1 C1 x5",
			"deploy A>B 10-10 most 1/2 now 1/2; deploy A>C 10-10 most 1/2 now 1/2"},
		{"canary", "A3 x10 | A3 B1 x45",
			"deploy A>B 10-? most 1/4 now 1/4 side by side 44m0s"},
		{"canary that is missed by a scrape", "A3 x10 | A3 B1 x20 | A3 | A3 B1 x10",
			"deploy A>B 10-? most 1/4 now 1/4 side by side 30m0s"},
		{"canary not seen for a moment", "A3 x10 | A3 B1 x20 | A3 x2",
			"deploy A>B 10-? most 1/4 now 0/3 unseen"},
		{"canary taken away", "A3 x10 | A3 B1 x20 | A3 x15",
			"deploy A>B 10-30 most 1/4 now 0/3 aborted; rollback B>A 30-30 most 3/3 now 3/3"},
		{"canary tried again", "A3 x10 | A3 B1 x5 | A3 x15 | A3 B1 x5",
			"deploy A>B 10-15 most 1/4 now 1/4 aborted; rollback B>A 15-15 most 3/3 now 3/4; deploy A>B 30-? most 1/4 now 1/4 side by side 4m0s"},
		{"recreate", "A3 x10 | - x2 | B3 x10", "deploy A>B 10-12 most 3/3 now 3/3 pause 2m0s"},
		{"another version after an outage", "A3 x10 | - x30 | B3 x10", "deploy A>B 40-40 most 3/3 now 3/3 pause 30m0s"},
		{"recreate back", "A3 x10 | - x2 | B3 x10 | - x1 | A3 x10",
			"deploy A>B 10-12 most 3/3 now 0/3 pause 2m0s; rollback B>A 22-23 most 3/3 now 3/3 pause 1m0s"},
		{"a host of a mixed fleet is gone for a while", "A9 B1 x10 | A9 x30 | A9 B1 x10", ""},
		{"... and the fleet grows and shrinks", "A9 B1 x10 | A12 x30 | A12 B1 | A7 B1 x10", ""},
		{"a rack of a mixed fleet is gone", "A9 B3 x10 | A9 B1 | A9 x5 | A9 B1 | A9 B3 x10", ""},
		{"rollout under way at window start, then back", "A1 B2 x3 | B3 x30 | A1 B2 | A2 B1 | A3 x5",
			"rollback B>A 33-35 most 3/3 now 3/3"},
		{"scaling is no change", "A3 x10 | A9 x10 | A2 x10", ""},
		{"outage at the end", "A3 x10 | B3 x10 | - x10", "deploy A>B 10-10 most 3/3 now 3/3"},
		{"no stale marker: both for five minutes", "A1 x10 | A1 B1 x5 | B1 x10", "deploy A>B 10-15 most 1/2 now 1/1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, r := range diff(timeline(t, tt.in)) {
				got = append(got, show(r))
			}
			if d := cmp.Diff(tt.want, strings.Join(got, "; ")); d != "" {
				t.Error(d)
			}
		})
	}
}
