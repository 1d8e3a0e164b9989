package web

import (
	"net/url"
	"path"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// Address is one configured base URL in the three forms that must not be mixed
// up (the habit is pint's): for requests, for logs and errors, for people.
type Address struct {
	query  url.URL       // userinfo removed, query kept
	user   *url.Userinfo // what was removed; nil: none
	public string
}

// webPage is the last part of the path when that is a page of Prometheus' web
// interface: what is copied from a browser's address line. Empty: it is none.
func (a Address) webPage() string {
	switch last := path.Base(a.query.Path); last {
	case "graph", "query", "alerts", "rules", "targets", "status", "config", "flags":
		return last
	}
	return ""
}

// parseAddress checks a configured URL: http or https with a host. public is
// the address that people open in a browser; empty: the same without
// credentials. Errors are *sources.Error (BadRequest) and do not repeat what
// may be a secret.
func parseAddress(raw, public string) (Address, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		// The parser's error repeats the URL.
		return Address{}, &sources.Error{Kind: sources.BadRequest, Detail: safe.Outside("the URL cannot be read"),
			Hint: "write it as https://host:port/path"}
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.Hostname() == "" {
		return Address{}, &sources.Error{Kind: sources.BadRequest, URL: Strip(raw),
			Detail: safe.Outside("the URL is not http:// or https:// with a host"), Hint: "write it as https://host:port/path"}
	}
	a := Address{query: *u, user: u.User, public: Strip(public)}
	a.query.User, a.query.Fragment, a.query.RawFragment = nil, "", ""
	if a.public == "" {
		a.public = a.Safe()
	}
	return a, nil
}

// Query is the base URL for requests: without userinfo, which travels as
// basic auth.
func (a Address) Query() string { return a.query.String() }

// Safe is the base URL for logs and errors: no userinfo, query or fragment.
func (a Address) Safe() string { return stripped(a.query) }

// Public is the base URL for people to open.
func (a Address) Public() string { return a.public }

// Strip removes userinfo, query and fragment from any URL, so that it may be
// shown. What cannot be parsed gives the part before the first of "@?#" that
// is certain to hold no secret: its scheme, or nothing.
func Strip(raw string) string {
	if raw == "" {
		return ""
	}
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Opaque != "" {
		if scheme, _, ok := strings.Cut(raw, "://"); ok && len(scheme) < 12 && !strings.ContainsAny(scheme, "@:/?#") {
			return safe.Text(scheme) + "://..."
		}
		return "..."
	}
	return stripped(*u)
}

func stripped(u url.URL) string {
	u.User, u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment = nil, "", false, "", ""
	return safe.Text(u.String())
}

// join makes the URL of a request: ref is a path below the base, or, when it
// is absolute, a URL of its own.
func (a Address) join(ref string, q url.Values) (*url.URL, error) {
	r, err := url.Parse(ref)
	if err != nil {
		return nil, sources.Errorf(sources.BadRequest, "the link cannot be read")
	}
	if r.IsAbs() {
		if (r.Scheme != "http" && r.Scheme != "https") || r.Host == "" {
			return nil, sources.Errorf(sources.BadRequest, "only http and https links can be opened")
		}
		r.User, r.Fragment, r.RawFragment = nil, "", ""
		return withQuery(r, q), nil
	}
	if a.query.Host == "" {
		return nil, sources.Errorf(sources.BadRequest, "the link names no host")
	}
	u := a.query.JoinPath(r.EscapedPath())
	if ref == "" {
		*u = a.query
	}
	if r.RawQuery != "" {
		u.RawQuery = join(u.RawQuery, r.RawQuery)
	}
	return withQuery(u, q), nil
}

func withQuery(u *url.URL, q url.Values) *url.URL {
	if len(q) > 0 {
		u.RawQuery = join(u.RawQuery, q.Encode())
	}
	return u
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "&" + b
}
