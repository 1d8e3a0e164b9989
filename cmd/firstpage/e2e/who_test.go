package e2e

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const feedSecret = "s3cr3t-f33d-t0k3n"

// rotaServer serves a schedule in which Ada is on call now and Bo follows, each
// for half a day, until it is told to fail.
func rotaServer(t *testing.T) (url string, fails *atomic.Bool) {
	t.Helper()
	fails = &atomic.Bool{}
	begin := time.Now().UTC().Truncate(time.Hour).Add(-time.Hour)
	event := func(who string, at time.Time) string {
		return fmt.Sprintf("BEGIN:VEVENT\r\nUID:%s\r\nDTSTART:%s\r\nDURATION:PT12H\r\nSUMMARY:On Call - %s - Payments\r\nEND:VEVENT\r\n", who, at.Format("20060102T150405Z"), who)
	}
	text := "BEGIN:VCALENDAR\r\n" + event("Ada Okafor", begin) + event("Bo Lind", begin.Add(12*time.Hour)) + "END:VCALENDAR\r\n"
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if fails.Load() {
			http.Error(w, "failed: "+r.URL.String(), http.StatusInternalServerError)
			return
		}
		_, _ = w.Write([]byte(text))
	}))
	t.Cleanup(s.Close)
	return s.URL + "/schedules/" + feedSecret + "/feed.ics?token=" + feedSecret, fails
}

// firstpage who answers from a feed, also when that fails later, then with the age
// of what it said; and its address is in nothing that is printed or kept.
func TestWho(t *testing.T) {
	t.Parallel()
	url, fails := rotaServer(t)
	h := newHome(t, "PAYMENTS_ICAL="+url)
	h.config(t, "services: {catalog: [services.yaml]}\noncall: [{team: payments, ical: '${PAYMENTS_ICAL}'}]\nme: [bo lind]\n")
	writeFile(t, filepath.Join(h.dir, "config", "firstpage", "services.yaml"), `
services:
  - {name: checkout, team: team-payments, tier: 1, depends_on: [ledger]}
  - {name: ledger, team: books, channel: "#books"}
teams:
  - {name: payments, channel: "#pay", escalation: "second line: Priya Nair"}
`)
	all := ""
	run := func(code int, args ...string) string {
		t.Helper()
		r := h.command(t, args...)
		if r.code != code {
			t.Errorf("%v: code %d, want %d\n%s%s", args, r.code, code, r.out, r.err)
		}
		all += r.out + r.err
		return r.out + r.err
	}
	lacks := func(text string, want ...string) {
		t.Helper()
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("lacks %q:\n%s", w, text)
			}
		}
	}
	lacks(run(0, "who"), "payments\n", "On call: Ada Okafor until ", "; then you\n", "Hand-overs: ")
	lacks(run(0, "who", "checkout"), "Owner: payments, #pay, tier 1", "On call: Ada Okafor", "Stuck? second line: Priya Nair", "It calls ledger: books, #books")
	lacks(run(0, "who", "books"), "Owner: books\n", "On call: not known, no schedule is of this owner")
	lacks(run(1, "who", "nobody"), `no service, team or schedule is called "nobody"`)
	lacks(run(3, "doctor"), "schedule: payments", "2 shifts, read now", "2 people", "in the next 7 days nobody: from ")
	lacks(run(0, "config", "print"), "ical: <secret>")
	lacks(run(0, "__complete", "who", ""), "checkout\nledger\npayments\n")

	fails.Store(true)
	lacks(run(3, "who", "payments"), "On call: Ada Okafor until ", "So the schedule said ", "it does not answer now: ", "ical payments: "+strings.SplitAfter(url, "://")[0]+"127.0.0.1")
	var doc struct {
		Sources []struct {
			Name, Kind string
			OK         bool
			AsOf       *time.Time `json:"as_of"`
		}
		Who []struct {
			Owner  string
			OnCall []struct {
				Person   string
				From, To time.Time
				Override bool
			} `json:"on_call"`
			Next      struct{ Person string }
			DependsOn []struct{ Service, Channel string } `json:"depends_on"`
			Error     *string
		}
	}
	r := h.command(t, "who", "checkout", "-o", "json")
	all += r.out + r.err
	if err := json.Unmarshal([]byte(r.out), &doc); err != nil || r.code != 3 || len(doc.Who) != 1 {
		t.Fatalf("code %d, %v\n%s", r.code, err, r.out)
	}
	w := doc.Who[0]
	if w.Owner != "payments" || len(w.OnCall) != 1 || w.OnCall[0].Person != "Ada Okafor" || w.OnCall[0].To.Sub(w.OnCall[0].From) != 12*time.Hour ||
		w.Next.Person != "Bo Lind" || w.Error == nil || len(w.DependsOn) != 1 || w.DependsOn[0].Channel != "#books" {
		t.Errorf("%s", r.out)
	}
	for _, s := range doc.Sources {
		if s.Kind == "ical" && (s.OK || s.AsOf == nil || s.Name != "payments") {
			t.Errorf("the source: %+v", s)
		}
	}
	if strings.Contains(all, feedSecret) {
		t.Error("the address of the feed was printed")
	}
	kept := 0
	err := filepath.WalkDir(h.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		kept++
		body, err := os.ReadFile(path)
		if strings.Contains(path+string(body), feedSecret) {
			t.Errorf("%s has the address of the feed", path)
		}
		return err
	})
	if err != nil || kept < 3 { // the configuration, the catalog, the copy
		t.Errorf("%d files, %v", kept, err)
	}
}

// The screen says from when the user is on call; w shows who can help and goes
// back.
func TestWhoOnScreen(t *testing.T) {
	t.Parallel()
	url, _ := rotaServer(t)
	alerts := oneAlert(t, "https://wiki.example.com/x")
	h := newHome(t, "PAYMENTS_ICAL="+url)
	h.config(t, "clusters: [{name: eu, prometheus: {url: "+alerts.URL+"}}]\nservices: {catalog: [services.yaml]}\noncall: [{team: payments, ical: '${PAYMENTS_ICAL}'}]\nme: [Bo Lind]\nrunbooks: {fetch: never}\n")
	writeFile(t, filepath.Join(h.dir, "config", "firstpage", "services.yaml"), "teams: [{name: payments, channel: '#pay'}]\n")
	x := h.screen(t, 120, 40)
	x.waitFor("on call from ")
	x.send("w")
	x.waitFor("Who can help")
	x.waitFor("paste this")
	x.send("y")
	x.waitFor("I need help with this page")
	x.send("w")
	x.waitFor("2 Runbook")
	x.send("q")
	if code := x.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
