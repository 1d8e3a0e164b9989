package e2e

import (
	"fmt"
	"strings"
	"testing"

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

// TestAStormIsAFewRows has 40 rules fire on 500 hosts: 3,000 alerts are a list
// that can be read, as many alerts as the server has, and from the runbook any
// one of them is five away: 1, /, the rule's name, the host's, enter.
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
	prom := promtest.Start(t, promtest.Options{Rules: []string{rules.String()}, Scrape: target.job("hosts")})
	waitAlerts(t, prom, 3000)
	h := newHome(t)
	h.config(t, fmt.Sprintf("clusters: [{name: prod, prometheus: {url: %s}}]\nrefresh: {alerts: 1s}\n", prom.URL))
	x := h.screen(t, 120, 40)
	x.waitFor("3000 in ", " rows")
	rows := 0
	for _, l := range x.screen() {
		if _, err := fmt.Sscanf(l[max(0, strings.Index(l, "3000 in ")):], "3000 in %d rows", &rows); err == nil {
			break
		}
	}
	if rows == 0 || rows > 20 {
		t.Errorf("3000 alerts are %d rows:\n%s", rows, x.text())
	}
	for _, a := range apiAlerts(t, prom)[:3] {
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
		x.waitFor("3000 in ")
	}
}
