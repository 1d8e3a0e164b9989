package who

import "testing"

func TestOpeningEndsWithASentence(t *testing.T) {
	t.Parallel()
	const text = "second line: Priya Nair. Asking is normal. Always."
	for w, want := range map[int]string{
		60: text,
		45: "second line: Priya Nair. Asking is normal.",
		24: "second line: Priya Nair.",
		23: text, // not even one: the caller cuts it
	} {
		if got := opening(text, w); got != want {
			t.Errorf("%d cells: %q, want %q", w, got, want)
		}
	}
}
