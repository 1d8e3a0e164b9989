package config

import (
	"slices"
	"strconv"
	"strings"

	"github.com/agext/levenshtein"
)

// suggest is the remedy for a word that is not among names: the one that was
// probably meant, else all of them.
func suggest(word string, names []string) string {
	if n, ok := nearest(word, names); ok {
		return "did you mean " + strconv.Quote(n) + "?"
	}
	if len(names) == 0 {
		return ""
	}
	return "allowed: " + quoted(names)
}

// nearest finds the name that word is a slip of: other case or dashes, letters
// swapped, or about one letter in three wrong.
func nearest(word string, names []string) (string, bool) {
	w := plain(word)
	if len(w) > 64 { // no key is that long, and the distance is quadratic
		return "", false
	}
	best, distance := "", len(w)/3+1
	if len(w) < 3 {
		distance = 0
	}
	for _, n := range names {
		p := plain(n)
		if p == w || letters(p) == letters(w) {
			return n, true
		}
		if d := levenshtein.Distance(w, p, nil); d <= distance && d < len(p) && (best == "" || d < distance) {
			best, distance = n, d
		}
	}
	return best, best != ""
}

func plain(s string) string { return strings.ReplaceAll(strings.ToLower(s), "-", "_") }

// letters are the bytes of s in order, so that swapped letters compare equal.
func letters(s string) string {
	b := []byte(s)
	slices.Sort(b)
	return string(b)
}
