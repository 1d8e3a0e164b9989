package resolve

import (
	"errors"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

var (
	errNotRegular = errors.New("not a regular file")
	errBinary     = errors.New("a binary file, not text")
	errOutside    = errors.New("leads out of the checkout")
)

// maxAge is how long what is known of a checkout is used before its files are
// looked at again.
const maxAge = time.Minute

// root is one configured checkout.
type root struct {
	conf Checkout
	dir  string // absolute

	mu       sync.Mutex // guards known, and building it the first time
	known    *known
	updating bool
	edited   map[string]time.Time // by revision and path
}

// known is what was read of a checkout. It is never changed after it was made.
type known struct {
	at       time.Time
	err      error // the directory cannot be read
	git      gitInfo
	sites    []site
	prefixes []prefix
	contents []string // folders of site pages, likeliest first; "" is the top
	index    *index
}

// prefix is one address that a checkout answers to.
type prefix struct {
	address
	// sub is the folder of the repository that the checkout's directory is,
	// for a checkout that is not the whole repository.
	sub []string
}

func newRoot(c Checkout) *root {
	dir := c.Path
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	return &root{conf: c, dir: dir, edited: map[string]time.Time{}}
}

// look reads what there is, reusing what the index knew.
func (r *root) look(now time.Time, before *known) *known {
	k := &known{at: now}
	dir, err := os.OpenRoot(r.dir)
	if err != nil {
		k.err = err
		k.prefixes = r.prefixes(k)
		k.index = &index{}
		return k
	}
	defer dir.Close() //nolint:errcheck // only read
	k.git = readGit(r.dir)
	k.sites = readSites(dir)
	k.prefixes = r.prefixes(k)
	k.contents = r.contents(dir, k.sites)
	var old *index
	if before != nil {
		old = before.index
	}
	k.index = buildIndex(dir, old, k.contents)
	return k
}

// prefixes are the addresses: the configured one, those of the git remotes,
// those of the sites.
func (r *root) prefixes(k *known) []prefix {
	var out []prefix
	add := func(link string, sub []string, configured bool) {
		if link == "" {
			return
		}
		if !strings.Contains(link, "://") && !strings.HasPrefix(link, "//") {
			link = "https://" + link
		}
		a, ok := parseAddress(link)
		if !ok {
			return
		}
		// A prefix may be written as a link into the forge.
		for i := 2; i < len(a.segs); i++ {
			if rest, ok := forgeRest(a.segs[i:]); ok {
				a.segs = a.segs[:i]
				sub = append(slices.Clone(rest[1:]), sub...)
				break
			}
		}
		// The git directory knows better than an address which folder of the
		// repository this is.
		if configured && k.git.found && slices.ContainsFunc(k.git.remotes, a.same) {
			sub = k.git.sub
		}
		same := func(p prefix) bool { return p.String() == a.String() && slices.Equal(p.sub, sub) }
		if !slices.ContainsFunc(out, same) {
			out = append(out, prefix{a, sub})
		}
	}
	add(r.conf.URL, nil, true)
	for _, remote := range k.git.remotes {
		add(remote, k.git.sub, false)
		for _, link := range besides(remote) {
			add(link, nil, false)
		}
	}
	for _, s := range k.sites {
		add(s.url, nil, false)
		add(s.repo, k.git.sub, false)
	}
	return out
}

// besides are the other addresses that a forge gives to a repository: a wiki's
// pages, and the site that it makes of a repository.
func besides(remote string) []string {
	a, ok := parseAddress(remote)
	if !ok || len(a.segs) < 2 {
		return nil
	}
	owner, rest := a.segs[0], a.segs[1:]
	if of, ok := strings.CutSuffix(rest[len(rest)-1], ".wiki"); ok {
		up := "https://" + path.Join(append([]string{a.host, owner}, rest[:len(rest)-1]...)...)
		return []string{up + "/" + of + "/wiki", up + "/" + of + "/-/wikis"}
	}
	var host string
	switch a.host {
	case "github.com":
		host = strings.ToLower(owner) + ".github.io"
	case "gitlab.com":
		host = strings.ToLower(owner) + ".gitlab.io"
	default:
		return nil
	}
	if len(rest) == 1 && strings.EqualFold(rest[0], host) {
		return []string{"https://" + host}
	}
	return []string{"https://" + path.Join(append([]string{host}, rest...)...)}
}

// same reports whether a web address is this one.
func (a address) same(link string) bool {
	o, ok := parseAddress(link)
	return ok && strings.EqualFold(o.String(), a.String())
}

// contents are the folders where a site's pages may be: the configured one
// alone, else the sites' own, the usual ones and the top.
func (r *root) contents(dir *os.Root, sites []site) []string {
	if r.conf.Content != "" {
		return []string{strings.Trim(filepath.ToSlash(filepath.Clean(r.conf.Content)), "/")}
	}
	var out []string
	add := func(name string) {
		if st, err := dir.Stat(name); err == nil && st.IsDir() && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for _, s := range sites {
		add(s.content)
	}
	for _, name := range []string{"content", "content/en", "docs"} {
		add(name)
	}
	out = append(out, "")
	// What the tools of fewer people have: Hugo's languages, Sphinx, Antora,
	// mdBook.
	for _, name := range []string{"docs/en", "docs/source", "doc", "doc/source", "modules/ROOT/pages", "docs/modules/ROOT/pages", "src"} {
		add(name)
	}
	return out
}

// get gives what is known, reading it first when nothing is. What is older
// than maxAge is used once more while it is read again in the background.
func (r *root) get(now time.Time) *known {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil {
		r.known = r.look(now, nil)
		return r.known
	}
	if age := now.Sub(r.known.at); (age > maxAge || age < 0) && !r.updating {
		r.updating = true
		before := r.known
		go func() {
			k := r.look(now, before)
			r.mu.Lock()
			defer r.mu.Unlock()
			r.updating = false
			if r.known == before { // else refresh was faster
				r.known = k
			}
		}()
	}
	return r.known
}

// refresh reads again at once.
func (r *root) refresh(now time.Time) *known {
	r.mu.Lock()
	before := r.known
	r.mu.Unlock()
	k := r.look(now, before)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known = k
	return k
}

// webURL is where a file of the checkout is on its forge; empty: not known.
func (r *root) webURL(k *known, rel string) string {
	for _, remote := range k.git.remotes {
		u, err := url.Parse(remote)
		if err != nil {
			continue
		}
		ref := k.git.branch
		if ref == "" {
			ref = k.git.revision
		}
		if ref == "" {
			return ""
		}
		kind := "/blob/"
		if strings.Contains(u.Host, "gitlab") {
			kind = "/-/blob/"
		}
		u.Path = strings.TrimSuffix(u.Path, "/") + kind + strings.Join(append(append([]string{ref}, k.git.sub...), rel), "/")
		return u.String()
	}
	return ""
}
