package config

import (
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	promconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v4"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// url checks an address.
func (d *decoder) url(n *yaml.Node, s string, f field, schemes ...string) string {
	s, ok := d.expand(n, s, f, false)
	if !ok {
		return ""
	}
	d.address(n)
	p := checkURL(s, n.Value, f.meaning == aServer, schemes...)
	if p.Message != "" {
		d.fail(n, p.Remedy, "%s: %s", f.path, p.Message)
		return s
	}
	if u, err := url.Parse(s); err == nil && u.User != nil {
		d.warn(n, "use http.basic_auth with a password_file", "%s: the address holds a name or password", f.path)
		if d.shared && n.Value == s {
			d.secret(n, s, f)
		}
	}
	return s
}

// feed reads the address of a feed, or the path of a file. No message repeats an
// address: who has it can read the feed.
func (d *decoder) feed(n *yaml.Node, s string, f field) string {
	whole, ok := d.expand(n, s, f, true)
	if !ok {
		return ""
	}
	_, size, _ := variable(s)
	alone := size == len(s)
	if !strings.Contains(whole, "://") {
		if alone && !strings.ContainsAny(whole, "/\\.~") {
			d.fail(n, "it must hold the address of a feed, or the path of a file", "%s: what %s holds is neither", f.path, clip(s))
			return ""
		}
		f.meaning = aFile
		return d.pathTo(n, s, f)
	}
	// Where a variable is all there is, it is the address: it goes nowhere else.
	if !alone {
		if whole, ok = d.expand(n, s, f, false); !ok {
			return ""
		}
		d.address(n)
	}
	if p := checkURL(whole, "?", false, "https", "http", "webcal"); p.Message != "" {
		d.fail(n, "write it like https://host/schedule.ics", "%s: %s", f.path, p.Message)
		return ""
	}
	if d.shared && whole == n.Value {
		d.secret(n, whole, f)
	}
	return whole
}

// hostName checks a host that stands where others write an address.
func (d *decoder) hostName(n *yaml.Node, s string, f field) {
	d.address(n)
	whole := s
	if !strings.Contains(s, "://") {
		whole = "https://" + s
	}
	u, err := url.Parse(whole)
	if p := checkURL(whole, s, true, "http", "https"); p.Message != "" || err != nil || u.User != nil || strings.Trim(u.Path, "/") != "" {
		d.fail(n, "write it like github.example.com or wiki.example.com:8443", "%s: want the name of a host, with a port if links have one", f.path)
	}
}

// checkURL says what is wrong with an address; an empty Message means nothing.
// written is the text that the user wrote, variables not expanded: it is
// quoted unless it may hold a password.
func checkURL(s, written string, server bool, schemes ...string) Problem {
	example := "write it like " + schemes[0] + "://host:9090"
	what := "this is "
	if !strings.ContainsAny(written, "@?") {
		what = strconv.Quote(clip(safe.Text(written))) + " is "
	}
	if safe.Text(s) != s || strings.Contains(s, " ") {
		return Problem{Message: what + "not an address: it holds blanks or control characters", Remedy: example}
	}
	if !strings.Contains(s, "://") {
		if s == written && !strings.ContainsAny(s, "@/") {
			example = "did you mean " + schemes[0] + "://" + clip(s) + "?"
		}
		return Problem{Message: what + "not an address: the scheme is missing", Remedy: example}
	}
	u, err := url.Parse(s)
	switch {
	case err != nil:
		// The parser's own words quote the password.
		return Problem{Message: what + "not an address", Remedy: example}
	case !slices.Contains(schemes, strings.ToLower(u.Scheme)):
		return Problem{Message: what + "not an address of " + strings.Join(schemes, " or "), Remedy: example}
	case u.Hostname() == "":
		return Problem{Message: what + "not an address: the host is missing", Remedy: example}
	case server && (u.RawQuery != "" || u.Fragment != "" || u.ForceQuery):
		return Problem{Message: what + "the address of a page, want that of the server",
			Remedy: "cut it before the ? or #, and before /graph or /alerts"}
	}
	return Problem{}
}

// proxyURL reads prometheus/common's URL type.
func (d *decoder) proxyURL(n *yaml.Node, v reflect.Value, f field) {
	if n.Kind != yaml.ScalarNode {
		d.wrong(n, f, "an address", "")
		return
	}
	if n.Value == "" {
		return
	}
	before := len(d.log.problems)
	s := d.url(n, n.Value, f, "http", "https", "socks5", "socks5h")
	if len(d.log.problems) > before {
		return
	}
	if u, err := url.Parse(s); err == nil {
		v.Set(reflect.ValueOf(promconfig.URL{URL: u}))
	}
}
