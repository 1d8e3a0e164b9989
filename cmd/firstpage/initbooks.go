package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/runbook/resolve"
	"github.com/firstpage-oncall/firstpage/sources"
)

const (
	// maxFolders is how many folders beside this one are looked at.
	maxFolders = 200
	// maxRead is how many of them are read whole: those that have a reason.
	maxRead = 20
	// maxListed is how many names of one folder are looked at.
	maxListed = 2000
	// booksTime ends the search; what was found by then counts.
	booksTime = 15 * time.Second
)

// shelf is a folder that may hold runbooks, with what speaks for it.
type shelf struct {
	path  string
	named bool // it, or a folder in it, is called runbooks or playbooks
	near  bool // a link of a rule leads to its repository or site, or a page is named after a rule
	links int  // links of rules that open from it
	of    int  // links of rules there are
	pages int  // rules without such a link that a page of it is named after
}

// likely reports whether it is taken without a question.
func (s shelf) likely() bool { return s.links > 0 || s.named }

func (s shelf) String() string {
	words := shownPath(s.path)
	switch {
	case s.links > 0:
		return fmt.Sprintf("%s: %d of %d links of the rules open from it", words, s.links, s.of)
	case s.pages > 0:
		return fmt.Sprintf("%s: has a page for %s", words, page.Counted(s.pages, "rule"))
	}
	return words + ": by its name"
}

// distinctRules are the alerting rules, each name with each link once.
func (p probe) distinctRules() []runbook.Ref {
	type key struct{ name, link any }
	seen := map[key]bool{}
	var out []runbook.Ref
	for _, g := range p.rules {
		for _, r := range g.Rules {
			ref := runbook.FindRef(sources.Alert{Labels: r.Labels, Annotations: r.Annotations}, safe.Value{}, safe.Value{}, nil)
			ref.Alert = r.Name
			if k := (key{ref.Alert, ref.Link}); !seen[k] {
				seen[k] = true
				out = append(out, ref)
			}
		}
	}
	return out
}

// findShelves looks at this repository and those beside it, and counts which
// links of the rules open from each. The best come first.
func findShelves(ctx context.Context, dir string, refs []runbook.Ref) []shelf {
	ctx, cancel := context.WithTimeout(ctx, booksTime)
	defer cancel()
	names := map[string]bool{}
	for _, r := range refs {
		names[runbook.NameKey(r.Alert.String())] = true
	}
	delete(names, "")
	var out []shelf
	for _, path := range folders(dir) {
		s := shelf{path: path, named: namedForRunbooks(path)}
		s.near = answersTo(path, refs) || hasPageFor(path, names)
		if ctx.Err() == nil && len(out) < maxRead && (s.named || s.near) && s.count(ctx, refs) {
			out = append(out, s)
		}
	}
	// A folder of repositories is no shelf beside the one that it holds.
	out = slices.DeleteFunc(slices.Clone(out), func(s shelf) bool {
		return slices.ContainsFunc(out, func(in shelf) bool { return strings.HasPrefix(in.path, s.path+string(filepath.Separator)) })
	})
	slices.SortStableFunc(out, func(a, b shelf) int {
		if a.links != b.links {
			return b.links - a.links
		}
		return b.pages - a.pages
	})
	return out
}

// count tries the rules' links on a folder alone. False: it has no pages, or
// nothing speaks for it.
func (s *shelf) count(ctx context.Context, refs []runbook.Ref) bool {
	r := resolve.New(resolve.Options{Checkouts: []resolve.Checkout{{Path: s.path}}, Fetch: resolve.Never})
	for _, st := range r.Status(ctx) {
		if st.Err != nil || st.Files == 0 {
			return false
		}
	}
	for _, ref := range refs {
		if ref.State == runbook.LinkOK {
			s.of++
		}
		switch l := r.Locate(ref); l.Via {
		case runbook.ViaCheckout:
			s.links++
		case runbook.ViaName:
			s.pages++
		}
	}
	return s.links+s.pages > 0 || s.named
}

