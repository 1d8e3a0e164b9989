package resolve

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// hit is a file that a link leads to.
type hit struct {
	root *root
	at   *known
	rel  string
}

// miss says why a checkout has no file for a link.
type miss struct {
	root   *root
	looked string // the path that was expected
	err    error  // why it was refused; nil: it is not there
	stub   string // the file that would be found; empty: the link names no page
}

// indexPages are what a folder's address opens, in the order of forges and of
// Hugo; at last what the top of a wiki opens.
var indexPages = []string{"README.md", "index.md", "_index.md", "Home.md"}

// candidate is a checkout that answers to a link.
type candidate struct {
	root   *root
	known  *known
	length int        // of the prefix that matched, in segments
	paths  [][]string // forge: what the link can mean inside the checkout
	page   []string   // site: the page's address
}

// byAddress finds the file of a link with a host. All checkouts with the
// longest matching prefix are tried in the order of the configuration.
func (r *Resolver) byAddress(a address) (found *hit, misses []miss, matched int) {
	var best []candidate
	longest := -1
	for _, ro := range r.roots {
		k := ro.get(r.now())
		for _, p := range k.prefixes {
			c, ok := p.match(a, k)
			if !ok || c.length < longest {
				continue
			}
			if c.length > longest {
				best, longest = nil, c.length
			}
			c.root, c.known = ro, k
			best = append(best, c)
		}
	}
	for _, c := range best {
		h, m := c.find(a.dir)
		if h != nil {
			return h, nil, len(best)
		}
		m.root = c.root
		misses = append(misses, m)
	}
	return nil, misses, len(best)
}

// match reports whether a link begins with the prefix and what it means then.
func (p prefix) match(a address, k *known) (candidate, bool) {
	rest, ok := a.under(p.address)
	if !ok {
		return candidate{}, false
	}
	c := candidate{length: len(p.segs)}
	refAndPath, forge := forgeRest(rest)
	if !forge {
		c.page = rest
		return c, len(p.sub) == 0
	}
	for _, t := range splitRefs(refAndPath, func(ref string) bool { return k.git.refs[ref] }) {
		switch {
		case len(p.sub) == 0:
			c.paths = append(c.paths, t)
		case len(t) >= len(p.sub) && slices.Equal(t[:len(p.sub)], p.sub):
			c.paths = append(c.paths, t[len(p.sub):])
			if !k.git.found {
				// No telling whether the directory is the folder that the
				// address names or the whole repository.
				c.paths = append(c.paths, t)
			}
		}
	}
	c.length += len(p.sub)
	return c, len(c.paths) > 0
}

// find looks for the candidate's file.
func (c candidate) find(isDir bool) (*hit, miss) {
	k := c.known
	if k.err != nil {
		return nil, miss{err: k.err}
	}
	l := lookup{root: c.root, known: k}
	defer l.close()
	if c.paths != nil {
		for _, p := range c.paths {
			l.add("", p, isDir)
		}
		return l.first()
	}
	page, ok := collapse(c.page)
	if !ok {
		return nil, miss{looked: strings.Join(c.page, "/"), err: errOutside}
	}
	for _, content := range k.contents {
		l.add(content, page, isDir)
	}
	h, m := l.first()
	if h == nil {
		h = l.ordered()
	}
	if h == nil {
		if i, ok := k.index.alias[aliasKey(strings.Join(page, "/"))]; ok {
			return &hit{c.root, k, k.index.files[i].rel}, miss{}
		}
	}
	return h, m
}

// relative finds a link without host: a path from the top of any checkout or
// from the pages of its site; an absolute path of this machine when it lies
// in a checkout.
func (r *root) relative(k *known, a address, link string) (*hit, miss) {
	if k.err != nil {
		return nil, miss{err: k.err}
	}
	l := lookup{root: r, known: k}
	defer l.close()
	if rest, ok := strings.CutPrefix(filepath.ToSlash(link), filepath.ToSlash(r.dir)+"/"); ok {
		l.add("", segments(rest), a.dir)
	}
	segs, ok := collapse(a.segs)
	if !ok {
		return nil, miss{looked: link, err: errOutside}
	}
	if len(segs) == 0 {
		return nil, miss{looked: link}
	}
	l.add("", segs, a.dir)
	for _, c := range k.contents {
		if c != "" {
			l.add(c, segs, a.dir)
		}
	}
	return l.first()
}

