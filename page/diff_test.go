package page

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// clones knows what lies between revisions, written "service from to".
type clones struct {
	known map[string]sources.Diff
	err   error // for the others

	mu    sync.Mutex
	asked []string
}

func (c *clones) Between(_ context.Context, service, from, to string) (sources.Diff, error) {
	key := service + " " + from + " " + to
	c.mu.Lock()
	c.asked = append(c.asked, key)
	c.mu.Unlock()
	if d, ok := c.known[key]; ok {
		return d, nil
	}
	return sources.Diff{}, c.err
}

func threeCommits() sources.Diff {
	return sources.Diff{Total: 3, Files: 2, Added: 142, Removed: 18, CompareURL: safe.Outside("https://github.com/acme/checkout/compare/a...b"),
		Commits: []sources.Commit{{Revision: safe.Outside("8d41f2c"), Title: safe.Outside("ask again"), Author: safe.Outside("Ada"), At: now}}}
}

func TestDiffWords(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]sources.Diff{
		"3 commits, +142 -18":             threeCommits(),
		"1 commit, +1 -0":                 {Total: 1, Files: 1, Added: 1},
		"3 commits taken out, +18 -142":   {Total: 3, Back: true, Files: 2, Added: 18, Removed: 142},
		"1 commit and 3 taken out, +4 -4": {Total: 1, Dropped: 3, Files: 3, Added: 4, Removed: 4},
		"2 commits in 5 files":            {Total: 2, Files: 5, NoLines: true},
		"1 commit taken out in 1 file":    {Total: 1, Back: true, Files: 1, NoLines: true},
		"1 commit":                        {Total: 1, NoLines: true},
		"no commits":                      {},
	} {
		if got := DiffWords(d); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func notFound(hint string) error {
	return &sources.Error{Kind: sources.NotFound, Detail: safe.Outside("revision 1.42.0 is not in the clone"), Hint: hint}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	knows := &clones{known: map[string]sources.Diff{"checkout 1.41.0 1.42.0": threeCommits(), "checkout aaa bbb": {Total: 1}}}
	behind, other, broken := &clones{err: notFound("git fetch")}, &clones{err: notFound("")}, &clones{err: sources.Errorf(sources.Timeout, "slow")}
	revised := deploy()
	revised.FromRevision, revised.Revision = safe.Outside("aaa"), safe.Outside("bbb")
	for name, tc := range map[string]struct {
		asked []sources.Commits
		c     sources.Change
		total int
		err   string
	}{
		"the first that knows":    {[]sources.Commits{other, broken, behind, knows}, deploy(), 3, ""},
		"revisions before names":  {[]sources.Commits{knows}, revised, 1, ""},
		"nobody":                  {[]sources.Commits{other}, deploy(), 0, "no connected repository has checkout"},
		"nobody is connected":     {nil, deploy(), 0, "no connected repository has checkout"},
		"one is behind":           {[]sources.Commits{other, behind}, deploy(), 0, "revision 1.42.0 is not in the clone (git fetch)"},
		"one is broken":           {[]sources.Commits{behind, broken}, deploy(), 0, "slow"},
		"nothing to look between": {[]sources.Commits{knows}, sources.Change{Service: safe.Outside("checkout")}, 0, "does not name two revisions"},
	} {
		d, err := (&Assembler{Commits: tc.asked}).Describe(t.Context(), tc.c)
		if d.Total != tc.total || (tc.err == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), tc.err) {
			t.Errorf("%s: %v, %v", name, d, err)
		}
	}
}

func TestDescribeAll(t *testing.T) {
	t.Parallel()
	known := map[string]sources.Diff{}
	var cs []sources.Change
	for i := range 50 {
		c := deploy()
		c.Version = safe.Outside(fmt.Sprint(i))
		if i%2 == 0 {
			known[fmt.Sprintf("checkout 1.41.0 %d", i)] = sources.Diff{Total: i + 1}
		}
		cs = append(cs, c)
	}
	got := (&Assembler{Commits: []sources.Commits{&clones{known: known, err: notFound("")}}}).DescribeAll(t.Context(), cs)
	for i, c := range got {
		if (c.Diff != nil) != (i%2 == 0) || c.Diff != nil && c.Diff.Total != i+1 || cs[i].Diff != nil {
			t.Fatalf("%d: %+v", i, c.Diff)
		}
	}
}

