package resolve

import (
	"context"
	"os"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// CheckoutStatus is what `doctor` tells of one checkout.
type CheckoutStatus struct {
	URL      string    // the configured prefix, else the first that was guessed; empty: none
	Answers  []string  // every address it answers to, host and path
	Path     string    // absolute directory
	Kind     string    // forge, site or files
	Files    int       // pages
	Revision string    // abbreviated; empty: not a git checkout
	Edited   time.Time // of the last commit that touched it; zero: not known
	Fetched  time.Time // when its remote was last asked; zero: no remote, no branch, or not known
	Note     string    // what was left out of the index; empty: nothing
	Err      error     // the directory cannot be read
}

// Status looks at every checkout anew.
func (r *Resolver) Status(ctx context.Context) []CheckoutStatus {
	out := make([]CheckoutStatus, 0, len(r.roots))
	for _, ro := range r.roots {
		if ctx.Err() != nil {
			break
		}
		k := ro.refresh(r.now())
		s := CheckoutStatus{URL: ro.conf.URL, Path: ro.dir, Kind: "files", Files: len(k.index.files), Revision: sources.ShortRevision(k.git.revision), Note: k.index.full, Err: k.err}
		for _, p := range k.prefixes {
			s.Answers = append(s.Answers, p.String())
		}
		if s.URL == "" && len(s.Answers) > 0 {
			s.URL = "https://" + s.Answers[0] + "/"
		}
		switch {
		case len(k.sites) > 0:
			s.Kind = "site"
		case len(k.git.remotes) > 0 || len(k.prefixes) > 0:
			s.Kind = "forge"
		}
		if k.git.branch != "" {
			s.Fetched = k.git.fetched
		}
		if k.err == nil {
			s.Edited = ro.editedAt(ctx, k, ".")
		}
		out = append(out, s)
	}
	return out
}

// NetworkStatus is what `doctor` tells of pages that no checkout has.
type NetworkStatus struct {
	Policy     Policy
	Configured []string // hosts of the configuration
	Allowed    []string // hosts that the user has allowed
	Copies     int
	Bytes      int64            // of all copies
	Dir        string           // of the copies; empty: none are kept
	Errs       map[string]error // settings that cannot be used, by configured host
}

// Network says what may be fetched and what is kept. It asks nothing.
func (r *Resolver) Network() NetworkStatus {
	s := NetworkStatus{Policy: r.fetch, Dir: r.copies.dir.Path(), Errs: map[string]error{}}
	for _, h := range r.sites {
		s.Configured = append(s.Configured, h.host)
		if h.err != nil {
			s.Errs[h.host] = h.err
		}
	}
	for _, a := range r.consent.list() {
		s.Allowed = append(s.Allowed, safe.Text(a.Host))
	}
	for _, f := range r.copies.files() {
		s.Copies++
		s.Bytes += f.size
	}
	return s
}

// Addresses are what a directory answers to, host and path: its git remotes
// and the sites whose sources it holds. No page is read and no program runs.
func Addresses(path string) []string {
	r := newRoot(Checkout{Path: path})
	dir, err := os.OpenRoot(r.dir)
	if err != nil {
		return nil
	}
	defer dir.Close() //nolint:errcheck // only read
	var out []string
	for _, p := range r.prefixes(&known{git: readGit(r.dir), sites: readSites(dir)}) {
		out = append(out, p.String())
	}
	return out
}
