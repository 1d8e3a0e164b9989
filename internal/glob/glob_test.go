package glob

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{
		"a.yaml", "b.yml", "c.txt", "x/a.yaml", "x/y/a.yaml", "x/y/z/b.yaml",
		".git/a.yaml", "x/node_modules/a.yaml", "x/.hidden.yaml", "with [odd]/a.yaml",
	} {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	isYAML := func(name string) bool { return strings.HasPrefix(filepath.Ext(name), ".y") }
	if err := os.Symlink(dir, filepath.Join(dir, "x", "loop")); err != nil {
		t.Log(err)
	}
	for pattern, want := range map[string]string{
		"a.yaml":              "a.yaml",
		"*.yaml":              "a.yaml",
		"*":                   "a.yaml b.yml",
		"*.txt":               "c.txt",
		"**/*.yaml":           "a.yaml with [odd]/a.yaml x/a.yaml x/y/a.yaml x/y/z/b.yaml",
		"x/**/a.yaml":         "x/a.yaml x/y/a.yaml",
		"x/**":                "x/a.yaml x/y/a.yaml x/y/z/b.yaml",
		"**/**/y/*":           "x/y/a.yaml",
		"x":                   "x/a.yaml x/y/a.yaml x/y/z/b.yaml",
		"x/./y//a.yaml":       "x/y/a.yaml",
		"x/*/a.yaml":          "x/loop/a.yaml x/node_modules/a.yaml x/y/a.yaml",
		"?.y*ml":              "a.yaml b.yml",
		"[ab].*":              "a.yaml b.yml",
		"x/.*.yaml":           "x/.hidden.yaml",
		".git/a.yaml":         ".git/a.yaml",
		`with \[odd\]/a.yaml`: "with [odd]/a.yaml",
		"x/../a.yaml":         "a.yaml",
		"none/*.yaml":         "",
		"a.yaml/**":           "",
		"**/y/**/b.yaml":      "x/y/z/b.yaml",
	} {
		got, err := Find(t.Context(), filepath.ToSlash(dir)+"/"+pattern, isYAML)
		if err != nil {
			t.Errorf("%s: %v", pattern, err)
		}
		for i := range got {
			got[i] = strings.TrimPrefix(filepath.ToSlash(got[i]), filepath.ToSlash(dir)+"/")
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: %q, want %q", pattern, s, want)
		}
	}
	if _, err := Find(t.Context(), "x/[a", isYAML); err == nil {
		t.Error("a broken pattern is no error")
	}
}
