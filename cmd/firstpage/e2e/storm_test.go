package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

const stormRules = `groups:
- name: storm
  rules:
  - alert: BeingRead
    expr: read_me > 5
    labels: {severity: critical, service: checkout}
    annotations: {summary: Checkout is slow, runbook_url: "https://example.com/runbooks/being-read.md"}
  - alert: HostDown
    expr: host_down == 1
    labels: {severity: page}
    annotations: {summary: A host is down}
`

// longRunbook is a runbook of numbered lines, so that a scroll position can be
// read off the screen.
func longRunbook() string {
	var b strings.Builder
	b.WriteString("# Being read\n\n")
	for i := range 400 {
		fmt.Fprintf(&b, "Paragraph number %d of the runbook.\n\n", i)
	}
	return b.String()
}

func TestAStormMovesNothing(t *testing.T) {
	t.Parallel()
	target := newTarget(t)
	target.expose("read_me 10\n")
	prom := promtest.Start(t, promtest.Options{Rules: []string{stormRules}, Scrape: target.job("checkout")})
	waitAlerts(t, prom, 1)
	h := newHome(t)
	books := t.TempDir()
	writeFile(t, books+"/runbooks/being-read.md", longRunbook())
	h.config(t, fmt.Sprintf(`clusters: [{name: prod, prometheus: {url: %s}}]
runbooks: {checkouts: [{url: "https://example.com/", path: %s}]}
refresh: {alerts: 1s}
`, prom.URL, books))
	x := h.screen(t, 120, 40)
	x.waitFor("BeingRead", "Paragraph number 3 ")
	reading := column(x.screen(), "Paragraph number")
	for range 3 {
		before := strings.Join(reading, "|")
		x.send("\x04") // ctrl-d: half a page down
		x.until("the runbook to scroll", func(string) bool {
			reading = column(x.screen(), "Paragraph number")
			return whole(reading) && strings.Join(reading, "|") != before
		})
	}
	x.waitGone("Paragraph number 3 ")
	if len(reading) < 5 {
		t.Fatalf("no runbook on screen:\n%s", x.text())
	}

	var storm strings.Builder
	storm.WriteString("read_me 10\n")
	for i := range 300 {
		fmt.Fprintf(&storm, "host_down{instance=\"host-%d:9100\"} 1\n", i)
	}
	target.expose(storm.String())
	x.waitFor("HostDown", "x300")
	if got := column(x.screen(), "Paragraph number"); strings.Join(got, "|") != strings.Join(reading, "|") {
		t.Errorf("the storm moved the runbook from\n%v to\n%v", reading, got)
	}
	cursor := ""
	for _, l := range x.screen() {
		if strings.HasPrefix(l, "> ") {
			cursor = l
		}
	}
	if !strings.Contains(cursor, "BeingRead") {
		t.Errorf("the storm moved the selection to %q", cursor)
	}

	target.expose(strings.Replace(storm.String(), "read_me 10\n", "read_me 1\n", 1))
	x.waitFor("RESOLVED BeingRead")
	if got := column(x.screen(), "Paragraph number"); strings.Join(got, "|") != strings.Join(reading, "|") {
		t.Errorf("resolving moved the runbook from\n%v to\n%v", reading, got)
	}
	x.until("the list to say resolved", func(s string) bool {
		for _, l := range strings.Split(s, "\n") {
			if strings.HasPrefix(l, "> resolved") && strings.Contains(l, "BeingRead") {
				return true
			}
		}
		return false
	})
}

// column is every piece of text that starts with prefix, in screen order.
func column(rows []string, prefix string) []string {
	var out []string
	for _, r := range rows {
		if i := strings.Index(r, prefix); i >= 0 {
			out = append(out, strings.TrimSpace(r[i:]))
		}
	}
	return out
}

// whole reports whether paragraphs follow each other by number: a screen read
// in the middle of a frame shows the top of one scroll and the rest of another.
func whole(paragraphs []string) bool {
	last := -1
	for _, p := range paragraphs {
		var n int
		if _, err := fmt.Sscanf(p, "Paragraph number %d", &n); err != nil || last >= 0 && n != last+1 {
			return false
		}
		last = n
	}
	return last >= 0
}

// heldByState counts what Alertmanager holds, as its API says it.
func heldByState(t *testing.T, am *promtest.Alertmanager) (silenced, inhibited int) {
	t.Helper()
	resp, err := http.Get(am.URL + "/api/v2/alerts")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var held []struct {
		Status struct{ SilencedBy, InhibitedBy []string }
	}
	if err := json.NewDecoder(resp.Body).Decode(&held); err != nil {
		t.Fatal(err)
	}
	for _, a := range held {
		if len(a.Status.SilencedBy) > 0 {
			silenced++
		} else if len(a.Status.InhibitedBy) > 0 {
			inhibited++
		}
	}
	return silenced, inhibited
}

