package resolve

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestStatusSaysWhenTheRemoteWasAsked(t *testing.T) {
	t.Parallel()
	write := func(dir, name, text string, age time.Duration) {
		t.Helper()
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(p, at, at); err != nil {
			t.Fatal(err)
		}
	}
	const day, remote = 24 * time.Hour, "[remote \"origin\"]\n\turl = /srv/books.git\n"
	for _, tc := range []struct {
		name, config, head string
		fetched, cloned    time.Duration // 0: no such file
		want               time.Duration // 0: not known
	}{
		{"fetched", remote, "ref: refs/heads/main", 3 * day, 90 * day, 3 * day},
		{"cloned only", remote, "ref: refs/heads/main", 0, 90 * day, 90 * day},
		{"cloned again", remote, "ref: refs/heads/main", 90 * day, 2 * day, 2 * day},
		{"no remote", "[core]\n", "ref: refs/heads/main", 3 * day, 90 * day, 0},
		{"no branch", remote, "0123456789012345678901234567890123456789", 3 * day, 90 * day, 0},
		{"not known", remote, "ref: refs/heads/main", 0, 0, 0},
	} {
		dir := t.TempDir()
		write(dir, ".git/config", tc.config, 0)
		write(dir, ".git/HEAD", tc.head, 0)
		if tc.fetched > 0 {
			write(dir, ".git/FETCH_HEAD", "", tc.fetched)
		}
		if tc.cloned > 0 {
			write(dir, ".git/description", "", tc.cloned)
		}
		s := New(Options{Checkouts: []Checkout{{Path: dir}}}).Status(t.Context())
		age := time.Duration(0)
		if !s[0].Fetched.IsZero() {
			age = time.Since(s[0].Fetched).Round(time.Hour)
		}
		if age != tc.want {
			t.Errorf("%s: %s ago, want %s", tc.name, age, tc.want)
		}
	}
}
