package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

const (
	cartRule  = "groups: [{name: shop, rules: [{alert: CartSlow, expr: vector(7), labels: {severity: critical}}]}]"
	dogRule   = "groups: [{name: dogs, rules: [{alert: Watchdog, expr: vector(1), labels: {severity: none}}]}]"
	sickRule  = "groups: [{name: dogs, rules: [{alert: Watchdog, expr: vector(1) == 2, labels: {severity: none}}]}]"
	emptyRule = "groups: []"
)

// warnings are those of an answer in JSON, and what was said of them.
func (h *home) warnings(t *testing.T, args ...string) (names []string, r result) {
	t.Helper()
	r = h.command(t, append(args, "-o", "json")...)
	var doc struct {
		Warnings []struct {
			Kind, Name, Cluster, Text string
			Labels                    map[string]string
			LastSeen                  time.Time `json:"last_seen"`
		}
	}
	if err := json.Unmarshal([]byte(r.out), &doc); err != nil {
		t.Fatalf("%v: %s %s", err, r.out, r.err)
	}
	if doc.Warnings == nil {
		t.Errorf("no list of warnings: %s", r.out)
	}
	for _, w := range doc.Warnings {
		if w.Kind != "watchdog_missing" || w.Cluster != "prod" || w.Labels["severity"] != "none" || time.Since(w.LastSeen) > time.Hour || !strings.HasPrefix(w.Text, w.Name+" has not fired since ") {
			t.Errorf("a warning says %+v", w)
		}
		names = append(names, w.Name)
	}
	return names, r
}

// TestAWatchdogIsMissedInTheNextRun has the rule of a dead-man switch go away
// and come back while no program runs: what one saw the next one misses.
func TestAWatchdogIsMissedInTheNextRun(t *testing.T) {
	t.Parallel()
	prom := promtest.Start(t, promtest.Options{Rules: []string{cartRule, dogRule}})
	waitAlerts(t, prom, 2)
	h := newHome(t)
	h.config(t, fmt.Sprintf("clusters: [{name: prod, prometheus: {url: %s}}]\nrefresh: {alerts: 1s}\n", prom.URL))
	until := func(what string, ok func(names []string, r result) bool, args ...string) {
		t.Helper()
		deadline := time.Now().Add(patience)
		for {
			names, r := h.warnings(t, args...)
			if ok(names, r) {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s: %v warn, stderr %q", what, names, r.err)
			}
			time.Sleep(200 * time.Millisecond)
		}
	}
	missed := func(names []string, r result) bool {
		return len(names) == 1 && names[0] == "Watchdog" && strings.Contains(r.err, "Watchdog has not fired since ") && strings.Contains(r.err, "alerts from prod may not arrive") && r.code == 0
	}
	well := func(names []string, r result) bool { return len(names) == 0 && r.err == "" && r.code == 0 }
	if names, r := h.warnings(t, "alerts"); !well(names, r) {
		t.Fatalf("it fires, and %v are missed: %s", names, r.err)
	}
	prom.Reload(1, sickRule)
	until("an expression that gives nothing", missed, "alerts")
	prom.Reload(1, dogRule)
	until("it is back", well, "alerts")
	prom.Reload(1, emptyRule)
	until("a rule that is gone", missed, "show", "CartSlow")
	x := h.screen(t, 120, 40)
	x.waitFor("!! Watchdog has not fired since", "CartSlow")
	prom.Reload(1, dogRule)
	x.waitGone("!! Watchdog has not fired since")
	x.send("q")
	x.exit()

	prom.Kill()
	if names, r := h.warnings(t, "alerts"); len(names) != 0 || r.code != 3 || strings.Contains(r.err, "Watchdog") {
		t.Errorf("the server is down, and %v are missed (code %d): %s", names, r.code, r.err)
	}
	if fi, err := os.Stat(filepath.Join(h.dir, "state", "firstpage", "watchdogs.json")); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("what is remembered: %v %v", fi, err)
	}
}
