package ical

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/state"
)

const notModified = http.StatusNotModified

// copyVersion is that of the form in which copies are kept.
const copyVersion = 1

// touchAfter is how old the time of a copy may be before it is written anew for
// an answer that has not changed.
const touchAfter = 30 * time.Minute

// kept is an answer that is kept for when there is none. The address is not in
// it.
type kept struct {
	At           time.Time `json:"at"` // when it was last known to hold
	ETag         string    `json:"etag,omitempty"`
	LastModified string    `json:"last_modified,omitempty"`
	Text         string    `json:"text"`
}

func (k *kept) version() version { return version{k.ETag, k.LastModified} }

// copied is where the copy of one feed is. Keeping one is a help, never a
// condition: what goes wrong with it costs the copy and no more.
type copied struct {
	dir  state.Dir
	name string
}

// fileName tells nothing of the address.
func fileName(at string) string {
	sum := sha256.Sum256([]byte(at))
	return hex.EncodeToString(sum[:16]) + ".json"
}

// get is the copy; nil: there is none.
func (c copied) get() *kept {
	var k kept
	if c.dir.Path() == "" || c.dir.ReadFile(c.name, copyVersion, &k) != nil || k.Text == "" {
		return nil
	}
	return &k
}

func (c copied) put(text string, v version, now time.Time) {
	if c.dir.Path() != "" {
		_ = c.dir.WriteFile(c.name, copyVersion, kept{now.UTC(), v.etag, v.modified, text})
	}
}

// touch keeps that the copy, which is k if it was read already, still holds.
func (c copied) touch(k *kept, now time.Time) {
	if k == nil {
		k = c.get()
	}
	if k != nil && now.Sub(k.At) > touchAfter {
		c.put(k.Text, k.version(), now)
	}
}
