package engine

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// apiAlert is an alert as the API tells it, without times.
type apiAlert struct {
	Labels, Annotations map[string]string
	State, Value        string
}

// apiRule is what can be compared of a rule between releases.
type apiRule struct {
	File, Group, Name, Type, State, Health string
	Failed                                 bool
	Duration, KeepFiringFor                float64
	Labels, Annotations                    map[string]string
}

func getJSON(t testing.TB, url string, into any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		t.Fatalf("%s: %v", url, err)
	}
}

// moving is what depends on the second in which one asks, by alert name.
type moving struct {
	values map[string]bool // the rule reads the clock: no value, no annotations
	states map[string]bool // for is short: pending or firing
}

// alertsOf is the server's alerts, each as text, sorted.
func alertsOf(t testing.TB, base string, m moving) []string {
	t.Helper()
	var doc struct{ Data struct{ Alerts []apiAlert } }
	getJSON(t, base+"/api/v1/alerts", &doc)
	var out []string
	for _, a := range doc.Data.Alerts {
		if m.values[a.Labels["alertname"]] {
			a.Value, a.Annotations = "", nil
		}
		if m.states[a.Labels["alertname"]] {
			a.State = "active"
		}
		text, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(text))
	}
	slices.Sort(out)
	return out
}

// rulesOf is the server's rules in its order. Of errors only that there is one
// is kept: releases word them differently. Two rules that write the same
// series disturb each other on a server, whose groups run at different moments:
// that is no error here.
func rulesOf(t testing.TB, base string, m moving) []apiRule {
	t.Helper()
	var doc struct {
		Data struct {
			Groups []struct {
				File, Name string
				Rules      []struct {
					apiRule
					LastError string
				}
			}
		}
	}
	getJSON(t, base+"/api/v1/rules", &doc)
	var out []apiRule
	for _, g := range doc.Data.Groups {
		for _, r := range g.Rules {
			one := r.apiRule
			one.File, one.Group, one.Failed = g.File, g.Name, r.LastError != ""
			if strings.Contains(r.LastError, "out of order") || strings.Contains(r.LastError, "duplicate sample") {
				one.Health, one.Failed = "ok", false
			}
			if m.states[one.Name] && (one.State == "pending" || one.State == "firing") {
				one.State = "active"
			}
			out = append(out, one)
		}
	}
	return out
}
