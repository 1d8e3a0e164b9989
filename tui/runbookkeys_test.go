package tui

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/runbook"
)

// shelf is runbooks by the end of the reference's path. The alert's own is "".
type shelf map[string]string

func (s shelf) Resolve(_ context.Context, ref runbook.Ref) (runbook.Document, runbook.Trail, error) {
	name := ref.Base[strings.LastIndex(ref.Base, "/")+1:]
	text, ok := s[name]
	if !ok {
		text, ok = s[""], !strings.HasSuffix(name, ".md")
	}
	if !ok {
		return runbook.Document{}, nil, &runbook.NotFoundError{Reason: runbook.NoFile}
	}
	if name == "" || !strings.HasSuffix(name, ".md") {
		name = "checkout.md"
	}
	return runbook.Parse([]byte(text), runbook.Where{Via: runbook.ViaCheckout, Path: "/src/runbooks/" + name, Rel: name, Root: "/src/runbooks", AsOf: at}), nil, nil
}

func shelfRig(t *testing.T, w, h int, s shelf, more func(*Options)) *rig {
	t.Helper()
	r := newRig(t, w, h, func(o *Options) {
		o.Assembler.Runbooks = s
		if more != nil {
			more(o)
		}
	})
	r.snapshot(usual())
	return r
}

func manyWords() string {
	var b strings.Builder
	b.WriteString("# Checkout\n\n")
	for i := range 12 {
		fmt.Fprintf(&b, "## Part %d\n\nWords about part %d. The Needle%d is here.\n\n%s", i, i, i%2, strings.Repeat("Filler.\n\n", 6))
	}
	return b.String()
}

func TestSearchInTheRunbook(t *testing.T) {
	t.Parallel()
	r := shelfRig(t, 80, 24, shelf{"": manyWords()}, nil)
	r.key("/")
	r.has("type what to look for")
	for _, k := range strings.Split("NEEDLE1", "") {
		r.key(k)
	}
	r.has("line 1 of 6", "Part 1")
	r.key("enter", "n", "n")
	r.has("Words about part 5", "line 3 of 6 with NEEDLE1")
	if raw := r.app.View().Content; !strings.Contains(raw, r.app.theme.Match.Paint("Needle1")) {
		t.Error("the hit is not marked")
	}
	r.key("N")
	r.has("Words about part 3")
	for range 2 {
		r.key("N")
	}
	r.has("Words about part 11") // round the end
	r.key("esc")
	if raw := r.app.View().Content; strings.Contains(raw, r.app.theme.Match.Paint("Needle1")) {
		t.Error("the search was not ended")
	}
	r.key("n")
	r.has("nothing is searched for")
	r.key("/", "z", "z", "z")
	r.has("not found")
	r.key("enter", "n")
	r.has("not found: zzz")
}

func TestOutline(t *testing.T) {
	t.Parallel()
	r := shelfRig(t, 80, 24, shelf{"": manyWords()}, nil)
	r.key("t")
	r.has("Outline", "13 headings", "Checkout", "  Part 0")
	for range 9 {
		r.key("down")
	}
	r.key("enter")
	r.has("── Part 8", "Words about part 8")
	r.lacks("headings")
	r.key("t", "G", "esc")
	r.has("Words about part 8")
}

func TestLinksAreFollowedInside(t *testing.T) {
	t.Parallel()
	r := shelfRig(t, 80, 24, shelf{
		"":            "# Checkout\n\nSee [payments](payments.md#down), [below](#end), [gone](gone.md), [the wiki](mailto:x@y), [nowhere](#nope).\n\n" + strings.Repeat("Filler.\n\n", 30) + "## End\n\nThe very end.\n",
		"payments.md": "# Payments\n\nTop.\n\n" + strings.Repeat("Filler.\n\n", 30) + "## Down\n\nPayments is down. Back to [checkout](checkout.md).\n",
		"checkout.md": "# Checkout again\n",
	}, nil)
	r.has("payments\u00a0[1]")
	r.key("f")
	r.has("number of the link, 1 to 5")
	r.key("x")
	r.has("a number, please")
	r.key("1")
	r.has("Runbook: Payments", "Payments is down.", "A link led here; esc goes back.", "followed payments.md#down")
	r.key("f")
	r.has("Checkout again")
	r.key("esc")
	r.has("Payments is down.")
	r.key("esc")
	r.has("payments\u00a0[1]")
	r.lacks("A link led here")
	r.key("f", "2")
	r.has("The very end.")
	r.key("g", "f", "3")
	r.has("not readable from here: gone.md")
	r.key("f", "4")
	r.has("this link leads out of the runbooks: mailto:x@y")
	r.key("f", "5")
	r.has("no heading here answers to #nope")
	r.key("f", "1")
	r.has("Payments is down.")
	r.key("J", "K") // the page was left: it opens with its own runbook
	r.has("payments\u00a0[1]")
}

