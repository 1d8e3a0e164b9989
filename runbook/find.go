package runbook

import (
	"net/url"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// FindRef finds an alert's link: every key in order over the annotations, then
// every key over the labels. A word that stands for "none yet" (TODO, N/A) is
// passed over, a template that was not expanded is taken only when nothing
// better is there. Nil keys mean sources.RunbookKeys. The Ref is never an error:
// its State says what kind of link there is.
func FindRef(a sources.Alert, service, team safe.Value, keys []string) Ref {
	if keys == nil {
		keys = sources.RunbookKeys()
	}
	var templated Ref
	for _, from := range []struct {
		set   sources.Labels
		label bool
	}{{a.Annotations, false}, {a.Labels, true}} {
		for _, key := range keys {
			v, ok := from.set.Get(key)
			if !ok {
				continue
			}
			ref := ParseRef(v.Raw())
			ref.Alert, ref.Service, ref.Team = a.Name(), service, team
			ref.Key, ref.Label = key, from.label
			switch {
			case ref.State == LinkOK:
				return ref
			case ref.State == LinkTemplated && templated.State == "":
				templated = ref
			}
		}
	}
	if templated.State != "" {
		return templated
	}
	return Ref{Alert: a.Name(), Service: service, Team: team, State: LinkNone}
}

// ParseRef reads a bare link. The fragment is split off first and a query then
// from both halves, because real links are written as `x/#part?NAME=value` too.
func ParseRef(link string) Ref {
	link = strings.TrimSpace(link)
	if len(link) > 1 && link[0] == '<' && link[len(link)-1] == '>' {
		link = strings.TrimSpace(link[1 : len(link)-1])
	}
	switch {
	case noLink(link):
		return Ref{State: LinkNone}
	case strings.Contains(link, "{{"):
		return Ref{State: LinkTemplated, Link: safe.Outside(link)}
	}
	ref := Ref{State: LinkOK, Link: safe.Outside(link)}
	rest, fragment, _ := strings.Cut(link, "#")
	base, query, _ := strings.Cut(rest, "?")
	fragment, late, _ := strings.Cut(fragment, "?")
	ref.Base = strings.TrimSpace(base)
	ref.Fragment = decodePath(fragment)
	ref.Query = append(params(query), params(late)...)
	return ref
}

// noLink reports whether a value only says that there is no link (yet).
func noLink(s string) bool {
	switch strings.ToLower(strings.Trim(s, " \t.!?-_/\"'")) {
	case "", "todo", "tbd", "n/a", "na", "none", "null", "nil", "missing", "unknown", "fixme":
		return true
	}
	return false
}

// params reads a query in its order. What cannot be decoded stays as it is.
func params(query string) []Param {
	var out []Param
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		out = append(out, Param{safe.Outside(decodeQuery(name)), safe.Outside(decodeQuery(value))})
	}
	return out
}

func decodeQuery(s string) string {
	if d, err := url.QueryUnescape(s); err == nil {
		return d
	}
	return s
}

func decodePath(s string) string {
	if d, err := url.PathUnescape(s); err == nil {
		return d
	}
	return s
}
