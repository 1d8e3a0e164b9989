package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/prometheus/common/config"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// Limits that hold when Options do not say otherwise.
const (
	DefaultTimeout = 5 * time.Second
	DefaultMaxBody = 8 << 20 // bytes, after decompression
)

// maxRedirects is how many redirects one request follows. Real ones are one or
// two (http to https, a moved path, a login page).
const maxRedirects = 5

// Options says whom a client talks to and how.
type Options struct {
	Source sources.SourceID // named in errors
	// URL is the base; it may hold userinfo, which is used as basic auth.
	// Credentials go to its scheme, host and port only. Empty: the client is
	// bound to no host and sends no credentials at all.
	URL    string
	Public string // address for people; empty: URL without credentials
	// HTTP is Prometheus' http_config. The zero value means its defaults
	// (follow redirects, HTTP/2). Without proxy_url the environment's proxy
	// variables are honoured.
	HTTP config.HTTPClientConfig
	// TokenCommand is a program and its arguments that prints a bearer token.
	TokenCommand []string
	// Login is a hint for people whose credentials are missing or refused: how
	// to get some. Empty: in general words.
	Login   string
	Timeout time.Duration // per request, redirects included; 0: DefaultTimeout
	MaxBody int64         // bytes after decompression; 0: DefaultMaxBody
	// NoLinkLocal refuses connections to link-local addresses and to those
	// where clouds keep machine credentials: for links that outside text names.
	NoLinkLocal bool
	// NoLoopback refuses connections to this machine itself, where programs
	// listen that trust whoever reaches them.
	NoLoopback bool
}

// Client talks to one host, or to any host without credentials.
type Client struct {
	id      sources.SourceID
	addr    Address
	http    *http.Client
	token   *tokens // nil: no token_command
	timeout time.Duration
	hasAuth bool
	login   string
	secrets []string // of the configuration: never in an error
	closers []func()
}

// New makes a client. It opens no connection. Errors are *sources.Error of
// kind BadRequest: the options are wrong.
func New(o Options) (*Client, error) {
	c := &Client{id: o.Source, timeout: o.Timeout, login: o.Login}
	if c.timeout <= 0 {
		c.timeout = DefaultTimeout
	}
	if o.MaxBody <= 0 {
		o.MaxBody = DefaultMaxBody
	}
	if o.URL != "" {
		addr, err := parseAddress(o.URL, o.Public)
		if err != nil {
			return nil, sources.AsError(o.Source, err)
		}
		c.addr = addr
	}
	cfg, err := c.settings(o)
	if err != nil {
		return nil, sources.AsError(o.Source, err)
	}
	if err := c.build(o, cfg); err != nil {
		return nil, sources.AsError(o.Source, err)
	}
	return c, nil
}

// settings completes and checks the HTTP configuration.
func (c *Client) settings(o Options) (config.HTTPClientConfig, error) {
	cfg := orDefault(o.HTTP)
	if cfg.ProxyURL.URL == nil && cfg.NoProxy == "" {
		cfg.ProxyFromEnvironment = true
	}
	if cfg.Authorization != nil { // Validate writes into it
		auth := *cfg.Authorization
		cfg.Authorization = &auth
	}
	configured := hasCredentials(cfg)
	if u := c.addr.user; u != nil {
		if configured || len(o.TokenCommand) > 0 {
			return cfg, badConfig("credentials are given twice: in the URL and in the HTTP settings", "keep one of them")
		}
		pass, _ := u.Password()
		cfg.BasicAuth = &config.BasicAuth{Username: u.Username(), Password: config.Secret(pass)}
	}
	if len(o.TokenCommand) > 0 && configured {
		return cfg, badConfig("credentials are given twice: token_command and the HTTP settings", "keep one of them")
	}
	if err := cfg.Validate(); err != nil {
		return cfg, badConfig(err.Error(), "")
	}
	c.hasAuth = configured || c.addr.user != nil || len(o.TokenCommand) > 0
	c.secrets = secretsOf(cfg)
	return cfg, nil
}

// build makes the transports, from the outside in: the deadline's kin (Start),
// redirects, body cap and gunzip, token, credentials by origin, connection.
func (c *Client) build(o Options, cfg config.HTTPClientConfig) error {
	opts := []config.HTTPClientOption{config.WithUserAgent("firstpage"), config.WithIdleConnTimeout(90 * time.Second)}
	refuse := guard{linkLocal: o.NoLinkLocal, loopback: o.NoLoopback}
	if refuse.any() {
		refuse.proxies = proxies(cfg)
		opts = append(opts, config.WithDialContextFunc(refuse.dial))
	}
	bare, err := config.NewRoundTripperFromConfig(withoutCredentials(cfg), "firstpage", opts...)
	if err != nil {
		return badConfig(err.Error(), "")
	}
	rt := bare
	c.addCloser(bare)
	if c.addr.query.Host != "" {
		full, err := config.NewRoundTripperFromConfig(cfg, "firstpage", opts...)
		if err != nil {
			return badConfig(err.Error(), "")
		}
		c.addCloser(full)
		if len(o.TokenCommand) > 0 {
			c.token = newTokens(o.TokenCommand)
			full = &tokenTransport{tokens: c.token, next: full}
		}
		rt = &origin{base: c.addr.query, credentials: full, bare: bare, secret: fileHeaders(cfg)}
	}
	if refuse.any() {
		rt = &literals{refuse, rt}
	}
	c.http = &http.Client{
		Transport:     &bodies{next: rt, max: o.MaxBody},
		CheckRedirect: redirects(cfg.FollowRedirects),
	}
	return nil
}

