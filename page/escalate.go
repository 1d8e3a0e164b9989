package page

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/runbook"
)

// WriteEscalation writes a few lines to paste where help is asked for: what is
// wrong, what may have caused it, where the runbook is, who is on call. Times are
// UTC with their zone: who reads it sits elsewhere. Text from outside calls
// nobody in a chat by it. It is the first write error.
func WriteEscalation(w io.Writer, p Page, now time.Time) error {
	var b strings.Builder
	line := func(format string, args ...any) {
		b.WriteString(quiet.Replace(fmt.Sprintf(format, args...)) + "\n")
	}
	at := func(t time.Time) string { return When(t, now, time.UTC) + " UTC" }
	line("I need help with this page.")
	s := p.Sentence(now, time.UTC)
	line("%s (%s, times in UTC)", strings.TrimSpace(s.Full()), p.Item.Cluster)
	if c := p.Ranking.Suspects; len(c) > 0 {
		line("May be the cause (%s): %s %s", c[0].Verdict, at(c[0].StartedAt), ChangeTitle(c[0].Change))
	} else if p.Ranking.NoneFound {
		line("No change was found that may be the cause.")
	}
	switch ref := p.Runbook.Value.Ref; {
	case ref.State == runbook.LinkNone || ref.Link.Empty():
		line("The alert links no runbook.")
	case p.Runbook.State == OK && !p.Runbook.Value.Doc.Empty():
		line("Runbook: %s", ref.Link)
	default:
		line("Runbook: %s (not found or not read yet)", ref.Link)
	}
	owner := "Owner: not known"
	if words := p.Who.OwnerWords(); words != "" {
		owner = "Owner: " + words
	}
	read := ""
	if asOf, wrong := p.Who.Read(); wrong != nil && !asOf.IsZero() {
		read = " (so the schedule said " + Ago(now.Sub(asOf)) + " ago)"
	}
	line("%s. On call: %s%s", owner, inThirdPerson(p.Who).OnCallWords(at), read)
	_, err := io.WriteString(w, b.String())
	return err
}

// quiet takes from a text what calls people in a chat.
var quiet = strings.NewReplacer("@channel", "channel", "@here", "here", "@everyone", "everyone", "@all", "all", "<!", "<", "<@", "<")

// inThirdPerson is for readers to whom the user is not "you".
func inThirdPerson(w Who) Who {
	w.mine = nil
	return w
}