// The diffs of the top suspects arrive behind, stay on a newer board, and are
// asked for once.
func TestDiffsOfTheTopSuspects(t *testing.T) {
	t.Parallel()
	a := assembler(&server{})
	repos := &clones{known: map[string]sources.Diff{"checkout 1.41.0 1.42.0": threeCommits()}, err: notFound("")}
	a.Commits = []sources.Commits{repos}
	p := openBurn(t)
	if p.Ranking.Suspects[0].Diff != nil {
		t.Fatal("the board has no diff")
	}
	p = a.All(t.Context(), p)
	check := func(what string, asked int) {
		t.Helper()
		if d := p.Ranking.Suspects[0].Diff; d == nil || d.Total != 3 || p.Diffs.State != OK || len(repos.asked) != asked {
			t.Errorf("%s: %+v, %s, asked %v", what, d, p.Diffs.State, repos.asked)
		}
	}
	check("loaded", 1)
	board := build(snapshot(burn()), now)
	p = p.Rebase(board)
	check("on a newer board", 1)
	if board.Changes[0].Diff != nil {
		t.Error("the board itself was written to")
	}
	p = a.All(t.Context(), p.Again(PartDiffs))
	check("asked again", 1)

	s := snapshot(burn())
	second := deploy()
	second.ID, second.FromVersion, second.Version, second.StartedAt = "d2", safe.Outside("1.42.0"), safe.Outside("1.42.1"), now.Add(-time.Minute)
	s.Changes[0].Items = append([]sources.Change{second}, s.Changes[0].Items...)
	p = p.Rebase(build(s, now))
	if due := a.Due(p); len(due) != 1 || due[0] != PartDiffs {
		t.Errorf("due with a new suspect: %v", due)
	}
	p = a.All(t.Context(), p)
	if len(a.Due(p)) != 0 || len(repos.asked) != 2 {
		t.Errorf("due %v, asked %v", a.Due(p), repos.asked)
	}
	p = p.Rebase(build(s, now))
	if due := a.Due(p); len(due) != 0 {
		t.Errorf("what nobody knows is due at once: %v", due)
	}
}

func TestDiffsThatAreNotKnown(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err   error
		state State
		text  string
	}{
		"no repository": {notFound(""), Absent, ""},
		"behind":        {notFound("git -C ~/src/checkout fetch"), Absent, "Not every change's commits are known: revision 1.42.0 is not in the clone (git -C ~/src/checkout fetch)"},
		"broken":        {sources.Errorf(sources.Timeout, "git did not answer in time"), Failed, "Not every change's commits are known: git did not answer in time"},
	} {
		a := assembler(&server{})
		a.Commits = []sources.Commits{&clones{err: tc.err}}
		p := a.All(t.Context(), openBurn(t))
		var b bytes.Buffer
		if err := WriteText(&b, p, TextOptions{}); err != nil {
			t.Fatal(err)
		}
		if said := strings.Contains(b.String(), "Not every change"); p.Diffs.State != tc.state || said != (tc.text != "") || !strings.Contains(b.String(), tc.text) {
			t.Errorf("%s: %s, %v\n%s", name, p.Diffs.State, p.Diffs.Err, b.String())
		}
	}
}

func TestWritersShowDiffs(t *testing.T) {
	t.Parallel()
	a := assembler(&server{})
	hostile := threeCommits()
	hostile.Commits[0].Title, hostile.CompareURL = safe.Outside("a\x1b[2J`@ada`"), safe.Outside("https://github.com/acme/checkout/compare/a...b")
	a.Commits = []sources.Commits{&clones{known: map[string]sources.Diff{"checkout 1.41.0 1.42.0": hostile}}}
	p := a.All(t.Context(), openBurn(t))
	var text, md bytes.Buffer
	if err := WriteText(&text, p, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := WriteMarkdown(&md, p, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	for out, want := range map[string]string{
		text.String(): "checkout deploy 1.41.0 -> 1.42.0, on 3 of 3, 3 commits, +142 -18, ",
		md.String():   "`checkout deploy 1.41.0 -> 1.42.0, on 3 of 3, 3 commits, +142 -18`, ",
	} {
		if !strings.Contains(out, want) || strings.Contains(out, "Ada,") {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if !strings.Contains(md.String(), "<https://github.com/acme/checkout/compare/a...b>") {
		t.Error(md.String())
	}
	m := fields(t, JSON(p))
	suspect := m["suspects"].([]any)[0].(map[string]any)
	diff := suspect["diff"].(map[string]any)
	if diff["total"] != 3.0 || diff["added"] != 142.0 || diff["removed"] != 18.0 || diff["files"] != 2.0 {
		t.Errorf("%v", diff)
	}
	keys(t, diff["commits"].([]any)[0].(map[string]any), "revision title author at")
	keys(t, diff, "total back dropped files added removed compare_url commits")
	keys(t, m["changes"].(map[string]any)["diffs"].(map[string]any), "state as_of error note")
	unknown := fields(t, ChangeJSON(sources.Change{Diff: &sources.Diff{Total: 1, NoLines: true}}))["diff"].(map[string]any)
	if unknown["added"] != nil || unknown["removed"] != nil {
		t.Errorf("unknown lines are shown as %v", unknown)
	}
}

// More is not asked of the repositories than what is shown.
func TestOnlyTheTopIsDescribed(t *testing.T) {
	t.Parallel()
	s := snapshot(burn())
	for i := range 9 {
		c := deploy()
		c.ID, c.Version = fmt.Sprint("x", i), safe.Outside(fmt.Sprint("2.", i))
		c.StartedAt = c.StartedAt.Add(-time.Duration(i+1) * time.Minute)
		s.Changes[0].Items = append(s.Changes[0].Items, c)
	}
	repos := &clones{err: notFound("")}
	a := assembler(&server{})
	a.Commits = []sources.Commits{repos}
	p, _ := Open(triage.Build(s, triage.Defaults(), now), burn().ID, nil)
	a.All(t.Context(), p)
	if len(repos.asked) != TopSuspects {
		t.Errorf("asked %v", repos.asked)
	}
}