// fileHeaders names the headers whose values are secrets in files.
func fileHeaders(cfg config.HTTPClientConfig) []string {
	if cfg.HTTPHeaders == nil {
		return nil
	}
	var names []string
	for name, h := range cfg.HTTPHeaders.Headers {
		if len(h.Files) > 0 {
			names = append(names, name)
		}
	}
	return names
}

func (c *Client) addCloser(rt http.RoundTripper) {
	if ci, ok := rt.(interface{ CloseIdleConnections() }); ok {
		c.closers = append(c.closers, ci.CloseIdleConnections)
	}
}

// Close closes idle connections. The client may be used again.
func (c *Client) Close() {
	for _, f := range c.closers {
		f()
	}
}

// Source is the identity that errors carry.
func (c *Client) Source() sources.SourceID { return c.id }

// Address is the base URL in its three forms; zero for an unbound client.
func (c *Client) Address() Address { return c.addr }

// URL is the base URL without credentials, to be shown.
func (c *Client) URL() string { return c.addr.Safe() }

// HTTP is the transport with everything but the deadline, for API clients of
// others (api.NewClient). Each exchange is wrapped in Start.
func (c *Client) HTTP() *http.Client { return c.http }

// Start prepares one exchange: it gets a token if one is due, then starts the
// deadline. The returned context must be used for the request and the body.
func (c *Client) Start(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if err := ctx.Err(); err != nil {
		return ctx, func() {}, c.Fail(ctx, nil, context.Cause(ctx))
	}
	if c.token != nil {
		if _, err := c.token.get(ctx); err != nil {
			return ctx, func() {}, c.Fail(ctx, nil, err)
		}
	}
	seen := &exchange{}
	ctx, cancel := context.WithTimeoutCause(context.WithValue(ctx, exchangeKey{}, seen), c.timeout, &lateError{c.timeout})
	return ctx, cancel, nil
}

// Request is one question.
type Request struct {
	Method string // empty: GET, or POST with a Body
	Ref    string // path below the base URL, or an absolute http(s) URL
	Query  url.Values
	Header http.Header
	Body   []byte // sent with Content-Type application/json unless Header says otherwise
	// JSON says that the answer must be JSON: a web page in its place is
	// recognised as a login page or a wrong address, an empty answer refused.
	JSON bool
	// Lines says that the JSON is one text per line, of which there may be none:
	// an empty answer is a right one.
	Lines bool
}

// Response is one answer, read to its end.
type Response struct {
	Status int // 2xx, or 304 when the request had a validator
	Header http.Header
	Body   []byte
	URL    string // where it came from after redirects, safe to show
}

// Get asks for a path below the base URL, or for an absolute URL.
func (c *Client) Get(ctx context.Context, ref string) (*Response, error) {
	return c.Do(ctx, Request{Ref: ref})
}

// Do asks and reads the whole answer. It returns when ctx ends, however the
// server behaves. Errors are *sources.Error with the kinds that its constants
// name; a status outside of 2xx is an error.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	req, err := c.request(r)
	if err != nil {
		return nil, c.Fail(ctx, nil, err)
	}
	ctx, cancel, err := c.Start(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	req = req.WithContext(ctx)
	res, err := c.http.Do(req)
	if err != nil {
		return nil, c.Fail(ctx, req, err)
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil {
		return nil, c.Fail(ctx, req, err)
	}
	out := &Response{Status: res.StatusCode, Header: res.Header, Body: body, URL: stripped(*res.Request.URL)}
	if res.StatusCode == http.StatusNotModified && conditional(req.Header) {
		return out, nil
	}
	nothing := r.Lines && len(bytes.TrimSpace(body)) == 0
	if err := c.Check(res, body, r.JSON && !nothing); err != nil {
		return nil, err
	}
	return out, nil
}

func conditional(h http.Header) bool {
	return h.Get("If-None-Match") != "" || h.Get("If-Modified-Since") != ""
}

func (c *Client) request(r Request) (*http.Request, error) {
	u, err := c.addr.join(r.Ref, r.Query)
	if err != nil {
		return nil, err
	}
	method := r.Method
	if method == "" {
		method = http.MethodGet
		if r.Body != nil {
			method = http.MethodPost
		}
	}
	var body io.Reader
	if r.Body != nil {
		body = bytes.NewReader(r.Body)
	}
	req, err := http.NewRequest(method, u.String(), body) //nolint:noctx // Do sets it
	if err != nil {
		return nil, sources.Errorf(sources.BadRequest, "the request cannot be made")
	}
	for n, v := range r.Header {
		req.Header[http.CanonicalHeaderKey(n)] = v
	}
	if r.Body != nil && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.JSON && req.Header.Get("Accept") == "" {
		req.Header.Set("Accept", "application/json")
	}
	return req, nil
}

func badConfig(detail, hint string) error {
	return &sources.Error{Kind: sources.BadRequest, Detail: safe.Outside(detail), Hint: hint, Err: errors.New("configuration")}
}
