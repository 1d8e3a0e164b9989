package runbook_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"pgregory.net/rapid"

	"github.com/firstpage-oncall/firstpage/internal/safe/safetest"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
)

// places are commands with one placeholder and what bash must hand over for
// it; V stands for the value.
var places = []struct{ code, want string }{
	{"f <v>", "V"},
	{"f a <v> b", "a|V|b"},
	{`f "<v>"`, "V"},
	{`f "a/<v>/b"`, "a/V/b"},
	{"f '<v>'", "V"},
	{"f 'a=<v>'", "a=V"},
	{"f deploy/<v>", "deploy/V"},
	{"f <v>-rw", "V-rw"},
	{"f --name=<v> x", "--name=V|x"},
	{"X=<v>; f \"$X\"", "V"},
	{"f $V \"$V\" ${V}/x", "V|V|V/x"},
	{`f "$(printf '%s.' <v>)"`, "V."},
	{`f "$(printf %s. "<v>")"`, "V."},
	{"f {{ $labels.v }}", "V"},
	{"true && (f \\\n  --x <v>)", "--x|V"},
	{"for i in 1; do\n  f <v> # it's <v>\ndone", "V"},
	{"$ f <v>", "V"},
	{"f a'b'<v>\"c\"", "abVc"},
}

// bash gives what f was called with by a script; absent without bash.
func bash(t interface {
	Fatalf(string, ...any)
	Skip(...any)
}, script string) []string {
	path, err := exec.LookPath("bash")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("bash is not on $PATH: %v", err)
		}
		t.Skip("bash is not on $PATH")
	}
	cmd := exec.CommandContext(context.Background(), path, "--norc", "--noprofile", "-c", "f() { printf '%s\\0' \"$@\"; }\n"+script)
	cmd.Env = []string{"LC_ALL=C.UTF-8", "HOME=/nonexistent"}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil || stderr.Len() > 0 {
		t.Fatalf("%q: %v %s", script, err, stderr.String())
	}
	if len(out) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

// inBash fills every place with a value and compares what a real bash makes of
// it, byte by byte. A value may be left out, as a gap, but then only where the
// rules say so.
func inBash(t interface {
	Fatalf(string, ...any)
	Skip(...any)
}, value string) {
	known := runbook.NewValues(sources.NewLabels(map[string]string{"v": value}), "", nil)
	var script strings.Builder
	var want []string
	for _, p := range places {
		f := runbook.Fill(block("bash", p.code), known)
		if len(f.Missing) > 0 {
			leads := strings.HasPrefix(value, "-") || value == "" || strings.Contains(value, "\x00")
			if !leads {
				t.Fatalf("%q with %q: not put in: %v", p.code, value, f.Missing)
			}
			continue
		}
		script.WriteString("(" + f.Text + "\n)\n")
		for _, arg := range strings.Split(p.want, "|") {
			want = append(want, strings.Replace(arg, "V", value, 1))
		}
	}
	if got := bash(t, script.String()); !slices.Equal(got, want) {
		t.Fatalf("%q: bash has\n%q\nand not\n%q\nof\n%s", value, got, want, script.String())
	}
}

