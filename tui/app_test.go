package tui

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// at is the moment of every test's screen.
var at = time.Date(2026, 3, 9, 14, 9, 0, 0, time.UTC)

// books resolves links to files of the corpus by their last element.
type books map[string]string

func (b books) Resolve(_ context.Context, ref runbook.Ref) (runbook.Document, runbook.Trail, error) {
	trail := runbook.Trail{{Name: "link", Tried: ref.Link.String(), Result: "read"}}
	path, ok := b[ref.Alert.Raw()]
	if !ok {
		return runbook.Document{}, append(trail, runbook.Rung{Name: "checkout", Tried: "~/src/runbooks", Result: "no such file"}),
			&runbook.NotFoundError{Reason: runbook.NoFile}
	}
	src, err := os.ReadFile(path)
	if err != nil {
		return runbook.Document{}, nil, err
	}
	return runbook.Parse(src, runbook.Where{Via: runbook.ViaCheckout, Path: path, Rel: filepath.Base(path), Root: "~/src/runbooks", AsOf: at}), trail, nil
}

const nodeBooks = "../testdata/corpus/prometheus-operator-runbooks/content/runbooks"

func corpusBooks() books {
	return books{
		"KubePodCrashLooping":            nodeBooks + "/kubernetes/KubePodCrashLooping.md",
		"NodeClockNotSynchronising":      nodeBooks + "/node/NodeClockNotSynchronising.md",
		"NodeFilesystemAlmostOutOfSpace": nodeBooks + "/node/NodeFilesystemAlmostOutOfSpace.md",
	}
}

// alert makes an alert that began some minutes ago.
func alert(name, severity string, minutes int, state sources.State, more ...string) sources.Alert {
	m := map[string]string{"alertname": name, "severity": severity}
	for i := 0; i+1 < len(more); i += 2 {
		m[more[i]] = more[i+1]
	}
	ls := sources.NewLabels(m)
	return sources.Alert{
		ID: sources.NewAlertID("prod-eu", ls), Cluster: "prod-eu", Labels: ls, State: state, Value: 0.124,
		ActiveAt: at.Add(-time.Duration(minutes) * time.Minute),
		Annotations: sources.NewLabels(map[string]string{
			"summary":     "Requests fail for " + name,
			"runbook_url": "https://runbooks.example.com/" + strings.ToLower(name),
		}),
	}
}

func snapshot(alerts ...sources.Alert) sources.Snapshot {
	id := sources.SourceID{Kind: "prometheus", Name: "prometheus", Cluster: "prod-eu"}
	return sources.Snapshot{
		Seq: 1,
		Clusters: []sources.Cluster{{
			Name:   "prod-eu",
			Alerts: sources.Feed[sources.Alert]{Source: id, AsOf: at.Add(-2 * time.Second), Tried: at.Add(-2 * time.Second), Every: 5 * time.Second, Items: alerts},
			Rules: sources.Feed[sources.RuleGroup]{Source: id, AsOf: at, Tried: at, Every: 5 * time.Minute, Items: []sources.RuleGroup{{
				Name: safe.Outside("g"), Rules: []sources.Rule{{
					Name: safe.Outside("KubePodCrashLooping"), For: 3 * time.Minute, Labels: sources.NewLabels(map[string]string{"severity": "critical"}),
					Query: safe.Outside(`sum(rate(http_requests_total{code=~"5.."}[5m])) / sum(rate(http_requests_total[5m])) > 0.05`),
				}},
			}}},
		}},
		Changes: []sources.Feed[sources.Change]{{
			Source: sources.SourceID{Kind: "prometheus", Name: "prometheus", Cluster: "prod-eu"}, AsOf: at, Tried: at, Every: 30 * time.Second,
			Items: []sources.Change{
				{ID: "1", Kind: sources.Deploy, Service: safe.Outside("checkout"), FromVersion: safe.Outside("1.41.0"), Version: safe.Outside("1.42.0"),
					StartedAt: at.Add(-8 * time.Minute), State: sources.Done, Share: sources.Share{New: 3, All: 3}},
				{ID: "2", Kind: sources.Deploy, Service: safe.Outside("payments"), FromVersion: safe.Outside("7.3.1"), Version: safe.Outside("7.3.2"),
					StartedAt: at.Add(-15 * time.Minute)},
				{ID: "3", Kind: sources.Deploy, Service: safe.Outside("search"), Version: safe.Outside("9"), StartedAt: at.Add(-2 * time.Minute)},
			},
		}},
	}
}

