package resolve

import (
	"bytes"
	"context"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html/charset"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/internal/web"
	"github.com/firstpage-oncall/firstpage/runbook/htmldoc"
	"github.com/firstpage-oncall/firstpage/sources"
)

// accept asks for text; a forge or wiki that can give Markdown does.
const accept = "text/markdown, text/x-markdown;q=0.9, text/html;q=0.8, text/plain;q=0.8, */*;q=0.1"

// outcome says what asking for a page brought.
type outcome int8

const (
	updated   outcome = iota // the copy is new, or says something else than before
	unchanged                // the host says that the copy is still right, or it reads the same
)

// fetch asks for a page and keeps what it says. had is the copy so far, nil for
// none. Errors are *sources.Error; what may pass by itself is Unavailable,
// Timeout or RateLimited.
func (r *Resolver) fetchPage(ctx context.Context, t target, had *copied) (*copied, outcome, error) {
	s := r.siteOf(t)
	if s.err != nil {
		return nil, 0, s.err
	}
	var err error
	for i, from := range s.addresses(t) {
		var got *copied
		if got, err = s.ask(ctx, t, from, had); err == nil {
			how := updated
			if had != nil && bytes.Equal(had.text, got.text) {
				how = unchanged
			}
			got.FetchedAt = r.now().UTC()
			if perr := r.copies.put(got); perr != nil {
				return got, how, nil //nolint:nilerr // the text is there; only the next start will miss it
			}
			return got, how, nil
		}
		// Only a host that says that it has no such thing may have it under
		// another address.
		if !sources.IsKind(err, sources.NotFound) && !(i == 0 && t.api != "" && sources.IsKind(err, sources.Unauthorized)) {
			break
		}
	}
	return nil, 0, err
}

// addresses are where the host is asked for a page, with its own scheme, so
// that a link does not take credentials off the road that they are meant for.
func (s *webHost) addresses(t target) []string {
	from := t.from
	if s.private && t.api != "" {
		from = append([]string{t.api}, from...)
	}
	out := make([]string, 0, len(from))
	for _, f := range from {
		if rest, ok := strings.CutPrefix(f, "http://"); ok && s.scheme == "https" {
			f = "https://" + rest
		}
		out = append(out, f)
	}
	return out
}

// ask gets one address.
func (s *webHost) ask(ctx context.Context, t target, from string, had *copied) (*copied, error) {
	h := http.Header{"Accept": {accept}}
	if from == t.api {
		h.Set("Accept", t.accept)
		if t.accept == "" {
			h.Set("Accept", "*/*")
		}
	}
	if had != nil && had.From == from && had.Format == format {
		if had.ETag != "" {
			h.Set("If-None-Match", had.ETag)
		}
		if had.LastModified != "" {
			h.Set("If-Modified-Since", had.LastModified)
		}
	}
	res, err := s.client.Do(ctx, web.Request{Ref: from, Header: h})
	if err != nil {
		return nil, err
	}
	if res.Status == http.StatusNotModified {
		again := *had
		return &again, nil
	}
	got := &copied{Key: t.key(), From: from, ETag: header(res, "ETag"), LastModified: header(res, "Last-Modified"),
		ContentType: header(res, "Content-Type"), Format: format}
	if err := got.read(res, from, t.page); err != nil {
		return nil, err
	}
	return got, nil
}

// header is a header's value unless it is longer than any honest one.
func header(res *web.Response, name string) string {
	if v := res.Header.Get(name); len(v) <= 500 {
		return v
	}
	return ""
}

// read turns an answer into a text, or says why it is none.
func (p *copied) read(res *web.Response, from, page string) error {
	refuse := func(k sources.Kind, detail, hint string) error {
		return &sources.Error{Kind: k, URL: res.URL, Detail: safe.Outside(detail), Hint: hint}
	}
	signIn := func() error {
		return refuse(sources.Unauthorized, "asks for a sign-in", "open it in the browser; a token for the host under runbooks.hosts may help")
	}
	if leadsToSignIn(from, res.URL) {
		return signIn()
	}
	switch kind := kindOf(p.ContentType, res.Body, from); kind {
	case "html":
		at, err := url.Parse(res.URL)
		if err != nil {
			at = nil
		}
		read := htmldoc.Convert(res.Body, p.ContentType, at)
		switch {
		case read.SignIn:
			return signIn()
		case len(read.Markdown) == 0:
			return refuse(sources.BadResponse, "the page has no text of its own", "it may be put together by a script: open it in the browser")
		}
		p.text, p.Plain = read.Markdown, read.Plain
	case "text":
		p.text = utf8Text(res.Body, p.ContentType)
		if p.From == page && res.URL != web.Strip(page) {
			p.At = res.URL // a page of HTML has its links absolute already
		}
	default:
		return refuse(sources.BadResponse, "this is "+kind+", not a page of text", "open it in the browser")
	}
	if len(bytes.TrimSpace(p.text)) == 0 {
		return refuse(sources.BadResponse, "the page is empty", "")
	}
	return nil
}

