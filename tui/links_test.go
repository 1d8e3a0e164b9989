package tui

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/internal/safe/safetest"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// linked offers three links beside the runbook's.
func linked(o *Options) {
	o.Prefs.Links = triage.LinkPrefs{Grafana: "https://grafana.example.com", Add: []triage.AddedLink{
		{Title: "Logs of the namespace", URL: "https://logs.example.com/search?q={{ $labels.namespace }}&token=s3cr3t"},
		{Title: "Traces", URL: "https://traces.example.com/search?service={{ service }}"},
		{Title: "Dashboard", URL: "https://grafana.example.com/d/abc/shop?var-ns={{ $labels.namespace }}"},
	}}
}

// opening remembers what is opened.
func opening(opened *[]string) func(*Options) {
	return func(o *Options) {
		linked(o)
		o.Desktop.Open = func(_ context.Context, url string) error { *opened = append(*opened, url); return nil }
	}
}

func TestLinksMenu(t *testing.T) {
	t.Parallel()
	var opened []string
	r := newRig(t, 120, 40, opening(&opened))
	r.snapshot(usual())
	r.key("o")
	r.has("Open a link", "4 links", "runbook", "Dashboard", "Logs of the namespace", "enter open", "esc close")
	r.key("down")
	r.has("https://grafana.example.com/d/abc/shop?var-ns=shop&from=")
	r.key("down")
	r.has("https://logs.example.com/search?q=shop&token=<secret>")
	r.lacks("s3cr3t")
	r.key("enter")
	r.lacks("Open a link", "s3cr3t")
	if len(opened) != 1 || opened[0] != "https://logs.example.com/search?q=shop&token=s3cr3t" {
		t.Errorf("opened %q", opened)
	}
	r.key("o", "esc")
	r.lacks("Open a link")
	r.key("o", "o") // the first one: the runbook's
	if len(opened) != 2 || !strings.Contains(opened[1], "runbook") && !strings.HasPrefix(opened[1], "https://") {
		t.Errorf("opened %q", opened)
	}
	r.key("5", "o") // beside the graph a dashboard is meant
	r.has("https://grafana.example.com/d/abc/shop")
}

// What comes later joins the list, and the chosen link stays the chosen one.
func TestLinksMenuGrows(t *testing.T) {
	t.Parallel()
	r := newRig(t, 120, 40, linked)
	r.snapshot(usual())
	r.key("o", "G")
	r.has("4 links", "https://traces.example.com/search?service=checkout")
	s := usual()
	s.Teams = []sources.Feed[sources.Team]{{Items: []sources.Team{{Name: safe.Outside("payments"), Dashboards: []sources.Link{{Title: safe.Outside("ours"), URL: safe.Outside("/dashboards?tag=x")}},
		Links: []sources.Link{{Title: safe.Outside("wiki"), URL: safe.Outside("https://wiki/")}}}}}}
	r.snapshot(s)
	r.has("6 links", "catalog, team payments", "https://traces.example.com/search?service=checkout")
}

// A new board moves nothing, and keys work from one end to the other.
func TestLinksMenuStandsStill(t *testing.T) {
	t.Parallel()
	r := newRig(t, 120, 40, linked)
	r.snapshot(usual())
	r.key("o", "G")
	before := r.screen()
	r.snapshot(usual())
	if !strings.Contains(r.screen(), "https://traces.example.com/search?service=checkout") || !strings.Contains(before, "https://traces.example.com/search?service=checkout") {
		t.Errorf("moved:\n%s", r.screen())
	}
	r.key("g", "k", "j", "y")
	r.has("https://grafana.example.com/d/abc/shop", "link sent to the terminal's clipboard: https://grafana.example.com/d/abc/shop")
}

// Without a browser the whole address stands on the screen, from its left edge
// on, even if it is the only link.
func TestLinkWithoutABrowser(t *testing.T) {
	t.Parallel()
	for _, w := range []int{80, 120, 200} {
		r := newRig(t, w, 24, nil)
		long := "https://logs.example.com/" + strings.Repeat("0123456789", 20) + "/end"
		a := alert("X", "critical", 3, sources.Firing, "service", "cart")
		a.Annotations = sources.NewLabels(map[string]string{"logs": long})
		r.snapshot(snapshot(a))
		r.key("o")
		r.has("1 link", "logs")
		var got string
		for _, row := range strings.Split(r.screen(), "\n") {
			if row = strings.TrimRight(row, " "); strings.HasPrefix(row, "https://logs") || got != "" && !strings.HasSuffix(got, "/end") {
				got += row
			}
		}
		if !strings.Contains(got, long) {
			t.Errorf("%d cells: %q", w, got)
		}
		r.lacks("enter open")
		r.key("enter")
		r.has("no browser here", "1 link")
	}
}