// folders are the repository around dir and the folders beside it; without a
// repository, dir and the folders in it. Links are not followed.
func folders(dir string) []string {
	first, parent := dir, dir
	if top := repositoryOf(dir); top != "" {
		first, parent = top, filepath.Dir(top)
	}
	out := []string{first}
	for _, name := range list(parent, func(e os.DirEntry) bool { return e.IsDir() && !strings.HasPrefix(e.Name(), ".") }) {
		if p := filepath.Join(parent, name); p != first && len(out) < maxFolders {
			out = append(out, p)
		}
	}
	return out
}

// repositoryOf is the folder with .git that holds dir; empty: none.
func repositoryOf(dir string) string {
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// list gives the names in a folder that are wanted, at most maxListed looked
// at, sorted.
func list(dir string, want func(os.DirEntry) bool) []string {
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer f.Close()                    //nolint:errcheck // only read
	entries, _ := f.ReadDir(maxListed) // what could be read counts
	out := make([]string, 0, len(entries))
	for _, e := range entries {
		if want(e) {
			out = append(out, e.Name())
		}
	}
	slices.Sort(out)
	return out
}

var runbookName = regexp.MustCompile(`(?i)(^|[-_.])(run|play)-?books?($|[-_.])`)

func namedForRunbooks(path string) bool {
	if runbookName.MatchString(filepath.Base(path)) {
		return true
	}
	for _, in := range []string{path, filepath.Join(path, "docs"), filepath.Join(path, "content")} {
		if len(list(in, func(e os.DirEntry) bool { return e.IsDir() && runbookName.MatchString(e.Name()) })) > 0 {
			return true
		}
	}
	return false
}

// answersTo reports whether a rule's link leads into a folder's repository or
// site.
func answersTo(path string, refs []runbook.Ref) bool {
	for _, a := range resolve.Addresses(path) {
		a = strings.ToLower(a)
		if slices.ContainsFunc(refs, func(r runbook.Ref) bool { return strings.Contains(strings.ToLower(r.Base), a) }) {
			return true
		}
	}
	return false
}

// hasPageFor reports whether a page in the folder, or one folder below, is
// named after a rule.
func hasPageFor(path string, names map[string]bool) bool {
	if len(names) == 0 {
		return false
	}
	page := func(e os.DirEntry) bool {
		ext := filepath.Ext(e.Name())
		return e.Type().IsRegular() && strings.EqualFold(ext, ".md") && names[runbook.NameKey(strings.TrimSuffix(e.Name(), ext))]
	}
	if len(list(path, page)) > 0 {
		return true
	}
	below := list(path, func(e os.DirEntry) bool { return e.IsDir() && !strings.HasPrefix(e.Name(), ".") })
	for _, d := range below[:min(len(below), maxRead)] {
		if len(list(filepath.Join(path, d), page)) > 0 {
			return true
		}
	}
	return false
}

// chooseRunbooks says which folders look like runbooks and asks for them.
func (c *cli) chooseRunbooks(ctx context.Context, ask asker, rules probe) ([]string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, nil //nolint:nilerr // a folder that is gone has nothing beside it
	}
	found := findShelves(ctx, dir, rules.distinctRules())
	_, _ = fmt.Fprintf(c.err, "Looked for runbooks in and beside %s:\n", shownPath(dir))
	if len(found) == 0 {
		_, _ = fmt.Fprintln(c.err, "  found none")
	}
	var options []string
	var on []bool
	for _, s := range found {
		c.listed(s.String())
		options, on = append(options, s.String()), append(on, s.likely())
	}
	var out []string
	if len(found) > 0 {
		picked, err := ask.pick(ctx, "Open runbooks from", options, on)
		if err != nil {
			return nil, err
		}
		for _, i := range picked {
			out = append(out, found[i].path)
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	typed, err := ask.text(ctx, "A folder with runbooks, such as a clone of their repository (Enter: none)", "", func(s string) error {
		if s == "" {
			return nil
		}
		_, err := runbookFolder(s)
		return err
	})
	if err != nil || typed == "" {
		return nil, err
	}
	p, err := runbookFolder(typed)
	return []string{p}, err
}
