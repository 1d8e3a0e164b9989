package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

const (
	// pause is how long a server is left alone that is asked too often and does
	// not say for how long: what GitHub's documentation asks for.
	pause = time.Minute
	// maxKept and maxKeptBody bound the answers that are kept to be asked for
	// again by their ETag, in bytes.
	maxKept     = 16 << 20
	maxKeptBody = 1 << 20
)

// API is an HTTP client for a library that asks a JSON API: each request of
// the library is one exchange of c, with its deadline, cap, redirects and kinds
// of error. It only reads: any method but GET is refused. An answer with an ETag
// is asked for again by it, and a 304 is given to the library as the answer that
// was kept. After an answer that says that the limit is reached nothing is
// asked before the time that it names.
//
// An answer outside of 2xx is an error and no response; what the library makes
// of it is for [Client.APIError]. Each call of API makes a client with a memory
// of its own.
func (c *Client) API() *http.Client {
	return &http.Client{Transport: &api{client: c, now: time.Now, kept: map[string]*kept{}}}
}

// APIError is the *sources.Error behind an error that a library gave back for
// a request that it made by API. What is no error of the exchange is one of
// the answer (BadResponse): the library could not read it. Nil gives nil.
func (c *Client) APIError(ctx context.Context, err error) error {
	var done *sources.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &done), ctx.Err() != nil:
		return c.Fail(ctx, nil, err)
	}
	return c.Fail(ctx, nil, &sources.Error{Kind: sources.BadResponse, Err: err,
		Detail: safe.Outside("the answer cannot be read: " + err.Error()), Hint: "check the URL: it may be of something else"})
}

// api is the transport of API.
type api struct {
	client *Client
	now    func() time.Time

	mu    sync.Mutex
	until time.Time // nothing is asked before; zero: it may be
	kept  map[string]*kept
	size  int // bytes of the bodies in kept
}

// kept is an answer that may be asked for again by its ETag.
type kept struct {
	header http.Header
	body   []byte
	used   time.Time
}

// RoundTrip is one exchange. Against the custom of transports it judges the
// answer: a library sees only those that it can read.
func (a *api) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
	if req.Method != http.MethodGet {
		return nil, a.client.Fail(req.Context(), req, sources.Errorf(sources.BadRequest, "%s is not asked: this client only reads", req.Method))
	}
	if err := a.wait(); err != nil {
		return nil, a.client.Fail(req.Context(), req, err)
	}
	url := req.URL.String()
	old := a.recall(url)
	r := Request{Ref: url, Header: req.Header.Clone(), JSON: true}
	if old != nil {
		r.Header.Set("If-None-Match", old.header.Get("ETag"))
	}
	res, err := a.client.Do(req.Context(), r)
	if err != nil {
		a.heed(err)
		return nil, err
	}
	if after, ok := spent(res.Header, a.now()); ok {
		a.hold(after)
	}
	header, body := res.Header, res.Body
	if res.Status == http.StatusNotModified {
		if old == nil {
			return nil, a.client.Fail(req.Context(), req, sources.Errorf(sources.BadResponse, "it says that nothing has changed, and was not asked that"))
		}
		header, body = old.header, old.body
	} else {
		a.keep(url, header, body)
	}
	return &http.Response{StatusCode: http.StatusOK, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header.Clone(), Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: req}, nil
}

// wait is an error as long as the server wants to be left alone.
func (a *api) wait() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	left := a.until.Sub(a.now())
	if left <= 0 {
		return nil
	}
	return &sources.Error{Kind: sources.RateLimited, After: left, Hint: notBefore(a.until),
		Detail: safe.Outside("it is not asked: its limit of requests is reached")}
}

// heed remembers how long an answer wants us to wait.
func (a *api) heed(err error) {
	var e *sources.Error
	if !errors.As(err, &e) || e.Kind != sources.RateLimited {
		return
	}
	after := e.After
	if after == 0 {
		after = pause
	}
	a.hold(after)
}

func (a *api) hold(after time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if t := a.now().Add(after); t.After(a.until) {
		a.until = t
	}
}

func (a *api) recall(url string) *kept {
	a.mu.Lock()
	defer a.mu.Unlock()
	k := a.kept[url]
	if k != nil {
		k.used = a.now()
	}
	return k
}

// keep remembers an answer, and forgets those that were not asked for the
// longest time when there are too many.
func (a *api) keep(url string, header http.Header, body []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.forget(url)
	if header.Get("ETag") == "" || len(body) > maxKeptBody {
		return
	}
	a.kept[url] = &kept{header, body, a.now()}
	a.size += len(body)
	for a.size > maxKept {
		oldest := url
		for u, k := range a.kept {
			if k.used.Before(a.kept[oldest].used) {
				oldest = u
			}
		}
		a.forget(oldest)
	}
}

func (a *api) forget(url string) {
	if k := a.kept[url]; k != nil {
		a.size -= len(k.body)
		delete(a.kept, url)
	}
}
