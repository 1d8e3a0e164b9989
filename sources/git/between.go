package git

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/gitrepo"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

const (
	maxCommits = 50  // listed
	maxTitle   = 300 // bytes of a commit's subject or a name
)

// Between says what lies between two revisions of a service: hashes, tags,
// versions, image tags (see [service.candidates]). NotFound: the clone is not about
// the service, or has not got one of the revisions.
func (s *Source) Between(ctx context.Context, name, from, to string) (sources.Diff, error) {
	v, ok := s.find(name)
	if !ok {
		return sources.Diff{}, &sources.Error{Kind: sources.NotFound, Source: s.id, URL: safe.Text(s.path),
			Detail: safe.Outside("not the code of " + name)}
	}
	at, err := s.commits(ctx, v, from, to)
	if err != nil {
		return sources.Diff{}, err
	}
	d := sources.Diff{}
	older, newer := at[0], at[1]
	gone, come, err := s.count(ctx, v, older, newer)
	if err != nil {
		return sources.Diff{}, err
	}
	switch {
	case come == 0 && gone > 0:
		d.Back, d.Total = true, gone
		older, newer = newer, older
	default:
		d.Total, d.Dropped = come, gone
	}
	if d.Commits, err = s.list(ctx, v, older, newer); err != nil {
		return sources.Diff{}, err
	}
	if err := s.size(ctx, v, at[0], at[1], &d); err != nil {
		return sources.Diff{}, err
	}
	// No origin is an error of git, and a clone without one a clone.
	if remote, err := s.git(ctx, "", "remote", "get-url", "--", "origin"); err == nil {
		d.CompareURL = safe.Outside(gitrepo.ComparePage(gitrepo.WebAddress(strings.TrimSpace(remote)), older, newer))
	}
	return d, nil
}

// commits are the full hashes of the revisions, in their order.
func (s *Source) commits(ctx context.Context, v service, revisions ...string) ([]string, error) {
	var names []string
	of := make([]int, 0, len(revisions)) // where the candidates of a revision end
	for _, r := range revisions {
		names = append(names, v.candidates(r)...)
		of = append(of, len(names))
	}
	out, err := s.git(ctx, strings.Join(names, "\n")+"\n", "cat-file", "--batch-check=%(objectname) %(objecttype)")
	if err != nil {
		return nil, err
	}
	answers := strings.Split(strings.TrimRight(out, "\n"), "\n")
	if len(names) > 0 && len(answers) != len(names) {
		return nil, &sources.Error{Kind: sources.BadResponse, Source: s.id, URL: safe.Text(s.path), Detail: safe.Outside("git answers fewer questions than were asked")}
	}
	found := make([]string, len(revisions))
	start := 0
	for i, end := range of {
		for k := start; k < end && found[i] == ""; k++ {
			if hash, kind, _ := strings.Cut(answers[k], " "); kind == "commit" && fullHash.MatchString(hash) {
				found[i] = hash
			}
		}
		if found[i] == "" {
			return nil, s.unknown(ctx, "revision %s is not in the clone", revisions[i])
		}
		start = end
	}
	return found, nil
}

// paths limits a question to the service's folder.
func (v service) paths() []string {
	if v.dir == "" {
		return nil
	}
	return []string{"--", v.dir}
}

// count is how many commits only the first and only the second has, merges
// left out.
func (s *Source) count(ctx context.Context, v service, a, b string) (gone, come int, err error) {
	args := append([]string{"rev-list", "--left-right", "--count", "--no-merges", a + "..." + b}, v.paths()...)
	out, err := s.git(ctx, "", args...)
	if err != nil {
		return 0, 0, err
	}
	if _, err := fmt.Sscan(out, &gone, &come); err != nil {
		return 0, 0, &sources.Error{Kind: sources.BadResponse, Source: s.id, URL: safe.Text(s.path), Detail: safe.Outside("git counts " + out), Err: err}
	}
	if gone > 0 && come > 0 {
		// Where a shallow clone ends, two revisions of one line look like two lines.
		if _, err := s.git(ctx, "", "merge-base", a, b); err != nil {
			if sources.IsKind(err, sources.Unavailable) {
				return 0, 0, s.unknown(ctx, "the clone does not reach back to where %s and %s meet", sources.ShortRevision(a), sources.ShortRevision(b))
			}
			return 0, 0, err
		}
	}
	return gone, come, nil
}

// list is the newest commits that newer has and older has not.
func (s *Source) list(ctx context.Context, v service, older, newer string) ([]sources.Commit, error) {
	args := append([]string{"log", "--no-merges", "--max-count=" + strconv.Itoa(maxCommits), "--no-show-signature", "--no-color",
		"--no-patch", "--encoding=UTF-8", "--format=%H%x00%ct%x00%aN%x00%s%x00", older + ".." + newer}, v.paths()...)
	out, err := s.git(ctx, "", args...)
	if err != nil {
		return nil, err
	}
	f := strings.Split(out, "\x00")
	var list []sources.Commit
	for ; len(f) > 4; f = f[4:] {
		sec, _ := strconv.ParseInt(f[1], 10, 64)
		list = append(list, sources.Commit{Revision: safe.Outside(strings.TrimSpace(f[0])), At: time.Unix(sec, 0).UTC(),
			Author: brief(f[2]), Title: brief(f[3])})
	}
	return list, nil
}

// brief is a text of one line from the clone, cut where nobody reads on.
func brief(text string) safe.Value {
	if len(text) > maxTitle {
		text = strings.ToValidUTF8(text[:maxTitle], "") + "…"
	}
	return safe.Outside(text)
}

var shortStat = regexp.MustCompile(`^ *([0-9]+) files? changed(?:, ([0-9]+) insertions?\(\+\))?(?:, ([0-9]+) deletions?\(-\))?`)

// size fills in files and lines. A clone without the files' contents (partial)
// can tell which files differ, but not by how much.
func (s *Source) size(ctx context.Context, v service, a, b string, d *sources.Diff) error {
	ask := func(args ...string) (string, error) {
		args = append([]string{"diff-tree", "-r", "--no-ext-diff", "--no-textconv", "--no-color"}, args...)
		return s.git(ctx, "", append(append(args, a, b), v.paths()...)...)
	}
	out, err := ask("--shortstat", "--find-renames")
	if err == nil {
		if m := shortStat.FindStringSubmatch(out); m != nil {
			d.Files, d.Added, d.Removed = number(m[1]), number(m[2]), number(m[3])
		}
		return nil
	}
	if !sources.IsKind(err, sources.Unavailable) {
		return err
	}
	if out, err = ask("--name-only", "-z", "--no-renames"); err != nil {
		return err
	}
	d.Files, d.NoLines = strings.Count(out, "\x00"), true
	return nil
}

// number reads digits; none are 0.
func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}
