package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/config"
	"github.com/firstpage-oncall/firstpage/internal/state"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/prometheus"
	"github.com/firstpage-oncall/firstpage/triage"
)

// watchman is one run of the program with one cluster.
func watchman(t *testing.T) *house {
	t.Helper()
	c, err := prometheus.Open(prometheus.Options{Cluster: "prod", URL: "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	return &house{cli: &cli{}, cfg: &config.Config{Clusters: []config.Cluster{{Name: "prod"}}}, clusters: []*prometheus.Client{c}}
}

// watchdog is a board of that cluster, on which the dead-man switch fires or not.
func watchdog(at time.Time, fires bool) *triage.Board {
	feed := sources.Feed[sources.Alert]{AsOf: at}
	if fires {
		ls := sources.NewLabels(map[string]string{"alertname": "Watchdog", "severity": "none"})
		feed.Items = []sources.Alert{{ID: sources.NewAlertID("prod", ls), Cluster: "prod", Labels: ls, State: sources.Firing, ActiveAt: at.Add(-time.Hour)}}
	}
	return triage.Build(sources.Snapshot{Clusters: []sources.Cluster{{Name: "prod", Alerts: feed}}}, triage.Defaults(), at)
}

func TestWatchdogsAreRememberedAcrossRuns(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "firstpage")
	now := time.Now()
	see := func(at time.Time, fires bool) int {
		b := watchdog(at, fires)
		watchman(t).watchIn(t.Context(), folder, b)
		return len(b.Missing)
	}
	// A file that cannot be read costs the memory, and is written anew.
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, watchdogsFile), []byte("{not JSON"), 0o600); err != nil {
		t.Fatal(err)
	}
	// So does a clock that is a year ahead, as soon as it is right again.
	see(now.AddDate(1, 0, 0), true)
	if n := see(now, true); n != 0 {
		t.Errorf("%d are missing while it fires", n)
	}
	if n := see(now.Add(time.Hour), false); n != 1 {
		t.Errorf("%d are missing an hour after it fired last, want 1", n)
	}
}

// A run that was stopped while it had the file must not keep another one from
// its alerts.
func TestABoardWaitsForNoOtherRun(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "firstpage")
	dir, err := state.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := dir.Lock(t.Context(), watchdogsFile)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	h, now := watchman(t), time.Now()
	done := make(chan int)
	go func() {
		h.watchIn(t.Context(), folder, watchdog(now, true))
		b := watchdog(now.Add(time.Hour), false)
		h.watchIn(t.Context(), folder, b)
		done <- len(b.Missing)
	}()
	select {
	case n := <-done:
		if n != 1 {
			t.Errorf("%d are missing, want 1: this run saw it", n)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it waits for the file")
	}
}
