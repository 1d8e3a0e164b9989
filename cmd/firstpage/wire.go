package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/adrg/xdg"

	"github.com/firstpage-oncall/firstpage/config"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/runbook/resolve"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/alertmanager"
	"github.com/firstpage-oncall/firstpage/sources/all"
	"github.com/firstpage-oncall/firstpage/sources/buildinfo"
	"github.com/firstpage-oncall/firstpage/sources/catalog"
	"github.com/firstpage-oncall/firstpage/sources/ical"
	"github.com/firstpage-oncall/firstpage/sources/kubernetes"
	"github.com/firstpage-oncall/firstpage/sources/poll"
	"github.com/firstpage-oncall/firstpage/sources/prometheus"
	"github.com/firstpage-oncall/firstpage/triage"
)

// house is everything that a command works with, made from the configuration.
// Making it asks nothing of the network.
type house struct {
	*cli
	cfg       *config.Config
	clusters  []*prometheus.Client   // in the order of the configuration
	witnesses []*alertmanager.Client // of each cluster; nil: it has none
	resolver  *resolve.Resolver
	catalog   *catalog.Source  // nil: none is configured
	changes   []poll.ChangeSet // opened by set, for a command that needs changes
	rotas     []*ical.Source   // opened by set, for a command that needs shifts
	prefs     triage.Prefs
	memory    memory

	stateErr, cacheErr, icalErr error // the folders of what is kept; nil: they can be used
}

// configPaths are the files to load: those named by --config, else the user's
// own if there is one.
func (c *cli) configPaths() []string {
	if len(c.flags.config) > 0 {
		return c.flags.config
	}
	if p, err := xdg.SearchConfigFile(filepath.Join("firstpage", "config.yaml")); err == nil {
		return []string{p}
	}
	return nil
}

// load reads the configuration and lays the flags over it. Every problem is
// reported at once, each with its place. When trust is among what is missing,
// the error is *untrusted.
func (c *cli) load() (*config.Config, error) {
	if slices.Contains(c.flags.config, "") {
		return nil, usage("--config: name a file")
	}
	cfg, err := config.Load(c.configPaths(), all.Kinds(), c.getenv, c.trusting())
	if err != nil && len(cfg.Pending()) > 0 {
		return cfg, &exitError{exitUsage, &untrusted{cfg, err, c.trustCommandLine()}}
	}
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	if err := checkLinks(cfg); err != nil {
		return nil, &exitError{exitUsage, err}
	}
	for _, apply := range []func() error{
		func() error { return cfg.UsePrometheus(c.flags.prometheus) },
		func() error { return cfg.Select(c.flags.cluster) },
		func() error { return cfg.UseAlertmanager(c.flags.alertmanager) },
		func() error { return cfg.SetTheme(c.flags.theme) },
	} {
		if err := apply(); err != nil {
			return nil, &exitError{exitUsage, err}
		}
	}
	cfg.ReadOnly = cfg.ReadOnly || c.flags.readOnly
	return cfg, nil
}

// checkLinks says what is wrong with the links of a configuration, each with its
// place.
func checkLinks(cfg *config.Config) error {
	var errs []error
	for _, l := range cfg.Links.Add {
		if err := triage.CheckLink(l.URL); err != nil {
			errs = append(errs, fmt.Errorf("%s: links.add: the url of %q: %w", l.Place, l.Title, err))
		}
	}
	return errors.Join(errs...)
}

// openAsking is open for where somebody can be asked: what included files want
// is asked about first.
func (c *cli) openAsking(ctx context.Context) (*house, error) {
	h, err := c.open()
	var u *untrusted
	if !errors.As(err, &u) || !u.cfg.OnlyPending() || !c.canAsk() {
		return h, err
	}
	if err := c.askTrust(ctx, u.cfg.Pending()); err != nil {
		return nil, err
	}
	return c.open()
}

// open loads the configuration and makes the house.
func (c *cli) open() (*house, error) {
	cfg, err := c.load()
	if err != nil {
		return nil, err
	}
	return c.house(cfg)
}

// house makes the house of a configuration.
func (c *cli) house(cfg *config.Config) (*house, error) {
	h := &house{cli: c, cfg: cfg, prefs: prefs(cfg)}
	for _, cl := range cfg.Clusters {
		p, err := prometheus.Open(prometheus.Options{
			Cluster: cl.Name, URL: cl.Prometheus.URL, HTTP: cl.Prometheus.HTTP,
			TokenCommand: cl.Prometheus.TokenCommand, Timeout: h.timeout(cl),
		})
		if err != nil {
			return nil, &exitError{exitUsage, fmt.Errorf("cluster %s: %w", cl.Name, err)}
		}
		h.clusters = append(h.clusters, p)
		am, err := h.alertmanager(cl)
		if err != nil {
			return nil, err
		}
		h.witnesses = append(h.witnesses, am)
	}
	if paths := cfg.Services.Catalog; len(paths) > 0 {
		h.catalog = catalog.Open(paths)
	}
	h.resolver = resolve.New(h.resolveOptions())
	return h, nil
}

func (h *house) timeout(cl config.Cluster) time.Duration {
	if cl.Prometheus.Timeout > 0 {
		return cl.Prometheus.Timeout
	}
	return h.cfg.Timeout
}

func (h *house) resolveOptions() resolve.Options {
	o := resolve.Options{Now: h.now}
	h.fetchOptions(&o)
	if h.catalog != nil {
		o.Default = h.catalog.Runbook
	}
	for _, co := range h.cfg.Runbooks.Checkouts {
		o.Checkouts = append(o.Checkouts, resolve.Checkout{URL: co.URL, Path: co.Path, Content: co.Content})
	}
	return o
}

