package services

import "testing"

func TestSomeOfTheBadNews(t *testing.T) {
	t.Parallel()
	const list = "errors up, p99 time up, cpu up"
	for w, want := range map[int]string{
		30: list, 29: "errors up, p99 time up +1", 24: "errors up +2", 11: "", 0: "", -5: "",
	} {
		if got := some(list, w); got != want {
			t.Errorf("%d cells: %q, want %q", w, got, want)
		}
	}
}