// usual is a normal bad night.
func usual() sources.Snapshot {
	return snapshot(
		alert("KubePodCrashLooping", "critical", 7, sources.Firing, "service", "checkout", "namespace", "shop", "team", "payments"),
		alert("NodeClockNotSynchronising", "warning", 41, sources.Firing, "instance", "eu-1-1:9100"),
		alert("NodeClockNotSynchronising", "warning", 40, sources.Firing, "instance", "eu-1-2:9100"),
		alert("CertExpiresSoon", "warning", 3000, sources.Firing, "service", "mail-gw"),
		alert("CartQueueGrowing", "warning", 1, sources.Pending, "service", "cart"),
		alert("Watchdog", "none", 9000, sources.Firing),
	)
}

// rig is an App that is driven by hand: commands run at once, in order, except
// those that wait for time or the next snapshot.
type rig struct {
	t   testing.TB
	app *App
	box chan sources.Snapshot
	now time.Time
}

func newRig(t testing.TB, w, h int, o func(*Options)) *rig {
	t.Helper()
	r := &rig{t: t, box: make(chan sources.Snapshot, 1), now: at}
	opts := Options{
		Feed:      Feed{Box: r.box, Refresh: func() {}, Focus: func(bool) {}, Pause: func(bool) {}},
		Assembler: &page.Assembler{Runbooks: corpusBooks(), Now: func() time.Time { return r.now }},
		Prefs:     triage.Defaults(), Keys: keymap.Default(), Theme: theme.Dark,
		Now: func() time.Time { return r.now }, Loc: time.UTC,
	}
	if o != nil {
		o(&opts)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r.app = New(ctx, opts)
	r.send(tea.WindowSizeMsg{Width: w, Height: h})
	return r
}

// send gives the App a message and runs the commands that it asks for.
func (r *rig) send(msg tea.Msg) {
	r.t.Helper()
	_, cmd := r.app.Update(msg)
	r.run(cmd)
}

func (r *rig) run(cmd tea.Cmd) {
	r.t.Helper()
	if cmd == nil {
		return
	}
	switch msg := r.await(cmd).(type) {
	case nil, tea.QuitMsg, tickMsg:
	case tea.BatchMsg:
		for _, c := range msg {
			r.run(c)
		}
	default:
		r.send(msg)
	}
}

func (r *rig) snapshot(s sources.Snapshot) {
	r.t.Helper()
	r.send(boardMsg{triage.Build(s, r.app.opts.Prefs, r.now)})
	r.settle()
}

// settle lets the selection rest.
func (r *rig) settle() { r.t.Helper(); r.send(settledMsg{r.app.selected()}) }

func (r *rig) key(keys ...string) {
	r.t.Helper()
	for _, k := range keys {
		msg := tea.KeyPressMsg{Text: k, Code: []rune(k)[0]}
		if special, ok := map[string]tea.KeyPressMsg{
			"esc": {Code: tea.KeyEscape}, "enter": {Code: tea.KeyEnter}, "tab": {Code: tea.KeyTab}, "down": {Code: tea.KeyDown},
			"ctrl+d": {Code: 'd', Mod: tea.ModCtrl},
		}[k]; ok {
			msg = special
		}
		r.send(msg)
		r.settle()
	}
}

func (r *rig) screen() string { return ansi.Strip(r.app.View().Content) }

func (r *rig) has(texts ...string) {
	r.t.Helper()
	s := r.screen()
	for _, x := range texts {
		if !strings.Contains(s, x) {
			r.t.Errorf("the screen lacks %q:\n%s", x, s)
		}
	}
}

func (r *rig) lacks(texts ...string) {
	r.t.Helper()
	s := r.screen()
	for _, x := range texts {
		if strings.Contains(s, x) {
			r.t.Errorf("the screen has %q:\n%s", x, s)
		}
	}
}

func TestFirstScreen(t *testing.T) {
	t.Parallel()
	r := newRig(t, 120, 40, nil)
	r.has("Asking Prometheus")
	r.snapshot(usual())
	r.has("CRIT KubePodCrashLooping", "prod-eu live", "1 CRIT", "2 WARN", "1 pending", "14:09 UTC", "Pod is in CrashLoop",
		"1.41.0 -> 1.42.0", "NodeClock", "It may be none of these")
	t.Log("\n" + r.screen())
}

func TestEveryFrameFits(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("VeryLongAlertName", 12)
	crowd := usual()
	crowd.Clusters[0].Alerts.Items = append(crowd.Clusters[0].Alerts.Items,
		alert(long, "page", 1, sources.Firing, "service", strings.Repeat("長い名前", 60), "instance", strings.Repeat("x", 3000)))
	down := usual()
	down.Clusters[0].Alerts.Err = sources.Errorf(sources.Timeout, "no answer within 5 s")
	down.Clusters[0].Alerts.Since = at.Add(-4 * time.Minute)
	down.Clusters[0].Alerts.AsOf = at.Add(-4 * time.Minute)
	for name, s := range map[string]sources.Snapshot{"usual": usual(), "long": crowd, "down": down, "nothing": snapshot(), "no cluster": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, 80, 24, nil)
			r.snapshot(s)
			for _, w := range []int{1, 20, 21, 39, 59, 60, 61, 79, 80, 99, 100, 101, 119, 120, 151, 152, 153, 199, 200, 249, 300} {
				for _, h := range []int{1, 2, 5, 9, 14, 15, 16, 17, 19, 20, 23, 24, 29, 30, 31, 40, 50, 100} {
					r.app.Update(tea.WindowSizeMsg{Width: w, Height: h})
					for _, keys := range []string{"1", "2", "3", "4", "5", "?"} {
						r.app.do(r.action(keys))
						r.app.dirty = true
						fits(t, r.app.View().Content, w, h, keys)
					}
					r.app.do(keymap.Back) // the overlay
				}
			}
		})
	}
}

