package page

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// targets answers the query for what runs on a host with these job and instance
// pairs; every other query with nothing.
func targets(pairs ...string) *server {
	return &server{instant: func(_ context.Context, expr string, _ time.Time) (sources.Vector, error) {
		if !strings.HasPrefix(expr, "group by (job, instance)") {
			return nil, nil
		}
		var v sources.Vector
		for i := 0; i < len(pairs); i += 2 {
			v = append(v, sources.Sample{Labels: sources.NewLabels(map[string]string{"job": pairs[i], "instance": pairs[i+1]})})
		}
		return v, nil
	}}
}

// hosted opens the page of an alert with these labels.
func hosted(t *testing.T, labels map[string]string) Page {
	t.Helper()
	labels["alertname"] = "DiskFull"
	a := sources.Alert{Cluster: "prod", Labels: sources.NewLabels(labels), State: sources.Firing, ActiveAt: now.Add(-time.Minute)}
	a.ID = sources.NewAlertID("prod", a.Labels)
	s := snapshot(a)
	s.Services = []sources.Feed[sources.Service]{{Items: []sources.Service{{Name: safe.Outside("checkout"), Aliases: []safe.Value{safe.Outside("co")}, Team: safe.Outside("team-payments")}}}}
	p, ok := Open(build(s, now), a.ID, nil)
	if !ok {
		t.Fatal("not on the board")
	}
	return p
}

func TestServiceByHost(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		labels    map[string]string
		targets   []string
		query     string // inside the quotes; empty: nothing is asked
		words     string
		service   string
		candidate []string
	}{
		{map[string]string{"instance": "db-1:9100", "job": "node-exporter"}, []string{"node-exporter", "db-1:9100", "shop/co", "db-1:8080"},
			`db-1(:[0-9]+)?`, "perhaps checkout: a guess, nothing else that is known runs on db-1", "checkout", []string{"checkout"}},
		{map[string]string{"instance": "db-1:9100"}, []string{"cart", "db-1:8081", "co", "db-1:8080", "cart", "db-1:8082"},
			`db-1(:[0-9]+)?`, "unknown: no label names one; perhaps one of those on db-1, a guess: cart and checkout", "", []string{"cart", "checkout"}},
		{map[string]string{"instance": "db-1:8080"}, []string{"cart", "db-1:8081", "search", "db-1:8080"},
			`db-1(:[0-9]+)?`, "perhaps search: a guess, nothing else that is known runs on db-1:8080", "search", []string{"search"}},
		{map[string]string{"instance": "db.example:1"}, nil, `db\\.example(:[0-9]+)?`, "unknown: no label names one", "", nil},
		{map[string]string{"instance": "https://[::1]:9/x", "job": "blackbox"}, nil, `\\[::1\\](:[0-9]+)?`, "unknown: no label names one", "", nil},
		{map[string]string{"instance": "10.0.0.9:8080", "job": "kube-state-metrics"}, []string{"x", "10.0.0.9:1"}, "", "unknown: no label names one", "", nil},
		{map[string]string{"instance": "10.0.0.9:8080", "exported_instance": "db-2:1", "job": "kube-state-metrics"}, []string{"cart", "db-2:1"}, `db-2(:[0-9]+)?`,
			"perhaps cart: a guess, nothing else that is known runs on db-2:1", "cart", []string{"cart"}},
		{map[string]string{"severity": "page"}, []string{"x", "y"}, "", "unknown: no label names one", "", nil},
		{map[string]string{"instance": "db-1:1", "app": "co"}, []string{"x", "db-1:1"}, "", "checkout (its label app, in the catalog)", "checkout", nil},
		{map[string]string{"instance": "db-1:1", "app": "cart"}, []string{"x", "db-1:1"}, "", "cart (its label app)", "cart", nil},
	} {
		q := targets(tc.targets...)
		p := assembler(q).All(t.Context(), hosted(t, tc.labels))
		i := slices.IndexFunc(q.asked, func(e string) bool { return strings.HasPrefix(e, "group by (job, instance)") })
		switch want := `group by (job, instance) (up{instance=~"` + tc.query + `"})`; {
		case tc.query == "" && i >= 0:
			t.Errorf("%v: asked %s", tc.labels, q.asked[i])
		case tc.query != "" && (i < 0 || q.asked[i] != want):
			t.Errorf("%v: asked %q, want %s", tc.labels, q.asked, want)
		}
		if got := ServiceWords(p); got != tc.words || p.Item.Service.Name.Raw() != tc.service {
			t.Errorf("%v: %q, service %v; want %q", tc.labels, got, p.Item.Service, tc.words)
		}
		var names []string
		for _, s := range p.Host.Value.Services {
			names = append(names, s.Name.Raw())
		}
		if !slices.Equal(names, tc.candidate) {
			t.Errorf("%v: on the host %q, want %q", tc.labels, names, tc.candidate)
		}
	}
}

