package main

import (
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/firstpage-oncall/firstpage/config"
)

func TestLineOfTakesOneLineOnly(t *testing.T) {
	t.Parallel()
	r := strings.NewReader(" yes \r\nq")
	if s, err := lineOf(r); s != "yes" || err != nil {
		t.Errorf("%q %v", s, err)
	}
	if rest, _ := io.ReadAll(r); string(rest) != "q" {
		t.Errorf("%q is left", rest)
	}
	for text, want := range map[string]error{"": errNoAnswer, "y": nil, strings.Repeat("y", maxAnswer+1): errors.New("long")} {
		if _, err := lineOf(strings.NewReader(text)); (err == nil) != (want == nil) {
			t.Errorf("%.10q: %v, want %v", text, err, want)
		}
	}
}

func TestShellWord(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"/a/b.yaml", "a b", "it's", "$HOME", "`id`", "a;b", "", "-x", "é", "a\nb"} {
		out, err := exec.CommandContext(t.Context(), "sh", "-c", "printf %s "+shellWord(s)).Output()
		if err != nil || string(out) != s {
			t.Errorf("%q became %q: %v", s, out, err)
		}
	}
}

// What a hostile file writes cannot move the cursor or hide in the question.
func TestDescribeIsClean(t *testing.T) {
	t.Parallel()
	g := config.Grant{Place: config.Place{File: "a\x1b]0;x\a.yaml", Line: 1, Column: 1}, Key: "k\x1b[2J",
		Argv: []string{"sh", "a b\x1b[1A\r\nTrust it?  y yes", "", "'"}, To: []string{"https://h\u202e"}, Hash: strings.Repeat("a", 64)}
	s := describeAll([]config.Grant{g})
	if strings.ContainsAny(s, "\x1b\r\a\u202e") || strings.Contains(s, "\nTrust it") {
		t.Errorf("%q", s)
	}
	for _, want := range []string{"runs     sh\n", "Trust it?  y yes'\n", "         ''\n", "goes to  https://h"} {
		if !strings.Contains(s, want) {
			t.Errorf("%q is not in\n%s", want, s)
		}
	}
}
