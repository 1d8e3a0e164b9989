// Package safetest holds texts that try to take over a terminal, for the tests
// of every place that outside text can reach, and a judge of what reached it.
//
// Imported by tests only. It imports the standard library only.
package safetest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Marker stands in every payload, so that a test can see that the text around
// the attack was shown at all.
const Marker = "PAYLOAD"

// Payload is one hostile text.
type Payload struct{ Name, Text string }

// Payloads are the attacks that were tried against terminals, Bubble Tea,
// Glamour and ansi.Strip; each passed at least one of them.
func Payloads() []Payload {
	var out []Payload
	add := func(name, attack string) { out = append(out, Payload{name, "PAY" + "LOAD " + attack + " end"}) }
	for _, p := range []struct{ name, body string }{
		{"OSC 52 clipboard", "52;c;ZXZpbA=="}, {"OSC 0 title", "0;owned"}, {"OSC 2 title", "2;owned"},
		{"OSC 7 directory", "7;file:///etc"}, {"OSC 9 notification", "9;hello"}, {"OSC 4 palette", "4;1;#ff0000"},
		{"OSC 8 file link", "8;;file:///etc/passwd"}, {"OSC 8 http link", "8;;http://evil.example"},
		{"OSC 1337 iTerm", "1337;SetUserVar=a=b"}, {"OSC 777 notify", "777;notify;a;b"},
	} {
		add(p.name+", BEL", "\x1b]"+p.body+"\x07")
		add(p.name+", ST", "\x1b]"+p.body+"\x1b\\")
	}
	for name, csi := range map[string]string{
		"clear": "2J", "home": "H", "move": "5;5H", "up": "9A", "erase line": "2K", "status report": "6n",
		"device attributes": "c", "alternate screen": "?1049h", "mouse": "?1003h", "scroll region": "1;3r",
		"window size": "8;1;1t", "insert": "9@", "conceal": "8m", "red": "31m", "conceal among others": "1;31;8m",
	} {
		add("CSI "+name, "\x1b["+csi)
	}
	for name, s := range map[string]string{
		"RIS": "\x1bc", "DECALN": "\x1b#8", "charset": "\x1b(0", "DCS": "\x1bPq#0;2;0;0;0~-\x1b\\", "DCS query": "\x1b$q\x1b\\",
		"APC": "\x1b_Gi=1\x1b\\", "PM": "\x1b^x\x1b\\", "SOS": "\x1bXx\x1b\\", "OSC without end": "\x1b]0;eats the rest",
		"CSI without end": "\x1b[", "lone ESC": "\x1b",
		"C1 CSI": "\u009b5;5H", "C1 OSC 52": "\u009d52;c;ZXZpbA==\u009c", "C1 OSC title": "\u009d0;owned\u0007",
		"C1 DCS": "\u0090q\u009c", "C1 NEL": "\u0085", "C1 RI": "\u008d", "C1 as bytes": "\x9b31m",
		"NUL": "\x00", "BEL": "\x07", "BS": "abc\b\b\bxyz", "CR": "seen\rhidden", "VT": "\v", "FF": "\f", "SO": "\x0e", "DEL": "\x7f",
		"RLO": "\u202egnp.exe", "LRI": "\u2066x\u2069", "RLM": "\u200f", "LRM": "\u200e", "zero width space": "a\u200bb",
		"zero width joiner": "a\u200db", "byte order mark": "\ufeff", "tag letters": "\U000e0041\U000e0042",
		"line separator": "a\u2028b", "paragraph separator": "a\u2029b", "Hangul filler": "\u3164", "soft hyphen": "a\u00adb",
		"private use": "\ue000", "zalgo": "Z" + strings.Repeat("\u0301", 40), "invalid UTF-8": "\xff\xfe", "overlong": "\xc0\x9b",
		"entity ESC": "&#27;[31m", "entity C1": "&#x9b;31m", "entity in code": "`&#27;[2J`", "entity split": "~~&**#27;**[31mF~~",
		"entity RLO": "&#x202e;abc", "long word": strings.Repeat("x", 10_000),
	} {
		add(name, s)
	}
	return out
}

// Inert reports what in a text could do something to a terminal that prints
// it. SGR and http links are allowed only with styled.
func Inert(text string, styled bool) error {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == 0x1b && styled:
			end := allowed(text[i:])
			if end == 0 {
				return fmt.Errorf("escape sequence %q", text[i:min(len(text), i+24)])
			}
			n = end
		case r == utf8.RuneError && n == 1:
			return fmt.Errorf("invalid UTF-8 at byte %d", i)
		case r == '\n', r == 0xfe0e, r == 0xfe0f:
		case r < 0x20, r >= 0x7f && r <= 0x9f, unicode.In(r, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp):
			return fmt.Errorf("rune %U in %q", r, text[max(0, i-12):min(len(text), i+12)])
		}
		i += n
	}
	return nil
}

// allowed is the length of an SGR sequence without conceal or of a link to
// http or https; 0: the sequence is neither.
func allowed(s string) int {
	if rest, ok := strings.CutPrefix(s, "\x1b["); ok {
		end := strings.IndexFunc(rest, func(r rune) bool { return (r < '0' || r > '9') && r != ';' && r != ':' })
		if end < 0 || rest[end] != 'm' || conceals(rest[:end]) {
			return 0
		}
		return 2 + end + 1
	}
	if rest, ok := strings.CutPrefix(s, "\x1b]8;"); ok {
		for _, st := range []string{"\x07", "\x1b\\"} {
			body, _, found := strings.Cut(rest, st)
			if !found || strings.ContainsAny(body, "\x1b\x07") {
				continue
			}
			_, target, _ := strings.Cut(body, ";")
			if target == "" || strings.HasPrefix(target, "http://") || strings.HasPrefix(target, "https://") {
				return 4 + len(body) + len(st)
			}
		}
	}
	return 0
}

// conceals reports whether SGR parameters hide text: 8, but for the numbers
// that belong to a colour.
func conceals(params string) bool {
	colour := regexp.MustCompile(`\b[345]8;(5;\d*|2;\d*;\d*;\d*)`)
	return slices.Contains(strings.Split(colour.ReplaceAllString(params, ""), ";"), "8")
}