// kindOf is html, text, or what an answer is instead, in words. Types that say
// nothing are decided by the first bytes.
func kindOf(contentType string, body []byte, from string) string {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		media = ""
	}
	if binary(body) && !strings.Contains(strings.ToLower(contentType), "utf-16") {
		if media == "" || strings.HasPrefix(media, "text/") {
			media = "a binary file"
		}
		return media
	}
	switch media {
	case "text/html", "application/xhtml+xml":
		return "html"
	case "application/json", "application/pdf", "application/xml", "text/xml", "text/css", "text/javascript", "application/javascript":
		return media
	}
	named := strings.HasPrefix(media, "text/") || strings.HasPrefix(media, "application/vnd.github") || pageFile(path.Base(from))
	switch {
	case named && media != "":
		return "text"
	case media != "" && media != "application/octet-stream":
		return media
	case strings.HasPrefix(http.DetectContentType(body), "text/html"):
		return "html"
	}
	return "text"
}

// utf8Text is a text in UTF-8, whatever it was sent in.
func utf8Text(body []byte, contentType string) []byte {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil || params["charset"] == "" || utf8.Valid(body) {
		return body
	}
	enc, _ := charset.Lookup(params["charset"])
	if enc == nil {
		return body
	}
	out, err := enc.NewDecoder().Bytes(body)
	if err != nil {
		return body
	}
	return out
}

// leadsToSignIn reports whether a redirect has led to a page for signing in.
// Without a redirect the address says nothing: runbooks are about logins too.
func leadsToSignIn(from, to string) bool {
	if to == web.Strip(from) {
		return false
	}
	u, err := url.Parse(to)
	if err != nil {
		return false
	}
	asked, err := url.Parse(from)
	if err != nil {
		return false
	}
	host := strings.ToLower(u.Hostname())
	if host != strings.ToLower(asked.Hostname()) {
		first, _, _ := strings.Cut(host, ".")
		switch first {
		case "login", "signin", "sso", "auth", "accounts", "idp", "id", "saml", "adfs", "okta", "keycloak":
			return true
		}
		for _, of := range []string{".okta.com", ".onelogin.com", ".auth0.com", ".duosecurity.com", "login.microsoftonline.com", ".cloudflareaccess.com"} {
			if strings.HasSuffix(host, of) {
				return true
			}
		}
	}
	for seg := range strings.SplitSeq(strings.ToLower(u.Path), "/") {
		name, _, _ := strings.Cut(seg, ".")
		switch name {
		case "login", "signin", "sign-in", "sign_in", "log-in", "logon", "sso", "saml", "saml2", "oauth", "oauth2", "authorize", "openid-connect", "special:userlogin":
			if !strings.Contains(strings.ToLower(asked.Path), seg) {
				return true
			}
		}
	}
	return false
}

// failure is one failed attempt, in words for a trail.
type failure struct {
	at   time.Time
	text string
	err  error
}

// passes reports whether a failure may pass by itself.
func passes(err error) bool {
	return sources.IsKind(err, sources.Unavailable) || sources.IsKind(err, sources.Timeout) || sources.IsKind(err, sources.RateLimited)
}

// failed says in a clause why a page could not be fetched.
func failed(err error, s *webHost) string {
	var e *sources.Error
	if !errors.As(err, &e) {
		return safe.Err(err)
	}
	text := e.Short()
	switch {
	case e.Kind == sources.NotFound && !s.private:
		text = "there is no such page, or none without a sign-in (404)"
	case e.Kind == sources.NotFound:
		text = "there is no such page (404)"
	case e.Kind == sources.Unauthorized && strings.HasPrefix(text, "401") && !s.private:
		text = "asks for a sign-in (401); name the host with a token under runbooks.hosts"
	case e.Kind == sources.Unauthorized && strings.HasPrefix(text, "401"):
		text = "the configured credentials were refused (401)"
	case e.Kind == sources.Unauthorized && strings.HasPrefix(text, "403"):
		text = "may not be read (403)"
	case e.Kind == sources.TooLarge:
		text = "the page " + strings.TrimPrefix(text, "the answer ")
	case strings.Contains(text, "this machine itself") && !s.private:
		text += "; name the host under runbooks.hosts if it is meant"
	case e.Hint != "" && (e.Kind == sources.Unauthorized || e.Kind == sources.BadResponse):
		text += ": " + e.Hint
	}
	return safe.Text(text)
}
