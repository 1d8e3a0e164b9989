package triage

import (
	"net/url"
	"strings"
	"unicode"

	"github.com/firstpage-oncall/firstpage/sources"
)

// Named lists the alerts that an argument names, most urgent first, folded ones
// last. The argument is what a paged person has at hand: a fingerprint or ID, an
// alert's name, matchers, a link of Prometheus or Alertmanager, or the pasted
// text of a page. The first reading that finds something wins. Pasted text
// names the alerts whose name stands in it; of several label sets, those with
// the most label values in it. Empty: nothing active is named.
func (b *Board) Named(arg string) []Item {
	arg = strings.TrimSpace(arg)
	if arg == "" {
		return nil
	}
	for _, read := range []func(string) func(Item) bool{byIdentity, byName, byLink, byMatchers} {
		if match := read(arg); match != nil {
			if found := b.Items(match); len(found) > 0 {
				return found
			}
		}
	}
	return b.mentioned(arg)
}

// Items lists every alert that matches, most urgent first, folded ones last.
func (b *Board) Items(match func(Item) bool) []Item {
	var out []Item
	for _, groups := range [][]Group{b.Groups, b.Folded} {
		for _, g := range groups {
			for _, it := range g.Items {
				if match(it) {
					out = append(out, it)
				}
			}
		}
	}
	return out
}

func byIdentity(arg string) func(Item) bool {
	return func(it Item) bool {
		return string(it.ID) == arg || it.Labels.Fingerprint() == arg ||
			(it.AM != nil && it.AM.Fingerprint == arg)
	}
}

func byName(arg string) func(Item) bool {
	return func(it Item) bool { return strings.EqualFold(it.Name().Raw(), arg) }
}

// byLink reads the links that a page carries: Alertmanager's and Prometheus'
// lists with a filter, and the generator link with the rule's expression.
func byLink(arg string) func(Item) bool {
	u, err := url.Parse(arg)
	if err != nil || u.Host == "" {
		return nil
	}
	values := u.Query()
	if _, q, ok := strings.Cut(u.Fragment, "?"); ok {
		if more, err := url.ParseQuery(q); err == nil {
			for k, v := range more {
				values[k] = append(values[k], v...)
			}
		}
	}
	if expr := values.Get("g0.expr"); expr != "" {
		want := normal(expr)
		same := make(map[*sources.Rule]bool) // thousands of alerts come of one rule
		return func(it Item) bool {
			if it.Rule == nil {
				return false
			}
			is, known := same[it.Rule]
			if !known {
				is = normal(it.Rule.Query.Raw()) == want
				same[it.Rule] = is
			}
			return is
		}
	}
	for _, k := range []string{"filter", "search"} {
		if v := values.Get(k); v != "" {
			if f, err := ParseFilter(v); err == nil && !f.Empty() {
				return f.Match
			}
		}
	}
	return nil
}

// byMatchers takes an argument for a filter only when it looks like matchers:
// plain words are left to the reading as pasted text.
func byMatchers(arg string) func(Item) bool {
	if !strings.ContainsAny(arg, "=~") {
		return nil
	}
	f, err := ParseFilter(arg)
	if err != nil || f.Empty() {
		return nil
	}
	return f.Match
}

// normal is an expression as the parser prints it, so that blanks and order of
// grouping do not matter.
func normal(expr string) string {
	e, err := parseExpr(expr)
	if err != nil {
		return strings.Join(strings.Fields(expr), " ")
	}
	return e.String()
}

// mentioned lists the alerts whose name stands in a text as a word of its own.
func (b *Board) mentioned(text string) []Item {
	words := map[string]bool{}
	for _, w := range strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-.:/", r)
	}) {
		words[strings.Trim(w, ".:/-")] = true
		words[w] = true
	}
	var out []Item
	best := 0
	for _, it := range b.Items(func(it Item) bool { return words[it.Name().Raw()] }) {
		n := 0
		for _, l := range it.Labels.Without("alertname") {
			if words[l.Value.Raw()] {
				n++
			}
		}
		switch {
		case n > best:
			best, out = n, []Item{it}
		case n == best:
			out = append(out, it)
		}
	}
	return out
}
