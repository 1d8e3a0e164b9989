package tui

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

// stepBook is a runbook with steps of every sort.
type stepBook string

func (b stepBook) Resolve(context.Context, runbook.Ref) (runbook.Document, runbook.Trail, error) {
	return runbook.Parse([]byte(b), runbook.Where{Via: runbook.ViaCheckout, Path: "/src/runbooks/x.md", Rel: "x.md"}), nil, nil
}

var longCommand = "kubectl --context prod-eu -n shop rollout undo deploy/checkout --to-revision=" + strings.Repeat("1234567890", 12) + " --end"

var book = stepBook("# KubePodCrashLooping\n\n- [ ] Look at it.\n\n- [ ] Roll back.\n\n  ```bash\n  " + longCommand + "\n  ```\n\n- [ ] Wait.\n")

// runner records what it was asked to run and answers when it is told to.
type runner struct {
	asked []string
	out   chan Output
}

func (r *runner) run(_ context.Context, c runbook.Filled, _ sources.Labels) <-chan Output {
	r.asked = append(r.asked, c.Text)
	return r.out
}

func newRunner() *runner { return &runner{out: make(chan Output, 4)} }

func runRig(t *testing.T, w, h int, x *runner, more func(*Options)) *rig {
	t.Helper()
	r := newRig(t, w, h, func(o *Options) {
		o.Assembler.Runbooks = book
		if x != nil {
			o.Actions.Run = x.run
		}
		if more != nil {
			more(o)
		}
	})
	r.snapshot(usual())
	return r
}

// Nothing runs before y, and y counts only after all of the command was seen.
func TestRunShowsAndWaits(t *testing.T) {
	t.Parallel()
	x := newRunner()
	r := runRig(t, 120, 40, x, nil)
	r.has("step 1 of 3", "▸ [ ] Look at it.")
	r.key("x")
	r.has("this step has no command to run")
	r.key(".", "x")
	r.has("Run this? Nothing has been done yet", "It runs in your shell", "--end", "x.md:7")
	r.key("enter", "x", "J", "1", " ")
	if len(x.asked) > 0 {
		t.Fatalf("it ran %q before it was confirmed", x.asked)
	}
	r.has("Nothing has been done yet")
	r.key("esc")
	r.lacks("Nothing has been done yet")
	r.key("x")
	r.key("y")
	if len(x.asked) > 0 {
		t.Fatal("it ran before it was drawn")
	}
	_ = r.screen()
	r.send(tea.KeyPressMsg{Text: "y", Code: 'y', IsRepeat: true})
	if len(x.asked) > 0 {
		t.Fatal("a key that is held down confirmed it")
	}
	x.out <- Output{Text: "rolled "}
	x.out <- Output{Text: "back\x1b]52;c;x\a\n"}
	close(x.out)
	r.key("y")
	if len(x.asked) != 1 || x.asked[0] != longCommand {
		t.Fatalf("it ran %q", x.asked)
	}
	r.has("Done: what it printed", "rolled back", "esc back to the page")
	if strings.Contains(r.app.View().Content, "\x1b]52") {
		t.Error("the output reached the terminal raw")
	}
	r.key("y", "y")
	if len(x.asked) != 1 {
		t.Error("y ran it again")
	}
	r.key("esc")
	r.has("▸ [x] Roll back.")
}

// On a screen that cannot show the whole command, it must be scrolled to its
// end first.
func TestRunWantsTheWholeCommandSeen(t *testing.T) {
	t.Parallel()
	x := newRunner()
	close(x.out)
	r := runRig(t, 60, 15, x, func(o *Options) {
		o.Assembler.Runbooks = stepBook(strings.ReplaceAll(string(book), " --end", strings.Repeat(" --flag=value", 40)+" --end"))
	})
	r.key(".", "x")
	r.has("Nothing has been done yet", "more below (j)")
	r.lacks("--end")
	r.key("y")
	r.has("see all of it first")
	if len(x.asked) > 0 {
		t.Fatalf("it ran %q, which nobody has seen", x.asked)
	}
	for range 20 {
		r.key("down")
		_ = r.screen()
	}
	r.has("--end")
	r.has("that was the end of it")
	r.key("y")
	if len(x.asked) != 1 {
		t.Error("it does not run after all was seen")
	}
}

func TestRunSaysHowItFailed(t *testing.T) {
	t.Parallel()
	x := newRunner()
	r := runRig(t, 100, 30, x, nil)
	r.key(".", "x")
	_ = r.screen()
	r.key("y")
	r.has("running ...")
	x.out <- Output{} // for the command that the rig has given up waiting for
	x.out <- Output{Text: "no such deployment\n", Err: errors.New("exit status 1")}
	close(x.out)
	r.send(waitOutput(r.app.view.run.number, x.out)())
	r.has("no such deployment", "exit status 1", "esc back")
}

// Output of a preview that was left does not appear in the next one.
func TestRunDropsOldOutput(t *testing.T) {
	t.Parallel()
	x := newRunner()
	r := runRig(t, 100, 30, x, nil)
	r.key(".", "x")
	_ = r.screen()
	r.key("y", "esc", "x")
	x.out <- Output{} // for the command that the rig has given up waiting for
	x.out <- Output{Text: "of the first\n"}
	close(x.out)
	r.send(waitOutput(r.app.view.run.number-1, x.out)())
	r.lacks("of the first")
	r.has("Nothing has been done yet")
}

func TestRunIsOffWithAReason(t *testing.T) {
	t.Parallel()
	r := runRig(t, 120, 40, nil, func(o *Options) {
		o.Actions.Why = map[keymap.Action]string{keymap.Run: "started read-only: no command is run"}
	})
	r.key(".", "x")
	r.has("started read-only: no command is run")
	r.key("?", "r", "u", "n")
	r.has("OFF: started read-only")
}

