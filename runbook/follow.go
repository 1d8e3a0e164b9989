package runbook

import (
	"path"
	"strings"
)

// Follow makes a reference of a link inside a document (a goldmark link's
// Destination, as it stands there): relative ones are taken from the
// document's own place, in its checkout or on the web. A fragment alone leads
// into the same document. The alert is kept so that the place in the page can
// be found by its name. ok is false when the link leads nowhere that a
// resolver could read, such as mailto:.
func (w Where) Follow(dest string, from Ref) (Ref, bool) {
	ref := ParseRef(dest)
	ref.Alert, ref.Service, ref.Team = from.Alert, from.Service, from.Team
	if ref.State != LinkOK {
		return ref, false
	}
	switch {
	case webLink(ref.Base):
		return ref, true
	case schemeEnd(ref.Base) > 1:
		return ref, false
	case ref.Base == "":
		if w.Path == "" && w.URL == "" {
			return ref, false
		}
		ref.Base = w.Path
		if ref.Base == "" {
			ref.Base = w.URL
		}
	case w.Path != "":
		ref.Base = w.within(ref.Base)
	case w.URL != "":
		ref.Base = besideURL(w.URL, ref.Base)
	}
	return ref, ref.Base != ""
}

// within is the path of a relative link in a checkout; empty: it leads out. A
// leading slash means the top of the site or repository, which is left to the
// resolver.
func (w Where) within(dest string) string {
	if strings.HasPrefix(dest, "/") || w.Root == "" || w.Rel == "" {
		return dest
	}
	rel := path.Join(path.Dir(w.Rel), dest)
	if rel == ".." || strings.HasPrefix(rel, "../") {
		return ""
	}
	return strings.TrimSuffix(strings.ReplaceAll(w.Root, `\`, "/"), "/") + "/" + rel
}

// besideURL is a relative link taken from a page's address.
func besideURL(page, dest string) string {
	scheme, rest, ok := strings.Cut(page, "://")
	if !ok {
		return ""
	}
	host, p, _ := strings.Cut(rest, "/")
	p, _, _ = strings.Cut(p, "#")
	p, _, _ = strings.Cut(p, "?")
	if !strings.HasPrefix(dest, "/") {
		if !strings.HasSuffix(p, "/") {
			p = path.Dir("/" + p)
		}
		dest = p + "/" + dest
	}
	return scheme + "://" + host + path.Clean("/"+dest)
}

func webLink(s string) bool {
	low := strings.ToLower(s[:min(len(s), 8)])
	return strings.HasPrefix(low, "http://") || strings.HasPrefix(low, "https://")
}

// schemeEnd is the length of a scheme (`mailto` of `mailto:x`), 0 without one.
func schemeEnd(s string) int {
	for i := range len(s) {
		switch c := s[i]; {
		case c == ':':
			return i
		case !alnum(c) && c != '+' && c != '-' && c != '.':
			return 0
		}
	}
	return 0
}