// A guess is marked as one wherever it is shown, and a new board keeps it.
func TestGuessIsSaid(t *testing.T) {
	t.Parallel()
	q := targets("co", "db-1:8080")
	p := assembler(q).All(t.Context(), hosted(t, map[string]string{"instance": "db-1:9100", "job": "node-exporter"}))
	for _, again := range []Page{p, p.Rebase(p.board)} {
		var text bytes.Buffer
		if err := WriteText(&text, again, TextOptions{}); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"perhaps checkout", "owner perhaps payments", "Service: perhaps checkout: a guess", "Owner: perhaps payments",
			"Add to the rule: labels: {service: NAME}"} {
			if !strings.Contains(text.String(), want) {
				t.Errorf("lacks %q:\n%s", want, text.String())
			}
		}
		m := fields(t, JSON(again))
		s, a, w := m["service"].(map[string]any), m["alert"].(map[string]any), m["who"].(map[string]any)
		if s["name"] != "checkout" || s["guess"] != true || s["found_by"] != "host:job" || s["host"] != "db-1" || s["add"].(map[string]any)["rule"] != "labels: {service: NAME}" ||
			a["service_guess"] != true || a["service_found_by"] != "host:job" || w["owner_found_by"] != "host:job" {
			t.Errorf("%v\n%v", s, a)
		}
		keys(t, s, "name found_by guess host candidates words add error")
	}
	if !slices.ContainsFunc(q.asked, func(e string) bool { return strings.Contains(e, `job="co"`) }) {
		t.Errorf("health was not asked by the job: %q", q.asked)
	}
	if strings.Contains(StubText(p), "payments") {
		t.Error("a guessed owner stands in a new runbook")
	}
	if lists := fields(t, AlertsJSON([]triage.Item{hosted(t, map[string]string{"instance": "db-1:9100"}).Item}, nil)[0]); lists["service"] != "" || lists["service_guess"] != false {
		t.Errorf("a list guesses: %v", lists)
	}
}

// A change of a service that is guessed is of the same host, and not likely by
// its name alone.
func TestGuessIsNoSameService(t *testing.T) {
	t.Parallel()
	p := hosted(t, map[string]string{"instance": "db-1:9100", "job": "node-exporter"})
	s := p.board.Snapshot
	s.Changes = []sources.Feed[sources.Change]{feed("events", now, sources.Change{ID: "1", Kind: sources.Deploy, Service: safe.Outside("checkout"), StartedAt: now.Add(-2 * time.Minute)})}
	p, _ = Open(build(s, now), p.Item.ID, nil)
	p = assembler(targets("co", "db-1:8080")).All(t.Context(), p)
	if sus := p.Ranking.Suspects; len(sus) != 1 || sus[0].Own() || sus[0].Relation != "same host, perhaps its service" || sus[0].Verdict == triage.Likely {
		t.Errorf("%+v", sus)
	}
}

func TestRemedy(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		labels        map[string]string
		rule, catalog string
	}{
		{map[string]string{}, "labels: {service: NAME}", ""},
		{map[string]string{"type": "ceph_default"}, "labels: {service: NAME}", "- {name: NAME, aliases: [ceph_default]}"},
		{map[string]string{"type": "it's #1"}, "labels: {service: NAME}", "- {name: NAME, aliases: ['it''s #1']}"},
		{map[string]string{"type": "no"}, "labels: {service: NAME}", "- {name: NAME, aliases: ['no']}"},
		{map[string]string{"type": "x", "app": "cart"}, "", ""},
	} {
		p := hosted(t, tc.labels)
		if r := triage.RemedyOf(p.Item); r.Rule != tc.rule || r.Catalog != tc.catalog {
			t.Errorf("%v: %+v", tc.labels, r)
		}
		if words := RemedyWords(p); strings.Contains(words, tc.rule) != (tc.rule != "" || words == "") || !strings.Contains(words, tc.catalog) {
			t.Errorf("%v: %s", tc.labels, words)
		}
		doc, err := json.Marshal(JSON(p))
		if err != nil || tc.catalog != "" && !bytes.Contains(doc, []byte("aliases: [")) {
			t.Errorf("%v: %v", tc.labels, err)
		}
	}
}