// lookup tries paths in one checkout: all of them exactly, then all of them
// without regard to case.
type lookup struct {
	root  *root
	known *known
	dir   *os.Root // opened when the index does not know a path
	tries []string
	rare  []string // index pages that the index of the checkout knows, if they are there

	looked string // the first path that was tried
	stub   string // the first file that would be found, were it there
	err    error
}

// add notes the paths that a page's address can mean, in order.
func (l *lookup) add(content string, segs []string, isDir bool) {
	p, ok := localPath(segs)
	if !ok {
		l.err = errOutside
		return
	}
	if p == "." {
		p = ""
	}
	join := func(name string) string { return path.Join(content, name) }
	if l.looked == "" {
		l.looked = p
	}
	page := p
	for _, ext := range []string{".html", ".htm", "/index"} {
		page = strings.TrimSuffix(page, ext)
	}
	if page == "index" {
		page = ""
	}
	if l.stub == "" && page != "" {
		switch {
		case pageFile(page):
			l.stub = join(page)
		case path.Ext(page) == "":
			l.stub = join(page + pageExts[0])
		}
	}
	if p != "" && !isDir {
		l.tries = append(l.tries, join(p))
	}
	if page != "" && !pageFile(page) {
		for _, ext := range pageExts[:markdownExts] {
			l.tries = append(l.tries, join(page+ext))
		}
	}
	for _, name := range indexPages {
		l.tries = append(l.tries, join(path.Join(page, name)))
	}
	if page != "" && !pageFile(page) {
		l.tries = append(l.tries, join(page+".en.md")) // Hugo's pages in several languages
		for _, ext := range pageExts[markdownExts:] {
			l.tries = append(l.tries, join(page+ext))
		}
	}
	for _, ext := range pageExts[1:] {
		l.rare = append(l.rare, join(path.Join(page, "README"+ext)), join(path.Join(page, "index"+ext)))
	}
	if p != "" && isDir {
		l.tries = append(l.tries, join(p)) // "x.md/": some links end in a slash
	}
}

func (l *lookup) first() (*hit, miss) {
	for _, t := range l.tries {
		if l.exists(t) {
			return &hit{l.root, l.known, t}, miss{}
		}
	}
	for _, t := range l.rare {
		if _, ok := l.known.index.paths[t]; ok {
			return &hit{l.root, l.known, t}, miss{}
		}
	}
	for _, t := range l.tries {
		if at := l.known.index.fold[foldKey(t)]; len(at) == 1 {
			return &hit{l.root, l.known, l.known.index.files[at[0]].rel}, miss{}
		} else if len(at) > 1 {
			l.err = errors.New("several files differ only by case")
		}
	}
	return nil, miss{looked: l.looked, err: l.err, stub: l.stub}
}

// ordered finds the page of a site whose files carry their order in their
// names.
func (l *lookup) ordered() *hit {
	for _, t := range l.tries {
		if at := l.known.index.ordered[orderKey(t)]; len(at) == 1 {
			return &hit{l.root, l.known, l.known.index.files[at[0]].rel}
		}
	}
	return nil
}

// exists asks the index and then the disk: the index is up to a minute old,
// and knows pages only.
func (l *lookup) exists(rel string) bool {
	if _, ok := l.known.index.paths[rel]; ok {
		return true
	}
	if l.dir == nil {
		dir, err := os.OpenRoot(l.root.dir)
		if err != nil {
			return false
		}
		l.dir = dir
	}
	st, err := l.dir.Stat(filepath.FromSlash(rel))
	switch {
	case err == nil && st.Mode().IsRegular():
		return true
	case err == nil && !st.IsDir():
		l.err = errNotRegular
	case err != nil && !errors.Is(err, os.ErrNotExist):
		if _, lerr := l.dir.Lstat(filepath.FromSlash(rel)); lerr == nil {
			l.err = errOutside
		}
	}
	return false
}

func (l *lookup) close() {
	if l.dir != nil {
		_ = l.dir.Close()
	}
}
