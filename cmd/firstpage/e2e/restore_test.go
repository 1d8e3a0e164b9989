package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

func TestTheTerminalIsRestored(t *testing.T) {
	t.Parallel()
	prom := promtest.Start(t, promtest.Options{Rules: []string{urgent}})
	waitAlerts(t, prom, 2)
	for name, end := range map[string]func(*terminal){
		"q":      func(x *terminal) { x.send("mq") },
		"ctrl-c": func(x *terminal) { x.send("m\x03") },
		"SIGTERM": func(x *terminal) {
			if err := x.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Error(err)
			}
		},
		"SIGINT": func(x *terminal) {
			if err := x.cmd.Process.Signal(syscall.SIGINT); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newHome(t).screen(t, 80, 24, "--prometheus", prom.URL)
			x.waitFor("KubePodCrashLooping")
			end(x)
			x.exit()
			x.restored()
		})
	}
}

// crashVariable makes the test program a screen whose browser panics.
const crashVariable = "FIRSTPAGE_E2E_CRASH"

// crash is that screen; it returns the exit code. TestMain runs it when the
// test program is started again by TestAPanicRestoresTheTerminal.
func crash() int {
	now := time.Now()
	box := make(chan sources.Snapshot, 1)
	ls := sources.NewLabels(map[string]string{"alertname": "Boom", "severity": "critical"})
	box <- sources.Snapshot{Clusters: []sources.Cluster{{Name: "prod", Alerts: sources.Feed[sources.Alert]{AsOf: now, Tried: now, Items: []sources.Alert{{
		ID: sources.NewAlertID("prod", ls), Cluster: "prod", Labels: ls, State: sources.Firing, ActiveAt: now,
		Annotations: sources.NewLabels(map[string]string{"runbook_url": "https://example.com/x"})}}}}}}
	app := tui.New(context.Background(), tui.Options{
		Feed:      tui.Feed{Box: box, Refresh: func() {}, Focus: func(bool) {}, Pause: func(bool) {}},
		Assembler: &page.Assembler{Now: time.Now}, Prefs: triage.Defaults(), Keys: keymap.Default(), Theme: theme.Dark,
		Desktop: tui.Desktop{Open: func(context.Context, string) error { panic("boom in a command") }},
		Now:     time.Now, Loc: time.UTC,
	})
	_, err := tea.NewProgram(app).Run()
	if !errors.Is(err, tea.ErrProgramPanic) {
		fmt.Fprintln(os.Stderr, "ended with", err)
		return 9
	}
	time.Sleep(500 * time.Millisecond) // Bubble Tea writes its report after the program has ended
	return 7
}

func TestAPanicRestoresTheTerminal(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	x := startTerminal(t, 80, 24, append(newHome(t).env, crashVariable+"=1"), self)
	x.waitFor("Boom")
	x.send("mo")
	if code := x.exit(); code != 7 {
		t.Errorf("exit code %d:\n%s", code, x.text())
	}
	x.restored()
	if !strings.Contains(string(x.bytes()), "boom in a command") {
		t.Error("the panic was not reported")
	}
}
