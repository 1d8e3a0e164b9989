package web

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/prometheus/common/config"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// lateError is the cause of our own deadline.
type lateError struct{ after time.Duration }

func (e *lateError) Error() string { return "no answer within " + e.after.String() }
func (e *lateError) Unwrap() error { return context.DeadlineExceeded }

// Fail turns what went wrong with an exchange into a *sources.Error. ctx is the
// one that Start returned (or the caller's when Start failed); req may be nil.
func (c *Client) Fail(ctx context.Context, req *http.Request, err error) error {
	e := &sources.Error{Source: c.id, URL: c.target(req), Err: unwrapURL(err)}
	var done *sources.Error
	switch {
	case errors.As(err, &done):
		*e = *done
		e.Source = c.id
		if e.URL == "" {
			e.URL = c.target(req)
		}
	case errors.Is(ctx.Err(), context.Canceled) || errors.Is(err, context.Canceled):
		e.Kind, e.Detail, e.Err = sources.Canceled, safe.Outside("was given up"), context.Canceled
	case isTimeout(ctx, err):
		e.Kind, e.Detail = sources.Timeout, safe.Outside(lateness(ctx))
		e.Hint = "it is slow or hung, or something on the way drops the packets"
	default:
		e.Kind, e.Detail, e.Hint = diagnose(e.Err)
	}
	e.Detail = c.scrub(ctx, e.Detail)
	if e.Err != nil && e.Kind != sources.Canceled && e.Kind != sources.Timeout {
		e.Err = quiet{kind: e.Err, text: e.Detail.String()}
	}
	return e
}

// target is the URL to name in an error.
func (c *Client) target(req *http.Request) string {
	if req == nil || req.URL == nil {
		return c.addr.Safe()
	}
	return stripped(*req.URL)
}

// quiet keeps a cause for errors.Is and errors.As and hides its text, which
// may hold a URL with its query or outside text.
type quiet struct {
	kind error
	text string
}

func (q quiet) Error() string        { return q.text }
func (q quiet) Is(target error) bool { return errors.Is(q.kind, target) }
func (q quiet) As(target any) bool   { return errors.As(q.kind, target) }

func unwrapURL(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		return ue.Err
	}
	return err
}

func isTimeout(ctx context.Context, err error) bool {
	var ne net.Error
	return errors.Is(ctx.Err(), context.DeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) ||
		(errors.As(err, &ne) && ne.Timeout())
}

func lateness(ctx context.Context) string {
	var late *lateError
	if errors.As(context.Cause(ctx), &late) {
		return late.Error()
	}
	return "no whole answer in time"
}

// diagnose says what a connection's error means and what to do about it.
func diagnose(err error) (sources.Kind, safe.Value, string) {
	say := func(k sources.Kind, detail, hint string) (sources.Kind, safe.Value, string) {
		return k, safe.Outside(detail), hint
	}
	if k, d, h, ok := diagnoseTLS(err); ok {
		return say(k, d, h)
	}
	text := err.Error()
	var (
		big errTooLarge
		dns *net.DNSError

		refused errRefused
		z       flate.CorruptInputError
	)
	switch {
	case errors.As(err, &big):
		return say(sources.TooLarge, big.Error(), "ask for less, or check that the URL is right")
	case errors.As(err, &refused):
		return say(sources.BadRequest, refused.Error(), "")
	case errors.Is(err, errRedirects):
		return say(sources.BadResponse, "it redirects in a circle", "check the URL; a login page may be in between")
	case strings.Contains(text, "proxyconnect"):
		return say(sources.Unavailable, "the proxy cannot be reached", "check proxy_url or the proxy variables of the environment")
	case errors.As(err, &dns):
		return say(sources.Unavailable, "the host name is not known", "check the name; is the VPN up?")
	case errors.Is(err, syscall.ECONNREFUSED), strings.Contains(text, "refused"):
		return say(sources.Unavailable, "the connection was refused", "nothing listens there: is it running, is the port-forward up?")
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return say(sources.Unavailable, "there is no route to the host", "is the VPN up?")
	case errors.Is(err, http.ErrSchemeMismatch):
		return say(sources.BadResponse, "it answers plain HTTP on an https URL", "write the URL with http://")
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, &z):
		return say(sources.BadResponse, "the compressed answer is damaged", "")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return say(sources.BadResponse, "the answer ends in the middle", "something on the way cuts it; try again")
	case strings.Contains(text, "malformed HTTP"), strings.Contains(text, "malformed MIME header"):
		return say(sources.BadResponse, "what listens there does not speak HTTP", "check the port; an https server needs https://")
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE),
		strings.Contains(text, "server closed"), strings.Contains(text, "connection reset"):
		return say(sources.Unavailable, "the connection was closed without an answer", "is the port-forward still up?")
	}
	return say(sources.Unavailable, text, "")
}

