package prometheus

import (
	"context"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/api"
	"github.com/prometheus/common/config"
	"github.com/prometheus/common/model"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/internal/web"
	"github.com/firstpage-oncall/firstpage/sources"
)

const (
	// maxBody caps every answer, in bytes after decompression. 10,000 alerts
	// are 5 MB.
	maxBody = 64 << 20
	// defaultQueries is how many queries run at once: a page asks for a dozen,
	// and a Prometheus in trouble must not get them all together.
	defaultQueries = 4
)

// Options says which server and how.
type Options struct {
	Cluster      string                  // configured name; may be empty
	URL          string                  // base URL; userinfo serves as basic auth
	PublicURL    string                  // address for people; empty: URL
	HTTP         config.HTTPClientConfig // zero: Prometheus' defaults
	TokenCommand []string                // prints a bearer token
	Timeout      time.Duration           // per request; 0: 5 s
	MaxQueries   int                     // at once; 0: 4
}

// Client asks one server. It satisfies sources.Querier. All its errors are
// *sources.Error.
type Client struct {
	id      sources.SourceID
	cluster string
	timeout time.Duration
	web     *web.Client
	api     api.Client
	slots   chan struct{} // one for each query that runs
	getOnly atomic.Bool   // the server (or a proxy) refuses POST

	mu    sync.Mutex
	notes map[string][]safe.Value // endpoint -> warnings of its last answer
	sizes map[string]int          // large endpoint -> bytes of its last answer
}

var (
	_ sources.Querier = (*Client)(nil)
	_ sources.Sampler = (*Client)(nil)
)

// Info is what a server says about itself. All empty: it does not say.
type Info struct {
	Version     safe.Value
	Revision    safe.Value
	Application safe.Value // "Grafana Mimir" and the like; empty for Prometheus
}

// Open makes a client; it does no I/O. Errors (BadRequest) say what is wrong
// with the options.
func Open(o Options) (*Client, error) {
	id := sources.SourceID{Kind: "prometheus", Name: o.Cluster, Cluster: o.Cluster}
	if id.Name == "" {
		id.Name = id.Kind
	}
	if o.Timeout <= 0 {
		o.Timeout = web.DefaultTimeout
	}
	if o.MaxQueries <= 0 {
		o.MaxQueries = defaultQueries
	}
	if o.URL == "" {
		return nil, &sources.Error{Kind: sources.BadRequest, Source: id, Detail: safe.Outside("no URL is given")}
	}
	w, err := web.New(web.Options{Source: id, URL: o.URL, Public: o.PublicURL, HTTP: o.HTTP,
		TokenCommand: o.TokenCommand, Timeout: o.Timeout, MaxBody: maxBody})
	if err != nil {
		return nil, err
	}
	a, err := api.NewClient(api.Config{Address: w.Address().Query(), Client: w.HTTP()})
	if err != nil {
		return nil, w.Fail(context.Background(), nil, err)
	}
	return &Client{id: id, cluster: o.Cluster, timeout: o.Timeout, web: w, api: a,
		slots: make(chan struct{}, o.MaxQueries), notes: map[string][]safe.Value{},
		sizes: map[string]int{alertsPath: 0, rulesPath: 0}}, nil
}

// ID names the source in errors and on screen.
func (c *Client) ID() sources.SourceID { return c.id }

// URL is the server's address without credentials, to be shown.
func (c *Client) URL() string { return c.web.URL() }

// PublicURL is the address that people open.
func (c *Client) PublicURL() string { return c.web.Address().Public() }

// Close closes idle connections.
func (c *Client) Close() { c.web.Close() }

// Notes are the warnings that came with the last alerts and rules, such as
// those of a Thanos that could not reach every store.
func (c *Client) Notes() []safe.Value {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append(append([]safe.Value(nil), c.notes[alertsPath]...), c.notes[rulesPath]...)
}

func (c *Client) note(path string, warnings []safe.Value) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.notes[path] = warnings
}

// The endpoints.
const (
	alertsPath = "/api/v1/alerts"
	rulesPath  = "/api/v1/rules"
	queryPath  = "/api/v1/query"
	rangePath  = "/api/v1/query_range"
	infoPath   = "/api/v1/status/buildinfo"
)

// Alerts lists the pending and firing alerts in the server's order.
func (c *Client) Alerts(ctx context.Context) ([]sources.Alert, error) {
	body, err := c.get(ctx, alertsPath, nil)
	if err != nil {
		return nil, err
	}
	out, warnings, err := decodeAlerts(body, c.cluster)
	if err != nil {
		return nil, c.decodeError(alertsPath, err)
	}
	c.note(alertsPath, warnings)
	return out, nil
}

