package resolve

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/gitrepo"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
)

// editedWait is how long opening a runbook may wait for git to say when the
// file was last changed. It is nice to know, not worth waiting for.
const editedWait = 300 * time.Millisecond

// open reads and parses a file or page that was found.
func (r *Resolver) open(ctx context.Context, ref runbook.Ref, f *found) (runbook.Document, error) {
	if f.page != nil {
		at := f.url
		if f.page.At != "" {
			at = f.page.At
		}
		d := runbook.ParseFile(f.page.text, runbook.Where{Via: f.via, URL: at, AsOf: f.page.FetchedAt})
		if f.page.Plain {
			d.Cut = append(d.Cut, "the page could not be taken apart: these are its bare words")
		}
		return d, nil
	}
	src, mtime, err := f.root.readFile(f.rel)
	if err != nil {
		return runbook.Document{}, err
	}
	w := runbook.Where{
		Via:      f.via,
		Path:     f.path(),
		Rel:      f.rel,
		Root:     f.root.dir,
		AsOf:     mtime.UTC(),
		Edited:   f.root.editedAt(ctx, f.at, f.rel),
		Revision: sources.ShortRevision(f.at.git.revision),
		Also:     f.also,
		URL:      f.root.webURL(f.at, f.rel),
	}
	if f.via == runbook.ViaCheckout && w.URL == "" {
		w.URL = publicURL(ref)
	}
	return runbook.ParseFile(src, w), nil
}

// publicURL is the link itself when it is a web address, without user and
// password.
func publicURL(ref runbook.Ref) string {
	link := ref.Link.Raw()
	scheme, rest, ok := strings.Cut(link, "://")
	if !ok || !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		return ""
	}
	host, tail, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		host = host[at+1:]
	}
	return strings.ToLower(scheme) + "://" + host + "/" + tail
}

// readFile reads a file of the checkout, one byte beyond the cap at most so
// that Parse sees that there is more.
func (r *root) readFile(rel string) ([]byte, time.Time, error) {
	dir, err := os.OpenRoot(r.dir)
	if err != nil {
		return nil, time.Time{}, err
	}
	defer dir.Close() //nolint:errcheck // only read
	name := filepath.FromSlash(rel)
	st, err := dir.Stat(name)
	if err != nil {
		return nil, time.Time{}, err
	}
	src, err := readRegular(dir, name, runbook.MaxSource+1)
	switch {
	case err != nil:
		return nil, time.Time{}, err
	case binary(src):
		return nil, time.Time{}, errBinary
	}
	return src, st.ModTime(), nil
}

// editedAt asks git when a file was last committed. Zero: not known.
func (r *root) editedAt(ctx context.Context, k *known, rel string) time.Time {
	if k.git.revision == "" {
		return time.Time{}
	}
	key := k.git.revision + " " + rel
	r.mu.Lock()
	at, ok := r.edited[key]
	r.mu.Unlock()
	if ok {
		return at
	}
	out, err := gitrepo.Read(ctx, gitrepo.Question{
		Dir: r.dir, Inside: true, Timeout: editedWait, Args: []string{"log", "-1", "--format=%ct", "--no-show-signature", "--", rel},
	})
	if ctx.Err() != nil {
		return time.Time{}
	}
	if sec, perr := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64); err == nil && perr == nil {
		at = time.Unix(sec, 0).UTC()
	}
	r.mu.Lock()
	r.edited[key] = at
	r.mu.Unlock()
	return at
}
