package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/firstpage-oncall/firstpage/internal/safe/safetest"
)

// hostileServer answers as Prometheus does, with attacks wherever outside text
// can stand. A real server refuses some of them (it cannot scrape a NUL), a
// proxy or another backend may not.
func hostileServer(t *testing.T, n int) *httptest.Server {
	t.Helper()
	type m = map[string]any
	var alerts, rules []m
	for i, p := range safetest.Payloads()[:n] {
		text := strings.ToValidUTF8(p.Text, "\ufffd")
		ls := map[string]string{"alertname": fmt.Sprintf("A%02d %s", i, text), "severity": "critical", "service": text, "team": text, text: text}
		ann := map[string]string{"summary": text, "description": text + "\n" + text, "runbook_url": "https://example.com/" + text}
		alerts = append(alerts, m{"labels": ls, "annotations": ann, "state": "firing", "activeAt": "2026-01-01T00:00:00Z", "value": "1e+00"})
		rules = append(rules, m{"name": ls["alertname"], "query": "up > 1 # " + text, "duration": 60, "type": "alerting", "health": text,
			"lastError": text, "labels": m{}, "annotations": m{}, "state": "firing", "lastEvaluation": "2026-01-01T00:00:00Z"})
	}
	reply := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(m{"status": "success", "data": v})
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/v1/alerts", func(w http.ResponseWriter, _ *http.Request) { reply(w, m{"alerts": alerts}) })
	mux.HandleFunc("/api/v1/rules", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, m{"groups": []m{{"name": "g", "file": "f", "interval": 1, "rules": rules, "lastEvaluation": "2026-01-01T00:00:00Z"}}})
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnprocessableEntity)
		_ = json.NewEncoder(w).Encode(m{"status": "error", "errorType": "bad_data", "error": safetest.Payloads()[0].Text})
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// hostileHome has a server and a runbook full of attacks.
func hostileHome(t *testing.T) (h *home, url string) {
	t.Helper()
	var book strings.Builder
	book.WriteString("# Runbook PAYLOAD\n\n")
	for _, p := range safetest.Payloads() {
		if len(p.Text) > 1000 {
			continue
		}
		fmt.Fprintf(&book, "Prose %s.\n\n- item %s\n\n```sh\necho %s\n```\n\n| a | b |\n|---|---|\n| %s | [x](http://e.example/%s) |\n\n", p.Text, p.Text, p.Text, p.Text, p.Text)
	}
	books := t.TempDir()
	writeFile(t, filepath.Join(books, "book.md"), book.String())
	s := hostileServer(t, len(safetest.Payloads()))
	h = newHome(t)
	h.config(t, fmt.Sprintf("clusters: [{name: prod, prometheus: {url: %s}}]\nrunbooks: {checkouts: [{url: 'https://example.com/', path: %s}]}\n", s.URL, books))
	return h, s.URL
}

func TestOutsideTextIsInertInEveryCommand(t *testing.T) {
	t.Parallel()
	h, _ := hostileHome(t)
	for _, args := range [][]string{
		{"alerts", "--pending"}, {"alerts", "--pending", "-o", "json"}, {"show", "service=~\".*52;c.*BEL.*|.*PAYLOAD.*\""},
		{"changes"}, {"changes", "-o", "json"}, {"doctor"}, {"doctor", "-o", "json"}, {"show", "nothing \x1b]0;x\a"},
		{"runbook", "https://example.com/book.md"}, {"runbook", "https://example.com/book.md", "-o", "json"},
		{"runbook", "https://example.com/\x1b]0;x\a.md", "--where"}, {"alerts", "--filter", "a=\x1b[2J"},
	} {
		r := h.command(t, args...)
		if err := safetest.Inert(r.out, false); err != nil {
			t.Errorf("%q, stdout: %v", args, err)
		}
		if err := safetest.Inert(r.err, false); err != nil {
			t.Errorf("%q, stderr: %v", args, err)
		}
		if len(args) > 2 && args[len(args)-1] == "json" && !json.Valid([]byte(r.out)) {
			t.Errorf("%q: not JSON: %s", args, r.out)
		}
	}
}

