package resolve

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
)

// maxStubName bounds the name of an alert that becomes a file's, in bytes.
const maxStubName = 100

// stub is where a runbook would be found that is not there: where the link
// leads in a checkout, else under the alert's name where the most runbooks of
// the first readable checkout are.
func (r *Resolver) stub(c *climb) runbook.Stub {
	if c.stub.Rel != "" {
		return c.stub
	}
	name := c.ref.Alert.Raw()
	if !plainName(name) {
		return runbook.Stub{}
	}
	for _, ro := range r.roots {
		if k := ro.get(r.now()); k.err == nil {
			return runbook.Stub{Root: ro.dir, Rel: path.Join(k.index.fullest(), name+".md")}
		}
	}
	return runbook.Stub{}
}

// plainName reports whether a name is one that every system takes for a file.
func plainName(name string) bool {
	return name != "" && len(name) <= maxStubName && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == ""
}

// fullest is the folder with the most pages, of several the first by name; ""
// is the top.
func (x *index) fullest() string {
	pages := map[string]int{}
	best := ""
	for _, f := range x.files {
		dir := path.Dir(f.rel)
		if dir == "." {
			dir = ""
		}
		pages[dir]++
		if n := pages[dir]; n > pages[best] || n == pages[best] && dir < best {
			best = dir
		}
	}
	return best
}

// Begin creates the file of a stub, and the folders above it, in one of the
// configured checkouts. A file that is there already is left as it is, and is
// an error. The next Resolve knows the new one.
func (r *Resolver) Begin(s runbook.Stub, text []byte) (err error) {
	i := slices.IndexFunc(r.roots, func(ro *root) bool { return ro.dir == s.Root })
	if i < 0 {
		return errors.New("no checkout is configured at " + safe.Text(s.Root))
	}
	dir, err := os.OpenRoot(s.Root) // nothing outside is reached, whatever links lie in between
	if err != nil {
		return fmt.Errorf("the checkout cannot be opened: %w", err)
	}
	defer dir.Close() //nolint:errcheck // nothing was written through it that is not closed
	name := filepath.FromSlash(s.Rel)
	if err := dir.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("the folder cannot be made: %w", err)
	}
	f, err := dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("the file cannot be made: %w", err)
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, dir.Remove(name))
	}
	r.roots[i].refresh(r.now())
	return nil
}
