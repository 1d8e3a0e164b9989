package page

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// ChangeTitle is a change in a few clean words: "checkout deploy 1.41.0 ->
// 1.42.0, 3 of 3 instances". The author is never in it.
func ChangeTitle(c sources.Change) string {
	var words []string
	add := func(s string) {
		if s != "" {
			words = append(words, s)
		}
	}
	add(c.Service.String())
	add(string(c.Kind))
	add(ChangeWhat(c))
	text := strings.Join(words, " ")
	if how := ChangeHow(c); how != "" {
		text += ", " + how
	}
	return text
}

// ChangeWhat is what a change brought, in a few clean words: "1.41.0 ->
// 1.42.0", else the new version or revision, else its title. It may be empty.
func ChangeWhat(c sources.Change) string {
	from, to := c.FromVersion.String(), ChangeVersion(c)
	if from == "" && c.Version.Empty() {
		from = short(c.FromRevision)
	}
	switch {
	case from != "" && to != "" && from != to:
		return from + " -> " + to
	case from != "" && from == to && !c.Title.Empty(): // the version is not what was changed
		return c.Title.String()
	case to != "":
		return to
	}
	return c.Title.String()
}

// ChangeVersion is the version that a change brings, else its revision, short;
// clean, empty: neither is known.
func ChangeVersion(c sources.Change) string {
	if c.Version.Empty() && c.FromVersion.Empty() {
		return short(c.Revision)
	}
	return c.Version.String()
}

// ChangeHow is how far a change has come, in clean words: "on 2 of 3, running".
// Empty: it is done, and nothing is known of instances.
func ChangeHow(c sources.Change) string {
	var parts []string
	if c.Share.All > 0 {
		parts = append(parts, fmt.Sprintf("on %d of %d", c.Share.New, c.Share.All))
	}
	if c.State == sources.Running || c.State == sources.Failed {
		parts = append(parts, string(c.State))
	}
	if c.State == sources.Tagged {
		parts = append(parts, "tagged, not deployed")
	}
	return strings.Join(parts, ", ")
}

func short(v safe.Value) string { return sources.ShortRevision(v.String()) }

// Before is how long before the onset a suspect began, in words: "1 min
// before", "4 min after", "at the same time".
func Before(s triage.Suspect) string {
	switch {
	case s.Before.Abs() < 5*time.Second:
		return "at the same time"
	case s.Before < 0:
		return sources.Span(s.Before) + " after"
	}
	return sources.Span(s.Before) + " before"
}

// foundWords say in a sentence how far the list of suspects may be believed.
func foundWords(r triage.Ranking) string {
	switch {
	case r.NoneFound:
		return "NO CHANGE FOUND in the sources that were asked."
	case len(r.Suspects) > 0:
		return "It may be none of these."
	case len(r.Asked) == 0:
		return "No change is known: no source could be asked."
	}
	return "No change is known, but not every source could be asked."
}

// UnseenWords say in a sentence which kinds of change no source tells. Those
// that nearly every page wants are named. Empty: none of them is missing.
func UnseenWords(r triage.Ranking) string {
	config, flag := slices.Contains(r.Unseen, sources.Config), slices.Contains(r.Unseen, sources.Flag)
	switch {
	case config && flag:
		return "Configuration and flags are not connected: their changes cannot be ruled out."
	case config:
		return "Configuration is not connected: a change of it cannot be ruled out."
	case flag:
		return "Flags are not connected: a change of one cannot be ruled out."
	}
	return ""
}

// viaWords say where a runbook's text came from.
func viaWords(v runbook.Via) string {
	switch v {
	case runbook.ViaCheckout:
		return "from your checkout"
	case runbook.ViaNetwork:
		return "fetched"
	case runbook.ViaCache:
		return "a copy fetched earlier"
	case runbook.ViaName:
		return "found by the alert's name, not by its link"
	case runbook.ViaCatalog:
		return "the service's default runbook from the catalog"
	}
	return ""
}

// ReasonWords say in a sentence why there is no runbook text, or what is wrong
// with the link. Empty for a link that is right.
func ReasonWords(r runbook.Reason) string {
	switch r {
	case runbook.NoLink:
		return "The alert has no runbook link."
	case runbook.Templated:
		return "The alert's link is a template that was not filled in."
	case runbook.NoCheckout:
		return "No checkout of the linked place is configured."
	case runbook.NoFile:
		return "The checkout has no such file."
	case runbook.NoHeading:
		return "The file has no such heading."
	case runbook.FetchFailed:
		return "The page could not be fetched."
	case runbook.ByName:
		return "The link leads nowhere; this was found by the alert's name."
	}
	return ""
}

// SourceName names a source for people: "git", "prometheus prod-eu".
func SourceName(id sources.SourceID) string {
	name := id.Name
	if name == "" {
		name = id.Kind
	}
	if id.Cluster != "" && !strings.Contains(name, id.Cluster) {
		name += " " + id.Cluster
	}
	return safe.Text(name)
}

// statusWords are a source and how far it may be trusted.
func statusWords(st sources.Status, o TextOptions) string {
	name := SourceName(st.Source)
	if name == "" {
		name = "its source"
	}
	if st.Err != nil {
		name += ":"
	}
	return name + " " + feedWords(st, o.Now, o.Loc)
}

// feedWords say how far a source may be trusted: "live", "3 min old", or what
// it answered and since when.
func feedWords(st sources.Status, now time.Time, loc *time.Location) string {
	switch {
	case st.Err != nil:
		text := st.Err.Short()
		switch {
		case !st.AsOf.IsZero():
			text += ", last answered " + Clock(st.AsOf, now, loc)
		case !st.Since.IsZero():
			text += " since " + Clock(st.Since, now, loc)
		}
		return text
	case st.AsOf.IsZero():
		return "not asked yet"
	case st.Live:
		return "live"
	}
	return Ago(now.Sub(st.AsOf)) + " old"
}
