package config

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/state"
)

// trustFile holds what is trusted, below the state directory.
const (
	trustFile    = "trust.json"
	trustVersion = 1
	lockWait     = 5 * time.Second
)

// Trust is one grant that the user gave. Only the hash decides; the rest is
// for the user's eyes.
type Trust struct {
	Hash string    `json:"hash"`
	Key  string    `json:"key"`
	What string    `json:"what"` // the grant in one clean line, secrets masked
	File string    `json:"file"` // file:line:column when it was given
	At   time.Time `json:"at"`
}

// TrustStore keeps grants between runs. It is safe for concurrent use, also by
// several processes.
type TrustStore struct{ dir state.Dir }

// NewTrustStore keeps its file in dir. It does no I/O.
func NewTrustStore(dir state.Dir) TrustStore { return TrustStore{dir} }

// List reads what is trusted, oldest first. A file that cannot be used is an
// error, and nothing is trusted then.
func (s TrustStore) List() ([]Trust, error) {
	var list []Trust
	err := s.dir.ReadFile(trustFile, trustVersion, &list)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return list, nil
}

// Add trusts these grants from now on.
func (s TrustStore) Add(ctx context.Context, now time.Time, grants ...Grant) error {
	return s.change(ctx, func(list []Trust) []Trust {
		for _, g := range grants {
			list = slices.DeleteFunc(list, func(t Trust) bool { return t.Hash == g.Hash })
			list = append(list, Trust{Hash: g.Hash, Key: g.Key, What: g.String(), File: g.Place.String(), At: now.UTC().Truncate(time.Second)})
		}
		return list
	})
}

// Forget takes trust away from the hashes that begin with one of these texts,
// and gives what was forgotten.
func (s TrustStore) Forget(ctx context.Context, prefixes ...string) (gone []Trust, err error) {
	err = s.change(ctx, func(list []Trust) []Trust {
		return slices.DeleteFunc(list, func(t Trust) bool {
			hit := slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(t.Hash, p) })
			if hit {
				gone = append(gone, t)
			}
			return hit
		})
	})
	return gone, err
}

func (s TrustStore) change(ctx context.Context, f func([]Trust) []Trust) error {
	ctx, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	unlock, err := s.dir.Lock(ctx, trustFile)
	if err != nil {
		return err
	}
	defer unlock()
	list, err := s.List()
	var bad *state.BadFile
	if err != nil && !errors.As(err, &bad) { // one that is bad was moved aside
		return err
	}
	return s.dir.WriteFile(trustFile, trustVersion, f(list))
}
