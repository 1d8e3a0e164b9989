package readiness

import (
	"cmp"
	"slices"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
)

// Rules are the alerting rules of one place.
type Rules struct {
	Cluster string // empty: read from files
	Groups  []sources.RuleGroup
}

// At is where a rule stands.
type At struct {
	Cluster string     // empty: in a file
	File    safe.Value // as the source names it
	Line    int        // from 1; 0: not known
}

// Link is one alert's name with one runbook link: 1,019 rules of a real set
// have 657 of them.
type Link struct {
	Ref     runbook.Ref
	Written safe.Value // the link as the rule has it, a word such as TODO too; empty: none
	At      []At       // the rules that have it, by place; never empty
}

// Links lists the distinct pairs of alert and link, by alert and then link.
// Nil keys mean the usual annotations and labels.
func Links(rules []Rules, keys []string) []Link {
	type key struct{ alert, link safe.Value }
	seen := map[key]int{}
	var out []Link
	for _, set := range rules {
		for _, g := range set.Groups {
			for _, r := range g.Rules {
				ref := runbook.FindRef(sources.Alert{Labels: r.Labels, Annotations: r.Annotations}, safe.Value{}, safe.Value{}, keys)
				ref.Alert = r.Name
				l := Link{Ref: ref, Written: ref.Link}
				if ref.State == runbook.LinkNone {
					l.Written = word(r, keys)
				}
				k := key{r.Name, l.Written}
				i, ok := seen[k]
				if !ok {
					i = len(out)
					seen[k] = i
					out = append(out, l)
				}
				out[i].At = append(out[i].At, At{set.Cluster, g.File, r.Line})
			}
		}
	}
	for i := range out {
		slices.SortFunc(out[i].At, At.compare)
	}
	slices.SortFunc(out, func(a, b Link) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Ref.Alert.Raw()), strings.ToLower(b.Ref.Alert.Raw())),
			a.Ref.Alert.Compare(b.Ref.Alert), a.Written.Compare(b.Written))
	})
	return out
}

// Page is the address of the link's page as it is asked for: the raw link
// without its anchor. Empty: the rule has no link, or a template of one.
func (l Link) Page() string {
	if l.Ref.State != runbook.LinkOK {
		return ""
	}
	page, _, _ := strings.Cut(l.Ref.Link.Raw(), "#")
	return page
}

// Place is where the link leads in the text that it opened.
func (l Link) Place(d runbook.Document) runbook.Pos {
	return d.Place(l.Ref.Fragment, l.Ref.Alert.Raw())
}

func (a At) compare(b At) int {
	return cmp.Or(strings.Compare(a.Cluster, b.Cluster), a.File.Compare(b.File), cmp.Compare(a.Line, b.Line))
}

// word is what stands where a link should be, such as TODO.
func word(r sources.Rule, keys []string) safe.Value {
	if keys == nil {
		keys = sources.RunbookKeys()
	}
	for _, set := range []sources.Labels{r.Annotations, r.Labels} {
		for _, k := range keys {
			if v := strings.TrimSpace(set.Value(k).Raw()); v != "" {
				return safe.Outside(v)
			}
		}
	}
	return safe.Value{}
}

// Fate is how a link resolves.
type Fate struct {
	Link
	Reason runbook.Reason // ByName when the alert's name led to a text
	// Itself is how the link by itself fared: Reason, or behind ByName why it
	// led nowhere.
	Itself  runbook.Reason
	Via     runbook.Via // ViaNone: nowhere
	Path    string      // of the text: a file, else a web address; empty: none
	Line    int         // of the place in it, from 1
	Heading string      // clean; at the place or above it
	Slug    string      // its anchor
	Also    []string    // other files of the alert's name
	Tried   string      // clean: what was looked for in vain, in a few words
}

// Found reports whether somebody who is called gets a text.
func (f Fate) Found() bool { return f.Via != "" && f.Via != runbook.ViaNone }

// Broken reports whether the rule has a link that does not lead where it says.
// A page of the alert's name found instead is luck: whoever follows the link in
// a browser has nothing. No link, and a link that is a template until the alert
// fires, are not broken.
func (f Fate) Broken() bool {
	switch f.Itself {
	case runbook.NoFile, runbook.NoHeading, runbook.NoCheckout, runbook.FetchFailed:
		return true
	}
	return false
}

// Unlinked reports whether the rule has no link at all, whatever was found by
// its alert's name.
func (f Fate) Unlinked() bool { return f.Itself == runbook.NoLink }