// Rules lists the groups with their alerting and recording rules, in the
// server's order. Old
// servers (2.42) ignore exclude_alerts and send every alert along: 5 MB for
// 10,000.
func (c *Client) Rules(ctx context.Context) ([]sources.RuleGroup, error) {
	body, err := c.get(ctx, rulesPath, url.Values{"exclude_alerts": {"true"}})
	if err != nil {
		return nil, err
	}
	out, warnings, err := decodeRules(body)
	if err != nil {
		return nil, c.decodeError(rulesPath, err)
	}
	c.note(rulesPath, warnings)
	return out, nil
}

// Query evaluates an expression at one moment; the zero time is the server's
// present. A scalar is one sample without labels; a range vector or a string
// is an error (BadRequest).
func (c *Client) Query(ctx context.Context, expr string, at time.Time) (sources.Vector, error) {
	args := url.Values{"query": {expr}, "timeout": {c.serverTimeout()}}
	if !at.IsZero() {
		args.Set("time", unix(at))
	}
	r, err := c.query(ctx, queryPath, args)
	if err != nil {
		return nil, err
	}
	if r.kind != "vector" && r.kind != "scalar" {
		return nil, c.decodeError(queryPath, sources.Errorf(sources.BadRequest, "the expression gives a %s, not a value at one moment", r.kind))
	}
	out := make(sources.Vector, len(r.series))
	for i, x := range r.series {
		out[i] = sources.Sample{Labels: x.Labels, Point: x.Points[0]}
	}
	return out, nil
}

// QueryRange evaluates an expression over a span.
func (c *Client) QueryRange(ctx context.Context, expr string, g sources.Range) (sources.Matrix, error) {
	r, err := c.query(ctx, rangePath, url.Values{"query": {expr}, "timeout": {c.serverTimeout()},
		"start": {unix(g.Start)}, "end": {unix(g.End)}, "step": {strconv.FormatFloat(g.Step.Seconds(), 'f', -1, 64)}})
	if err != nil {
		return nil, err
	}
	if r.kind != "matrix" {
		return nil, c.decodeError(rangePath, sources.Errorf(sources.BadResponse, "the answer is a %s, not a range", r.kind))
	}
	return r.series, nil
}

// Samples gives the samples of a selector as they are stored.
func (c *Client) Samples(ctx context.Context, selector string, g sources.Range) (sources.Matrix, error) {
	span := strconv.FormatInt(max(1, g.End.Sub(g.Start).Milliseconds()), 10) + "ms"
	r, err := c.query(ctx, queryPath, url.Values{"query": {selector + "[" + span + "]"}, "timeout": {c.serverTimeout()}, "time": {unix(g.End)}})
	if err != nil {
		return nil, err
	}
	if r.kind != "matrix" {
		return nil, c.decodeError(queryPath, sources.Errorf(sources.BadResponse, "the answer is a %s, not samples", r.kind))
	}
	return r.series, nil
}

func (c *Client) query(ctx context.Context, path string, args url.Values) (*resultReader, error) {
	free, err := c.slot(ctx)
	if err != nil {
		return nil, err
	}
	defer free()
	body, err := c.post(ctx, path, args)
	if err != nil {
		return nil, err
	}
	r, _, err := decodeResult(body)
	if err != nil {
		return nil, c.decodeError(path, err)
	}
	return r, nil
}

// LabelValues lists the values of one label, sorted; match is a series
// selector and may be empty.
func (c *Client) LabelValues(ctx context.Context, name, match string) ([]safe.Value, error) {
	free, err := c.slot(ctx)
	if err != nil {
		return nil, err
	}
	defer free()
	args := url.Values{}
	if match != "" {
		args.Set("match[]", match)
	}
	// Names beyond the classic letters travel in the U__ form of Prometheus 3.
	path := "/api/v1/label/" + model.EscapeName(name, model.ValueEncodingEscaping) + "/values"
	body, err := c.get(ctx, path, args)
	if err != nil {
		return nil, err
	}
	out, _, err := decodeValues(body)
	if err != nil {
		return nil, c.decodeError(path, err)
	}
	return out, nil
}

// Info asks which version the server is. A server that does not know the
// endpoint gives an empty Info.
func (c *Client) Info(ctx context.Context) (Info, error) {
	body, err := c.get(ctx, infoPath, nil)
	if sources.IsKind(err, sources.NotFound) {
		return Info{}, nil
	}
	if err != nil {
		return Info{}, err
	}
	i, err := decodeInfo(body)
	if err != nil {
		return Info{}, c.decodeError(infoPath, err)
	}
	return i, nil
}
