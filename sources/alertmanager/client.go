package alertmanager

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"github.com/prometheus/common/config"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/internal/web"
	"github.com/firstpage-oncall/firstpage/sources"
)

// maxBody caps every answer, in bytes after decompression. 10,000 alerts are
// 10 MB.
const maxBody = 64 << 20

// Options says which server and how.
type Options struct {
	Cluster string                  // configured name; may be empty
	URL     string                  // base URL; userinfo serves as basic auth
	HTTP    config.HTTPClientConfig // zero: Prometheus' defaults
	Timeout time.Duration           // per request; 0: 5 s
	// Match are matchers that all alerts asked for have: of an Alertmanager
	// that serves several clusters those of this one. None: all.
	Match []string
}

// Client asks one server. All its errors are *sources.Error.
type Client struct {
	id    sources.SourceID
	web   *web.Client
	match []string
}

// Open makes a client; it does no I/O. Errors (BadRequest) say what is wrong
// with the options.
func Open(o Options) (*Client, error) {
	id := sources.SourceID{Kind: "alertmanager", Name: o.Cluster, Cluster: o.Cluster}
	if id.Name == "" {
		id.Name = id.Kind
	}
	if o.URL == "" {
		return nil, &sources.Error{Kind: sources.BadRequest, Source: id, Detail: safe.Outside("no URL is given")}
	}
	w, err := web.New(web.Options{Source: id, URL: o.URL, HTTP: o.HTTP, Timeout: o.Timeout, MaxBody: maxBody})
	if err != nil {
		return nil, err
	}
	return &Client{id: id, web: w, match: o.Match}, nil
}

// ID names the source in errors and on screen.
func (c *Client) ID() sources.SourceID { return c.id }

// URL is the server's address without credentials, to be shown.
func (c *Client) URL() string { return c.web.URL() }

// Close closes idle connections.
func (c *Client) Close() { c.web.Close() }

// The endpoints, below the base URL.
const (
	alertsPath   = "api/v2/alerts"
	silencesPath = "api/v2/silences"
)

// Alerts lists the alerts that Alertmanager holds, silenced and inhibited ones
// among them, in its order.
func (c *Client) Alerts(ctx context.Context) ([]sources.AMView, error) {
	var in []alertJSON
	if err := c.get(ctx, alertsPath, url.Values{"filter": c.match}, &in); err != nil {
		return nil, err
	}
	out := make([]sources.AMView, len(in))
	for i, a := range in {
		out[i] = a.view()
	}
	return out, nil
}

// Silences lists the silences that Alertmanager still has: active ones, those
// to come and those that ended (five days ago at most, by default), in its order.
func (c *Client) Silences(ctx context.Context) ([]sources.Silence, error) {
	var in []silenceJSON
	if err := c.get(ctx, silencesPath, nil, &in); err != nil {
		return nil, err
	}
	out := make([]sources.Silence, len(in))
	for i, s := range in {
		out[i] = s.silence()
	}
	return out, nil
}

// get reads a list.
func (c *Client) get(ctx context.Context, path string, q url.Values, list any) error {
	res, err := c.web.Do(ctx, web.Request{Ref: path, Query: q, JSON: true})
	if sources.IsKind(err, sources.NotFound) {
		return hinted(c.id, err, "is it the address of an Alertmanager, with its path prefix? Version 0.16 is the first with this API")
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(res.Body, list); err != nil {
		return &sources.Error{Kind: sources.BadResponse, Source: c.id, URL: c.web.URL(), Detail: safe.Outside("the answer is not Alertmanager's"),
			Hint: "is it the address of an Alertmanager?"}
	}
	return nil
}

// hinted is an error with another hint.
func hinted(id sources.SourceID, err error, hint string) error {
	e := *sources.AsError(id, err)
	e.Hint = hint
	return &e
}
