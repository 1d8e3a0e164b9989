package triage

import (
	"strings"

	"github.com/prometheus/alertmanager/pkg/labels"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// Filter narrows the list: Alertmanager matchers and plain words, all of which
// must hold. The zero Filter lets everything through.
type Filter struct {
	text     string
	matchers []*labels.Matcher
	words    []string // lower case
}

// Empty reports whether the filter lets everything through.
func (f Filter) Empty() bool { return len(f.matchers) == 0 && len(f.words) == 0 }

// String is the filter as it was typed, without surrounding blanks.
func (f Filter) String() string { return f.text }

// Match reports whether an item passes. A matcher selects what it selects in
// Alertmanager: it looks at the labels as Alertmanager has them when they are
// known, and an absent label counts as the empty value. A word is looked for,
// whatever its case, in the name, service, owner, cluster, state, severity,
// label values and summary.
func (f Filter) Match(it Item) bool {
	ls := it.Labels
	if it.AM != nil && len(it.AM.Labels) > 0 {
		ls = it.AM.Labels
	}
	for _, m := range f.matchers {
		if !m.Matches(rawValue(ls, m.Name)) {
			return false
		}
	}
	for _, w := range f.words {
		if !mentions(&it, w) {
			return false
		}
	}
	return true
}

func rawValue(ls sources.Labels, name string) string { return ls.Value(name).Raw() }

// summaries are the annotations that say in words what is wrong, best first.
func summaries() [5]string {
	return [...]string{"summary", "title", "message", "description", "impact"}
}

func mentions(it *Item, word string) bool {
	if containsFold(it.Service.Name.Raw(), word) || containsFold(it.Owner.Name.Raw(), word) ||
		containsFold(it.Cluster, word) || containsFold(string(it.State), word) || containsFold(it.Severity.Word(), word) {
		return true
	}
	for _, l := range it.Labels {
		if containsFold(l.Value.Raw(), word) {
			return true
		}
	}
	for _, name := range summaries() {
		if v, ok := it.Annotations.Get(name); ok {
			return containsFold(v.Raw(), word)
		}
	}
	return false
}

// containsFold reports whether s contains word, which is lower case, whatever
// the case of s. It does not allocate for ASCII.
func containsFold(s, word string) bool {
	if word == "" {
		return true
	}
	if !ascii(word) {
		return strings.Contains(strings.ToLower(s), word)
	}
next:
	for i := 0; i+len(word) <= len(s); i++ {
		if lower(s[i]) != word[0] {
			continue
		}
		for k := 1; k < len(word); k++ {
			if lower(s[i+k]) != word[k] {
				continue next
			}
		}
		return true
	}
	return false
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// FilterError says which part of a filter is wrong and what a right one looks
// like. Its text is clean.
type FilterError struct {
	Part string // as typed
	What string // what is wrong with it, and a right form
}

// Error is one line.
func (e *FilterError) Error() string { return safe.Text(`"` + e.Part + `": ` + e.What) }