// changeSets are the configured sources of changes and, for each cluster, what
// can be read from its Prometheus without any configuration. That one is costly
// to ask for a long time, so it has a window of its own unless one is given.
func (h *house) changeSets(window time.Duration) ([]poll.ChangeSet, error) {
	kinds := map[string]sources.ChangeKind{}
	for _, k := range all.Kinds() {
		kinds[k.Name] = k
	}
	var out []poll.ChangeSet
	add := func(kind, name, cluster string, opts any) error {
		s, err := kinds[kind].Open(opts, h.env(name))
		if err != nil {
			return &exitError{exitUsage, fmt.Errorf("changes, %s: %w", name, err)}
		}
		set := poll.ChangeSet{ID: sources.SourceID{Kind: kind, Name: name, Cluster: cluster}, Source: s}
		if o, ok := opts.(*buildinfo.Options); ok && window == 0 {
			set.Window = o.Window
		}
		out = append(out, set)
		return nil
	}
	own := map[string]bool{}
	for _, ch := range h.cfg.Changes {
		name, cluster := ch.Name, ""
		if name == "" {
			name = ch.Kind
		}
		switch o := ch.Options.(type) {
		case *buildinfo.Options:
			cluster = o.Cluster
			own[cluster] = true
		case *kubernetes.Options:
			cluster = o.Cluster
		}
		if err := add(ch.Kind, name, cluster, ch.Options); err != nil {
			return nil, err
		}
	}
	for _, cl := range h.cfg.Clusters {
		if own[cl.Name] || own[""] {
			continue
		}
		opts := kinds[buildinfo.KindName].Options()
		if o, ok := opts.(*buildinfo.Options); ok {
			o.Cluster = cl.Name
			o.Window = max(o.Window, window)
		}
		if err := add(buildinfo.KindName, buildinfo.KindName, cl.Name, opts); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (h *house) env(name string) sources.Env {
	e := sources.Env{Name: name, Now: h.now, Query: h.query, Getenv: h.getenv}
	for _, cl := range h.cfg.Clusters {
		e.Clusters = append(e.Clusters, cl.Name)
	}
	return e
}

// query is the Prometheus of a cluster; nil when there is no such cluster.
func (h *house) query(cluster string) sources.Querier {
	for i, cl := range h.cfg.Clusters {
		if cl.Name == cluster {
			return h.clusters[i]
		}
	}
	return nil
}

// needs says which feeds a command asks beside the alerts.
type needs struct {
	alerts, rules, changes, shifts bool
	window                         time.Duration // of the changes; 0: the default
}

// set is what to ask, for the poller. The catalog is always asked: whose an
// alert is, and by which names a service goes, every command says.
func (h *house) set(n needs) (poll.Set, error) {
	var s poll.Set
	var err error
	for i, cl := range h.cfg.Clusters {
		p := h.clusters[i]
		c := poll.ClusterSet{Name: cl.Name}
		if n.alerts {
			c.AlertsID, c.Alerts = p.ID(), p.Alerts
			if am := h.witnesses[i]; am != nil {
				c.AMID, c.AM, c.Silences = am.ID(), am.Alerts, am.Silences
			}
		}
		if n.rules {
			c.RulesID, c.Rules = p.ID(), p.Rules
		}
		s.Clusters = append(s.Clusters, c)
	}
	if h.catalog != nil {
		s.Catalogs = []poll.CatalogSet{{ID: h.catalog.ID(), Source: h.catalog}}
	}
	if n.changes {
		s.Changes, err = h.changeSets(n.window)
		h.changes = s.Changes
	}
	if n.shifts && err == nil {
		s.Shifts, err = h.schedules()
	}
	return s, err
}

func (h *house) pace(n needs) poll.Pace {
	p := poll.DefaultPace()
	p.Alerts, p.Rules, p.Changes = h.cfg.Refresh.Alerts, h.cfg.Refresh.Rules, h.cfg.Refresh.Changes
	p.Deadline, p.Now = h.cfg.Timeout, h.now
	for _, cl := range h.cfg.Clusters {
		p.Deadline = max(p.Deadline, h.timeout(cl))
	}
	p.ResolvedFor = h.prefs.ResolvedFor
	if n.window > 0 {
		p.Window = n.window
	}
	return p
}

// board asks everything once and judges it.
func (h *house) board(ctx context.Context, n needs) (*triage.Board, error) {
	set, err := h.set(n)
	if err != nil {
		return nil, err
	}
	b := triage.Build(poll.Once(ctx, set, h.pace(n)), h.prefs, h.now())
	if n.alerts {
		h.watch(ctx, b)
	}
	return b, nil
}

func (h *house) assembler() *page.Assembler {
	return &page.Assembler{Runbooks: h.resolver, Commits: offers[sources.Commits](h.changes), Past: offers[sources.Historian](h.changes), Query: h.query, Now: h.now, Zone: h.loc, RunbookKeys: h.prefs.RunbookKeys}
}

// offers are those of the opened sources of changes that can do more than list
// them. They are the ones that are polled: what they remember of an answer, and
// of a limit, serves both.
func offers[T any](changes []poll.ChangeSet) []T {
	var out []T
	for _, s := range changes {
		if c, ok := s.Source.(T); ok {
			out = append(out, c)
		}
	}
	return out
}

// located is where an alert's runbook is, by the rungs that touch no network.
func (h *house) located(it triage.Item) page.Located {
	ref := runbook.FindRef(it.Alert, it.Service.Name, it.Owner.Name, h.prefs.RunbookKeys)
	l := h.resolver.Locate(ref)
	return page.Located{Ref: ref, Via: l.Via, Path: l.Path, Line: l.Line, AsOf: l.AsOf, Reason: l.Reason, Trail: l.Trail}
}