func guide(o *Options) {
	o.Banner, o.GuideTo = "DEMO", "KubePodCrashLooping"
	o.Guide = []Hint{{Text: "Press . for the next step, " + strings.Repeat("which is said ", 4), Short: "Press .", Until: keymap.NextStep},
		{Text: "Press x.", Short: "x", Until: keymap.Run}, {Text: "Press y.", Short: "y", Until: keymap.Confirm},
		{Text: "Wait for the end.", Short: "Wait.", Resolved: true}, {Text: "That was it.", Short: "End."}}
}

func TestGuideGoesOnAndCoversNothing(t *testing.T) {
	t.Parallel()
	r := runRig(t, 80, 24, nil, nil)
	without := r.screen()
	x := newRunner()
	close(x.out)
	g := runRig(t, 80, 24, x, guide)
	g.has("GUIDE 1/5", "DEMO", "(H hides")
	rows := strings.Split(g.screen(), "\n")
	if rows[23] != strings.Split(without, "\n")[23] {
		t.Errorf("the footer is covered: %q", rows[23])
	}
	g.key("J", ".") // on another page it only says how to get back
	g.has("! opens the most")
	g.key("!")
	g.has("GUIDE 1/5")
	g.key("tab") // not what it asks for
	g.has("GUIDE 1/5")
	g.key(".")
	g.has("step 2 of 3: Roll back.  (2: the runbook)")
	g.key("2", "x")
	g.has("GUIDE 3/5")
	g.key("esc") // without having done it
	g.has("GUIDE 2/5")
	g.key("x")
	_ = g.screen()
	g.key("y")
	g.has("GUIDE 4/5", "Done: what it printed")
	g.key("esc")
	g.has("GUIDE 4/5")
	g.key("x")
	g.has("You have run this at 14:09.", "Roll back.")
	g.key("esc", "H")
	g.lacks("GUIDE")
	if diff := strings.Count(g.screen(), "\n") - strings.Count(without, "\n"); diff != 0 {
		t.Errorf("%d rows differ", diff)
	}
	g.key("H")
	over := usual()
	over.Clusters[0].Alerts.Items = over.Clusters[0].Alerts.Items[1:]
	g.snapshot(over)
	g.send(tickMsg(time.Time{}))
	g.has("GUIDE 5/5", "RESOLVED")
}

// A hint about one step of the runbook counts there only.
func TestGuideWantsItsStep(t *testing.T) {
	t.Parallel()
	x := newRunner()
	close(x.out)
	g := runRig(t, 100, 30, x, func(o *Options) {
		guide(o)
		o.Assembler.Runbooks = stepBook(string(book) + "- [ ] Look again.\n\n  ```bash\n  echo done\n  ```\n")
		for i := range o.Guide[1:3] {
			o.Guide[i+1].Step = 2
		}
	})
	g.key(".", ".", ".")
	g.has("GUIDE 2/5", ", goes to step 2 of 4")
	g.key("x")
	g.has("This is another step. esc, then , goes")
	_ = g.screen()
	g.key("y")
	g.has("GUIDE 2/5")
	g.key("esc", ",", ",")
	g.has("Press x.")
	g.key(",")
	g.has(". goes to step 2 of 4")
	g.key(".", "x")
	_ = g.screen()
	g.key("y")
	g.has("GUIDE 4/5")
}

// Where a hint does not fit, its short form stands, whole.
func TestGuideIsNeverCut(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{60, 15}, {60, 24}, {80, 16}, {80, 24}, {200, 50}} {
		r := runRig(t, size[0], size[1], newRunner(), guide)
		words := strings.Join(strings.Fields(r.screen()), " ")
		if !strings.Contains(words, strings.TrimSpace(strings.Repeat("which is said ", 4))+" ") && !strings.Contains(words, "GUIDE 1/5 Press . ") && !strings.HasSuffix(words, "GUIDE 1/5 Press .") {
			t.Errorf("%v: the guide is cut:\n%s", size, r.screen())
		}
	}
}

// A new urgent page is said until it was opened; it steals nothing.
func TestANewUrgentPageIsNotForgotten(t *testing.T) {
	t.Parallel()
	r := newRig(t, 120, 40, nil)
	before := usual()
	before.Clusters[0].Alerts.Items = before.Clusters[0].Alerts.Items[1:]
	r.snapshot(before)
	r.has("WARN NodeClockNotSynchronising")
	r.snapshot(usual())
	const said = "new: CRIT KubePodCrashLooping, checkout  (! opens it)"
	r.has("WARN NodeClockNotSynchronising", said)
	for range 3 * messageTicks {
		r.send(tickMsg(time.Time{}))
	}
	r.key("J", "r")
	r.has(said)
	r.key("!")
	r.has("CRIT KubePodCrashLooping")
	r.lacks(said)
}

func TestGuideAndPreviewFitEverySize(t *testing.T) {
	t.Parallel()
	x := newRunner()
	r := runRig(t, 80, 24, x, guide)
	r.key(".")
	for _, w := range []int{1, 19, 20, 21, 59, 60, 61, 80, 99, 100, 120, 152, 200} {
		for _, h := range []int{1, 2, 4, 6, 7, 14, 15, 16, 19, 20, 24, 29, 30, 40, 50} {
			r.app.Update(tea.WindowSizeMsg{Width: w, Height: h})
			for _, do := range []func(){func() {}, func() { r.app.preview() }, func() { r.app.do(keymap.Back) }, r.app.openHelp, func() { r.app.do(keymap.Back) }} {
				do()
				r.app.dirty = true
				fits(t, r.app.View().Content, w, h, "the guide")
			}
		}
	}
	if len(x.asked) > 0 {
		t.Error("something ran")
	}
}
