package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

// fleet answers which instances run the new version: new of 3.
type fleet struct {
	new int
	err error
}

func (f *fleet) Query(_ context.Context, expr string, _ time.Time) (sources.Vector, error) {
	if !strings.HasPrefix(expr, "timestamp(") {
		return nil, nil
	}
	var v sources.Vector
	for i := range 3 {
		version := "1.41.0"
		if i < f.new {
			version = "1.42.0"
		}
		v = append(v, sources.Sample{Labels: sources.NewLabels(map[string]string{"pod": fmt.Sprintf("checkout-%d", i), "version": version})})
	}
	return v, f.err
}

func (f *fleet) QueryRange(context.Context, string, sources.Range) (sources.Matrix, error) {
	return nil, nil
}

func (f *fleet) LabelValues(context.Context, string, string) ([]safe.Value, error) { return nil, nil }

// repository knows what is in checkout.
type repository struct{}

func (repository) Between(_ context.Context, service, from, to string) (sources.Diff, error) {
	if service != "checkout" {
		return sources.Diff{}, sources.Errorf(sources.NotFound, "no such service")
	}
	return sources.Diff{Total: 2, Files: 3, Added: 142, Removed: 18, CompareURL: safe.Outside("https://git.example.com/" + from + "..." + to), Commits: []sources.Commit{
		{Revision: safe.Outside(strings.Repeat("a1b2", 10)), Title: safe.Outside("Retry payments \x1b]52;c;x\a twice"), Author: safe.Outside("Ada"), At: at.Add(-time.Hour)},
		{Revision: safe.Outside("b"), Title: safe.Outside("Bump"), Author: safe.Outside("Bo")},
	}}, nil
}

const undoBook = "# KubePodCrashLooping\n\n## Look\n\n1. Look.\n\n## Roll back\n\n```bash\nkubectl -n <namespace> rollout undo deploy/checkout\n```\n"

// changedRig has a checkout deploy that a Prometheus saw, and a runbook with its
// rollback.
func changedRig(t *testing.T, w, h int, f *fleet, more func(*Options)) *rig {
	t.Helper()
	r := newRig(t, w, h, func(o *Options) {
		o.Assembler.Runbooks = stepBook(undoBook)
		o.Assembler.Query = func(string) sources.Querier { return f }
		o.Assembler.Commits = []sources.Commits{repository{}}
		if more != nil {
			more(o)
		}
	})
	s := usual()
	c := &s.Changes[0].Items[0]
	c.Cluster, c.Selector = "prod-eu", safe.Outside("checkout_build_info")
	c.Author, c.URL = safe.Outside("Ada Moreno"), safe.Outside("https://ci.example.com/1")
	r.snapshot(s)
	return r
}

func TestTimelineShowsEveryChange(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 50}, {60, 15}} {
		r := changedRig(t, size[0], size[1], &fleet{new: 3}, nil)
		r.key("d")
		r.has("What changed?  3 changes, 3 services", "began 14:02 ┊", "checkout ", "2 others", "> LIKELY", "It may be none of these.", "Asked: prometheus prod-eu",
			"CRIT KubePodCrashLooping", "esc back")
		r.lacks("Ada", "Runbook:")
		r.key("G")
		r.has("> RULED OUT", "search")
		r.key("g", "<")
		if size[0] > 60 {
			r.has("6 h before it began")
		}
		r.key(">", ">", ">", ">")
		r.has("it shows 30 min before it began")
		r.key("d")
		r.lacks("What changed?  3 changes")
	}
}

func TestTimelineFilter(t *testing.T) {
	t.Parallel()
	r := changedRig(t, 80, 24, &fleet{new: 3}, nil)
	r.key("d", "/")
	for _, c := range "payments" {
		r.key(string(c))
	}
	r.has("1 of 3 changes")
	r.key("enter")
	r.has(`1 of 3 hold "payments"`, "> UNLIKELY", "payments")
	r.key("/")
	for range 8 {
		r.send(tea.KeyPressMsg{Code: tea.KeyBackspace})
	}
	r.key("x", "y", "z", "enter")
	r.has("None of 3 changes holds")
	r.key("enter")
	r.has("there is no change to open")
	r.key("esc")
	r.has("most likely first", "> LIKELY")
	r.key("esc")
	r.lacks("What changed?  3 changes")
	r.key("3", "/") // from the pane, too
	r.has("What changed?  3 changes")
	r.key("esc", "esc", "J", "d")
	r.has("WARN NodeClockNotSynchronising", "What changed?  3 changes")
	r.key("2")
	r.lacks("What changed?  3 changes")
}

