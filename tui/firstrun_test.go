package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

// nobody is a board on which the only Prometheus has never answered.
func nobody() sources.Snapshot {
	s := snapshot()
	s.Clusters[0].Alerts.AsOf = time.Time{}
	e := sources.Errorf(sources.Unavailable, "the connection was refused")
	e.Hint = "nothing listens there: is it running, is the port-forward up?"
	s.Clusters[0].Alerts.Err = e
	return s
}

func offering(o *Options) {
	check := func(good string) func(string) string {
		return func(s string) string {
			if strings.HasPrefix(s, good) && len(s) > len(good) {
				return ""
			}
			return fmt.Sprintf("%q is not one: write it like %sx", s, good)
		}
	}
	o.FirstRun = &FirstRun{Tried: "http://localhost:9090 (default; PROMETHEUS_URL is not set)", CheckURL: check("http"), CheckFile: check("/")}
}

func TestFirstRunFrames(t *testing.T) {
	for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 40}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			r := newRig(t, size[0], size[1], offering)
			r.snapshot(nobody())
			golden.RequireEqual(t, trimmed(r.screen()))
		})
	}
	t.Run("wrong", func(t *testing.T) {
		r := newRig(t, 80, 24, offering)
		r.snapshot(nobody())
		r.key("3", "x", "enter")
		golden.RequireEqual(t, trimmed(r.screen()))
	})
	t.Run("help", func(t *testing.T) {
		r := newRig(t, 80, 24, offering)
		r.snapshot(nobody())
		r.key("?")
		golden.RequireEqual(t, trimmed(r.screen()))
	})
}

func TestFirstRunFitsAnySize(t *testing.T) {
	t.Parallel()
	r := newRig(t, 80, 24, offering)
	r.snapshot(nobody())
	for _, w := range []int{1, 2, 5, 20, 39, 59, 60, 61, 80, 84, 100, 152, 300} {
		for _, h := range []int{1, 2, 3, 5, 9, 14, 15, 16, 20, 24, 30, 100} {
			r.app.Update(tea.WindowSizeMsg{Width: w, Height: h})
			fits(t, r.app.View().Content, w, h, "nothing")
			for _, a := range []keymap.Action{keymap.FirstURL, keymap.FirstFile} {
				r.app.do(a)
				r.app.first.input.SetValue(strings.Repeat("long 長い ", 30))
				r.app.do(keymap.Accept)
				r.app.dirty = true
				fits(t, r.app.View().Content, w, h, string(a))
				r.app.do(keymap.Back)
			}
			r.app.do(keymap.Help)
			r.app.dirty = true
			fits(t, r.app.View().Content, w, h, "help")
			r.app.view.mode = normal
		}
	}
}

func TestFirstRunChoices(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		keys []string
		want Choice
	}{
		"a URL":              {append([]string{"1"}, append(strings.Split("prom:1", ""), "enter")...), Choice{ChoseURL, "http://prom:1"}},
		"a name alone":       {append([]string{"1"}, append(strings.Split("p.example.com/x", ""), "enter")...), Choice{ChoseURL, "https://p.example.com/x"}},
		"a number":           {append([]string{"1"}, append(strings.Split("10.1.2.3", ""), "enter")...), Choice{ChoseURL, "http://10.1.2.3"}},
		"a whole URL pasted": {[]string{"1", "http://p:2/x", "enter"}, Choice{ChoseURL, "http://p:2/x"}},
		"init":               {[]string{"2"}, Choice{Kind: ChoseInit}},
		"a file":             {append([]string{"3"}, append(strings.Split("/a b/1", ""), "enter")...), Choice{ChoseFile, "/a b/1"}},
		"demo":               {[]string{"4"}, Choice{Kind: ChoseDemo}},
		"nothing":            {[]string{"5", "r", "/", "enter", "d"}, Choice{}},
		"thought better":     {[]string{"3", "/", "a", "esc"}, Choice{}},
		"found in the help":  {[]string{"?", "i", "n", "c", "i", "d", "enter"}, Choice{Kind: ChoseDemo}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, 80, 24, offering)
			r.snapshot(nobody())
			r.key(tc.keys...)
			if got := r.app.Choice(); got != tc.want {
				t.Errorf("got %+v, want %+v\n%s", got, tc.want, r.screen())
			}
		})
	}
}

func TestFirstRunGoesAwayByItself(t *testing.T) {
	t.Parallel()
	r := newRig(t, 80, 24, offering)
	r.has("Asking Prometheus")
	r.lacks("no Prometheus yet")
	r.snapshot(nobody())
	r.has("no Prometheus yet", "listens there. Nothing is broken")
	r.lacks("that is not good news", "Reading is safe")
	r.key("1", "x", "y")
	r.snapshot(usual())
	r.lacks("xy") // a page is more urgent than what was typed
	r.has("CRIT KubePodCrashLooping")

	r = newRig(t, 80, 24, offering)
	r.snapshot(nobody())
	r.key("1", "x", "y")
	r.snapshot(snapshot())
	r.has("xy", "I have a URL") // nothing is on fire: it stays until it is done
	r.key("esc")
	r.has("Nothing is firing.")

	// With a configuration there is no such screen.
	r = newRig(t, 80, 24, nil)
	r.snapshot(nobody())
	r.lacks("no Prometheus yet")
}

func TestNoticeIsSaid(t *testing.T) {
	t.Parallel()
	r := newRig(t, 120, 40, func(o *Options) { o.Notice = "firstpage init keeps it" })
	r.snapshot(usual())
	r.has("firstpage init keeps it")
}
