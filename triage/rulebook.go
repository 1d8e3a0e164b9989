package triage

import (
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// rulebook finds the rule of an alert among the rules of one cluster.
type rulebook map[string][]*sources.Rule

func newRulebook(groups []sources.RuleGroup) rulebook {
	n := 0
	for i := range groups {
		n += len(groups[i].Rules)
	}
	b := make(rulebook, n)
	for i := range groups {
		for k := range groups[i].Rules {
			r := &groups[i].Rules[k]
			b[r.Name.Raw()] = append(b[r.Name.Raw()], r)
		}
	}
	return b
}

// RuleOf finds the rule that made an alert among those of its cluster, or nil
// when none fits, or several do.
func RuleOf(groups []sources.RuleGroup, a *sources.Alert) *sources.Rule {
	return newRulebook(groups).of(a)
}

// of finds the rule that made an alert: same name, every static label there
// with the rule's value. Of several that fit, the one with the most static
// labels, then the one whose annotations read like the alert's. Nil when none
// fits or several equally well that ask different things.
func (b rulebook) of(a *sources.Alert) *sources.Rule {
	var best *sources.Rule
	most, ties := -1, 0
	candidates := b[a.Name().Raw()]
	for _, r := range candidates {
		n := staticFit(r.Labels, a.Labels)
		switch {
		case n < 0:
		case n > most:
			best, most, ties = r, n, 0
		case n == most && r.Query != best.Query:
			ties++
		}
	}
	if ties == 0 {
		return best
	}
	best, ties = nil, 0
	for _, r := range candidates {
		if staticFit(r.Labels, a.Labels) != most || !readsLike(r.Annotations, a.Annotations) {
			continue
		}
		if best != nil && best.Query != r.Query {
			ties++
		}
		best = r
	}
	if ties > 0 {
		return nil
	}
	return best
}

// staticFit counts the rule's labels without templates; -1 when the alert has
// another value for one of them. A rule may set a label to the empty value,
// which takes it away.
func staticFit(rule, alert sources.Labels) int {
	n := 0
	for _, l := range rule {
		if templated(l.Value) {
			continue
		}
		if alert.Value(l.Name.Raw()) != l.Value {
			return -1
		}
		n++
	}
	return n
}

func templated(v safe.Value) bool { return strings.Contains(v.Raw(), "{{") }

// readsLike reports whether every annotation of the alert holds the fixed
// text of the rule's, in order.
func readsLike(rule, alert sources.Labels) bool {
	for _, l := range rule {
		rest := alert.Value(l.Name.Raw()).Raw()
		for i, part := range strings.Split(l.Value.Raw(), "{{") {
			if i > 0 {
				_, part, _ = strings.Cut(part, "}}")
			}
			k := strings.Index(rest, strings.TrimSpace(part))
			if k < 0 {
				return false
			}
			rest = rest[k+len(strings.TrimSpace(part)):]
		}
	}
	return true
}
