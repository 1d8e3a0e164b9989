package resolve

import (
	"slices"
	"strconv"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
)

// named is one place where an alert's name stands.
type named struct {
	hit
	line int
}

// byName is the rung that looks for the alert's name in every checkout: file
// stems, then headings, then the first mention in each file.
func (r *Resolver) byName(c *climb) *found {
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

// Located is where a reference leads, without the document.
type Located struct {
	Via  runbook.Via // ViaNone: nowhere
	Path string      // absolute; empty: nowhere
	Line int         // from 1; 0 with an empty Path
	// Heading is the clean text of the heading there or the nearest above,
	// Slug its anchor. Empty: none is above it.
	Heading, Slug string
	// Reason is OK, NoHeading (the file is there, the fragment names nothing
	// in it), ByName, or why nothing was found.
	Reason runbook.Reason
	// Link is how the link by itself fared: Reason, or with ByName why the
	// link led nowhere.
	Link  runbook.Reason
	Also  []string // other places, with ViaName
	Trail runbook.Trail
}

// locateKey is what an answer of Locate depends on.
type locateKey struct {
	alert, link, key string
	label            bool
	state            runbook.LinkState
}

// Locate climbs the rungs that are on this machine, for lists: from the index
// and without reading the file. Answers are kept until a checkout was looked
// at again.
func (r *Resolver) Locate(ref runbook.Ref) Located {
	key := locateKey{ref.Alert.Raw(), ref.Link.Raw(), ref.Key, ref.Label, ref.State}
	state := make([]*known, len(r.roots))
	for i, ro := range r.roots {
		state[i] = ro.get(r.now())
	}
	r.mu.Lock()
	if r.found == nil || !slices.Equal(r.of, state) {
		r.found, r.of = map[locateKey]Located{}, state
	}
	l, ok := r.found[key]
	r.mu.Unlock()
	if ok {
		return l
	}
	l = r.locate(ref)
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.Equal(r.of, state) { // else it was made from what is old by now
		r.found[key] = l
	}
	return l
}

func (r *Resolver) locate(ref runbook.Ref) Located {
	c := &climb{ref: ref}
	c.link()
	for _, step := range ladder() {
		f := step(r, c)
		if f == nil {
			continue
		}
		l := Located{Via: f.via, Path: f.path(), Line: f.line, Reason: c.reason, Link: c.reason, Also: f.also}
		if f.via == runbook.ViaName {
			l.Reason = runbook.ByName
			if i, ok := f.at.index.paths[f.rel]; ok {
				l.above(f.at.index.files[i].Sketch)
			}
		} else if err := r.line(&l, f, ref); err != nil {
			c.refused(err)
			continue
		}
		l.Trail = c.trail
		return l
	}
	return Located{Via: runbook.ViaNone, Reason: c.reason, Link: c.reason, Trail: c.trail}
}

// line finds the place in a linked file, from the index when that knows it.
func (r *Resolver) line(l *Located, f *found, ref runbook.Ref) error {
	l.Line = 1
	i, indexed := f.at.index.paths[f.rel]
	if indexed {
		if err := f.at.index.files[i].err; err != nil {
			return err
		}
		s := f.at.index.files[i].Sketch
		line, ok := sketchLine(s, ref)
		if ok {
			l.Line = line
		}
		l.above(s)
		if ok || ref.Fragment == "" {
			return nil
		}
	}
	src, _, err := f.root.readFile(f.rel)
	if err != nil {
		return err
	}
	p := runbook.ParseFile(src, runbook.Where{Path: f.path()}).Place(ref.Fragment, ref.Alert.Raw())
	l.Line, l.Heading, l.Slug = p.Line, p.Heading, p.Slug
	if p.Missed {
		l.Reason, l.Link = runbook.NoHeading, runbook.NoHeading
	}
	return nil
}

// above notes the heading at the place, or the nearest above it.
func (l *Located) above(s runbook.Sketch) {
	for _, h := range s.Headings {
		if h.Line > l.Line {
			return
		}
		l.Heading, l.Slug = safe.Text(h.Text), h.Slug
	}
}

// sketchLine is Place for what a sketch knows.
func sketchLine(s runbook.Sketch, ref runbook.Ref) (int, bool) {
	if ref.Fragment != "" {
		for _, h := range s.Headings {
			if strings.EqualFold(h.Slug, ref.Fragment) {
				return h.Line, true
			}
		}
		return 0, false
	}
	alert := ref.Alert.Raw()
	for _, h := range s.Headings {
		if runbook.Names(h.Text, alert) {
			return h.Line, true
		}
	}
	for _, w := range s.Words {
		if strings.EqualFold(w.Text, alert) {
			return w.Line, true
		}
	}
	return 0, false
}
