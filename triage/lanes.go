package triage

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// Lane is one row of the timeline: the changes of one service, or of several
// that relate to the page in the same way.
type Lane struct {
	Name     string // clean: the service's, or "5 services", "5 others"
	Relation string // to the page's service, in words; empty: none is known, or several are
	Changes  []sources.Change
}

// Lanes puts suspects into at most most lanes: the page's own service first,
// even without a change, then each service that it calls, then its neighbours on
// the host or in the namespace as one, then all the others as one. What does not
// fit is folded from below. own is the page's service; empty: none is known, and
// then each service is a lane, in the order of the suspects. most is at least 1.
func Lanes(own string, suspects []Suspect, most int) []Lane {
	b := lanes{index: map[string]int{}}
	if own != "" {
		b.add("own", own, ownService, same)
	}
	for _, s := range suspects {
		name := strings.ToLower(s.Service.Raw())
		i := 0
		switch {
		case own == "":
			i = b.add("service "+name, s.Service.String(), "", dependency)
		case s.kin == same:
		case s.kin == place:
			i = b.add("place", "", s.Relation, place)
		case s.kin == stranger:
			i = b.add("others", "", "", stranger)
		default:
			i = b.add("service "+name, s.Service.String(), s.Relation, s.kin)
		}
		b.lanes[i].take(s, name)
	}
	slices.SortStableFunc(b.lanes, func(x, y draft) int { return cmp.Compare(x.kin, y.kin) })
	return fold(b.lanes, max(1, most))
}

// lanes collects what goes where.
type lanes struct {
	lanes []draft
	index map[string]int
}

// draft is a lane in the making.
type draft struct {
	Lane
	kin      kin
	services []string // lower case, each once
}

func (b *lanes) add(key, name, relation string, of kin) int {
	i, have := b.index[key]
	if !have {
		i = len(b.lanes)
		b.index[key] = i
		b.lanes = append(b.lanes, draft{Lane: Lane{Name: name, Relation: relation}, kin: of})
	}
	return i
}

func (d *draft) take(s Suspect, name string) {
	d.Changes = append(d.Changes, s.Change)
	if d.kin == place && s.Relation != d.Relation {
		d.Relation = "same host or namespace"
	}
	if !slices.Contains(d.services, name) {
		d.services = append(d.services, name)
	}
}

// fold names the lanes of several services and joins those from the last place
// on.
func fold(all []draft, most int) []Lane {
	for len(all) > most {
		last := all[len(all)-1]
		all = all[:len(all)-1]
		into := &all[len(all)-1]
		into.Changes = append(into.Changes[:len(into.Changes):len(into.Changes)], last.Changes...)
		for _, s := range last.services {
			if !slices.Contains(into.services, s) {
				into.services = append(into.services, s)
			}
		}
		into.kin, into.Relation, into.Name = stranger, "", ""
	}
	out := make([]Lane, 0, len(all))
	for _, d := range all {
		switch n := len(d.services); {
		case d.Name != "":
		case n == 1:
			d.Name = d.Changes[0].Service.String()
		case d.kin == stranger:
			d.Name = fmt.Sprintf("%d others", n)
		default:
			d.Name = fmt.Sprintf("%d services", n)
		}
		out = append(out, d.Lane)
	}
	return out
}

// Services counts the services of suspects.
func Services(suspects []Suspect) int {
	seen := map[string]bool{}
	for _, s := range suspects {
		seen[strings.ToLower(s.Service.Raw())] = true
	}
	return len(seen)
}

// Matching are the suspects that hold every word of a text, whatever its case,
// in service, kind, versions, revisions, title, verdict, cluster or namespace.
func Matching(suspects []Suspect, text string) []Suspect {
	words := strings.Fields(strings.ToLower(text))
	if len(words) == 0 {
		return suspects
	}
	var out []Suspect
	for _, s := range suspects {
		fields := []string{string(s.Kind), string(s.Verdict), s.Cluster}
		for _, v := range []safe.Value{s.Service, s.FromVersion, s.Version, s.FromRevision, s.Revision, s.Title, s.Namespace} {
			fields = append(fields, v.Raw())
		}
		if !slices.ContainsFunc(words, func(w string) bool {
			return !slices.ContainsFunc(fields, func(f string) bool { return containsFold(f, w) })
		}) {
			out = append(out, s)
		}
	}
	return out
}

// Timeline is what changed anywhere, for a board of which no page is open:
// nothing is judged, so no suspect has a verdict or a reason, and the newest
// stands first.
func Timeline(b *Board) Ranking {
	r := asked(b)
	for _, c := range b.Changes {
		r.Suspects = append(r.Suspects, Suspect{Change: c, kin: stranger})
	}
	return r
}

// Fired is when an alert began to page: its condition had held for as long as
// its rule wants. The zero time: it has not, or that is not known.
func Fired(it Item) time.Time {
	switch {
	case it.State != sources.Firing || it.ActiveAt.IsZero():
	case it.AM != nil && it.AM.StartsAt.After(it.ActiveAt):
		return it.AM.StartsAt
	case it.Rule != nil:
		return it.ActiveAt.Add(it.Rule.For)
	}
	return time.Time{}
}