// The page of a change: who runs it now is asked again and again while it is
// on screen, what is in it once.
func TestSuspectPageIsLive(t *testing.T) {
	t.Parallel()
	f := &fleet{new: 2}
	r := changedRig(t, 120, 40, f, nil)
	r.key("3", "enter")
	r.has("Change: checkout deploy 1.41.0 -> 1.42.0", "14:01, 8 min ago, 1 min before it began at 14:02", "1.41.0 -> 1.42.0, on 2 of 3", "1.42.0 on 2 of 3, now", "checkout-2  1.41.0", "checkout-0  1.42.0 new", "2 commits, +142 -18",
		"a1b2a1b", "Retry payments", "Ada, 13:09", "https://git.example.com/1.41.0...1.42.0", "kubectl -n shop rollout undo deploy/checkout", "filled in: shop (namespace)",
		"By          Ada Moreno", "Ask payments: asking is normal.")
	if strings.Contains(r.app.View().Content, "\x1b]52") {
		t.Error("a title reached the terminal raw")
	}
	f.new = 3
	r.send(tickMsg(time.Time{}))
	r.has("on 2 of 3")
	r.now = r.now.Add(rolloutEvery)
	r.send(tickMsg(time.Time{}))
	r.has("1.42.0 on all 3, now")
	f.err = errors.New("no answer")
	r.now = r.now.Add(rolloutEvery)
	r.send(tickMsg(time.Time{}))
	r.has("on all 3, at 14:09, no newer answer")
	r.key("esc")
	r.has("3 What changed?", "2 Runbook")
	r.key("d", "j", "enter")
	r.has("no connected clone has both revisions of", "- {kind: git, path: ~/src/payments, service: payments}", "does not name payments")
	r.key("esc")
	r.has("What changed?  3 changes", "> ")
	s := usual()
	s.Changes[0].Items = s.Changes[0].Items[:1]
	r.key("enter")
	r.snapshot(s)
	r.send(tickMsg(time.Time{}))
	r.has("that change is listed no more", "What changed?  1 change, 1 service")
}

// The rollback is copied only after it was on screen, and never run.
func TestRollbackIsSeenBeforeItIsCopied(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{120, 40}, {80, 24}, {60, 15}} {
		var copied []string
		x := newRunner()
		r := changedRig(t, size[0], size[1], &fleet{new: 3}, func(o *Options) {
			o.Desktop.Copy = func(s string) error { copied = append(copied, s); return nil }
			o.Actions.Run = x.run
		})
		r.key("d", "y")
		if len(copied) > 0 {
			t.Fatal("it was copied unseen")
		}
		r.has("read it, then y copies it", "Take back")
		words := strings.Join(strings.Fields(r.screen()), "")
		if !strings.Contains(words, "kubectl-nshoprolloutundodeploy/checkout") {
			t.Errorf("%v: the command is not on screen:\n%s", size, r.screen())
		}
		r.key("y")
		if len(copied) != 1 || copied[0] != "kubectl -n shop rollout undo deploy/checkout" {
			t.Fatalf("%v: copied %q\n%s", size, copied, r.screen())
		}
		r.key("J", "y") // another page fills the command in otherwise
		if len(copied) != 1 {
			t.Fatalf("%v: it was copied unseen: %q", size, copied)
		}
		r.key("K")
		if size[0] >= 80 {
			r.key("esc", "G", "y") // one that began after
			r.has("does not name search")
		}
		if len(x.asked) > 0 {
			t.Fatalf("it ran %q", x.asked)
		}
	}
	r := changedRig(t, 120, 40, &fleet{new: 3}, func(o *Options) { o.Assembler.Runbooks = stepBook("# X\n\nNothing.\n") })
	r.key("d", "enter")
	r.has("The runbook has no command that takes a deploy back.")
}