func TestTicksStayWhileTheProgramRuns(t *testing.T) {
	t.Parallel()
	r := shelfRig(t, 100, 30, shelf{"": "# A\n\n- [ ] One.\n- [ ] Two.\n- [x] Three.\n\n```bash\necho four\n```\n"}, nil)
	r.key(" ")
	r.has("[x] One.", "1 done", "step 1 of 4 is done")
	r.key(".", ".", ".", " ")
	r.has("bash, done", "2 done")
	r.key("J", "K")
	r.has("[x] One.", "[ ] Two.", "2 done", "step 4 of 4")
	r.key(" ")
	r.lacks("bash, done")
}

func TestCopyOfAStep(t *testing.T) {
	t.Parallel()
	var native []string
	r := shelfRig(t, 100, 30, shelf{"": "# A\n\n1. Look.\n\n2. Type:\n\n   ```console\n   $ kubectl get pods\n   NAME\n   $ kubectl top pods\n   ```\n"}, func(o *Options) {
		o.Desktop.Copy = func(s string) error { native = append(native, s); return nil }
	})
	r.key("y")
	r.has("this step has nothing to copy")
	r.key(".", "y")
	r.has("copied: kubectl get pods (and 1 more line)")
	r.key("Y")
	r.has("as written: $ kubectl get pods (and 2 more lines)")
	want := []string{"kubectl get pods\nkubectl top pods", "$ kubectl get pods\nNAME\n$ kubectl top pods\n"}
	if fmt.Sprintf("%q", native) != fmt.Sprintf("%q", want) {
		t.Errorf("copied %q, want %q", native, want)
	}
}

// A file that changes is announced and read again when it is asked for, the
// place kept.
func TestAChangedFileIsAnnounced(t *testing.T) {
	t.Parallel()
	changed := false
	books := shelf{"": manyWords()}
	r := shelfRig(t, 80, 24, books, func(o *Options) {
		o.Desktop.Changed = func(path string, asOf time.Time) bool {
			return changed && path == "/src/runbooks/checkout.md" && asOf.Equal(at)
		}
	})
	r.key("t", "down", "down", "down", "down", "enter")
	r.has("── Part 3")
	beat := func() {
		for range watchEvery {
			r.send(tickMsg(time.Time{}))
		}
	}
	beat()
	r.lacks("has changed")
	changed = true
	books[""] = strings.Replace(manyWords(), "Words about part 3.", "New words about part 3.", 1)
	beat()
	r.has("This file has changed since it was read: r reads it again.", "Words about part 3.")
	changed = false
	r.key("r")
	r.has("New words about part 3.")
	r.lacks("has changed since")
}

func TestEntriesFitEverySize(t *testing.T) {
	t.Parallel()
	r := shelfRig(t, 80, 24, shelf{"": "# Checkout\n\n[a](a.md) [b](b.md)\n\n- [ ] One.\n"}, nil)
	for _, w := range []int{1, 20, 59, 60, 80, 100, 152} {
		for _, h := range []int{1, 6, 14, 15, 20, 24, 30} {
			r.app.Update(tea.WindowSizeMsg{Width: w, Height: h})
			for _, k := range []string{"/", "f", "t"} {
				r.key(k)
				r.app.dirty = true
				fits(t, r.app.View().Content, w, h, k)
				r.key("esc")
			}
		}
	}
}

var placeholders = shelf{"": "# Checkout\n\n1. Look:\n\n   ```bash\n   kubectl -n <namespace> delete pod <pod> --context prod\n   ```\n\n2. Read:\n\n   ```bash\n   echo a\u200bb\n   ```\n\n3. More:\n\n   ```bash\n   kubectl get nodes\n   ```\n"}

// What the alert knows is in the runbook's commands, with where it is from;
// what it does not know is said before a command is copied or run.
func TestPlaceholdersOfTheAlert(t *testing.T) {
	t.Parallel()
	x := newRunner()
	var got string
	r := shelfRig(t, 120, 40, placeholders, func(o *Options) {
		o.Actions.Run = x.run
		o.Desktop.Copy = func(s string) error { got = s; return nil }
	})
	r.has("kubectl -n shop delete pod <pod>", "CHANGES PRODUCTION", "filled in: shop (namespace)", "to fill in: pod")
	r.key("y")
	r.has("still to fill in: pod")
	if !strings.HasPrefix(got, "kubectl -n shop delete pod <pod>") {
		t.Errorf("copied %q", got)
	}
	r.key("Y")
	if !strings.Contains(got, "-n <namespace>") {
		t.Errorf("copied as written %q", got)
	}
	r.key("x")
	r.has("Still to fill in: pod", "It changes production: kubectl delete")
	r.lacks("names none")
	r.key("esc", ".", ".", "x")
	r.has("kubectl asks whatever cluster is current")
}

// A command that holds what cannot be seen is copied when that was read.
func TestUnseenCharactersAreSaidBeforeCopying(t *testing.T) {
	t.Parallel()
	var got []string
	r := shelfRig(t, 120, 40, placeholders, func(o *Options) {
		o.Desktop.Copy = func(s string) error { got = append(got, s); return nil }
	})
	r.key(".", "y")
	r.has("not copied", "U+200B in line 1")
	if got != nil {
		t.Errorf("copied %q at once", got)
	}
	r.key("y")
	if len(got) != 1 || got[0] != "echo a\u200bb" {
		t.Errorf("copied %q", got)
	}
}
