package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/firstpage-oncall/firstpage/config"
	"github.com/firstpage-oncall/firstpage/sources/all"
)

// loadChanges reads a configuration whose included file has the entry.
func loadChanges(t *testing.T, entry string, included bool) (*config.Config, error) {
	t.Helper()
	dir := t.TempDir()
	main, team := filepath.Join(dir, "config.yaml"), filepath.Join(dir, "team.yaml")
	text := map[string]string{main: "include: [team.yaml]\n", team: "changes:\n  - " + entry + "\n"}
	if !included {
		text = map[string]string{main: text[team]}
	}
	for path, s := range text {
		if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := map[string]string{"TOKEN": "hunter2-secret"}
	return config.Load([]string{main}, all.Kinds(), func(k string) string { return env[k] })
}

// What runs a program or sends a secret in an included file waits for trust,
// whichever kind of source it belongs to.
func TestChangesOfAnIncludedFileNeedTrust(t *testing.T) {
	t.Parallel()
	for entry, want := range map[string]string{
		"{kind: events, command: [gh, api, repos]}":                                     "runs gh api repos",
		"{kind: events, url: 'https://ci.example.com', token_command: [gh, auth]}":      "runs gh auth for https://ci.example.com",
		"{kind: events, url: 'https://ci.example.com/?t=${TOKEN}'}":                     "sends $TOKEN to https://ci.example.com",
		"{kind: events, url: 'https://ci.example.com', http: {bearer_token: $TOKEN}}":   "sends $TOKEN to https://ci.example.com",
		"{kind: events, url: 'https://ci.example.com/deploys.ndjson?since={since}'}":    "",
		"{kind: grafana, url: 'https://g.example.com', token_command: [pass, grafana]}": "runs pass grafana for https://g.example.com",
		"{kind: grafana, url: 'https://g.example.com', tags: [x]}":                      "",
	} {
		c, err := loadChanges(t, entry, true)
		if want == "" {
			if err != nil {
				t.Errorf("%s: %v", entry, err)
			}
			continue
		}
		if err == nil || len(c.Pending()) != 1 || c.Pending()[0].String() != want {
			t.Errorf("%s: %v, want to hear that it %s", entry, err, want)
		}
		if _, err := loadChanges(t, entry, false); err != nil {
			t.Errorf("%s: in a file of the user's own: %v", entry, err)
		}
	}
}

// Settings that do not go together are found with all other problems.
func TestChangeOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for entry, want := range map[string]string{
		"{kind: events}": "config.yaml:2:5: changes[0]: say where the events are: one of file, url and command",
		"{kind: events, url: 'https://a.example.com', command: [date]}": "changes[0]: file, url and command exclude one another",
		"{kind: grafana}": `changes[0]: missing key "url"`,
		"{kind: grafana, url: 'https://g.example.com', match: '(?P<sevrice>x)'}": `changes[0]: match: no group may be called "sevrice"`,
		"{kind: grafana, url: 'https://g.example.com/d/x?from=now'}":             "changes[0].url: this is the address of a page",
	} {
		if _, err := loadChanges(t, entry, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", entry, err, want)
		}
	}
}