func TestHostileLabelsAreLosslessInJSON(t *testing.T) {
	t.Parallel()
	h, _ := hostileHome(t)
	l := parseListed(t, h.command(t, "alerts", "-o", "json"))
	seen := map[string]bool{}
	for _, a := range l.Alerts {
		seen[a.Labels["service"]] = true
		seen[a.Annotations["summary"]] = true
	}
	for _, p := range safetest.Payloads() {
		if want := strings.ToValidUTF8(p.Text, "\ufffd"); !seen[want] {
			t.Errorf("%s: %q is not among the labels", p.Name, want)
		}
	}
	for _, as := range []string{"json", "markdown", "text"} {
		for _, a := range l.Alerts[:12] {
			r := h.command(t, "show", a.Fingerprint, "-o", as)
			if err := safetest.Inert(r.out, false); err != nil {
				t.Errorf("show -o %s of %q: %v", as, a.Name, err)
			}
			if r.out == "" {
				t.Errorf("show -o %s of %q printed nothing: %s", as, a.Name, r.err)
			}
		}
	}
}

// ours are the sequences that Bubble Tea itself writes: the judge of the screen
// is that nothing else is there.
var ours = []*regexp.Regexp{
	regexp.MustCompile(`^\x1b\[[0-9;:]*[mABCDEFGHIJKPXZdfg@LMSTb]`), // styles, moves (tabs back and forth, too) and erasures of the renderer
	regexp.MustCompile(`^\x1b\[\?[0-9;]*[hlu]`),                     // modes
	regexp.MustCompile(`^\x1b\[\?[0-9;]+\$p`),                       // mode questions
	regexp.MustCompile(`^\x1b\[[=<>?]?[0-9;]*[uqcn]`),               // keyboard and version questions
	regexp.MustCompile(`^\x1b\[>[0-9;]*[mqfn]`),
	regexp.MustCompile(`^\x1b\]1[01];\?(\x07|\x1b\\)`),                          // what is the background?
	regexp.MustCompile(`^\x1b\][02];firstpage[ -~]*(\x07|\x1b\\)`),              // our title
	regexp.MustCompile(`^\x1b\]8;[^\x1b\x07]*;(https?://[!-~]*)?(\x07|\x1b\\)`), // links
	regexp.MustCompile(`^\x1b\]1(10|11|12)(\x07|\x1b\\)`),
	regexp.MustCompile(`^\x1b(7|8|=|>|M)`),
	regexp.MustCompile(`^\x1b\[\?5W`),           // tab stops
	regexp.MustCompile(`^\x1b\[[0-9]+;[0-9]+r`), // the region that a move of rows needs
	regexp.MustCompile(`^\x1b\]2;\x07`),         // the title is taken away at the end
}

func TestOutsideTextIsInertOnTheScreen(t *testing.T) {
	t.Parallel()
	h, _ := hostileHome(t)
	for _, size := range [][2]int{{120, 40}, {80, 24}, {200, 50}, {40, 10}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			t.Parallel()
			x := h.screen(t, size[0], size[1])
			x.waitFor("CRIT")
			for range len(safetest.Payloads()) {
				x.send("J")
			}
			x.send("12345")
			x.send("2\x04\x04GG1GG?")
			x.waitFor("Keys:")
			x.send("\x1b") // not together with q: that would be alt+q
			x.waitGone("Keys:")
			x.send("q")
			if code := x.exit(); code != 0 {
				t.Errorf("exit code %d", code)
			}
			judge(t, x.bytes())
		})
	}
}

// judge reads everything that went to the terminal and refuses every sequence
// and rune that is not the renderer's own.
func judge(t *testing.T, raw []byte) {
	t.Helper()
	for _, attack := range []string{"\x1b[6n", "\x1b[?1003h", "\x1b[8m", "\x1b[1;31;8m", "\x1b[8;1;1t", "\x1b[9@"} {
		if bytes.Contains(raw, []byte(attack)) {
			t.Errorf("%q reached the terminal", attack)
		}
	}
	var plain strings.Builder
	for i := 0; i < len(raw); {
		if raw[i] != 0x1b {
			if c := raw[i]; c != '\r' && c != '\n' && c != '\b' && c != '\t' && c != 0x0f {
				plain.WriteByte(c)
			}
			i++
			continue
		}
		n := 0
		for _, re := range ours {
			if m := re.Find(raw[i:]); len(m) > n {
				n = len(m)
			}
		}
		if n == 0 {
			t.Fatalf("not of the renderer: %q", raw[i:min(len(raw), i+40)])
		}
		i += n
	}
	if err := safetest.Inert(plain.String(), false); err != nil {
		t.Fatal(err)
	}
}
