package frame

import (
	"strings"
	"testing"
)

func TestTheFootStandsWhileRowsAreCutOff(t *testing.T) {
	t.Parallel()
	var c Content
	fill := func(h int) string {
		c.SetSize(10, h)
		c.Begin("x")
		c.Add("one", "two", "three", "others")
		c.Foot("others")
		return strings.Join(c.Rows(), "|")
	}
	for h, want := range map[int]string{1: "one", 2: "one|others", 3: "one|two|others", 4: "one|two|three|others"} {
		if got := fill(h); got != want {
			t.Errorf("%d rows: %s, want %s", h, got, want)
		}
	}
	fill(3)
	c.Scroll(9)
	if got := strings.Join(c.Rows(), "|"); got != "two|three|others" {
		t.Errorf("at the end: %s", got)
	}
	c.Begin("x")
	c.Add("one", "two", "three", "four")
	if got := strings.Join(c.Rows(), "|"); strings.Contains(got, "others") {
		t.Errorf("the foot of an older layout: %s", got)
	}
}
