package page

import (
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

type diffsJSON struct {
	partJSON
	Note string `json:"note"`
}

// diffJSON is what lies between from_revision and revision of a change. The
// author of a commit stands with the commit only.
type diffJSON struct {
	Total      int          `json:"total"`
	Back       bool         `json:"back"`
	Dropped    int          `json:"dropped"`
	Files      int          `json:"files"`
	Added      *int         `json:"added"` // null: not known
	Removed    *int         `json:"removed"`
	CompareURL safe.Value   `json:"compare_url"`
	Commits    []commitJSON `json:"commits"`
}

type commitJSON struct {
	Revision safe.Value `json:"revision"`
	Title    safe.Value `json:"title"`
	Author   safe.Value `json:"author"`
	At       *time.Time `json:"at"`
}

func diffOf(d sources.Diff) *diffJSON {
	out := &diffJSON{Total: d.Total, Back: d.Back, Dropped: d.Dropped, Files: d.Files, CompareURL: d.CompareURL,
		Commits: make([]commitJSON, 0, len(d.Commits))}
	if !d.NoLines {
		out.Added, out.Removed = &d.Added, &d.Removed
	}
	for _, c := range d.Commits {
		out.Commits = append(out.Commits, commitJSON{c.Revision, c.Title, c.Author, stamp(c.At)})
	}
	return out
}
