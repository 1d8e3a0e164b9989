package runbook_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/runbook"
)

const stepped = `# checkout

Words.

## One

- [ ] Look.

  ` + "```promql\n  up\n  ```" + `

- [ ] Roll back.

  Output first:

  ` + "```text\n  rolled back\n  ```" + `

  ` + "```bash\n  kubectl rollout undo\n  ```" + `

- Not a step, only a remark.

### More

1. Numbered.

` + "```console\n$ echo one \\\none\n$ echo two\ntwo\n```" + `

## Two

Nothing to do here.
`

func TestStepsAreThoseOfTheSection(t *testing.T) {
	t.Parallel()
	d := runbook.Parse([]byte(stepped), runbook.Where{Path: "/x/checkout.md"})
	at := func(heading string) runbook.Pos {
		for i, b := range d.Blocks {
			if b.Text == heading {
				return runbook.Pos{Block: i}
			}
		}
		t.Fatalf("no heading %q", heading)
		return runbook.Pos{}
	}
	words := func(p runbook.Pos) []string {
		var out []string
		for _, s := range d.Steps(p) {
			line := strings.TrimSpace(strings.Split(string(d.Source), "\n")[s.Line-1])
			code := ""
			if s.Code >= 0 {
				code = strings.Split(d.Codes()[s.Code].Script(), "\n")[0]
			}
			out = append(out, line+" | "+code)
		}
		return out
	}
	one := []string{"- [ ] Look. | up", "- [ ] Roll back. | kubectl rollout undo", "1. Numbered. | ", "```console | echo one \\"}
	for heading, want := range map[string][]string{
		"One": one, "More": one[2:], "checkout": one,
		"Two": one, // it has none: those of the document
	} {
		if diff := cmp.Diff(want, words(at(heading))); diff != "" {
			t.Errorf("%s: %s", heading, diff)
		}
	}
	if s := (runbook.Document{}).Steps(runbook.Pos{}); s != nil {
		t.Errorf("an empty document has steps: %v", s)
	}
}

func TestScriptIsWhatWasTyped(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"kubectl get pods\n":                         "kubectl get pods",
		"$ kubectl get pods\nNAME\n$ echo done\n":    "kubectl get pods\necho done",
		"# a comment\nfor x in 1 2; do\n  y\ndone\n": "# a comment\nfor x in 1 2; do\n  y\ndone",
		"$ echo one \\\n  two\nout\n":                "echo one \\\n  two",
		"":                                           "",
	} {
		if got := (runbook.CodeBlock{Code: []byte(code)}).Script(); got != want {
			t.Errorf("%q: got %q, want %q", code, got, want)
		}
	}
}
