package tui

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// history answers range queries and notes how much time they ask for.
type history struct {
	mu    sync.Mutex
	asked []time.Duration
	err   error
}

func (h *history) Query(context.Context, string, time.Time) (sources.Vector, error) { return nil, nil }

func (h *history) QueryRange(_ context.Context, expr string, r sources.Range) (sources.Matrix, error) {
	if !strings.Contains(expr, "http_requests_total") {
		return nil, nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = append(h.asked, r.End.Sub(r.Start))
	if h.err != nil {
		return nil, h.err
	}
	var s sources.Series
	for t := r.Start; !t.After(r.End); t = t.Add(r.Step) {
		v := 0.001
		if t.After(at.Add(-7 * time.Minute)) {
			v = 0.124
		}
		s.Points = append(s.Points, sources.Point{T: t, V: v})
	}
	return sources.Matrix{s}, nil
}

func (h *history) LabelValues(context.Context, string, string) ([]safe.Value, error) { return nil, nil }

// times is how often a time of about d was asked for.
func (h *history) times(d time.Duration) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, a := range h.asked {
		if a >= d && a < d+10*time.Minute {
			n++
		}
	}
	return n
}

func TestOtherTimesAreAskedWhenWanted(t *testing.T) {
	t.Parallel()
	h := &history{}
	r := newRig(t, 120, 40, func(o *Options) {
		o.Assembler.Query = func(string) sources.Querier { return h }
	})
	r.snapshot(usual())
	if n := h.times(6 * time.Hour); n != 0 {
		t.Fatalf("six hours were asked for %d times before anybody wanted them", n)
	}
	r.key("5")
	r.has("5 Why is it firing", "limit", "B 14:02 it began")
	r.key("<")
	r.has("Why is it firing: last 6 h")
	if n := h.times(6 * time.Hour); n != 1 {
		t.Errorf("six hours were asked for %d times", n)
	}
	r.send(tickMsg(r.now))
	if n := h.times(6 * time.Hour); n != 1 {
		t.Errorf("a second later it was asked for again: %d times", n)
	}
	r.now = r.now.Add(2 * time.Minute) // more than a step
	r.send(tickMsg(r.now))
	if n := h.times(6 * time.Hour); n != 2 {
		t.Errorf("two minutes later: %d times", n)
	}
	h.err = sources.Errorf(sources.Timeout, "no whole answer in time")
	r.key("<")
	r.has("NOT KNOWN, the last 24 h: no whole answer in time")
	r.key(">", ">")
	r.lacks("last 6 h", "NOT KNOWN")
	r.key(">")
	r.has("that is the shortest time")
}

func TestRuleAndQuery(t *testing.T) {
	t.Parallel()
	got := ""
	r := newRig(t, 120, 40, func(o *Options) { o.Desktop.Copy = func(s string) error { got = s; return nil } })
	r.snapshot(usual())
	r.key("5", "enter")
	r.has("For         3 min")
	r.lacks("Points at")
	r.key("esc")
	r.has("Points at")
	r.key("esc")
	r.lacks("Why is it firing")
	r.key("5", "y")
	if !strings.HasPrefix(got, "sum(rate(http_requests_total") || !strings.HasSuffix(got, "> 0.05") {
		t.Errorf("copied %q", got)
	}
	r.has("query sent to the terminal's clipboard: sum(rate(")
}

// TestSignalAndQuery: the query of the signal under the cursor is shown, hidden
// and copied; without one it is said that there is none.
func TestSignalAndQuery(t *testing.T) {
	t.Parallel()
	got := ""
	r := newRig(t, 80, 24, func(o *Options) { o.Desktop.Copy = func(s string) error { got = s; return nil } })
	r.snapshot(usual())
	r.key("4", "y")
	r.has("there is no signal whose query could be copied")
	r.key("enter")
	r.has("there is no signal to show")
	r.app.page.Health = page.Slot[triage.Health]{State: page.OK, AsOf: at, Value: triage.Health{Signals: []triage.Signal{
		{Name: "errors", Title: "errors", Query: "sum(\n  failed\n)", Why: "share of what failed"}, {Name: "traffic", Title: "traffic", Query: "sum(all)"}}}}
	r.app.refreshPanes()
	r.key("enter")
	r.has("> errors", "share of what failed", "sum( failed )")
	r.key("j", "y")
	r.has("> traffic", "query sent to the terminal's clipboard: sum(all)")
	if got != "sum(all)" {
		t.Errorf("copied %q", got)
	}
	r.key("k", "enter")
	r.lacks("sum( failed )")
}

// TestKeysLeaveThePaneAlone: what is drawn is laid out when data comes, not when
// a key is pressed.
func TestKeysLeaveThePaneAlone(t *testing.T) {
	t.Parallel()
	h := &history{}
	r := newRig(t, 200, 50, func(o *Options) {
		o.Assembler.Query = func(string) sources.Querier { return h }
	})
	r.snapshot(usual())
	before := r.app.panes.why.Rows()
	r.app.page.Why.Value.Points = nil // it would show if the pane were laid out again
	for range 3 {
		r.app.Update(tea.KeyPressMsg{Text: "j", Code: 'j'})
		r.app.View()
	}
	if strings.Join(before, "\n") != strings.Join(r.app.panes.why.Rows(), "\n") {
		t.Error("a key in the runbook laid the pane of the graph out again")
	}
	r.app.relayout()
	if strings.Join(before, "\n") == strings.Join(r.app.panes.why.Rows(), "\n") {
		t.Error("without data it looks the same: this test proves nothing")
	}
}