func (r *rig) action(key string) keymap.Action {
	a, _ := r.app.opts.Keys.Lookup(key, keymap.Global)
	return a
}

func fits(t *testing.T, content string, w, h int, what string) {
	t.Helper()
	rows := strings.Split(content, "\n")
	if len(rows) != h {
		t.Fatalf("%dx%d after %s: %d rows", w, h, what, len(rows))
	}
	for i, row := range rows {
		if n := ansi.StringWidth(row); n > w {
			t.Fatalf("%dx%d after %s: row %d is %d cells wide: %q", w, h, what, i, n, ansi.Strip(row))
		}
	}
}

func TestSelectionFollowsTheAlert(t *testing.T) {
	t.Parallel()
	r := newRig(t, 120, 40, nil)
	r.snapshot(usual())
	r.key("J")
	r.has("WARN NodeClockNotSynchronising")
	storm := usual()
	for i := range 300 {
		storm.Clusters[0].Alerts.Items = append(storm.Clusters[0].Alerts.Items,
			alert("HostDown", "page", 0, sources.Firing, "instance", fmt.Sprintf("h%d", i)))
	}
	r.snapshot(storm)
	if got := r.app.page.Item.Name().String(); got != "NodeClockNotSynchronising" {
		t.Errorf("the storm opened %s", got)
	}
	r.has("HostDown x300", "> WARN    NodeClock", "new: PAGE HostDown")
	calm := usual()
	calm.Clusters[0].Alerts.Items = calm.Clusters[0].Alerts.Items[:1]
	r.snapshot(calm)
	r.has("RESOLVED NodeClockNotSynchronising")
	r.key("K")
	r.has("CRIT KubePodCrashLooping")
}

func TestUnknownIsNotNone(t *testing.T) {
	t.Parallel()
	r := newRig(t, 120, 40, func(o *Options) { o.Advice = "Tried http://localhost:9090." })
	s := snapshot()
	s.Clusters[0].Alerts.AsOf = time.Time{}
	s.Clusters[0].Alerts.Err = sources.Errorf(sources.Unavailable, "nothing listens there")
	r.snapshot(s)
	r.lacks("othing is firing", "nothing firing")
	r.has("nothing listens there", "Tried http://localhost:9090.", "that is not good news")
	r.snapshot(snapshot())
	r.has("Nothing is firing.", "nothing firing", "1 of 1 clusters answered")
}

func TestTroubleIsSaidAndDataKept(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{120, 40}, {80, 24}} {
		r := newRig(t, size[0], size[1], nil)
		r.snapshot(usual())
		s := usual()
		s.Clusters[0].Alerts.Err = sources.Errorf(sources.Timeout, "no answer within 5 s")
		s.Clusters[0].Alerts.AsOf, s.Clusters[0].Alerts.Since = at.Add(-4*time.Minute), at.Add(-4*time.Minute)
		s.Clusters[0].Alerts.Next = at.Add(12 * time.Second)
		r.snapshot(s)
		r.has("!! prod-eu: no answer within 5 s, since 14:05", "4 min old", "KubePodCrashLooping", "newer alerts may be")
	}
}

