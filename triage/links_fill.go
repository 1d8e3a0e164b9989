package triage

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// urlPlace is where in an address a value is filled in: each has its own escapes.
type urlPlace int8

const (
	inScheme urlPlace = iota
	inHost
	inPath
	inQuery // and in the fragment, where single-page applications keep a query
)

// placeAfter is where what follows a beginning of a template stands. Values do
// not count: they are escaped.
func placeAfter(literal string) urlPlace {
	_, rest, ok := strings.Cut(literal, "://")
	switch {
	case !ok:
		return inScheme
	case strings.ContainsAny(rest, "?#"):
		return inQuery
	case strings.Contains(rest, "/"):
		return inPath
	}
	return inHost
}

// pieces cuts a template into literal texts and the names between {{ and }},
// one after another; there is one text more than there are names.
func pieces(template string) (texts, names []string, err error) {
	for {
		text, rest, ok := strings.Cut(template, "{{")
		texts = append(texts, text)
		if !ok {
			return texts, names, nil
		}
		inner, after, ok := strings.Cut(rest, "}}")
		if !ok {
			return nil, nil, errors.New("{{ is not closed by }}")
		}
		name := strings.TrimSpace(strings.Trim(inner, "- "))
		for _, prefix := range []string{"$labels.", ".Labels.", "labels."} {
			if l, is := strings.CutPrefix(name, prefix); is {
				name = "label " + l
				break
			}
		}
		if !strings.HasPrefix(name, "label ") && !slices.Contains(linkWords, name) {
			return nil, nil, fmt.Errorf("{{ %s }} is not known: labels are written {{ $labels.NAME }}, and there are %s", safe.Text(name), strings.Join(linkWords, ", "))
		}
		names, template = append(names, name), after
	}
}

// linkWords are what a template may hold beside labels: who it is about, and the
// time around the trouble as RFC 3339 (from, to) or as milli- or microseconds.
var linkWords = []string{"service", "owner", "cluster", "alert", "from", "to", "from_ms", "to_ms", "from_us", "to_us"}

// CheckLink says what is wrong with a link's template: http or https, no user
// name before the host, and between {{ and }} labels ($labels.NAME), service,
// owner, cluster, alert, or the time around the trouble: from and to (RFC 3339),
// from_ms and to_ms, from_us and to_us. Nil: nothing.
func CheckLink(template string) error {
	texts, _, err := pieces(template)
	if err != nil {
		return err
	}
	if !web(texts[0]) && !web(texts[0]+"x") {
		return errors.New("a link begins with http:// or https://")
	}
	_, err = parseLink(strings.Join(texts, "x"))
	return err
}

// fill is a template with the item's values, escaped for where they stand.
func (g *linker) fill(template string) (url.URL, error) {
	texts, names, err := pieces(template)
	if err != nil {
		return url.URL{}, errors.New("a template that was not expanded")
	}
	literal, out := texts[0], texts[0]
	for i, name := range names {
		v, ok := g.value(name)
		if !ok {
			return url.URL{}, fmt.Errorf("this alert has no %s", safe.Text(name))
		}
		if v, err = escapeFor(placeAfter(literal), v); err != nil {
			return url.URL{}, err
		}
		out += v + texts[i+1]
		literal += texts[i+1]
	}
	return parseLink(out)
}

// value is what stands behind a name of a template.
func (g *linker) value(name string) (string, bool) {
	if label, ok := strings.CutPrefix(name, "label "); ok {
		v, ok := g.it.Labels.Get(label)
		return v.Raw(), ok
	}
	to := g.to.Add(rangeAfter)
	if g.to.IsZero() {
		to = g.now
	}
	from := g.from.Add(-rangeBefore)
	if g.from.IsZero() {
		from = g.now.Add(-2 * rangeBefore)
	}
	text := ""
	switch name {
	case "service":
		text = g.it.Service.Name.Raw()
	case "owner":
		text = g.it.Owner.Name.Raw()
	case "cluster":
		text = g.it.Cluster
	case "alert":
		text = g.it.Name().Raw()
	case "from":
		text = from.UTC().Format(time.RFC3339)
	case "to":
		text = to.UTC().Format(time.RFC3339)
	case "from_ms":
		text = strconv.FormatInt(from.UnixMilli(), 10)
	case "to_ms":
		text = strconv.FormatInt(to.UnixMilli(), 10)
	case "from_us":
		text = strconv.FormatInt(from.UnixMicro(), 10)
	case "to_us":
		text = strconv.FormatInt(to.UnixMicro(), 10)
	}
	return text, text != ""
}

