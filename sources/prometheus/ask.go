package prometheus

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/web"
	"github.com/firstpage-oncall/firstpage/sources"
)

// slot waits for leave to run a query.
func (c *Client) slot(ctx context.Context) (free func(), err error) {
	if ctx.Err() == nil {
		select {
		case c.slots <- struct{}{}:
			return func() { <-c.slots }, nil
		case <-ctx.Done():
		}
	}
	return nil, c.web.Fail(ctx, nil, context.Cause(ctx))
}

// serverTimeout tells the server to stop working when we stop waiting.
func (c *Client) serverTimeout() string {
	return strconv.FormatInt(max(1, c.timeout.Milliseconds()), 10) + "ms"
}

func unix(t time.Time) string {
	return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64)
}

// get asks with GET.
func (c *Client) get(ctx context.Context, path string, args url.Values) ([]byte, error) {
	_, body, err := c.do(ctx, http.MethodGet, path, args)
	return body, err
}

// post asks with POST, for expressions may be longer than a URL may be; where
// that is refused with GET, and with GET from then on.
func (c *Client) post(ctx context.Context, path string, args url.Values) ([]byte, error) {
	if c.getOnly.Load() {
		return c.get(ctx, path, args)
	}
	code, body, err := c.do(ctx, http.MethodPost, path, args)
	switch code {
	case http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		body, err = c.get(ctx, path, args)
		if err == nil {
			c.getOnly.Store(true)
		}
	}
	return body, err
}

func (c *Client) do(ctx context.Context, method, path string, args url.Values) (int, []byte, error) {
	ctx, cancel, err := c.web.Start(ctx)
	if err != nil {
		return 0, nil, err
	}
	defer cancel()
	u := c.api.URL(path, nil)
	form := args.Encode()
	if method == http.MethodGet && form != "" {
		u.RawQuery = strings.TrimPrefix(u.RawQuery+"&"+form, "&")
		form = ""
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), strings.NewReader(form))
	if err != nil {
		return 0, nil, c.web.Fail(ctx, nil, sources.Errorf(sources.BadRequest, "the request cannot be made"))
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		// A query changes nothing: it may be sent again on a broken connection.
		req.Header["Idempotency-Key"] = nil
	}
	req.Header.Set("Accept", "application/json")
	res, body, err := c.exchange(ctx, path, req) //nolint:bodyclose // read and closed there
	if err != nil {
		return 0, nil, c.web.Fail(ctx, req, err)
	}
	if err := c.web.Check(res, body, true); err != nil {
		return res.StatusCode, nil, serverSays(err, body)
	}
	return res.StatusCode, body, nil
}

// exchange sends a request, reads the answer and closes it. The answers that
// may be large come again every few seconds: room is made for as much as the
// last time, where growing step by step takes three times the memory.
func (c *Client) exchange(ctx context.Context, path string, req *http.Request) (*http.Response, []byte, error) {
	c.mu.Lock()
	last, large := c.sizes[path]
	c.mu.Unlock()
	if !large {
		return c.api.Do(ctx, req)
	}
	res, err := c.web.HTTP().Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close() //nolint:errcheck // it was read
	buf := bytes.NewBuffer(make([]byte, 0, last+last/16+bytes.MinRead))
	if _, err := buf.ReadFrom(res.Body); err != nil {
		return res, nil, err
	}
	c.mu.Lock()
	c.sizes[path] = buf.Len()
	c.mu.Unlock()
	return res, buf.Bytes(), nil
}

// serverSays corrects the kind of an error by Prometheus' own error type: a
// query that took too long comes as 503.
func serverSays(err error, body []byte) error {
	e := sources.AsError(sources.SourceID{}, err)
	if e.Kind != sources.Unavailable {
		return err
	}
	var env envelope
	s := newScanner(body)
	if env, _ = decode(s, s.skip); env.kind == "timeout" {
		c := *e
		c.Kind, c.Hint = sources.Timeout, "the query is too heavy for the server, or the server is overloaded"
		return &c
	}
	return err
}

// decodeError completes an error of a decoder.
func (c *Client) decodeError(path string, err error) error {
	e := *sources.AsError(c.id, err)
	e.URL = web.Strip(c.api.URL(path, nil).String())
	if e.Kind == sources.BadResponse && e.Hint == "" {
		e.Hint = "is it the address of a Prometheus?"
	}
	return &e
}