var (
	inTitle  = regexp.MustCompile(`1 Alerts .* (\d+) firing, (\d+) pending in (\d+) rows`)
	inFolded = regexp.MustCompile(`folded: (\d+) inhibited, (\d+) silenced`)
)

// TestAStormIsAFewRows has 40 rules fire on 500 hosts: 3,000 alerts are a list
// that can be read, with as many alerts of each state as the servers have, and
// any one of them is five keys away: ' and at most four letters.
func TestAStormIsAFewRows(t *testing.T) {
	t.Parallel()
	var rules, series strings.Builder
	rules.WriteString("groups:\n- name: night\n  rules:\n")
	severities := []string{"warning", "warning", "info", "critical", "warning"}
	for i := range 40 {
		hold := "0s"
		if i%13 == 12 {
			hold = "1h"
		}
		fmt.Fprintf(&rules, "  - {alert: Rule%02d, expr: 'sick{kind=\"%d\"} > 0', for: %s, labels: {severity: %s}}\n", i, i, hold, severities[i%5])
	}
	for i := range 3000 {
		kind := i % 40
		host := (i/40 + kind*17) % 500
		fmt.Fprintf(&series, "sick{kind=\"%d\",host=\"host-%d:9100\",service=\"svc-%d\"} 1\n", kind, host, host%60)
	}
	target := newTarget(t)
	target.expose(series.String())
	am := promtest.StartAlertmanager(t, `route: {receiver: nobody}
receivers: [{name: nobody}]
inhibit_rules: [{source_matchers: ['alertname="Rule03"'], target_matchers: ['alertname="Rule02"']}]
`)
	am.Post("/api/v2/silences", fmt.Sprintf(`{"matchers":[{"name":"alertname","value":"Rule0[01]","isRegex":true,"isEqual":true}],"startsAt":%q,"endsAt":%q,"createdBy":"Bo Lind","comment":"known"}`,
		time.Now().UTC().Format(time.RFC3339), time.Now().Add(time.Hour).UTC().Format(time.RFC3339)))
	prom := promtest.Start(t, promtest.Options{Rules: []string{rules.String()}, Scrape: target.job("hosts"), Alertmanager: am, Interval: 5 * time.Second})
	waitAlerts(t, prom, 3000)
	for deadline := time.Now().Add(patience); ; time.Sleep(200 * time.Millisecond) {
		if s, i := heldByState(t, am); s == 150 && i == 75 {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("%d are silenced, %d inhibited", s, i)
		}
	}
	h := newHome(t)
	h.config(t, fmt.Sprintf("clusters: [{name: prod, prometheus: {url: %s}, alertmanager: {url: %s}}]\nrefresh: {alerts: 1s}\n", prom.URL, am.URL))
	x := h.screen(t, 140, 50)
	alerts := apiAlerts(t, prom)
	x.until("the servers' counts", func(s string) bool {
		title, folded := inTitle.FindStringSubmatch(s), inFolded.FindStringSubmatch(s)
		if title == nil || folded == nil {
			return false
		}
		var said []int // firing, pending, rows, inhibited, silenced
		for _, d := range append(title[1:], folded[1:]...) {
			n, _ := strconv.Atoi(d)
			said = append(said, n)
		}
		states := map[string]int{}
		for _, a := range alerts {
			states[a.State]++
		}
		silenced, inhibited := heldByState(t, am)
		return said[2] <= 20 && slices.Equal(said, []int{states["firing"] - silenced - inhibited, states["pending"], said[2], inhibited, silenced})
	})

	// Letters that lead to some alert, whichever: from the runbook four or fewer, and a page is open.
	for _, letters := range []string{"aaa", "bcb", "rbba"} {
		before := x.text()
		x.send("'")
		x.waitFor("Jump to an alert", "folded: silenced x150")
		for _, l := range letters {
			x.send(string(l))
		}
		x.waitGone("a-z choose")
		x.until("another page than before", func(s string) bool { return s != before && strings.Contains(s, "2 Runbook: Rule") })
	}
	listed := slices.IndexFunc(alerts, func(a apiAlert) bool { return a.Labels["alertname"] == "Rule17" })
	x.send("1/" + alerts[0].Labels["alertname"] + " " + alerts[0].Labels["host"])
	x.waitFor("but folded ones do") // the first is silenced
	x.send("\x1b")
	x.waitFor(" firing, ")
	for _, a := range alerts[listed : listed+2] {
		x.send("1/" + a.Labels["alertname"] + " " + a.Labels["host"] + "\r")
		x.until("the page of "+labelKey(a.Labels), func(s string) bool {
			for _, l := range strings.Split(s, "\n") {
				if strings.HasPrefix(l, "> ") && strings.Contains(l, a.Labels["alertname"]) && !strings.Contains(l, " x") {
					return strings.Contains(s, "1 of ")
				}
			}
			return false
		})
		x.send("\x1b")
		x.waitFor(" firing, ")
	}
}
