package git

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/gitrepo"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// maxTags is how many of the newest tags are looked at.
const maxTags = 5000

// Changes lists the tags of the services since then, newest first, each as a
// deploy in the state Tagged: nothing says that it was one. Which version was
// there before is not said, because a tag does not know it. A clone that cannot be
// read is an error of kind NotFound or Unauthorized.
func (s *Source) Changes(ctx context.Context, since time.Time) ([]sources.Change, error) {
	tags, err := s.tags(ctx)
	if err != nil {
		return nil, err
	}
	var out []sources.Change
	for _, v := range s.services {
		named := slices.ContainsFunc(tags, func(t tag) bool { _, n := v.versionOf(t.name); return n })
		for _, t := range tags {
			text, ofIt := v.versionOf(t.name)
			// A tag that names no service is about every service of the clone,
			// unless they have tags of their own.
			if text == "" || !ofIt && named && !v.alone || t.at.Before(since) {
				continue
			}
			out = append(out, sources.Change{
				ID: safe.Text(v.name + " " + t.name), Source: s.id, Kind: sources.Deploy, State: sources.Tagged,
				Service: safe.Outside(v.name), Version: safe.Outside(text), Revision: safe.Outside(t.commit),
				StartedAt: t.at, Title: t.title, Evidence: []safe.Value{safe.Outside("tag " + t.name)},
			})
		}
	}
	slices.SortStableFunc(out, func(a, b sources.Change) int { return b.StartedAt.Compare(a.StartedAt) })
	notes := s.age(ctx)
	s.mu.Lock()
	s.notes = notes
	s.mu.Unlock()
	return out, nil
}

// Notes says when the clone has not been brought up to date for long.
func (s *Source) Notes() []safe.Value {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.notes)
}

// tag is one tag of a commit.
type tag struct {
	name   string
	commit string // full hash
	at     time.Time
	title  safe.Value
}

// tags are the newest tags of commits. An annotated tag has a time of its own,
// any other that of its commit.
func (s *Source) tags(ctx context.Context) ([]tag, error) {
	out, err := s.git(ctx, "", "for-each-ref", "--sort=-creatordate", "--count="+strconv.Itoa(maxTags),
		"--format=%(refname)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)%00%(creatordate:unix)%00%(contents:subject)%00", "refs/tags")
	if err != nil {
		return nil, err
	}
	var tags []tag
	for f := strings.Split(out, "\x00"); len(f) > 7; f = f[7:] {
		kind, hash := f[1], f[2]
		if kind == "tag" {
			kind, hash = f[3], f[4]
		}
		sec, err := strconv.ParseInt(f[5], 10, 64)
		if kind != "commit" || err != nil {
			continue // of a tag, a tree or a file: not a state of the code
		}
		tags = append(tags, tag{name: strings.TrimPrefix(strings.TrimSpace(f[0]), "refs/tags/"), commit: hash,
			at: time.Unix(sec, 0).UTC(), title: brief(f[6])})
	}
	return tags, nil
}

// staleAfter is how long a clone may go without a fetch before it is said.
const staleAfter = 7 * 24 * time.Hour

// age says when the clone was last fetched, if that is long ago.
func (s *Source) age(ctx context.Context) []safe.Value {
	remotes, err := s.git(ctx, "", "remote")
	if err != nil || remotes == "" {
		return nil
	}
	dirs, err := s.git(ctx, "", "rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir")
	if err != nil {
		return nil
	}
	own, common, _ := strings.Cut(strings.TrimSpace(dirs), "\n")
	at := gitrepo.FetchedAt(own, common)
	if ago := s.now().Sub(at); !at.IsZero() && ago > staleAfter {
		return []safe.Value{safe.Outside("last fetched " + sources.Span(ago) + " ago, newer tags and commits are not seen: git -C " + s.shown() + " fetch --tags")}
	}
	return nil
}
