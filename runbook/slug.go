package runbook

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Slug is the anchor that GitHub makes of a heading's text: lower case, only
// letters, marks, digits, `_`, `-` and blanks kept, each blank a `-`. Repeats
// (`-1`, `-2`) are counted by Parse, which sees the whole document.
func Slug(heading string) string {
	var b strings.Builder
	b.Grow(len(heading))
	for _, r := range strings.ToLower(strings.TrimSpace(heading)) {
		switch {
		case r == ' ', r == '\t':
			b.WriteByte('-')
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '_':
			b.WriteByte(byte(r))
		case r >= utf8.RuneSelf && unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Nl, unicode.Pc):
			b.WriteRune(r)
		}
	}
	return b.String()
}

// gitlabSlug is GitLab's variant of a GitHub slug: a run of `-` is one.
func gitlabSlug(slug string) string {
	if !strings.Contains(slug, "--") {
		return slug
	}
	var b strings.Builder
	b.Grow(len(slug))
	for i := range len(slug) {
		if slug[i] != '-' || i == 0 || slug[i-1] != '-' {
			b.WriteByte(slug[i])
		}
	}
	return b.String()
}

// slugger numbers repeated slugs as GitHub does: a candidate that is taken,
// even by another heading's own text, is counted on.
type slugger map[string]int

func (s slugger) unique(slug string) string {
	out := slug
	for _, taken := s[out]; taken; _, taken = s[out] {
		s[slug]++
		out = slug + "-" + strconv.Itoa(s[slug])
	}
	s[out] = 0
	return out
}

// squeeze is a name without anything that people write differently: lower
// case, letters and digits only.
func squeeze(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range strings.ToLower(s) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Names reports whether a heading's (or file's) text names the alert: the same
// letters and digits, with or without a leading "Alert" or "Alert Name:".
func Names(text, alert string) bool {
	t, a := squeeze(text), squeeze(alert)
	return a != "" && (t == a || NameKey(text) == NameKey(alert))
}

// NameKey is the key under which a heading or file is found by an alert's
// name: lower case letters and digits, a leading "Alert" or "Alert Name:" cut.
// Two texts name the same alert when their keys are equal and not empty.
func NameKey(text string) string {
	low := strings.ToLower(strings.TrimLeft(text, " \t#*_`"))
	for _, p := range []string{"alert name:", "alertname:", "alert name ", "alert:", "alert "} {
		if rest, ok := strings.CutPrefix(low, p); ok && squeeze(rest) != "" {
			low = rest
			break
		}
	}
	return squeeze(low)
}
