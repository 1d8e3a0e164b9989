package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/adrg/xdg"

	"github.com/firstpage-oncall/firstpage/config"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/internal/state"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/poll"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

type screenFlags struct{ filter string }

// notThereYet are the names that further commands will have: they are refused
// rather than taken for an alert's.
var notThereYet = []string{"drill", "exercise", "health", "silence", "unsilence", "readiness", "review",
	"journal"}

// framesPerSecond is Bubble Tea's highest rate: half a frame is the floor of
// the time from a key to the changed bytes.
const framesPerSecond = 120

func (c *cli) screen(ctx context.Context, want string, f *screenFlags) error {
	if _, err := triage.ParseFilter(f.filter); err != nil {
		return usage("--filter: %w", err)
	}
	if slices.Contains(notThereYet, want) {
		return usage("firstpage %s is not there yet; an alert of that name can be given by its fingerprint", want)
	}
	for {
		choice, err := c.showScreen(ctx, want, f)
		if err != nil {
			return err
		}
		if choice.Kind == tui.NoChoice {
			if c.typed != "" {
				_, err = fmt.Fprintln(c.err, "To keep the address: "+safe.Text(c.keepCommand()))
			}
			return err
		}
		if err := c.follow(ctx, choice); err != nil {
			if errors.Is(err, errDone) {
				return nil
			}
			return err
		}
	}
}

// showScreen opens the screen as configured, and gives what was chosen while
// there was no Prometheus.
func (c *cli) showScreen(ctx context.Context, want string, f *screenFlags) (tui.Choice, error) {
	h, err := c.openAsking(ctx)
	if err != nil {
		return tui.Choice{}, err
	}
	if err := c.needsTerminal("firstpage alerts and firstpage show print text"); err != nil {
		return tui.Choice{}, err
	}
	return h.show(ctx, show{want: want, filter: f.filter, remember: true, actions: h.actions()})
}

// actions are what the screen may change: nothing when read-only.
func (h *house) actions() tui.Actions {
	a := h.noActions()
	if !h.cfg.ReadOnly {
		a.Propose, a.Begin = h.propose, h.begin
	}
	return a
}

// noActions says why nothing that changes something outside can be done.
func (h *house) noActions() tui.Actions {
	why := "running commands is not there yet: copy it from the runbook's file (e edits it)"
	if h.cfg.ReadOnly {
		why = "started read-only: no command is run"
	}
	return tui.Actions{Why: map[keymap.Action]string{keymap.Run: why, keymap.Propose: "started read-only: nothing is committed or pushed"}}
}

// needsTerminal refuses to draw where nothing can be drawn. instead is what can
// be done there.
func (c *cli) needsTerminal(instead string) error {
	if _, _, ok := c.terminals(); !ok {
		return usage("the screen needs a terminal; %s", instead)
	}
	if t := c.getenv("TERM"); t == "" || t == "dumb" {
		return usage("the screen needs a terminal that can move its cursor, TERM is %q; %s", t, instead)
	}
	return nil
}

// show is what a screen is opened with beyond its configuration.
type show struct {
	want, filter string
	remember     bool    // start from the last run's snapshot, and keep one for the next
	speed        float64 // of the clock against the machine's; 0: 1
	banner       string
	guide        []tui.Hint
	guideTo      string // the alert that the guide is about
	actions      tui.Actions
}