// oneHostLabel is what a value may be within a host's name: it must not choose
// another domain.
var oneHostLabel = regexp.MustCompile(`^[A-Za-z0-9-]{1,63}$`)

// escapeFor is a value as it may stand at a place.
func escapeFor(at urlPlace, v string) (string, error) {
	switch at {
	case inHost:
		if !oneHostLabel.MatchString(v) {
			return "", fmt.Errorf("%q cannot be part of a host's name", safe.Text(v))
		}
		return v, nil
	case inPath:
		if strings.Trim(v, ".") == "" {
			return "", fmt.Errorf("%q cannot be part of a path", safe.Text(v))
		}
		return url.PathEscape(v), nil
	case inQuery:
		return strings.ReplaceAll(url.QueryEscape(v), "+", "%20"), nil
	}
	return "", errors.New("a value cannot stand before the host")
}

// plainHost is a host, with a port perhaps, that looks like what it is.
var plainHost = regexp.MustCompile(`^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?$`)

// maxLink is the longest address that is offered, in bytes: browsers and
// terminals take no longer ones.
const maxLink = 8 << 10

// parseLink reads a whole address: http or https, with a plain host. What may
// not stand in an address is escaped; credentials before the host are taken away.
func parseLink(s string) (url.URL, error) {
	if len(s) > maxLink {
		return url.URL{}, errors.New("the address is too long")
	}
	u, err := url.Parse(tidy(s))
	switch {
	case err != nil:
		return url.URL{}, errors.New("the address cannot be read")
	case u.Scheme != "http" && u.Scheme != "https":
		return url.URL{}, errors.New("only http and https links are opened")
	case !plainHost.MatchString(u.Host):
		return url.URL{}, errors.New("the address has no plain host")
	}
	u.User = nil
	return *u, nil
}

// tidy escapes the bytes that may not stand in an address.
func tidy(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// secretNames are parameters whose values let somebody in: access_token, and
// accessToken.
var secretNames = regexp.MustCompile(`[a-z](Token|Secret|Password|Credentials?|Signature|(Api|API|Access|Private|Secret)Key)$|^(private|secret)Key$|(?i)^(.*[_.-])?(token|secret|password|passwd|pwd|apikey|api_key|api-key|auth|jwt|signature|sig|session|credential|credentials)$|(?i)^(access|auth|id|api)?_?-?(token|key)$`)

// masked stands for such a value, as the configuration prints it.
const masked = "<secret>"

// Shown is the address for a screen: what lets somebody in is left out of it.
// Clean; empty: there is no address.
func (l Link) Shown() string {
	address, _ := hideSecrets(l.URL.Raw())
	return safe.Text(address)
}

// Masked reports whether Shown leaves something out.
func (l Link) Masked() bool {
	_, hidden := hideSecrets(l.URL.Raw())
	return hidden
}

// withUser is a beginning of an address with a user name or password. What stands
// behind a colon and is no port is a password, though it should be escaped.
var withUser = regexp.MustCompile(`//([^/?#\s]*|[^/?#\s\[]*:[0-9]*[^/?#\s0-9][^\s@]*)@`)

// Readable is an address as somebody wrote it, for a screen: without what lets
// somebody in. Clean.
func Readable(address safe.Value) string {
	shown, _ := hideSecrets(withUser.ReplaceAllString(address.Raw(), "//"))
	return safe.Text(shown)
}

// hideSecrets goes through the parameters of the query and of one in the
// fragment.
func hideSecrets(address string) (shown string, hidden bool) {
	i := strings.IndexAny(address, "?#")
	if i < 0 {
		return address, false
	}
	var b strings.Builder
	b.WriteString(address[:i])
	for rest := address[i:]; rest != ""; {
		end := strings.IndexAny(rest[1:], "?#&;") + 1
		if end == 0 {
			end = len(rest)
		}
		part := rest[:end]
		rest = rest[end:]
		name, value, ok := strings.Cut(part, "=")
		if plain, err := url.QueryUnescape(name[1:]); ok && value != "" && err == nil && secretNames.MatchString(plain) {
			part, hidden = name+"="+masked, true
		}
		b.WriteString(part)
	}
	return b.String(), hidden
}