// diagnoseTLS is diagnose for certificates.
func diagnoseTLS(err error) (sources.Kind, string, string, bool) {
	var (
		unknown x509.UnknownAuthorityError
		host    x509.HostnameError
		invalid x509.CertificateInvalidError
		verify  *tls.CertificateVerificationError
		header  tls.RecordHeaderError
		alert   tls.AlertError
	)
	switch {
	case errors.As(err, &unknown):
		return sources.Unavailable, "its certificate is not trusted", "set tls_config.ca_file to the authority that signed it", true
	case errors.As(err, &host):
		return sources.Unavailable, "its certificate is for another name", "use that name in the URL, or set tls_config.server_name", true
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return sources.Unavailable, "its certificate has expired or is not valid yet", "check the clock of this machine, then tell its owner", true
	case errors.As(err, &verify):
		return sources.Unavailable, "its certificate is not accepted: " + verify.Err.Error(), "see tls_config", true
	case errors.As(err, &header):
		return sources.BadResponse, "what listens there does not speak TLS", "write the URL with http://", true
	case errors.As(err, &alert):
		if s := alert.Error(); strings.Contains(s, "certificate") {
			return sources.Unauthorized, "it wants a client certificate (" + s + ")", "set tls_config.cert_file and key_file", true
		}
		return sources.Unavailable, "the TLS handshake failed: " + alert.Error(), "see tls_config", true
	}
	return "", "", "", false
}

// secretsOf lists the secrets that stand in the configuration itself.
func secretsOf(cfg config.HTTPClientConfig) []string {
	var out []string
	add := func(s config.Secret) { out = append(out, string(s)) }
	if b := cfg.BasicAuth; b != nil {
		add(b.Password)
	}
	if a := cfg.Authorization; a != nil {
		add(a.Credentials)
	}
	add(cfg.BearerToken)
	if o := cfg.OAuth2; o != nil {
		add(o.ClientSecret)
		add(o.ClientCertificateKey)
	}
	if cfg.HTTPHeaders != nil {
		for _, h := range cfg.HTTPHeaders.Headers {
			for _, s := range h.Secrets {
				add(s)
			}
		}
	}
	if u := cfg.ProxyURL.URL; u != nil && u.User != nil {
		pass, _ := u.User.Password()
		out = append(out, pass)
	}
	return out
}

// scrub replaces every credential in outside text. Very short ones cannot be
// told from words.
func (c *Client) scrub(ctx context.Context, v safe.Value) safe.Value {
	text := v.Raw()
	secrets := c.secrets
	if seen, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		secrets = append(append([]string(nil), secrets...), seen.all()...)
	}
	for _, s := range secrets {
		if len(s) >= 4 {
			text = strings.ReplaceAll(text, s, "***")
		}
	}
	return safe.Outside(text)
}

// describe is the first part of an error about a status.
func describe(code int) string {
	if name := http.StatusText(code); name != "" {
		return fmt.Sprintf("%d %s", code, name)
	}
	return fmt.Sprintf("status %d", code)
}
