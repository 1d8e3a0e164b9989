package resolve

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/state"
)

const (
	// freshFor is how long a copy is used without asking whether it changed.
	freshFor = time.Hour
	// maxCache is how many bytes all copies may take; the oldest go first. The
	// largest public collection of runbooks has 3 MB.
	maxCache = 128 << 20
	// format is how a page is turned into a text. A copy of another format is
	// shown, and fetched whole the next time.
	format = 1

	copySuffix = ".page"
)

// copied is a page's text as it was fetched, Markdown already.
type copied struct {
	Key          string    `json:"url"`          // target.key
	From         string    `json:"from"`         // the address that gave it, before redirects
	At           string    `json:"at,omitempty"` // where a redirect has led, for relative links; empty: nowhere else
	FetchedAt    time.Time `json:"fetched_at"`
	ETag         string    `json:"etag,omitempty"`
	LastModified string    `json:"last_modified,omitempty"`
	ContentType  string    `json:"content_type,omitempty"` // of what was sent
	Plain        bool      `json:"plain,omitempty"`        // the page could not be taken apart
	Format       int       `json:"format"`

	text []byte
}

// copies is the cache: one file for each page, a line of JSON and the text.
// Without a directory there is none.
type copies struct {
	dir state.Dir
	max int64
	gen atomic.Uint64 // grows with every change of this process
}

func fileName(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:16]) + copySuffix
}

// get is the copy of a page; nil: there is none.
func (c *copies) get(key string) *copied {
	if c.dir.Path() == "" {
		return nil
	}
	b, err := c.dir.ReadBytes(fileName(key))
	if err != nil {
		return nil
	}
	head, text, ok := bytes.Cut(b, []byte{'\n'})
	var p copied
	if !ok || json.Unmarshal(head, &p) != nil || p.Key != key || p.FetchedAt.IsZero() {
		return nil
	}
	p.text = text
	return &p
}

// put keeps a copy, and makes room for it.
func (c *copies) put(p *copied) error {
	if c.dir.Path() == "" {
		return nil
	}
	head, err := json.Marshal(p)
	if err != nil {
		return err
	}
	c.gen.Add(1)
	if err := c.dir.WriteBytes(fileName(p.Key), append(append(head, '\n'), p.text...)); err != nil {
		return err
	}
	c.trim(fileName(p.Key))
	return nil
}

// stored is one file of the cache.
type stored struct {
	name string
	size int64
	at   time.Time
}

func (c *copies) files() []stored {
	if c.dir.Path() == "" {
		return nil
	}
	names, err := c.dir.List("*" + copySuffix)
	if err != nil {
		return nil
	}
	var out []stored
	for _, n := range names {
		if st, err := os.Stat(c.dir.File(n)); err == nil {
			out = append(out, stored{n, st.Size(), st.ModTime()})
		}
	}
	return out
}

// trim removes the oldest copies beyond the cap, never the one just written.
func (c *copies) trim(keep string) {
	files := c.files()
	total := int64(0)
	for _, f := range files {
		total += f.size
	}
	slices.SortFunc(files, func(a, b stored) int { return a.at.Compare(b.at) })
	for _, f := range files {
		if total <= c.max {
			return
		}
		if f.name == keep {
			continue
		}
		if c.dir.Remove(f.name) == nil {
			total -= f.size
		}
	}
}
