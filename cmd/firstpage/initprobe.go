package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/firstpage-oncall/firstpage/config"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/prometheus"
)

// probe is an address that may be a Prometheus, and what it answered.
type probe struct {
	url, from string
	version   string
	alerts    int
	rules     []sources.RuleGroup
	err       error
}

// probeAll tries what the user, the environment and habit name, at once.
func (c *cli) probeAll(ctx context.Context) []probe {
	var ps []probe
	for _, p := range []probe{
		{url: c.flags.prometheus, from: "--prometheus"},
		{url: c.getenv(config.Variable), from: "$" + config.Variable},
		{url: config.DefaultURL, from: "the default"},
	} {
		if p.url != "" && !slices.ContainsFunc(ps, func(q probe) bool { return q.url == p.url }) {
			ps = append(ps, p)
		}
	}
	var wg sync.WaitGroup
	for i := range ps {
		wg.Go(func() { ps[i].ask(ctx) })
	}
	wg.Wait()
	_, _ = fmt.Fprintln(c.err, "Looked for Prometheus:")
	for _, p := range ps {
		c.listed(p.String())
	}
	return ps
}

// ask fills in what a server answers, within the time that any request has.
func (p *probe) ask(ctx context.Context) {
	if p.err = writable(p.url); p.err != nil {
		return
	}
	d := config.Default().Timeout
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	client, err := prometheus.Open(prometheus.Options{URL: p.url, Timeout: d})
	if err != nil {
		p.err = err
		return
	}
	defer client.Close()
	alerts, err := client.Alerts(ctx)
	if err != nil {
		p.err = err
		return
	}
	p.alerts = len(alerts)
	if info, err := client.Info(ctx); err == nil {
		name := info.Application.String()
		if name == "" {
			name = "Prometheus"
		}
		p.version = strings.TrimSpace(name + " " + info.Version.String())
	}
	p.rules, _ = client.Rules(ctx) // without them no link can be tried, no more
}

// String is one line: which address, who named it, what it said.
func (p probe) String() string {
	at := safe.Text(p.url)
	if u, err := url.Parse(p.url); err != nil || u.User != nil {
		at = "an address" // it may hold a password
	}
	at += " (" + p.from + "): "
	if p.err == nil {
		return at + p.version + ", " + page.Counted(p.alerts, "alert") + ", " + page.Counted(len(p.distinctRules()), "alerting rule")
	}
	var e *sources.Error
	if errors.As(p.err, &e) {
		at += e.Short()
		if e.Hint != "" {
			at += " (" + e.Hint + ")"
		}
		return safe.Text(at)
	}
	return at + safe.Err(p.err)
}

// chooseCluster picks the Prometheus to write: the one that was named, else
// the first that answers, unless the answer is another.
func (c *cli) chooseCluster(ctx context.Context, ask asker, found []probe, given string) (probe, error) {
	best := probe{}
	for _, p := range found {
		if p.url == given && given != "" {
			if p.err != nil {
				_, _ = fmt.Fprintln(c.err, "It is written all the same: you named it.")
			}
			return p, nil
		}
		if p.err == nil && best.url == "" {
			best = p
		}
	}
	address, err := ask.text(ctx, "The address of your Prometheus", best.url, func(s string) error {
		if s == "" {
			return errors.New("an address, such as https://prometheus.example.com")
		}
		return writable(s)
	})
	if errors.Is(err, errNotAsked) {
		return best, usage("no Prometheus answers and none was named: add --prometheus URL; nothing was written")
	}
	if err != nil {
		return best, err
	}
	if address == best.url {
		return best, nil
	}
	p := probe{url: address, from: "what you typed"}
	p.ask(ctx)
	c.listed(p.String())
	return p, nil
}

// clusterName is a name for the server at an address: the host's first label
// that says more than what the server is.
func clusterName(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "prometheus"
	}
	host := u.Hostname()
	if host == "localhost" || host == "" {
		return "local"
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		if ip.IsLoopback() {
			return "local"
		}
		return host
	}
	labels := strings.Split(host, ".")
	if len(labels) > 1 && slices.Contains([]string{"prometheus", "prom", "thanos", "mimir", "metrics", "monitoring", "www"}, labels[0]) {
		labels = labels[1:]
	}
	return labels[0]
}
