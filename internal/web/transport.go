package web

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/prometheus/common/config"
)

// origin sends credentials to the configured scheme, host and port and to
// nothing else. A redirect that has left them once never gets them again: the
// foreign host has chosen where it leads.
type origin struct {
	base              url.URL
	credentials, bare http.RoundTripper
	secret            []string // header names whose values come from files
}

func (o *origin) RoundTrip(req *http.Request) (*http.Response, error) {
	home := true
	for r := req; r != nil && home; {
		home = sameOrigin(o.base, *r.URL)
		if r.Response == nil {
			break
		}
		r = r.Response.Request
	}
	if home {
		res, err := o.credentials.RoundTrip(req)
		o.note(req.Context(), res)
		return res, err
	}
	out := req.Clone(req.Context())
	for _, h := range []string{"Authorization", "Cookie", "Cookie2", "Proxy-Authorization", "Www-Authenticate", "Referer"} {
		out.Header.Del(h)
	}
	return o.bare.RoundTrip(out)
}

// sameOrigin reports whether u has the scheme, host and port of base. The one
// exception is the step from http to https on the same host with the default
// ports: it can only protect what was sent in the clear before.
func sameOrigin(base, u url.URL) bool {
	if !strings.EqualFold(base.Hostname(), u.Hostname()) {
		return false
	}
	if base.Scheme == u.Scheme {
		return port(base) == port(u)
	}
	return base.Scheme == "http" && u.Scheme == "https" && port(base) == "80" && port(u) == "443"
}

func port(u url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}

// withoutCredentials keeps what it takes to reach a host (TLS trust, proxy)
// and drops what tells it who we are.
func withoutCredentials(cfg config.HTTPClientConfig) config.HTTPClientConfig {
	cfg.BasicAuth, cfg.Authorization, cfg.OAuth2, cfg.HTTPHeaders = nil, nil, nil, nil
	cfg.BearerToken, cfg.BearerTokenFile = "", ""
	t := &cfg.TLSConfig
	t.Cert, t.CertFile, t.CertRef, t.Key, t.KeyFile, t.KeyRef, t.ServerName = "", "", "", "", "", "", ""
	return cfg
}

// errRedirects ends a redirect loop.
var errRedirects = errors.New("too many redirects")

func redirects(follow bool) func(*http.Request, []*http.Request) error {
	return func(_ *http.Request, via []*http.Request) error {
		switch {
		case !follow:
			return http.ErrUseLastResponse
		case len(via) > maxRedirects:
			return errRedirects
		}
		return nil
	}
}

// errTooLarge ends a body that is larger than the cap.
type errTooLarge struct{ max int64 }

func (e errTooLarge) Error() string { return "the answer is larger than " + size(e.max) }

func size(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<10:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}

// bodies asks for gzip, unpacks it and counts what comes out: a few hundred
// kilobytes of gzip can hold a gigabyte. (The transport of common/config
// switches the automatic compression of net/http off.)
type bodies struct {
	next http.RoundTripper
	max  int64
}

func (b *bodies) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Header.Get("Accept-Encoding") == "" && req.Header.Get("Range") == "" && req.Method != http.MethodHead {
		req = req.Clone(req.Context())
		req.Header.Set("Accept-Encoding", "gzip")
	}
	res, err := b.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if strings.EqualFold(strings.TrimSpace(res.Header.Get("Content-Encoding")), "gzip") {
		res.Body = &gunzip{raw: res.Body}
		res.Header.Del("Content-Encoding")
		res.Header.Del("Content-Length")
		res.ContentLength, res.Uncompressed = -1, true
	}
	res.Body = &cappedBody{ReadCloser: res.Body, left: b.max, max: b.max}
	return res, nil
}

// gunzip unpacks a body. The gzip header is read with the first Read, so that
// an empty body is an empty answer.
type gunzip struct {
	raw io.ReadCloser
	z   *gzip.Reader
	err error
}

func (g *gunzip) Read(p []byte) (int, error) {
	if g.err != nil {
		return 0, g.err
	}
	if g.z == nil {
		if g.z, g.err = gzip.NewReader(g.raw); g.err != nil {
			return 0, g.err
		}
	}
	var n int
	n, g.err = g.z.Read(p)
	return n, g.err
}

func (g *gunzip) Close() error { return g.raw.Close() }

// cappedBody gives at most max bytes and then an error.
type cappedBody struct {
	io.ReadCloser
	left, max int64
}

func (b *cappedBody) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if int64(n) > b.left {
		return int(b.left), errTooLarge{b.max}
	}
	b.left -= int64(n)
	return n, err
}

// exchange remembers what credentials one exchange really sent, so that a
// server that repeats them in an error cannot make us show them.
type exchange struct {
	mu   sync.Mutex
	sent []string
}

// all lists what was sent so far.
func (x *exchange) all() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.sent[:len(x.sent):len(x.sent)]
}

type exchangeKey struct{}

// note keeps the credentials of the request as it went out.
func (o *origin) note(ctx context.Context, res *http.Response) {
	seen, ok := ctx.Value(exchangeKey{}).(*exchange)
	if !ok || res == nil || res.Request == nil {
		return
	}
	seen.mu.Lock()
	defer seen.mu.Unlock()
	for _, name := range o.secret {
		seen.sent = append(seen.sent, res.Request.Header.Values(name)...)
	}
	for _, h := range res.Request.Header.Values("Authorization") {
		seen.sent = append(seen.sent, h)
		if _, cred, ok := strings.Cut(h, " "); ok {
			seen.sent = append(seen.sent, cred)
		}
		if user, pass, ok := res.Request.BasicAuth(); ok {
			seen.sent = append(seen.sent, user+":"+pass, pass)
		}
	}
}
