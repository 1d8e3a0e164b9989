//go:build unix

package events

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/sourcetest"
)

// script is a program in a folder of the test.
func script(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "deploys")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCommandConformance(t *testing.T) {
	prog := script(t, `printf '%s\n' '{"time":100,"service":"old"}' '{"time":200,"service":"a\u001b[2J"}' '{"time":300,"service":"b","sha":"abc","region":"\u202e"}'`)
	sourcetest.Changes(t, sourcetest.ChangeSuite{
		Open: func(t testing.TB, _ string) sources.ChangeSource {
			return openOptions(t, Options{Command: []string{prog}})
		},
		Since: time.Unix(200, 0).UTC(), Want: 3,
	})
}

// No shell sees the arguments; the time is in them and in the environment.
func TestCommandKnowsTheTime(t *testing.T) {
	t.Parallel()
	prog := script(t, `printf '{"time":%s,"service":"a","title":"%s","from":"%s","until":"%s %s","home":"%s"}\n' "$FIRSTPAGE_SINCE" "$*" \
		"$FIRSTPAGE_SINCE_RFC3339" "$FIRSTPAGE_UNTIL" "$FIRSTPAGE_UNTIL_RFC3339" "${HOME:+kept}"`)
	src, err := Open(Options{Command: []string{prog, "$HOME;x", "from={since}", "{since_rfc3339}"}},
		sources.Env{Now: func() time.Time { return time.Unix(7200, 0) }})
	if err != nil {
		t.Fatal(err)
	}
	got, err := src.Changes(t.Context(), time.Unix(3661, 0))
	if err != nil || len(got) != 1 {
		t.Fatalf("%v, %v, %v", got, err, src.Notes())
	}
	if s := got[0].Title.Raw(); s != "$HOME;x from=3661 1970-01-01T01:01:01Z" {
		t.Errorf("arguments: %s", s)
	}
	want := "[line 1 of what deploys printed It also says from: 1970-01-01T01:01:01Z, home: kept, until: 7200 1970-01-01T02:00:00Z]"
	if s := show(got[0]) + " " + evidence(got[0]); !strings.HasSuffix(s, want) {
		t.Errorf("%s, want %s", s, want)
	}
}

func evidence(c sources.Change) string {
	var out []string
	for _, e := range c.Evidence {
		out = append(out, e.String())
	}
	return "[" + strings.Join(out, " ") + "]"
}

func TestCommandErrors(t *testing.T) {
	t.Parallel()
	login := `echo '{"time":100,"service":"a"}'; printf 'trying\n\033[31mHTTP 401: Bad credentials\n\n' >&2; exit 3`
	for name, tt := range map[string]struct {
		text string
		kind sources.Kind
		want string
	}{
		"failed":    {login, sources.Unavailable, "deploys: ␛[31mHTTP 401: Bad credentials (exit status 3) (run it by hand"},
		"no words":  {"exit 1", sources.Unavailable, "deploys: exit status 1 (run it"},
		"not JSON":  {"echo All is well", sources.BadResponse, "nothing in it could be read: line 1: not JSON"},
		"a page":    {"echo '<html><title>Sign in</title>'", sources.BadResponse, "nothing in it could be read"},
		"too large": {"yes", sources.TooLarge, "let it print only what is newer than {since}"},
	} {
		prog := script(t, tt.text)
		got, err := openOptions(t, Options{Command: []string{prog, "s3cret-argument"}}).Changes(t.Context(), time.Time{})
		if !sources.IsKind(err, tt.kind) || got != nil || !strings.Contains(err.Error(), tt.want) ||
			!strings.HasPrefix(err.Error(), "events ci: "+prog+": ") || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v, %v; want %s, %s", name, got, err, tt.kind, tt.want)
		}
	}
	_, err := openOptions(t, Options{Command: []string{"no-such-program-x"}}).Changes(t.Context(), time.Time{})
	if !sources.IsKind(err, sources.NotFound) || !strings.Contains(err.Error(), "not on $PATH (install it") {
		t.Errorf("missing: %v", err)
	}
	got, err := openOptions(t, Options{Command: []string{script(t, "echo warning >&2")}}).Changes(t.Context(), time.Time{})
	if err != nil || len(got) != 0 {
		t.Errorf("nothing printed: %v, %v", got, err)
	}
}

func TestCommandHasItsTime(t *testing.T) {
	t.Parallel()
	src, err := Open(Options{Command: []string{script(t, "echo working >&2; exec sleep 60")}, Timeout: 200 * time.Millisecond}, sources.Env{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := src.Changes(t.Context(), time.Time{}); !sources.IsKind(err, sources.Timeout) {
		t.Errorf("%v", err)
	}
}

// What the program has started ends with it.
func TestSlowCommandIsKilledAsAGroup(t *testing.T) {
	t.Parallel()
	mark := filepath.Join(t.TempDir(), "mark")
	prog := script(t, `(sleep 1; echo late > "$1") & echo started >&2; wait`)
	src := openOptions(t, Options{Command: []string{prog, mark}})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := src.Changes(ctx, time.Time{})
	if !sources.IsKind(err, sources.Timeout) || !errors.Is(err, context.DeadlineExceeded) ||
		!strings.Contains(err.Error(), "started (did not end in time and was stopped) (let it ask for less") {
		t.Errorf("%v", err)
	}
	time.Sleep(1200 * time.Millisecond)
	if _, err := os.Stat(mark); err == nil {
		t.Error("a child of the program lived on")
	}
}