// show runs the screen until it is left. The streams are a terminal's.
func (h *house) show(ctx context.Context, s show) (tui.Choice, error) {
	none := tui.Choice{}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	n := needs{alerts: true, rules: true, changes: true, shifts: true}
	pace := h.pace(n)
	pace.Speed = s.speed
	if s.remember {
		h.remember(&pace)
	}
	set, err := h.set(n)
	if err != nil {
		return none, err
	}
	p := poll.Start(ctx, set, pace)
	app := tui.New(ctx, h.tuiOptions(p, s))
	_, err = tea.NewProgram(app, tea.WithContext(ctx), tea.WithInput(h.in), tea.WithOutput(h.terminal), tea.WithFPS(framesPerSecond)).Run()
	cancel()
	p.Wait()
	switch {
	case errors.Is(err, tea.ErrProgramPanic):
		time.Sleep(panicWait)
		return none, fmt.Errorf("a defect ended the screen, nothing was changed outside: %w", err)
	case errors.Is(err, tea.ErrProgramKilled), errors.Is(err, tea.ErrInterrupted):
		return none, nil
	case err != nil:
		return none, err
	}
	return app.Choice(), nil
}

// panicWait is for the report of a panic: Bubble Tea (v2.1) ends the program
// first and writes it then, from another goroutine.
const panicWait = 300 * time.Millisecond

func (h *house) tuiOptions(p *poll.Poller, s show) tui.Options {
	s.actions.Allow = h.resolver.Allow
	return tui.Options{
		Feed:      tui.Feed{Box: p.Box(), Refresh: p.Refresh, Focus: p.Focus, Pause: p.Pause},
		Assembler: h.assembler(), Prefs: h.prefs, Watch: h.watch, Keys: keymap.Default(), Theme: theme.Name(h.cfg.Theme),
		Desktop: h.desktop(), ReadOnly: h.cfg.ReadOnly, Now: h.now, Loc: h.loc, ASCII: asciiOnly(h.getenv), Home: xdg.Home, Filter: s.filter, Wanted: s.want, Advice: h.advice(),
		Actions: s.actions, Banner: s.banner, Guide: s.guide, GuideTo: s.guideTo, Notice: h.notice(), FirstRun: h.firstRun(),
		Nameless: h.nameless(),
	}
}

// advice is what to do when no Prometheus answers, by who named it.
func (h *house) advice() string {
	var from []string
	for i, cl := range h.cfg.Clusters {
		from = append(from, h.clusters[i].URL()+" ("+originWords(cl)+")")
	}
	return "Tried " + strings.Join(from, ", ") + ".\nfirstpage doctor says what each source answers."
}

func originWords(cl config.Cluster) string {
	switch cl.Origin {
	case config.FromFlag:
		return "named by --prometheus"
	case config.FromEnv:
		return "named by PROMETHEUS_URL"
	case config.FromDefault:
		return "the default: no configuration, PROMETHEUS_URL is not set"
	}
	return "from " + cl.Place.String()
}

// nameless are the clusters that go by the address of their Prometheus, which
// says nothing of what a kubeconfig calls them.
func (h *house) nameless() []string {
	var out []string
	for _, cl := range h.cfg.Clusters {
		u, err := url.Parse(cl.Prometheus.URL)
		if cl.Origin != config.FromFile && (err != nil || u.Host == "" || u.Host == cl.Name) {
			out = append(out, cl.Name)
		}
	}
	return out
}

// remember lets the poller start from the last run's snapshot and keep its own
// for the next. Without a state folder there is nothing to remember.
func (h *house) remember(p *poll.Pace) {
	dir, err := state.Open(filepath.Join(xdg.StateHome, "firstpage"))
	if err != nil {
		return
	}
	name := h.snapshotFile()
	if b, err := dir.ReadBytes(name); err == nil {
		if s, err := poll.Decode(b); err == nil {
			p.Last = &s
		}
	}
	p.Save = func(s sources.Snapshot) {
		if b, err := poll.Encode(s); err == nil {
			_ = dir.WriteBytes(name, b) // a snapshot that cannot be kept costs the next start a moment, no more
		}
	}
}

// snapshotFile is a name of its own for each set of clusters, so that the
// alerts of one configuration are never shown as those of another.
func (h *house) snapshotFile() string {
	var names []string
	for i, cl := range h.cfg.Clusters {
		names = append(names, cl.Name, h.clusters[i].URL())
	}
	return "snapshot-" + sources.Digest(names...) + ".json"
}
