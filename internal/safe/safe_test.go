package safe_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/internal/safe/safetest"
)

func TestPayloadsAreInertAndKept(t *testing.T) {
	t.Parallel()
	for _, p := range safetest.Payloads() {
		v := safe.Outside(p.Text)
		if v.Raw() != p.Text {
			t.Errorf("%s: the raw text changed", p.Name)
		}
		for form, text := range map[string]string{
			"String": v.String(), "Lines": v.Lines(), "fmt": fmt.Sprint(v), "Err": safe.Err(errors.New(p.Text)),
		} {
			if err := safetest.Inert(text, false); err != nil {
				t.Errorf("%s, %s: %v", p.Name, form, err)
			}
			if !strings.Contains(text, safetest.Marker) || !strings.Contains(text, " end") {
				t.Errorf("%s, %s: the text around the attack is gone: %q", p.Name, form, text)
			}
		}
		if err := safetest.Inert(safe.ANSI(p.Text), true); err != nil {
			t.Errorf("%s, ANSI: %v", p.Name, err)
		}
		doc, err := json.Marshal(map[string]safe.Value{"v": v})
		if err != nil {
			t.Fatal(err)
		}
		if err := safetest.Inert(string(doc), false); err != nil {
			t.Errorf("%s, JSON: %v", p.Name, err)
		}
		var back map[string]safe.Value
		if err := json.Unmarshal(doc, &back); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		} else if utf8.ValidString(p.Text) && back["v"] != v {
			t.Errorf("%s: JSON lost %q, gave %q", p.Name, p.Text, back["v"].Raw())
		}
	}
}

func TestCleanTextIsUntouched(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", "plain", "München, 東京, Ελλάδα", "emoji 👍 and ⚠️", "naïve café (e\u0301)", "שָׁלוֹם", "नमस्ते", "a = b && c < d | \"e\"",
	} {
		if got := safe.Text(s); got != s {
			t.Errorf("%q became %q", s, got)
		}
		if got := safe.ANSI(s); got != s {
			t.Errorf("ANSI: %q became %q", s, got)
		}
	}
}

func TestVisibleForms(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a\x1b[2Jb": "a␛[2Jb", "two\nlines\n": "two␊lines", "tab\there": "tab here", "win\r\n": "win", "bell\a": "bell␇",
		"del\x7f": "del␡", "lone\rcr": "lone␍cr", "bad\xff": "bad�",
	} {
		if got := safe.Text(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := safe.Outside("a\r\nb\nc").Lines(); got != "a\nb\nc" {
		t.Errorf("Lines: %q", got)
	}
}

func TestANSIAllowList(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"\x1b[1;38;2;8;8;8mx\x1b[m": "\x1b[1;38;2;8;8;8mx\x1b[m", // 8 as a colour is no conceal
		"\x1b[8mx\x1b[m":            "␛[8mx\x1b[m",
		"\x1b[38;5;8mx":             "\x1b[38;5;8mx",
		"\x1b[08mx":                 "␛[08mx",
		"\x1b]8;;https://a.example\x07t\x1b]8;;\x07": "\x1b]8;;https://a.example\x07t\x1b]8;;\x07",
		"\x1b]8;;file:///etc/passwd\x07t":            "␛]8;;file:///etc/passwd␇t",
		"\x1b]8;;javascript:x\x1b\\t":                "␛]8;;javascript:x␛\\t",
		"\x1b]8;;http://a.example\x1b]52;c;eA==\x07": "␛]8;;http://a.example␛]52;c;eA==␇",
		"\x1b[2J":    "␛[2J",
		"two\nlines": "two\nlines",
	} {
		if got := safe.ANSI(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestErrorsStayMatchable(t *testing.T) {
	t.Parallel()
	cause := errors.New("server said \x1b]0;owned\a")
	err := safe.Error(fmt.Errorf("asking: %w", cause))
	if !errors.Is(err, cause) || safetest.Inert(err.Error(), false) != nil {
		t.Errorf("%q", err.Error())
	}
	if safe.Error(nil) != nil || safe.Err(nil) != "" {
		t.Error("nil is not kept")
	}
}

func FuzzClean(f *testing.F) {
	for _, p := range safetest.Payloads() {
		f.Add(p.Text)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v := safe.Outside(s)
		if err := safetest.Inert(v.Lines(), false); err != nil {
			t.Error(err)
		}
		if strings.Contains(v.String(), "\n") {
			t.Error("a line feed in one line")
		}
		once := safe.ANSI(s)
		if err := safetest.Inert(once, true); err != nil {
			t.Error(err)
		}
		if safe.ANSI(once) != once {
			t.Error("not idempotent")
		}
		doc, err := json.Marshal(v)
		if err != nil || !json.Valid(doc) {
			t.Errorf("%v: %s", err, doc)
		}
	})
}

func BenchmarkCleanASCII(b *testing.B) {
	s := strings.Repeat("label value ", 15)
	b.ReportAllocs()
	for b.Loop() {
		_ = safe.Text(s)
	}
}

func TestInertJudgesConceal(t *testing.T) {
	t.Parallel()
	for params, hides := range map[string]bool{
		"8": true, "1;31;8": true, "38;5;8": false, "38;2;8;8;8": false, "48;5;1;8": true, "1;38;5;240": false, "28": false,
	} {
		text := "\x1b[" + params + "mx"
		if got := safetest.Inert(text, true) != nil; got != hides {
			t.Errorf("the judge says %v of %q", got, params)
		}
		if got := safe.ANSI(text) != text; got != hides {
			t.Errorf("ANSI takes %q out: %v", params, got)
		}
	}
}
