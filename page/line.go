package page

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/firstpage-oncall/firstpage/triage"
)

// ownerGap stands between the sentence and its owner.
const ownerGap = "   "

// Full is the whole sentence on one line of any length.
func (s Sentence) Full() string {
	line := s.join()
	if s.Owner != "" {
		line += ownerGap + s.Owner
	}
	return line
}

// ownerWidth is the width from which the owner stays longer than the duration
// and the trend, in cells.
const ownerWidth = 90

// usualWords is the width to which long words are cut before facts go.
const usualWords = 60

// Line is the sentence in at most width cells, the owner at the right end.
// Its past goes first, then very long words are cut; then what matters least
// goes: a trend that is none, the owner, the trend, the duration in brackets, the limit, then more of
// the words. Severity and name stay as long as they fit, a very long
// name without its middle.
func (s Sentence) Line(width int) string {
	if width <= 0 {
		return ""
	}
	if line, ok := s.fits(width); ok {
		return line
	}
	s.Before = ""
	if line, ok := s.fits(width); ok {
		return line
	}
	if s.Trend == string(triage.Steady) {
		s.Trend = ""
	}
	if line, ok := s.fits(width); ok {
		return line
	}
	s.What = shorten(s.What, usualWords)
	if width >= ownerWidth { // narrower screens name the owner in a row of its own
		brief := s.withoutDuration()
		brief.Owner = s.Owner
		calm := s
		calm.Since, calm.Trend = brief.Since, s.Trend
		for _, t := range []Sentence{s, calm, brief} {
			if line, ok := t.fits(width); ok {
				return line
			}
		}
	}
	noOwner := s
	noOwner.Owner = ""
	noTrend := noOwner
	noTrend.Trend = ""
	for _, t := range []Sentence{s, noOwner, noTrend, s.withoutDuration(), s.withoutLimit()} {
		if line, ok := t.fits(width); ok {
			return line
		}
	}
	return s.squeeze(width)
}

func (s Sentence) withoutDuration() Sentence {
	s.Owner, s.Trend = "", ""
	if i := strings.LastIndex(s.Since, " ("); i > 0 {
		s.Since = s.Since[:i]
	}
	return s
}

func (s Sentence) withoutLimit() Sentence {
	s = s.withoutDuration()
	s.Limit = ""
	return s
}

// longName is the width up to which a name is never cut: the longest of 2,049
// public rules has 77 cells.
const longName = 80

// halve leaves out the middle of a name that is wider than w cells: names that
// begin alike often end otherwise.
func halve(name string, w int) string {
	tail := w / 3
	return ansi.Truncate(name, w-tail, "…") + ansi.TruncateLeft(name, ansi.StringWidth(name)-tail, "")
}

// leastWords is the width below which the rest of a cut text says too little.
const leastWords = 16

// squeeze shortens a name that would leave no room for what is wrong, then the
// words; where too little would remain it gives their room back to the numbers;
// then it drops the rest, one by one.
func (s Sentence) squeeze(width int) string {
	if w := ansi.StringWidth(s.Name); w > longName && w > width/2 {
		s.Name = halve(s.Name, width/2)
		return s.Line(width)
	}
	short, facts := s.withoutLimit(), s
	if saysAbout(s.What, bare(s.Value), bare(s.Limit)) { // the words with the number in them say more than the number
		words := short
		words.Since = ""
		bareWords := words
		bareWords.Subject = ""
		for _, t := range []Sentence{words, bareWords} {
			if line, ok := t.fits(width); ok {
				return line
			}
		}
	}
	short.What, facts.What = "", ""
	if room := width - ansi.StringWidth(short.join()) - len(", "); room >= leastWords {
		short.What = shorten(s.What, room)
		if line, ok := short.fits(width); ok {
			return line
		}
		short.What = ""
	}
	facts.Owner, facts.Trend = "", ""
	noSince := short
	noSince.Since = ""
	noSubject := noSince
	noSubject.Subject = ""
	for _, t := range []Sentence{facts, facts.withoutDuration(), short, noSince, noSubject} {
		if line, ok := t.fits(width); ok {
			return line
		}
	}
	return ansi.Truncate(s.head(), width, "…")
}

// fits is the line, and whether it is within width.
func (s Sentence) fits(width int) (string, bool) {
	line := s.join()
	used := ansi.StringWidth(line)
	if s.Owner == "" {
		return line, used <= width
	}
	pad := width - used - ansi.StringWidth(s.Owner)
	if pad < len(ownerGap) {
		return "", false
	}
	return line + strings.Repeat(" ", pad) + s.Owner, true
}

func (s Sentence) head() string {
	if s.Severity == "" {
		return s.Name
	}
	return s.Severity + " " + s.Name
}

// join is the sentence without its owner. What the words say already is not
// said again.
func (s Sentence) join() string {
	if says(s.What, bare(s.Value)) || strings.HasPrefix(s.Value, "now ") && saysAbout(s.What, bare(s.Value), bare(s.Limit)) {
		s.Value = ""
	}
	if says(s.What, bare(s.Limit)) {
		s.Limit = ""
	}
	if says(s.What, s.Subject) {
		s.Subject = ""
	}
	var parts []string
	for _, part := range []string{s.What, s.Value, s.Limit, s.Since, s.Trend} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	body := strings.Join(parts, ", ")
	if s.Before != "" && body != "" {
		body += "; " + s.Before
	}
	switch {
	case body == "" && s.Subject == "":
		return s.head()
	case body == "":
		return s.head() + "  " + s.Subject
	case s.Subject == "":
		return s.head() + "  " + body
	}
	return s.head() + "  " + s.Subject + ": " + body
}

// quantities are numbers with the unit behind them.
var quantities = regexp.MustCompile(`(-?[0-9]+(?:\.[0-9]+)?) ?(%|[a-zA-Z/]*)`)

// about is how far two writings of one number may be apart, as a share of it:
// 12.37% and 12.4%, or 13% a moment ago and 12.4% now.
const about = 0.1

// saysAbout reports whether a text says a value in other digits: a rule's own
// summary is rounded in its own way, and is of a moment ago. What it says of the
// limit does not count.
func saysAbout(text, value, limit string) bool {
	want := quantities.FindStringSubmatch(value)
	if want == nil || want[0] != value || want[2] == "" {
		return false // a bare number may be anything
	}
	v, err := strconv.ParseFloat(want[1], 64)
	if err != nil || v == 0 {
		return false
	}
	for _, m := range quantities.FindAllStringSubmatch(text, -1) {
		if x, err := strconv.ParseFloat(m[1], 64); err == nil && m[2] == want[2] && m[1]+m[2] != strings.ReplaceAll(limit, " ", "") && math.Abs(x-v) <= about*math.Abs(v) {
			return true
		}
	}
	return false
}

// shorten cuts a text to at most width cells at the end of a word, with "…".
func shorten(text string, width int) string {
	if ansi.StringWidth(text) <= width {
		return text
	}
	cut := ansi.Truncate(text, width-1, "")
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 && !strings.HasPrefix(text[len(cut):], " ") {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:.(") + "…"
}
