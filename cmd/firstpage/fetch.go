package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/adrg/xdg"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/internal/state"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/runbook/resolve"
)

// fetchOptions say what the resolver may ask the network for, as whom, and
// where it keeps what it got. A folder that cannot be opened costs the memory
// of it, no more; doctor says so.
func (h *house) fetchOptions(o *resolve.Options) {
	o.Fetch, o.Timeout = resolve.Policy(h.cfg.Runbooks.Fetch), h.cfg.Timeout
	for _, host := range h.cfg.Runbooks.Hosts {
		o.Hosts = append(o.Hosts, resolve.Host{Host: host.Host, HTTP: host.HTTP, TokenCommand: host.TokenCommand})
	}
	if h.fleeting {
		return
	}
	o.State, h.stateErr = state.Open(filepath.Join(xdg.StateHome, "firstpage"))
	o.Cache, h.cacheErr = state.Open(filepath.Join(xdg.CacheHome, "firstpage", "runbooks"))
}

// fetchAllowed is Fetch with the user's yes for the link's host, given on the
// command line.
func (h *house) fetchAllowed(ctx context.Context, ref runbook.Ref, yes bool) (runbook.Document, runbook.Trail, error) {
	doc, trail, err := h.resolver.Fetch(ctx, ref)
	state, host := trail.Fetch()
	if !yes || state != runbook.FetchAsk {
		return doc, trail, err
	}
	if aerr := h.resolver.Allow(ctx, host); aerr != nil {
		_, _ = fmt.Fprintln(h.err, "firstpage: the answer for "+safe.Text(host)+" could not be kept: "+safe.Err(aerr))
	}
	return h.resolver.Fetch(ctx, ref)
}

// fetchHint says how to be allowed what a trail lacked; empty: nothing was.
func fetchHint(trail runbook.Trail) string {
	if state, host := trail.Fetch(); state == runbook.FetchAsk {
		return "--fetch fetches it from " + safe.Text(host) + ", and from then on without being told"
	}
	return ""
}

// checkNetwork says what may be fetched and what is kept of it.
func (h *house) checkNetwork() []check {
	n := h.resolver.Network()
	var out []check
	add := func(name string, ok bool, detail string) {
		out = append(out, check{"runbooks from the network", name, ok, detail})
	}
	words := map[resolve.Policy]string{
		resolve.Ask:    "ask: once for each host",
		resolve.Always: "always: from every host that a link names",
		resolve.Never:  "never: only checkouts and copies from before",
	}
	add("setting", true, words[n.Policy])
	for _, host := range n.Configured {
		add(host, n.Errs[host] == nil, "named in the configuration")
		if err := n.Errs[host]; err != nil {
			out[len(out)-1].Detail = safe.Err(err)
		}
	}
	if len(n.Allowed) > 0 {
		add("allowed hosts", true, strings.Join(n.Allowed, ", "))
	}
	add("kept copies", true, fmt.Sprintf("%d, %s, in %s", n.Copies, sizeWords(n.Bytes), n.Dir))
	for _, err := range []error{h.stateErr, h.cacheErr} {
		if err != nil {
			add("folder", false, safe.Err(err))
		}
	}
	return out
}

func sizeWords(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}
