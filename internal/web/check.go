package web

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// Check judges an answer that was read whole: nil for a status of 2xx whose
// body is (with wantJSON) not a web page and not empty; else a *sources.Error
// with the server's words in Detail.
func (c *Client) Check(res *http.Response, body []byte, wantJSON bool) error {
	e := &sources.Error{Source: c.id}
	ctx := context.Background()
	if res.Request != nil {
		e.URL, ctx = c.target(res.Request), res.Request.Context()
	}
	page := isHTML(body)
	switch code := res.StatusCode; {
	case code >= 200 && code < 300:
		if !wantJSON {
			return nil
		}
		switch {
		case len(bytes.TrimSpace(body)) == 0:
			e.Kind, e.Detail = sources.BadResponse, safe.Outside("the answer is empty")
			e.Hint = "something on the way swallows it, or the URL is of something else"
		case page && isLogin(res, body):
			e.Kind, e.Detail = sources.Unauthorized, safe.Outside("this is a login page, not "+c.whom())
			e.Hint = cmp.Or(c.login, "give credentials (http settings or token_command) or an address behind the login")
		case page:
			e.Kind, e.Detail = sources.BadResponse, safe.Outside("this is a web page, not "+c.whom()+titled(body))
			e.Hint = "check the URL: a path prefix may be missing, or a proxy is in between"
			if page := c.addr.webPage(); page != "" {
				e.Hint = "take /" + page + " off the URL: it is a page for people"
			}
		default:
			return nil
		}
	case code >= 300 && code < 400:
		e.Kind, e.Detail = sources.BadResponse, safe.Outside(describe(code)+": it redirects to "+Strip(res.Header.Get("Location")))
		e.Hint = "use that address, or set follow_redirects"
	default:
		e.Kind, e.Hint = c.status(code)
		e.Detail = safe.Outside(join2(describe(code), words(body)))
		now := time.Now()
		if after, ok := limited(res, body, now); ok {
			e.Kind, e.After, e.Hint = sources.RateLimited, after, "it wants to be asked less often"
			if after > 0 {
				e.Hint = notBefore(now.Add(after))
			}
		}
		if code == http.StatusBadRequest && bytes.Contains(body, []byte("HTTP request to an HTTPS server")) {
			e.Hint = "write the URL with https://"
		}
	}
	e.Detail = c.scrub(ctx, e.Detail)
	return e
}

func join2(a, b string) string {
	if b == "" {
		return a
	}
	return a + ": " + b
}

// whom is what the client expected to talk to.
func (c *Client) whom() string {
	switch k := c.id.Kind; k {
	case "":
		return "the API"
	case "prometheus":
		return "Prometheus"
	case "alertmanager":
		return "Alertmanager"
	default:
		return k
	}
}

// status maps a status outside of 2xx and 3xx.
func (c *Client) status(code int) (sources.Kind, string) {
	switch code {
	case http.StatusUnauthorized:
		if !c.hasAuth {
			return sources.Unauthorized, cmp.Or(c.login, "no credentials are configured: see http and token_command")
		}
		return sources.Unauthorized, join2("the configured credentials were refused", c.login)
	case http.StatusForbidden:
		return sources.Unauthorized, join2("these credentials may not read this", c.login)
	case http.StatusProxyAuthRequired:
		return sources.Unauthorized, "the proxy wants credentials: put them into proxy_url"
	case http.StatusNotFound, http.StatusGone:
		if page := c.addr.webPage(); page != "" {
			return sources.NotFound, "take /" + page + " off the URL: it is a page for people"
		}
		return sources.NotFound, "check the URL: a path prefix may be missing"
	}
	if code >= 500 {
		return sources.Unavailable, ""
	}
	return sources.BadRequest, ""
}

// retryAfter reads the header's two forms, seconds and a date. 0: not said.
func retryAfter(h string, now time.Time) time.Duration {
	h = strings.TrimSpace(h)
	if n, err := strconv.Atoi(h); err == nil {
		return min(time.Duration(max(n, 0)), 24*3600) * time.Second
	}
	if t, err := http.ParseTime(h); err == nil {
		return min(max(t.Sub(now), 0), 24*time.Hour)
	}
	return 0
}

