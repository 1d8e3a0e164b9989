package resolve

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
)

// Located is where a reference leads, without the document.
type Located struct {
	Via  runbook.Via // ViaNone: nowhere
	Path string      // absolute; empty: nowhere, or a page's copy
	URL  string      // of the page, with ViaCache; else empty
	Line int         // from 1; 0: nowhere
	AsOf time.Time   // of a page's copy; zero for a file
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
	alert, link, key, service, team string
	label                           bool
	state                           runbook.LinkState
}

// located is what answers of Locate are made from: they hold while it is the
// same.
type located struct {
	roots  []*known
	copies uint64
	minute int64 // another process may have fetched meanwhile
}

func (l located) same(o located) bool {
	return slices.Equal(l.roots, o.roots) && l.copies == o.copies && l.minute == o.minute
}

func (r *Resolver) state() located {
	l := located{roots: make([]*known, len(r.roots)), copies: r.copies.gen.Load()}
	for i, ro := range r.roots {
		l.roots[i] = ro.get(r.now())
	}
	if r.copies.dir.Path() != "" {
		l.minute = r.now().Unix() / 60
	}
	return l
}

// Locate climbs the rungs that are on this machine, for lists: checkouts from
// the index, without reading the file, and copies of pages. It asks no network.
// Answers are kept until a checkout was looked at again, or for a minute.
func (r *Resolver) Locate(ref runbook.Ref) Located {
	key := locateKey{ref.Alert.Raw(), ref.Link.Raw(), ref.Key, ref.Service.Raw(), ref.Team.Raw(), ref.Label, ref.State}
	state := r.state()
	r.mu.Lock()
	if r.found == nil || !r.of.same(state) {
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
	if r.of.same(state) { // else it was made from what is old by now
		r.found[key] = l
	}
	return l
}

func (r *Resolver) locate(ref runbook.Ref) Located {
	c := &climb{ref: ref}
	c.link()
	for _, step := range ladder() {
		f := step(r, context.Background(), c) // no rung waits for anything
		if f == nil {
			continue
		}
		l := Located{Via: f.via, Line: f.line, Reason: c.reason, Link: c.reason, Also: f.also}
		if f.page == nil {
			l.Path = f.path()
		}
		if f.via == runbook.ViaCatalog {
			l.Reason, ref.Fragment = runbook.OK, "" // the fragment is of another page
		}
		switch {
		case f.via == runbook.ViaName:
			l.Reason = runbook.ByName
			if i, ok := f.at.index.paths[f.rel]; ok {
				l.above(f.at.index.files[i].Sketch)
			}
		case f.page != nil:
			l.URL, l.AsOf = f.url, f.page.FetchedAt
			l.find(runbook.Sketches(f.page.text), ref, f.page.text, runbook.Where{URL: f.url})
		default:
			if err := r.line(&l, f, ref); err != nil {
				c.refused(err)
				continue
			}
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
	l.place(src, runbook.Where{Path: f.path()}, ref)
	return nil
}

// find is the place in a text whose sketch was made.
func (l *Located) find(s runbook.Sketch, ref runbook.Ref, src []byte, w runbook.Where) {
	l.Line = 1
	if line, ok := sketchLine(s, ref); ok {
		l.Line = line
		l.above(s)
	} else if ref.Fragment != "" {
		l.place(src, w, ref)
	}
}

// place is the place in a text that has to be parsed for it.
func (l *Located) place(src []byte, w runbook.Where, ref runbook.Ref) {
	p := runbook.ParseFile(src, w).Place(ref.Fragment, ref.Alert.Raw())
	l.Line, l.Heading, l.Slug = p.Line, p.Heading, p.Slug
	if p.Missed {
		l.Reason, l.Link = runbook.NoHeading, runbook.NoHeading
	}
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