func TestFilterAndEscape(t *testing.T) {
	t.Parallel()
	r := newRig(t, 120, 40, nil)
	r.snapshot(usual())
	r.key("1", "/")
	for _, c := range `team="payments"` {
		r.key(string(c))
	}
	r.key("enter")
	r.has("Alerts matching team=")
	r.lacks("CertExpiresSoon")
	r.key("esc")
	r.has("CertExpiresSoon")
}

func TestNoRunbookSaysWhatWasTried(t *testing.T) {
	t.Parallel()
	r := newRig(t, 80, 24, nil)
	r.snapshot(snapshot(alert("CartQueueGrowing", "critical", 3, sources.Firing, "service", "cart", "team", "payments")))
	r.has("There is no runbook text", "checkout", "no such file", "Do now", "ask payments")
}

func TestKeysAreAllHandled(t *testing.T) {
	t.Parallel()
	for _, b := range keymap.Default() {
		r := newRig(t, 120, 40, nil)
		r.snapshot(usual())
		switch b.Scope {
		case keymap.FirstRun, keymap.FirstEntry:
			r = newRig(t, 120, 40, offering)
			r.snapshot(nobody())
			if b.Scope == keymap.FirstEntry {
				r.key("1")
			}
		case keymap.List:
			r.key("1")
		case keymap.Health:
			r.key("4")
		case keymap.Why:
			r.key("5")
		case keymap.Changes:
			r.key("3")
		case keymap.Timeline:
			r.key("d")
		case keymap.Change:
			r.key("d", "enter")
		case keymap.SiftEntry:
			r.key("d", "/")
		case keymap.FilterEntry:
			r.key("1", "/")
		case keymap.HelpOverlay:
			r.key("?")
		case keymap.LinkList:
			r = newRig(t, 120, 40, linked)
			r.snapshot(usual())
			r.key("o")
		}
		before := r.app.View()
		_, cmd := r.app.Update(keyOf(b.Keys[0]))
		r.app.dirty = true
		after := r.app.View()
		changed := cmd != nil || before.Content != after.Content || before.MouseMode != after.MouseMode
		// Motions at an end, and closing nothing, rightly change nothing.
		still := map[keymap.Action]bool{keymap.Up: true, keymap.Top: true, keymap.HalfUp: true, keymap.PageUp: true, keymap.PrevHeading: true, keymap.PrevAlert: true,
			keymap.Left: true, keymap.PaneRunbook: true, keymap.Bottom: true, keymap.Right: true}
		if b.Scope == keymap.Health || b.Scope == keymap.Why || b.Scope == keymap.Change || b.Scope == keymap.HelpOverlay {
			still[keymap.Down], still[keymap.HalfDown], still[keymap.PageDown] = true, true, true
		}
		if !changed && !still[b.Action] {
			t.Errorf("%s in %q does nothing", b.Action, b.Scope)
		}
	}
}

func keyOf(name string) tea.KeyPressMsg {
	switch name {
	case "esc":
		return tea.KeyPressMsg{Code: tea.KeyEscape}
	case "enter":
		return tea.KeyPressMsg{Code: tea.KeyEnter}
	case "tab":
		return tea.KeyPressMsg{Code: tea.KeyTab}
	case "shift+tab":
		return tea.KeyPressMsg{Code: tea.KeyTab, Mod: tea.ModShift}
	case "down":
		return tea.KeyPressMsg{Code: tea.KeyDown}
	case "up":
		return tea.KeyPressMsg{Code: tea.KeyUp}
	case "left":
		return tea.KeyPressMsg{Code: tea.KeyLeft}
	case "right":
		return tea.KeyPressMsg{Code: tea.KeyRight}
	case "pgdown":
		return tea.KeyPressMsg{Code: tea.KeyPgDown}
	case "pgup":
		return tea.KeyPressMsg{Code: tea.KeyPgUp}
	}
	if mod, key, ok := strings.Cut(name, "+"); ok && mod == "ctrl" {
		return tea.KeyPressMsg{Code: []rune(key)[0], Mod: tea.ModCtrl}
	}
	return tea.KeyPressMsg{Text: name, Code: []rune(name)[0]}
}