func TestNoLinks(t *testing.T) {
	t.Parallel()
	r := newRig(t, 80, 24, nil)
	a := alert("X", "critical", 3, sources.Firing, "service", "cart")
	a.Annotations = nil
	r.snapshot(snapshot(a))
	r.key("o")
	r.has("no link: neither the alert")
	a.Annotations = sources.NewLabels(map[string]string{"dashboard": "abc"})
	r.snapshot(snapshot(a))
	r.key("o")
	r.has("cannot be opened: no address of a Grafana is known")
	r.key("enter", "y")
	r.has("dashboard cannot be opened")
}

func TestLinksMenuFits(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a-very-long-name-", 20)
	for _, size := range [][2]int{{20, 6}, {40, 10}, {60, 15}, {80, 24}, {120, 40}, {200, 50}} {
		r := newRig(t, size[0], size[1], func(o *Options) {
			linked(o)
			for i := range 30 {
				o.Prefs.Links.Add = append(o.Prefs.Links.Add, triage.AddedLink{Title: fmt.Sprintf("%s 語 %d", long, i), URL: "https://h.example.com/" + strings.Repeat("x", 100*i)})
			}
		})
		for i, p := range safetest.Payloads() {
			if i%10 != 0 && size[0] != 80 { // one size tries them all
				continue
			}
			a := alert("X", "critical", 3, sources.Firing, "service", "cart", "namespace", p.Text)
			a.Annotations = sources.NewLabels(map[string]string{"dashboard_" + p.Text: "https://h/" + p.Text, "logs": p.Text})
			r.snapshot(snapshot(a))
			r.key("o")
			fits(t, r.app.View().Content, size[0], size[1], fmt.Sprint("links at ", size, p.Name))
			if err := safetest.Inert(r.app.View().Content, true); err != nil {
				t.Errorf("%s: %v", p.Name, err)
			}
			r.key("G")
			fits(t, r.app.View().Content, size[0], size[1], fmt.Sprint("the last link at ", size, p.Name))
			r.key("esc")
		}
	}
}

func TestLinkFrames(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 50}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			r := newRig(t, size[0], size[1], linked)
			r.snapshot(usual())
			r.key("o", "j")
			golden.RequireEqual(t, trimmed(r.screen()))
		})
	}
}

// An alert whose labels name no service says so, and what to add.
func TestUnknownService(t *testing.T) {
	t.Parallel()
	r := newRig(t, 120, 40, nil)
	r.snapshot(snapshot(alert("X", "critical", 3, sources.Firing, "type", "ceph_default")))
	if flat := strings.Join(strings.Fields(r.screen()), " "); !strings.Contains(flat, "It is not known which service this alert is about. Add") || !strings.Contains(flat, "labels: {service: NAME}") {
		t.Errorf("the page does not say what to add:\n%s", r.screen())
	}
	r.key("w")
	r.has("Service", "unknown: no label names one", "labels: {service: NAME}", "aliases: [ceph_default]")
}

func TestGuessedService(t *testing.T) {
	t.Parallel()
	r := newRig(t, 120, 40, nil)
	r.snapshot(snapshot(alert("X", "critical", 3, sources.Firing, "instance", "db-1:9100")))
	r.app.page.Host.Value = triage.OnHost{Host: safe.Outside("db-1"), Place: safe.Outside("db-1"), Services: []triage.HostService{{Name: safe.Outside("cart"), Job: safe.Outside("cart"), Team: safe.Outside("shop")}}}
	r.snapshot(snapshot(alert("X", "critical", 3, sources.Firing, "instance", "db-1:9100")))
	r.has("perhaps cart", "owner perhaps shop", "Health: perhaps cart")
	r.key("w")
	r.has("perhaps cart: a guess, nothing else that is known runs on db-1")
}
