package main

import (
	"fmt"

	"github.com/firstpage-oncall/firstpage/config"
	"github.com/firstpage-oncall/firstpage/sources/alertmanager"
	"github.com/firstpage-oncall/firstpage/triage"
)

// alertmanager is that of a cluster; nil: it has none.
func (h *house) alertmanager(cl config.Cluster) (*alertmanager.Client, error) {
	if cl.Alertmanager.URL == "" {
		return nil, nil
	}
	c, err := alertmanager.Open(alertmanager.Options{Cluster: cl.Name, URL: cl.Alertmanager.URL, HTTP: cl.Alertmanager.HTTP,
		Timeout: h.timeout(cl), Match: cl.Alertmanager.Match})
	if err != nil {
		return nil, &exitError{exitUsage, fmt.Errorf("cluster %s: %w", cl.Name, err)}
	}
	return c, nil
}

// heldWords say how many of Prometheus' alerts Alertmanager has, too: where it
// changes their labels that is fewer, and those are never shown as silenced.
func heldWords(b *triage.Board, cluster string) string {
	held, firing := b.Held(cluster)
	return fmt.Sprintf("alerts; %d of the %d firing in Prometheus are among them", held, firing)
}
