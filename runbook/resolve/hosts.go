package resolve

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/common/config"

	"github.com/firstpage-oncall/firstpage/internal/state"
	"github.com/firstpage-oncall/firstpage/internal/web"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
)

// Host is a host that the configuration names: it may be asked for pages, and
// gets the credentials.
type Host struct {
	// Host is its name, with a port if it has one, as links have it. With a
	// scheme in front, credentials go by that one only; else by https.
	Host         string
	HTTP         config.HTTPClientConfig
	TokenCommand []string
}

// webHost is a host that can be asked.
type webHost struct {
	host    string // as target.host
	scheme  string
	private bool // it has credentials
	client  *web.Client
	err     error // the settings are wrong
}

// newWebHost makes the client of a configured host. Files of github.com are served
// by a host of their own, which is meant with it.
func newWebHost(h Host, o Options) *webHost {
	name, s := h.Host, &webHost{scheme: "https"}
	if scheme, rest, ok := strings.Cut(name, "://"); ok {
		s.scheme, name = strings.ToLower(scheme), rest
	}
	name, _, _ = strings.Cut(name, "/")
	s.host = forgeHost(hostOf(&url.URL{Scheme: s.scheme, Host: name}))
	origin := s.host
	if s.host == "github.com" {
		origin = rawGitHub
	}
	s.private = len(h.TokenCommand) > 0 || hasCredentials(h.HTTP)
	s.client, s.err = web.New(web.Options{
		Source: sources.SourceID{Kind: "runbook", Name: s.host}, URL: s.scheme + "://" + origin, HTTP: h.HTTP, TokenCommand: h.TokenCommand,
		Timeout: o.Timeout, MaxBody: runbook.MaxSource, NoLinkLocal: true,
	})
	return s
}

func hasCredentials(c config.HTTPClientConfig) bool {
	return c.BasicAuth != nil || c.Authorization != nil || c.OAuth2 != nil || c.BearerToken != "" || c.BearerTokenFile != "" ||
		c.HTTPHeaders != nil || c.TLSConfig.CertFile != "" || c.TLSConfig.Cert != ""
}

// strangers is who is asked in place of every host that is not configured: it is sent no
// credentials, and this machine's own services are out of its reach.
func strangers(o Options) *webHost {
	s := &webHost{}
	s.client, s.err = web.New(web.Options{Source: sources.SourceID{Kind: "runbook"}, Timeout: o.Timeout, MaxBody: runbook.MaxSource,
		NoLinkLocal: true, NoLoopback: !o.loopback})
	return s
}

// siteOf is who to ask for a page.
func (r *Resolver) siteOf(t target) *webHost {
	for _, s := range r.sites {
		if s.host == t.host {
			return s
		}
	}
	return r.others
}

// hostsFile is where the answers to "fetch from this host?" are kept.
const (
	hostsFile    = "hosts.json"
	hostsVersion = 1
)

// allowedHost is one yes.
type allowedHost struct {
	Host string    `json:"host"`
	At   time.Time `json:"at"`
}

// consent is what the user has answered. Without a directory it lasts as long
// as the process.
type consent struct {
	dir state.Dir

	mu    sync.Mutex
	read  bool
	hosts []allowedHost
}

// list gives the hosts that are allowed, read once.
func (c *consent) list() []allowedHost {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.read {
		c.read = true
		if stored, err := c.stored(); err == nil {
			c.hosts = stored
		}
	}
	return slices.Clone(c.hosts)
}

func (c *consent) stored() ([]allowedHost, error) {
	if c.dir.Path() == "" {
		return nil, nil
	}
	var hosts []allowedHost
	err := c.dir.ReadFile(hostsFile, hostsVersion, &hosts)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, state.ErrOlder) {
		return nil, nil
	}
	return hosts, err
}

func (c *consent) has(host string) bool {
	return slices.ContainsFunc(c.list(), func(a allowedHost) bool { return a.Host == host })
}

// add keeps a yes. It holds for this process even when it cannot be stored.
func (c *consent) add(ctx context.Context, host string, now time.Time) error {
	yes := allowedHost{host, now.UTC().Truncate(time.Second)}
	c.list()
	c.mu.Lock()
	defer c.mu.Unlock()
	same := func(a allowedHost) bool { return a.Host == host }
	if !slices.ContainsFunc(c.hosts, same) {
		c.hosts = append(c.hosts, yes)
	}
	if c.dir.Path() == "" {
		return nil
	}
	unlock, err := c.dir.Lock(ctx, hostsFile)
	if err != nil {
		return err
	}
	defer unlock()
	stored, err := c.stored() // another process may have added one
	if err != nil {
		var bad *state.BadFile
		if !errors.As(err, &bad) || bad.Moved == "" {
			return err
		}
	}
	if slices.ContainsFunc(stored, same) {
		return nil
	}
	return c.dir.WriteFile(hostsFile, hostsVersion, append(stored, yes))
}

// Allow says that pages of a host (Trail.Fetch names it) may be fetched from
// now on, and lets what has failed there be tried again. The answer is kept in
// Options.State; the error says why it could not be, it holds for this process
// all the same.
func (r *Resolver) Allow(ctx context.Context, host string) error {
	r.recent.forget(host)
	r.copies.gen.Add(1) // what Locate said of it is not so any more
	if r.fetch != Ask {
		return nil
	}
	return r.consent.add(ctx, host, r.now())
}

// mayAsk reports whether a page's host may be asked, and if not, why.
func (r *Resolver) mayAsk(t target) (ok bool, why string) {
	switch {
	case r.fetch == Never:
		return false, "not asked: your setting is never"
	case r.fetch == Always, r.siteOf(t) != r.others, r.consent.has(t.host):
		return true, ""
	}
	return false, "not asked: your setting is ask"
}