func TestFillInRealBash(t *testing.T) {
	t.Parallel()
	for _, v := range []string{
		"shop", "a b; rm -rf /", "it's", `say "x"`, "$(touch /tmp/x)", "`id`", "$HOME", "${HOME}", "a\nb", "\n", "-rf", "--all", "-", "",
		"日本 é", "!!", "a!b", "#x", "~", "~root", "*", "?", "[a-z]", "{a,b}", "a,b", "{1..3}", `\`, `a\`, `\n`, "&", "|", ">x", "<x", "<v>", "$V",
		"a=b", "=x", "%1", "'", "''", `"`, `'"'"'`, "\t", " ", "\r", "\x1b[31m", "\x7f", "\xff\xfe", "x\x00y", "EOF", ";", "\\\n", "a'$(id)'b", "$'x'", "((", "}",
	} {
		inBash(t, v)
	}
	for _, p := range safetest.Payloads() {
		if len(p.Text) < 4<<10 { // all places are one argument of bash
			inBash(t, p.Text)
		}
	}
}

func TestFillInRealBashProperty(t *testing.T) {
	t.Parallel()
	nasty := rapid.SampledFrom([]rune("ab'\"$`\\!{}()<>|&;*?[]~#%=,-\n\t \r\u00a0\u202eé日"))
	rapid.Check(t, func(t *rapid.T) {
		v := string(rapid.SliceOfN(nasty, 0, 12).Draw(t, "value"))
		if rapid.Bool().Draw(t, "bytes") {
			v = string(rapid.SliceOfN(rapid.ByteRange(1, 255), 0, 12).Draw(t, "raw"))
		}
		inBash(t, v)
	})
}

// Whatever the script around it, correct or not: a nasty value never becomes a
// command.
func TestFillNeverAddsACommand(t *testing.T) {
	t.Parallel()
	ran := 0
	pieces := rapid.SampledFrom([]string{"f", " ", "<v>", "$V", "'", "\"", "\\", "(", ")", "$(", "`", "{", "}", "|", "&&", ";", "\n", "<<EOF", "\nEOF\n", "<", "#", "${X:-", "$'", "((", "))", "=", "case x in a) ", "esac", "<(", "for i in ", "do ", "done"})
	rapid.Check(t, func(t *rapid.T) {
		code := "f " + strings.Join(rapid.SliceOfN(pieces, 1, 14).Draw(t, "code"), "")
		if rapid.Bool().Draw(t, "correct") {
			code = scriptOf(t, 0)
		}
		fill := func(v string) runbook.Filled {
			return runbook.Fill(block("bash", code), runbook.NewValues(sources.NewLabels(map[string]string{"v": v}), "", nil))
		}
		evil, harmless := fill("'\"\n)}; touch x; pwned `pwned` $(pwned) #"), fill("x")
		if len(evil.Marks) == 0 {
			return // left out, or nothing to fill in
		}
		if _, ok := traced(t, harmless.Text); ok {
			ran++
		}
		if out, _ := traced(t, evil.Text); strings.Contains(out, "PWNED") {
			t.Fatalf("%q became %q and ran it", code, evil.Text)
		}
	})
	t.Logf("%d correct scripts were run", ran)
}

// scriptOf is a random script that bash can read.
func scriptOf(t *rapid.T, depth int) string {
	var out strings.Builder
	for range rapid.IntRange(1, 3).Draw(t, "commands") {
		out.WriteString("f")
		for range rapid.IntRange(1, 3).Draw(t, "words") {
			out.WriteString(" " + wordOf(t, depth))
		}
		out.WriteString(rapid.SampledFrom([]string{"; ", " | ", " && ", "\n", " # it's <v>\n", " <<< \"<v>\"\n", " <<EOF\n<v> $V 'x\nEOF\n", " <<'E'\n\"<v>\nE\n"}).Draw(t, "end"))
	}
	return out.String() + "f"
}

func wordOf(t *rapid.T, depth int) string {
	if depth > 3 {
		return "<v>"
	}
	var out strings.Builder
	for range rapid.IntRange(1, 3).Draw(t, "parts") {
		switch rapid.IntRange(0, 9).Draw(t, "part") {
		case 0:
			out.WriteString("a/")
		case 1:
			out.WriteString("<v>")
		case 2:
			out.WriteString("${V}")
		case 3:
			out.WriteString("'a<v>'")
		case 4:
			out.WriteString(`"$V` + strings.ReplaceAll(wordOf(t, depth+4), "'", "") + `x<v>"`)
		case 5:
			out.WriteString("$(" + scriptOf(t, depth+2) + ")")
		case 6:
			out.WriteString(`"$(` + scriptOf(t, depth+2) + `)"`)
		case 7:
			out.WriteString("`f <v>`")
		case 8:
			out.WriteString(`\"<v>`)
		default:
			out.WriteString(`${X:-"<v>"}$'\'<v>'`)
		}
	}
	return out.String()
}

// traced runs a script in which pwned speaks up; false: bash cannot read it.
func traced(t *rapid.T, script string) (string, bool) {
	path, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not on $PATH")
	}
	cmd := exec.CommandContext(context.Background(), path, "--norc", "--noprofile", "-r", "-c",
		"f() { :; }\npwned() { echo PWNED >&2; }\ntouch() { pwned; }\n"+script)
	cmd.Env = []string{"LC_ALL=C.UTF-8", "PATH=/nonexistent"}
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

// PromQL itself must read the value back.
func TestFillInRealPromQL(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.StringOfN(rapid.RuneFrom([]rune("ab'\"$`\\!{}()|*?[].^\n\t é日")), 1, 12, -1).Draw(t, "value")
		known := runbook.NewValues(sources.NewLabels(map[string]string{"v": v}), "", nil)
		for _, code := range []string{`up{a="<v>"}`, `up{a='x<v>'}`, "up{a=~`<v>.*`}", `up{a=~"<v>.*"}`, `up{a!~'x<v>'}`, `up{a=<v>}`, `up{a!="$V"}`} {
			f := runbook.Fill(block("promql", code), known)
			if len(f.Missing) > 0 {
				if !strings.Contains(v, "`") || !strings.Contains(code, "`") {
					t.Fatalf("%s with %q: %v", code, v, f.Missing)
				}
				continue
			}
			q, ok := f.Query()
			e, err := parser.NewParser(parser.Options{}).ParseExpr(q)
			if err != nil || !ok {
				t.Fatalf("%s with %q: %s: %v", code, v, q, err)
			}
			m := e.(*parser.VectorSelector).LabelMatchers[0]
			text := v
			if strings.Contains(code, "x<v>") {
				text = "x" + v
			}
			if want := m.Type == labels.MatchEqual || m.Type == labels.MatchRegexp; m.Matches(text) != want {
				t.Fatalf("%s with %q: %s does not match it", code, v, q)
			}
		}
	})
	if f := runbook.Fill(block("promql", `up{a="<v>"}`), runbook.NewValues(sources.NewLabels(map[string]string{"v": "\xff"}), "", nil)); len(f.Missing) != 1 || !utf8.ValidString(f.Text) {
		t.Errorf("bytes that are no UTF-8 came into a query: %q", f.Text)
	}
}
