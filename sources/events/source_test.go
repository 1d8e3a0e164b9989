package events

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/sourcetest"
)

func open(t testing.TB, path string) sources.ChangeSource {
	t.Helper()
	o := Kind().Options().(*Options)
	o.File = path
	src, err := Kind().Open(o, sources.Env{Name: "ci"})
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func notes(src sources.ChangeSource) string { return fmt.Sprint(src.(sources.Noter).Notes()) }

func TestConformance(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deploys.ndjson")
	write(t, path, `{"time":100,"service":"old"}
{"time":200,"service":"a\u001b[2J","id":"\u009b1","cluster":"\u202e"}
{"time":200,"service":"b","id":"x","state":"running"}
{"time":210,"service":"b","id":"x","state":"done"}
`)
	sourcetest.Changes(t, sourcetest.ChangeSuite{
		Open:  func(t testing.TB, _ string) sources.ChangeSource { return open(t, path) },
		Since: time.Unix(200, 0).UTC(), Want: 3,
	})
}

func TestFileThatGrows(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "deploys.ndjson")
	write(t, path, `{"time":100,"service":"a"}`+"\n")
	src := open(t, path)
	ask := func(since int64) []sources.Change {
		t.Helper()
		got, err := src.Changes(t.Context(), time.Unix(since, 0))
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if n := len(ask(0)); n != 1 {
		t.Fatalf("%d changes", n)
	}
	write(t, path, `{"time":100,"service":"a"}`+"\n"+`{"time":300,"service":"b"}`+"\n"+`{"time":50,"service":"a"}`+"\n"+`nonsense`+"\n")
	if got := ask(0); len(got) != 3 || got[0].Service.Raw() != "b" || got[0].Evidence[0].Raw() != "line 2 of deploys.ndjson" {
		t.Errorf("after an append: %+v", got)
	}
	if n := notes(src); !strings.HasPrefix(n, "[1 of 4 lines unreadable: line 4: not JSON") {
		t.Errorf("notes: %s", n)
	}
	// Unchanged and old: from memory, with the same answer and notes.
	past := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, past, past); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := ask(300); len(got) != 2 || !strings.HasPrefix(notes(src), "[1 of 4") {
			t.Errorf("unchanged: %+v, %s", got, notes(src))
		}
	}
	if got := ask(301); len(got) != 2 || got[1].StartedAt.Unix() != 100 {
		t.Errorf("the last of each service before then: %+v", got)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := src.Changes(t.Context(), time.Time{}); !sources.IsKind(err, sources.NotFound) {
		t.Errorf("removed: %v", err)
	}
	write(t, path, "")
	if n := len(ask(0)); n != 0 || notes(src) != "[]" {
		t.Errorf("empty: %d, %s", n, notes(src))
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing.ndjson")
	html := filepath.Join(dir, "login.html")
	write(t, html, "<html>\n<body>Please log in</body>\n")
	array := filepath.Join(dir, "array.json")
	write(t, array, "["+strings.Repeat(" ", maxBytes)+"]")
	tests := []struct {
		path string
		kind sources.Kind
		want string
	}{
		{missing, sources.NotFound, "no such file (create it"},
		{dir, sources.BadRequest, "not a regular file"},
		{html, sources.BadResponse, "nothing in it could be read: line 1: not JSON"},
		{array, sources.TooLarge, "write one object per line"},
		{filepath.Join(html, "x"), sources.Unavailable, "not a directory"},
	}
	for _, tt := range tests {
		got, err := open(t, tt.path).Changes(t.Context(), time.Time{})
		if !sources.IsKind(err, tt.kind) || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "events ci: "+tt.path+": ") || got != nil {
			t.Errorf("%s: %v, %v; want %s, %s", tt.path, got, err, tt.kind, tt.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := open(t, html).Changes(ctx, time.Time{}); !sources.IsKind(err, sources.Canceled) || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := Open(Options{}, sources.Env{}); err == nil {
		t.Error("no file was accepted")
	}
}

func TestNewestPartOfALargeFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "deploys.ndjson")
	var b strings.Builder
	n := 0
	for ; b.Len() < maxBytes+maxBytes/2; n++ {
		fmt.Fprintf(&b, `{"time":%d,"service":"s%d","title":%q}`+"\n", 1_700_000_000+n, n%50, strings.Repeat("x", 400))
	}
	write(t, path, b.String())
	src := open(t, path)
	got, err := src.Changes(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) < n/2 || len(got) >= n || !got[0].StartedAt.Equal(time.Unix(int64(1_700_000_000+n-1), 0)) {
		t.Errorf("%d of %d changes, newest %v", len(got), n, got[0].StartedAt)
	}
	if s := notes(src); s != "[the file is larger than 8 MiB: only its newest part was read]" {
		t.Errorf("notes: %s", s)
	}
}
