package resolve

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/firstpage-oncall/firstpage/runbook"
)

const (
	// maxFiles is how many pages of one checkout are indexed; the
	// largest public runbook collection has 414, a large monorepo some 10,000.
	maxFiles = 20_000
	// maxEntries bounds the walk over everything else in the checkout.
	maxEntries = 1_000_000
	// maxIndexed is how many bytes of text are read for the index.
	maxIndexed = 128 << 20
	// maxPlaces is how many places of one name are kept.
	maxPlaces = 16
)

// index is what is known of the Markdown files of one checkout. It is never
// changed after it was built.
type index struct {
	files []*file        // in path order
	paths map[string]int // exact path -> file
	fold  map[string][]int
	// ordered are the files by what a site makes of their path, where that is
	// another: see orderKey.
	ordered map[string][]int
	alias   map[string]int
	stems   map[string][]place // by runbook.NameKey
	heads   map[string][]place
	words   map[string][]place // lower case
	full    string             // what was left out; empty: nothing
}

// file is one page. It is shared by successive indexes while the
// file's size and time stay.
type file struct {
	rel   string
	size  int64
	mtime time.Time
	err   error // it cannot be read as text
	runbook.Sketch
}

// place is a line of a file.
type place struct{ file, line int }

// skipDirs are folders that hold no runbooks of the team's own.
var skipDirs = []string{"node_modules", "vendor", "third_party", "__pycache__"}

// pageExts are the ends of files that are pages, likeliest first: those of
// Markdown, then of texts that are shown as they are written.
var pageExts = []string{".md", ".markdown", ".mdx", ".mdown", ".mkd", ".adoc", ".asciidoc", ".rst", ".org"}

// markdownExts is how many of pageExts are Markdown's.
const markdownExts = 5

// pageFile reports whether a file is a page by its name.
func pageFile(name string) bool {
	return slices.Contains(pageExts, strings.ToLower(path.Ext(name)))
}

// buildIndex walks a checkout. Files whose size and time are as in the index
// before are not read again.
func buildIndex(dir *os.Root, before *index, contents []string) *index {
	x := &index{}
	changed := x.collect(dir, before)
	x.read(dir, changed)
	x.merge(contents)
	return x
}

// collect lists the pages and gives those that have to be read.
func (x *index) collect(dir *os.Root, before *index) (changed []*file) {
	entries := 0
	_ = fs.WalkDir(dir.FS(), ".", func(p string, e fs.DirEntry, err error) error {
		if entries++; entries > maxEntries || len(x.files) >= maxFiles {
			x.full = "the checkout is larger than the index takes"
			return fs.SkipAll
		}
		switch {
		case err != nil:
			if e != nil && e.IsDir() {
				return fs.SkipDir
			}
			return nil
		case e.IsDir():
			if p != "." && (strings.HasPrefix(e.Name(), ".") || slices.Contains(skipDirs, e.Name())) {
				return fs.SkipDir
			}
			return nil
		case !pageFile(e.Name()):
			return nil
		}
		st, err := dir.Stat(p) // follows a link, unless it leads out
		if err != nil || !st.Mode().IsRegular() {
			return nil
		}
		if before != nil {
			if i, ok := before.paths[p]; ok && before.files[i].size == st.Size() && before.files[i].mtime.Equal(st.ModTime()) {
				x.files = append(x.files, before.files[i])
				return nil
			}
		}
		f := &file{rel: p, size: st.Size(), mtime: st.ModTime()}
		x.files = append(x.files, f)
		changed = append(changed, f)
		return nil
	})
	return changed
}

// read scans files, on as many cores as there are.
func (x *index) read(dir *os.Root, files []*file) {
	total := int64(0)
	for i, f := range files {
		if total += min(f.size, runbook.MaxSource); total > maxIndexed {
			x.full = "the checkout holds more text than the index takes"
			files = files[:i]
			break
		}
	}
	var wg sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), 1+len(files)/32)
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(files); i += workers {
				b, err := readRegular(dir, files[i].rel, runbook.MaxSource)
				if err == nil && binary(b) {
					err = errBinary
				}
				if files[i].err = err; err == nil {
					files[i].Sketch = runbook.Sketches(b)
				}
			}
		})
	}
	wg.Wait()
}

