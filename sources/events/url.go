package events

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/web"
	"github.com/firstpage-oncall/firstpage/sources"
)

// endpoint is an address that answers with events.
type endpoint struct {
	url    string // as configured, {since} in it
	client *web.Client
}

func openURL(o Options, id sources.SourceID) (*endpoint, error) {
	c, err := web.New(web.Options{Source: id, URL: o.URL, HTTP: o.HTTP, TokenCommand: o.TokenCommand, Timeout: o.Timeout, MaxBody: maxBytes})
	if err != nil {
		return nil, err
	}
	return &endpoint{o.URL, c}, nil
}

func (e *endpoint) where() string { return e.client.URL() }

func (e *endpoint) name() string { return e.client.URL() }

// version is what a server says of the state of its answer, to be asked with.
type version struct{ url, etag, modified string }

func (e *endpoint) read(ctx context.Context, t span, old text) (text, bool, error) {
	// To the full hour: an address that is new at every look cannot be
	// answered with "not modified".
	url := fill(e.url, t.since.Truncate(time.Hour))
	header := http.Header{"Accept": {"application/x-ndjson, application/json;q=0.9, */*;q=0.5"}}
	if v, ok := old.mark.(version); ok && v.url == url {
		if v.etag != "" {
			header.Set("If-None-Match", v.etag)
		}
		if v.modified != "" {
			header.Set("If-Modified-Since", v.modified)
		}
	}
	res, err := e.client.Do(ctx, web.Request{Ref: url, Header: header, JSON: true, Lines: true})
	if err != nil {
		return text{}, false, err
	}
	if res.Status == http.StatusNotModified {
		return old, true, nil
	}
	now := text{data: res.Body}
	if v := (version{url, res.Header.Get("ETag"), res.Header.Get("Last-Modified")}); v.etag != "" || v.modified != "" {
		now.mark = v
	}
	return now, false, nil
}

// fill puts the time into an address or an argument.
func fill(s string, since time.Time) string {
	if since.Unix() < 0 { // the zero time: everything that there is
		since = time.Unix(0, 0)
	}
	return strings.NewReplacer(
		"{since}", strconv.FormatInt(since.Unix(), 10),
		"{since_rfc3339}", since.UTC().Format(time.RFC3339),
	).Replace(s)
}
