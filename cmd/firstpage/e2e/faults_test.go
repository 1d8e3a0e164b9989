package e2e

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

// A fault is what a server, or what stands before it, does instead of
// answering.
type fault struct {
	handler http.HandlerFunc
	word    string // that the screen must say of it
	// timeout is the configuration's: short where it must end the wait, and
	// beyond reach of a loaded machine where something else must.
	timeout time.Duration
}

func faults(stop <-chan struct{}) map[string]fault {
	const never = 5 * time.Minute
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", code) }
	}
	body := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
	}
	return map[string]fault{
		"401":       {status(401), "401", never},
		"500":       {status(500), "500", never},
		"html":      {body("<!DOCTYPE html><html><body><form>Sign in</form></body></html>"), "web page", never},
		"truncated": {body(`{"status":"success","data":{"alerts":[{"labels":{"alertname":"X`), "middle", never},
		"200 MB":    {endless(200<<20, false), "64 MiB", never},
		"gzip bomb": {endless(256<<20, true), "64 MiB", never},
		"hangs":     {func(_ http.ResponseWriter, r *http.Request) { hang(stop, r) }, "no whole answer", 3 * time.Second},
	}
}

// byTimeout are the faults under each timeout of a configuration.
func byTimeout(all map[string]fault) map[time.Duration]map[string]fault {
	out := map[time.Duration]map[string]fault{}
	for name, f := range all {
		if out[f.timeout] == nil {
			out[f.timeout] = map[string]fault{}
		}
		out[f.timeout][name] = f
	}
	return out
}

func hang(stop <-chan struct{}, r *http.Request) {
	select {
	case <-stop:
	case <-r.Context().Done():
	}
}

// endless answers n bytes of one JSON string, as a bomb if asked. The bomb is
// packed once: packing takes longer than being refused.
func endless(n int, bomb bool) http.HandlerFunc {
	const head = `{"status":"success","data":{"alerts":[{"labels":{"alertname":"`
	chunk := []byte(strings.Repeat("a", 1<<16))
	write := func(w io.Writer) {
		if _, err := io.WriteString(w, head); err != nil {
			return
		}
		for sent := 0; sent < n; sent += len(chunk) {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}
	var packed bytes.Buffer
	if bomb {
		z := gzip.NewWriter(&packed)
		write(z)
		if err := z.Close(); err != nil {
			panic(err)
		}
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if !bomb {
			write(w)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed.Bytes())
	}
}

// answersKeys types ? and esc and waits for each to show: the screen is alive.
func answersKeys(t *testing.T, x *terminal) {
	t.Helper()
	x.send("?")
	x.waitFor("ANYWHERE")
	x.send("\x1b")
	x.waitGone("ANYWHERE")
}

func TestFaultsAreSaidAndSurvived(t *testing.T) {
	t.Parallel()
	prom := promtest.Start(t, promtest.Options{Rules: []string{urgent}})
	waitAlerts(t, prom, 2)
	f := newFront(t, prom.URL)
	for timeout, some := range byTimeout(faults(f.stop)) {
		h := newHome(t)
		h.config(t, fmt.Sprintf("clusters: [{name: prod, prometheus: {url: %s}}]\nrefresh: {alerts: 1s}\ntimeout: %s\n", f.URL, timeout))
		x := h.screen(t, 120, 40)
		x.waitFor("KubePodCrashLooping", "prod live")
		for name, fault := range some {
			f.misbehave(fault.handler)
			x.send("r")
			x.waitFor("!! prod", fault.word)
			// The last alerts stay, and are not called current.
			x.waitFor("KubePodCrashLooping", "NodeClockNotSynchronising", "not current")
			if s := x.text(); strings.Contains(s, "othing is firing") || strings.Contains(s, "nothing firing") {
				t.Errorf("%s: a failure was shown as nothing firing:\n%s", name, s)
			}
			answersKeys(t, x)
			f.misbehave(nil)
			x.send("r")
			x.waitFor("prod live")
			x.waitGone("!! prod")
		}
	}
}

func TestAStoppedPrometheusComesBack(t *testing.T) {
	t.Parallel()
	prom := promtest.Start(t, promtest.Options{Rules: []string{urgent}})
	waitAlerts(t, prom, 2)
	h := newHome(t)
	h.config(t, fmt.Sprintf("clusters: [{name: prod, prometheus: {url: %s}}]\nrefresh: {alerts: 1s}\ntimeout: 1s\n", prom.URL))
	x := h.screen(t, 80, 24)
	x.waitFor("KubePodCrashLooping", "prod live")

	prom.Stop()
	x.waitFor("!! prod")
	answersKeys(t, x)
	x.waitFor("KubePodCrashLooping")
	prom.Cont()
	x.waitFor("prod live")
	x.waitGone("!! prod")

	prom.Kill()
	x.waitFor("!! prod", "connection was refused")
	answersKeys(t, x)
	x.waitFor("KubePodCrashLooping")
	prom.Restart()
	x.waitFor("prod live")
	x.waitGone("!! prod")
}

func TestCommandsSayWhoFailed(t *testing.T) {
	t.Parallel()
	f := newFront(t, "http://127.0.0.1:1")
	h := newHome(t)
	for name, fault := range faults(f.stop) {
		h.config(t, fmt.Sprintf("clusters: [{name: prod, prometheus: {url: %s}}]\ntimeout: %s\n", f.URL, fault.timeout))
		f.misbehave(fault.handler)
		for _, args := range [][]string{{"alerts"}, {"alerts", "-o", "json"}, {"show", "Anything"}, {"changes"}} {
			began := time.Now()
			r := h.command(t, args...)
			if r.code != 3 {
				t.Errorf("%s, %v: exit code %d, want 3; stderr %s", name, args, r.code, r.err)
			}
			if !strings.Contains(r.err, f.URL) || strings.Contains(r.out, "No alerts") || strings.Contains(r.out, "No change") {
				t.Errorf("%s, %v: stdout %q, stderr %q", name, args, r.out, r.err)
			}
			if args[0] == "alerts" && !strings.Contains(r.err, fault.word) {
				t.Errorf("%s, %v: stderr does not say %q: %s", name, args, fault.word, r.err)
			}
			// A broken run bounded, not a speed measured: the short deadline
			// must end the wait, not the server.
			if took := time.Since(began); took > 2*patience {
				t.Errorf("%s, %v took %v", name, args, took)
			}
		}
	}
	f.misbehave(nil)
}

func TestNothingListens(t *testing.T) {
	t.Parallel()
	r := newHome(t).command(t, "alerts", "--prometheus", "http://127.0.0.1:1")
	if r.code != 3 || r.out != "" || strings.Count(strings.TrimSpace(r.err), "\n") > 1 || !strings.Contains(r.err, "http://127.0.0.1:1") {
		t.Errorf("code %d, stdout %q, stderr %q", r.code, r.out, r.err)
	}
}
