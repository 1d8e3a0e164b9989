package changes

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// Key names a change across refreshes.
func Key(c sources.Change) string {
	return strings.Join([]string{c.Source.Kind, c.Source.Name, c.Source.Cluster, c.Service.String(), cmp.Or(c.ID, c.StartedAt.String())}, "\x00")
}

// verdict is a verdict in its column.
func verdict(t theme.Theme, v triage.Verdict) string {
	s := frame.Pad(string(v), verdictWidth)
	switch v {
	case triage.Likely:
		return t.AccentBold.Paint(s)
	case triage.Possible:
		return s
	}
	return t.Muted.Paint(s)
}

// because is why a suspect has its verdict, behind how much it brought.
func because(s triage.Suspect) string {
	if s.Diff == nil {
		return s.Reason
	}
	return page.DiffWords(*s.Diff) + ". " + s.Reason
}

// nothingWords say what it means that no change is listed. Empty: some are, or
// it was said already.
func nothingWords(r triage.Ranking) string {
	switch {
	case len(r.Suspects) > 0 || r.NoneFound:
		return ""
	case len(r.Asked) == 0 && len(r.Failed) == 0:
		return "Not known yet: no source of changes has answered."
	case len(r.Failed) > 0:
		return fmt.Sprintf("No change is known, but %d of %d sources did not answer: one cannot be ruled out.", len(r.Failed), len(r.Asked)+len(r.Failed))
	}
	return "No change is known, but the sources below cannot see everything: one cannot be ruled out."
}

// askedRows say who answered and who did not, and what nobody could tell, in
// words, in rows of w cells. The failures never go.
func askedRows(t theme.Theme, r triage.Ranking, w int, now time.Time, loc *time.Location) []string {
	var rows []string
	var asked []string
	if len(r.Asked) > 0 {
		asked = append(asked, "Asked: "+names(r.Asked)+".")
	}
	if unseen := page.UnseenWords(r); unseen != "" {
		asked = append(asked, unseen)
	}
	rows = append(rows, paint(t.Muted, frame.Wrap(strings.Join(asked, " "), w))...)
	for _, f := range r.Failed {
		text := "NOT ASKED: " + page.SourceName(f.Source)
		if f.Err != nil && (f.Err.Kind == sources.Timeout || f.Err.Kind == sources.Unavailable) {
			text = "NO ANSWER: " + page.SourceName(f.Source)
		}
		switch {
		case f.Err != nil && !f.Since.IsZero():
			text += ", " + f.Err.Short() + " since " + page.Clock(f.Since, now, loc)
		case f.Err != nil:
			text += ", " + f.Err.Short()
		default:
			text += ", no answer yet"
		}
		rows = append(rows, paint(t.Warning, frame.Wrap(text+".", w))...)
	}
	for _, st := range r.Asked {
		for _, n := range st.Notes {
			rows = append(rows, paint(t.Warning, frame.Wrap(page.SourceName(st.Source)+": "+n.String()+".", w))...)
		}
	}
	return rows
}

// askedBriefly is askedRows in at most most rows (never fewer than one for those
// that did not answer and one for those that did), the failures first.
func askedBriefly(t theme.Theme, r triage.Ranking, w, most int, now time.Time, loc *time.Location) []string {
	if rows := askedRows(t, r, w, now, loc); len(rows) <= most {
		return rows
	}
	var rows []string
	if len(r.Failed) > 0 {
		text := fmt.Sprintf("NOT ASKED: %d of %d sources: %s.", len(r.Failed), len(r.Asked)+len(r.Failed), names(r.Failed))
		rows = append(rows, t.Warning.Paint(frame.Cut(text, w)))
	}
	if len(r.Asked) > 0 && (len(rows) < most || len(rows) == 0) {
		rows = append(rows, t.Muted.Paint(frame.Cut("Asked: "+names(r.Asked)+".", w)))
	}
	return rows
}

func paint(s theme.Style, rows []string) []string {
	for i := range rows {
		rows[i] = s.Paint(rows[i])
	}
	return rows
}

func names(sts []sources.Status) string {
	var out []string
	for _, st := range sts {
		out = append(out, page.SourceName(st.Source))
	}
	return strings.Join(out, ", ")
}

// elsewhere says in which cluster a change was made, if that is not the page's.
func elsewhere(c sources.Change, cluster string) string {
	if c.Cluster == "" || c.Cluster == cluster {
		return ""
	}
	return ", in " + safe.Text(c.Cluster)
}