// maxWords is how much of a server's own words is shown, in bytes.
const maxWords = 300

// words finds what a server says about an error: the message of a JSON body
// (Prometheus, Alertmanager, Grafana, GitHub, Kubernetes), a JSON string, the
// title of a web page, or the first line of text.
func words(body []byte) string {
	trimmed := bytes.TrimSpace(body)
	if len(trimmed) == 0 {
		return ""
	}
	if isHTML(trimmed) {
		return cut(title(trimmed))
	}
	switch trimmed[0] {
	case '{':
		var doc map[string]any
		if json.Unmarshal(trimmed, &doc) == nil {
			return cut(said(doc))
		}
	case '"':
		var s string
		if json.Unmarshal(trimmed, &s) == nil {
			return cut(s)
		}
	}
	line, _, _ := bytes.Cut(trimmed, []byte{'\n'})
	if !utf8.Valid(line) {
		return ""
	}
	return cut(string(line))
}

// said picks the message out of an error object.
func said(doc map[string]any) string {
	for _, key := range []string{"error", "message", "detail", "error_description", "title"} {
		switch v := doc[key].(type) {
		case string:
			if v == "" {
				continue
			}
			if kind, ok := doc["errorType"].(string); ok && kind != "" {
				return kind + ": " + v
			}
			return v
		case map[string]any:
			if s := said(v); s != "" {
				return s
			}
		}
	}
	return ""
}

// cut shortens a text to maxWords, without a half rune at its end.
func cut(s string) string {
	s = strings.TrimSpace(s)
	if len(s) <= maxWords {
		return s
	}
	return strings.ToValidUTF8(s[:maxWords], "") + "..."
}

// isHTML reports whether a body is a web page. Content types lie: the first
// bytes decide.
func isHTML(body []byte) bool {
	head := bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	head = bytes.ToLower(bytes.TrimSpace(head[:min(len(head), 512)]))
	for _, p := range []string{"<!doctype html", "<html", "<head", "<body", "<script", "<meta", "<title", "<!--", "<?xml", "<a href"} {
		if bytes.HasPrefix(head, []byte(p)) {
			return true
		}
	}
	return false
}

// isLogin reports whether a page asks who we are: it has a password field, or
// it speaks of signing in, or a redirect led to a page that does by its address.
func isLogin(res *http.Response, body []byte) bool {
	text := strings.ToLower(string(body[:min(len(body), 64<<10)]))
	for _, w := range []string{`type="password"`, `type='password'`, "type=password", "samlrequest", "oauth2/start", "openid-connect"} {
		if strings.Contains(text, w) {
			return true
		}
	}
	where := strings.ToLower(title([]byte(text)))
	if res.Request != nil && res.Request.Response != nil {
		where += " " + strings.ToLower(res.Request.URL.Host+res.Request.URL.Path)
	}
	for _, w := range []string{"log in", "login", "log on", "logon", "sign in", "signin", "sign-in", "single sign", "authenticat", "oauth", "saml", "accounts."} {
		if strings.Contains(where, w) {
			return true
		}
	}
	return slices.Contains(strings.FieldsFunc(where, func(r rune) bool { return r < 'a' || r > 'z' }), "sso")
}

func titled(body []byte) string {
	if t := cut(title(body)); t != "" {
		return " (" + t + ")"
	}
	return ""
}

// title is the text of the first <title>.
func title(body []byte) string {
	head := body[:min(len(body), 64<<10)]
	lower := bytes.ToLower(head)
	if len(lower) != len(head) { // a rune changed its length: offsets would lie
		head = lower
	}
	_, after, ok := bytes.Cut(lower, []byte("<title"))
	if !ok {
		return ""
	}
	start := len(lower) - len(after)
	if gt := bytes.IndexByte(head[start:], '>'); gt >= 0 {
		start += gt + 1
		if end := bytes.IndexByte(head[start:], '<'); end >= 0 {
			return strings.TrimSpace(string(head[start : start+end]))
		}
	}
	return ""
}