// merge makes the maps.
func (x *index) merge(contents []string) {
	x.paths = make(map[string]int, len(x.files))
	x.fold = make(map[string][]int, len(x.files))
	x.alias, x.ordered = map[string]int{}, map[string][]int{}
	x.stems, x.heads, x.words = map[string][]place{}, map[string][]place{}, map[string][]place{}
	for i, f := range x.files {
		x.paths[f.rel] = i
		low := foldKey(f.rel)
		x.fold[low] = append(x.fold[low], i)
		if key := orderKey(f.rel); key != low {
			x.ordered[key] = append(x.ordered[key], i)
		}
		if f.err != nil {
			continue
		}
		add(x.stems, runbook.NameKey(stem(f.rel)), place{i, 1})
		for _, h := range f.Headings {
			add(x.heads, runbook.NameKey(h.Text), place{i, h.Line})
		}
		for _, w := range f.Words {
			add(x.words, w.Text, place{i, w.Line})
		}
		for _, a := range f.Aliases {
			x.addAlias(a, i, contents)
		}
	}
}

func add(m map[string][]place, key string, p place) {
	if at := m[key]; key != "" && len(at) < maxPlaces {
		m[key] = append(at, p)
	}
}

// addAlias notes another address of a page; one without a leading slash is
// relative to the page's folder, as Hugo has it. A site may have the pages of a
// folder under its name (Docusaurus: /docs/x) or not.
func (x *index) addAlias(alias string, i int, contents []string) {
	note := func(p string) {
		key := aliasKey(p)
		if _, taken := x.alias[key]; !taken && key != "" {
			x.alias[key] = i
		}
	}
	if !strings.HasPrefix(alias, "./") {
		note(alias)
	}
	if strings.Contains(alias, "://") {
		return
	}
	for _, c := range contents {
		rest, ok := strings.CutPrefix(x.files[i].rel, c+"/")
		switch {
		case !ok || c == "":
		case strings.HasPrefix(alias, "/"):
			note(path.Join(c, alias))
			return
		default:
			note(path.Join(path.Dir(rest), alias))
			note(path.Join(path.Dir(x.files[i].rel), alias))
			return
		}
	}
	if strings.HasPrefix(alias, "./") {
		note(path.Join(path.Dir(x.files[i].rel), alias))
	}
}

// aliasKey is a site path without what does not tell pages apart.
func aliasKey(p string) string {
	if _, rest, ok := strings.Cut(p, "://"); ok {
		_, p, _ = strings.Cut(rest, "/")
	}
	p = strings.ToLower(strings.Trim(path.Clean("/"+p), "/"))
	return strings.TrimSuffix(strings.TrimSuffix(p, ".html"), "/index")
}

// foldKey is a path without regard to case, and with blanks as sites write
// them in addresses.
func foldKey(p string) string { return strings.ReplaceAll(strings.ToLower(p), " ", "-") }

// orderMark is what puts a page in its place on a site and is not in its
// address: Docusaurus' `01-shop` and `2. Cart`, Jekyll's `_docs`.
var orderMark = regexp.MustCompile(`(^|/)(?:\d{1,2}[-_.]+|_([^/]*/))`)

// orderKey is the foldKey of a path without marks of order.
func orderKey(p string) string { return orderMark.ReplaceAllString(foldKey(p), "$1$2") }

// stem is the name of a page: its file's, or for an index page its folder's.
func stem(rel string) string {
	base := path.Base(rel)
	base = strings.TrimSuffix(base, path.Ext(base))
	switch strings.ToLower(base) {
	case "readme", "index", "_index":
		if dir := path.Dir(rel); dir != "." {
			return path.Base(dir)
		}
	}
	return base
}

// binary reports whether bytes are not text: a NUL among the first 8 KB, as
// git has it.
func binary(b []byte) bool {
	return slices.Contains(b[:min(len(b), 8<<10)], 0)
}
