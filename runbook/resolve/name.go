package resolve

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/firstpage-oncall/firstpage/runbook"
)

// named is one place where an alert's name stands.
type named struct {
	hit
	line int
}

// byName is the rung that looks for the alert's name in every checkout: file
// stems, then headings, then the first mention in each file.
func (r *Resolver) byName(_ context.Context, c *climb) *found {
	alert := c.ref.Alert.Raw()
	if alert == "" || len(r.roots) == 0 {
		return nil
	}
	at, how := r.places(alert, c.near)
	if len(at) == 0 {
		c.note("name", alert, "nothing is called that", false)
		return nil
	}
	f := &found{hit: at[0].hit, via: runbook.ViaName, line: at[0].line}
	for _, n := range at[1:] {
		f.also = append(f.also, n.String())
	}
	result := how
	if n := len(f.also); n > 0 {
		result += ", and in " + strconv.Itoa(n) + " more"
	}
	c.note("name", at[0].String(), result, true)
	return f
}

// String is the place as an editor takes it: path, and the line when it is
// not the first.
func (n named) String() string {
	if n.line > 1 {
		return n.path() + ":" + strconv.Itoa(n.line)
	}
	return n.path()
}

// places finds an alert's name: the best kind of place only, the checkout that
// the link belongs to first, then in the order of the configuration.
func (r *Resolver) places(alert string, near *root) ([]named, string) {
	key := runbook.NameKey(alert)
	kinds := []struct {
		how string
		in  func(*index) []place
	}{
		{"a file of the alert's name", func(x *index) []place { return x.stems[key] }},
		{"a heading of the alert's name", func(x *index) []place { return x.heads[key] }},
		{"the first mention of the alert's name", func(x *index) []place { return x.words[strings.ToLower(alert)] }},
	}
	if key == "" {
		return nil, ""
	}
	for _, kind := range kinds {
		var out []named
		for _, ro := range r.roots {
			k := ro.get(r.now())
			for _, p := range kind.in(k.index) {
				n := named{hit{ro, k, k.index.files[p.file].rel}, p.line}
				if !slices.ContainsFunc(out, func(o named) bool { return o.path() == n.path() }) {
					out = append(out, n)
				}
			}
		}
		if len(out) > 0 {
			slices.SortStableFunc(out, func(a, b named) int {
				return rank(a, near) - rank(b, near)
			})
			return out, kind.how
		}
	}
	return nil, ""
}

func rank(n named, near *root) int {
	if n.root == near {
		return 0
	}
	return 1
}