func TestOpenAChange(t *testing.T) {
	t.Parallel()
	var opened []string
	open := func(o *Options) {
		o.Desktop.Open = func(_ context.Context, url string) error { opened = append(opened, url); return nil }
	}
	r := changedRig(t, 120, 40, &fleet{new: 3}, func(o *Options) {
		open(o)
		o.Assembler.Commits = nil
	})
	r.key("d", "o") // what is in it is not known: its own link
	r = changedRig(t, 120, 40, &fleet{new: 3}, open)
	r.key("d", "enter", "o")
	if want := "https://ci.example.com/1 https://git.example.com/1.41.0...1.42.0"; strings.Join(opened, " ") != want {
		t.Errorf("opened %q", opened)
	}
	r.key("esc", "G", "o")
	r.has("no link is known for this change")
}

func TestTimelineWithoutAPage(t *testing.T) {
	t.Parallel()
	r := newRig(t, 80, 24, nil)
	r.key("d")
	r.has("nothing is known yet")
	r.snapshot(snapshot())
	for range messageTicks {
		r.send(tickMsg(time.Time{}))
	}
	r.has("d what changed")
	r.key("d")
	r.has("Nothing is firing.", "newest first", "> 14:07", "the last 2 h", "3 changes, 3 services")
	r.lacks("UNLIKELY", "none of these", "began")
	r.key("y")
	r.has("no page is open")
	r.key("j", "enter")
	r.has("Change: checkout deploy", "When        14:01, 8 min ago")
	r.lacks("Take back", "before it began")
}

// When nothing is known, or nobody answers, that is what it says.
func TestTimelineOfNothing(t *testing.T) {
	t.Parallel()
	none := usual()
	none.Changes[0].Items = nil
	failed := usual()
	failed.Changes[0] = sources.Feed[sources.Change]{Source: failed.Changes[0].Source, Tried: at, Since: at.Add(-time.Hour), Err: sources.Errorf(sources.Unauthorized, "it answered 401")}
	for i := range 12 {
		f := failed.Changes[0]
		f.Source.Name = fmt.Sprintf("source-%d", i)
		failed.Changes = append(failed.Changes, f)
	}
	for _, size := range [][2]int{{80, 24}, {60, 15}} {
		r := newRig(t, size[0], size[1], nil)
		r.snapshot(none)
		r.key("d")
		r.has("NO CHANGE FOUND", "Asked: prometheus", "5 says why")
		r.lacks("none of these", "enter open")
		r.snapshot(failed)
		r.has("No change is known, but 13 of 13", "NOT ASKED: ", "0 of 13 sources")
		r.lacks("NO CHANGE FOUND")
		some := usual()
		some.Changes = append(some.Changes, failed.Changes...)
		r.snapshot(some)
		r.has("It may be none of these.", "NOT ASKED: 13 of 14 sources")
	}
}

func TestFullViewsFitEverySize(t *testing.T) {
	t.Parallel()
	crowd := usual()
	long := strings.Repeat("長い名前-very-long-", 30)
	for i := range 300 {
		crowd.Changes[0].Items = append(crowd.Changes[0].Items, sources.Change{ID: fmt.Sprint("c", i), Kind: sources.ChangeTypes()[i%7], Service: safe.Outside(fmt.Sprint(long[i%9:], i%30)),
			Title: safe.Outside(long), Namespace: safe.Outside([]string{"shop", "x"}[i%2]), Author: safe.Outside(long), URL: safe.Outside("https://x/" + long), StartedAt: at.Add(-time.Duration(i*i) * 9 * time.Second)})
	}
	crowd.Changes[0].Items[0].Evidence = []safe.Value{safe.Outside(long)}
	f := &fleet{new: 1}
	r := changedRig(t, 80, 24, f, func(o *Options) {
		o.Assembler.Runbooks = stepBook(strings.ReplaceAll(undoBook, "rollout", "rollout "+strings.Repeat("x", 300)))
	})
	r.snapshot(crowd)
	for _, w := range []int{1, 39, 60, 61, 71, 72, 99, 120, 200} {
		for _, h := range []int{1, 9, 15, 16, 19, 24, 50} {
			r.app.Update(tea.WindowSizeMsg{Width: w, Height: h})
			for _, do := range []keymap.Action{keymap.Changed, keymap.Bottom, keymap.Up, keymap.Top, keymap.Wider, keymap.Open, keymap.Bottom, keymap.CopyRollback, keymap.Help, keymap.Back, keymap.Back, keymap.Back} {
				r.app.do(do)
				r.app.dirty = true
				fits(t, r.app.View().Content, w, h, string(do))
			}
			if r.app.changed.full != noFull || r.app.view.mode != normal {
				t.Fatalf("%dx%d: still open", w, h)
			}
		}
	}
}
