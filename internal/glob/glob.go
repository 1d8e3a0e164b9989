// Package glob lists the files that a pattern with `**` names, below folders of
// any size, with bounds. Readers of files that users name (rules, catalogs)
// import it. It must not know what is in the files. Find is safe for concurrent
// use.
package glob

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

const (
	// maxEntries bounds the walk below one `**`; a large monorepo has some
	// 300,000 files.
	maxEntries = 2_000_000
	// maxFiles is how many files are read. The largest public set has 300.
	maxFiles = 20_000
)

// ErrTooMany is the error of a pattern that names more than is read.
var ErrTooMany = errors.New("it matches more files than are read: name a folder further down")

// skipDirs are folders that `**` leaves out, beside those that begin with a
// dot: nobody's own files are there.
var skipDirs = []string{"node_modules", "vendor", "third_party", "__pycache__"}

// walker collects the files of one pattern.
type walker struct {
	ctx     context.Context
	likely  func(name string) bool
	out     []string
	entries int
}

// Find lists the regular files that a pattern names, sorted, each once; none is
// no error. `**` stands for any number of folders, `*` and `?` and `[a-z]` for
// part of a name. A folder stands for every file below it. Where a pattern asks
// for any file (a folder, `*` or `**`), only those are listed whose name is
// likely to be worth a look. Links to folders are followed when the pattern
// names them, not below a `**`.
func Find(ctx context.Context, pattern string, likely func(name string) bool) ([]string, error) {
	p := filepath.ToSlash(pattern)
	volume := filepath.ToSlash(filepath.VolumeName(pattern))
	p = strings.TrimPrefix(p, volume)
	top := volume
	if strings.HasPrefix(p, "/") {
		top += "/"
	}
	var segs []string
	for s := range strings.SplitSeq(p, "/") {
		if _, err := path.Match(s, ""); err != nil {
			return nil, errors.New("it is no pattern: a [ without its ]")
		}
		if s != "" && s != "." {
			segs = append(segs, s)
		}
	}
	w := &walker{ctx: ctx, likely: likely}
	if err := w.below(top, segs); err != nil {
		return nil, err
	}
	slices.Sort(w.out)
	return slices.Compact(w.out), nil
}

// below takes the pattern's segments against what is in dir; "" is the working
// directory.
func (w *walker) below(dir string, segs []string) error {
	// Names without a pattern need no listing: they may be in folders that
	// cannot be listed, or go up.
	for len(segs) > 0 && !strings.ContainsAny(segs[0], `*?[\`) {
		dir = path.Join(dir, segs[0])
		segs = segs[1:]
	}
	switch {
	case len(segs) == 0:
		st, err := os.Stat(orHere(dir))
		switch {
		case err != nil:
			return nil //nolint:nilerr // what is not there matches nothing
		case st.IsDir():
			return w.all(dir, []string{"*"})
		case st.Mode().IsRegular():
			return w.take(dir)
		}
		return nil
	case segs[0] == "**":
		return w.all(dir, segs[1:])
	}
	for _, e := range w.list(dir) {
		if ok, _ := path.Match(segs[0], e.Name()); !ok || hidden(e.Name()) && segs[0][0] != '.' {
			continue
		}
		if err := w.one(path.Join(dir, e.Name()), segs[0], segs[1:]); err != nil {
			return err
		}
	}
	return w.ctx.Err()
}

// one takes an entry that a segment matched.
func (w *walker) one(p, matched string, rest []string) error {
	st, err := os.Stat(p)
	switch {
	case err != nil:
		return nil //nolint:nilerr // a link to nothing
	case len(rest) > 0:
		if st.IsDir() {
			return w.below(p, rest)
		}
	case st.Mode().IsRegular() && (strings.Trim(matched, "*") != "" || w.likely(path.Base(p))):
		return w.take(p)
	}
	return nil
}

// all takes the rest of a pattern against dir and every folder below it.
func (w *walker) all(dir string, rest []string) error {
	for len(rest) > 0 && rest[0] == "**" {
		rest = rest[1:]
	}
	if len(rest) == 0 {
		rest = []string{"*"}
	}
	if err := w.below(dir, rest); err != nil {
		return err
	}
	for _, e := range w.list(dir) {
		if !e.IsDir() || hidden(e.Name()) || slices.Contains(skipDirs, e.Name()) {
			continue
		}
		if err := w.all(path.Join(dir, e.Name()), rest); err != nil {
			return err
		}
	}
	return w.ctx.Err()
}

func (w *walker) list(dir string) []fs.DirEntry {
	if w.entries > maxEntries {
		return nil
	}
	entries, _ := os.ReadDir(orHere(dir)) // what cannot be listed matches nothing
	w.entries += len(entries)
	return entries
}

func (w *walker) take(p string) error {
	if len(w.out) >= maxFiles || w.entries > maxEntries {
		return ErrTooMany
	}
	w.out = append(w.out, filepath.FromSlash(p))
	return nil
}

func orHere(dir string) string {
	if dir == "" {
		return "."
	}
	return filepath.FromSlash(dir)
}

func hidden(name string) bool { return strings.HasPrefix(name, ".") }
