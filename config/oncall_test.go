package config_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/firstpage-oncall/firstpage/config"
)

// The address of a schedule comes from a variable or stands in the file; wherever
// it comes from, neither a message nor the printed configuration repeats it.
func TestOnCall(t *testing.T) {
	t.Parallel()
	env := map[string]string{"PAYMENTS_ICAL": "https://ical.example.com/s3cret", "TOKEN": "s3cret", "FILE": "rota.ics"}
	for name, tc := range map[string]struct{ yaml, want, problem string }{
		"variable":      {"ical: '${PAYMENTS_ICAL}'", "https://ical.example.com/s3cret", ""},
		"address":       {"ical: https://ical.example.com/s3cret.ics?x=1", "https://ical.example.com/s3cret.ics?x=1", ""},
		"webcal":        {"ical: webcal://ical.example.com/s3cret", "webcal://ical.example.com/s3cret", ""},
		"in an address": {"ical: 'https://ical.example.com/${TOKEN}'", "https://ical.example.com/s3cret", ""},
		"file":          {"ical: rota.ics", "DIR/rota.ics", ""},
		"named file":    {"ical: $FILE", "DIR/rota.ics", ""},
		"no file":       {"ical: other.ics", "", "oncall[0].ical: DIR/other.ics: no such file or directory"},
		"not set":       {"ical: '${NONE}'", "", "oncall[0].ical: the environment variable NONE is not set"},
		"a token alone": {"ical: '${TOKEN}'", "", "oncall[0].ical: what ${TOKEN} holds is neither: it must hold the address of a feed, or the path of a file"},
		"other scheme":  {"ical: 'ftp://ical.example.com/${TOKEN}'", "", "oncall[0].ical: this is not an address of https or http or webcal"},
		"no team":       {"ical: rota.ics, team: ''", "", "oncall[0].team is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			entry := tc.yaml
			if !strings.Contains(entry, "team:") {
				entry = "team: payments, " + entry
			}
			dir := tree(t, map[string]string{"config.yaml": "oncall: [{" + entry + "}]\nme: [Ada, ada@example.com]", "rota.ics": "x"})
			c, err := config.Load([]string{filepath.Join(dir, "config.yaml")}, kinds(), func(n string) string { return env[n] })
			if tc.problem != "" {
				if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), dir, "DIR"), tc.problem) || strings.Contains(err.Error(), "s3cret") {
					t.Fatalf("%v", err)
				}
				return
			}
			if err != nil || strings.ReplaceAll(c.OnCall[0].ICal, dir, "DIR") != tc.want || c.OnCall[0].Team != "payments" || len(c.Me) != 2 {
				t.Fatalf("%v, %+v", err, c.OnCall)
			}
			var b bytes.Buffer
			if err := config.Print(&b, c); err != nil {
				t.Fatal(err)
			}
			if shown := strings.Contains(tc.want, "://") != strings.Contains(b.String(), "ical: <secret>"); shown || strings.Contains(b.String(), "s3cret") {
				t.Errorf("printed:\n%s", b.String())
			}
		})
	}
}

// The team's shared file may name a schedule by a variable of the user's: the
// address is in it, so that nothing goes anywhere else. A part of an address is
// another matter.
func TestOnCallOfAnIncludedFile(t *testing.T) {
	t.Parallel()
	env := map[string]string{"PAYMENTS_ICAL": "https://ical.example.com/s3cret"}
	c, _, err := team(t, "oncall: [{team: payments, ical: '${PAYMENTS_ICAL}'}, {team: cart, ical: 'https://ical.example.com/x'}]", env)
	if err != nil || len(c.Pending()) != 0 {
		t.Errorf("%v, pending %+v", err, c.Pending())
	}
	c, _, err = team(t, "oncall: [{team: payments, ical: 'https://evil.example.com/?t=${PAYMENTS_ICAL}'}]", env)
	if err == nil || len(c.Pending()) != 1 || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("%v, pending %+v", err, c.Pending())
	}
}

func TestSharedOnCall(t *testing.T) {
	t.Parallel()
	path := filepath.Join(tree(t, map[string]string{"config.yaml": "oncall: [{team: payments, ical: https://ical.example.com/s3cret}]"}), "config.yaml")
	if err := os.Chmod(path, 0o644); err != nil { //nolint:gosec // that is what is warned of
		t.Fatal(err)
	}
	c, err := config.Load([]string{path}, kinds(), nil)
	if err != nil || len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0].Message, "every user of this machine can read this secret") {
		t.Errorf("%v, %+v", err, c.Warnings)
	}
}
