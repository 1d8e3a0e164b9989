// Package prometheus asks one Prometheus (or anything that speaks its HTTP
// API: Thanos, Mimir, VictoriaMetrics, Grafana's data source proxy) for alerts,
// rules and queries.
//
// The transport is client_golang's API client over internal/web; the decoding
// is our own: client_golang loses keepFiringSince and the health of rule
// groups, and reflection costs three times as much as a scanner when 10,000
// alerts arrive every few seconds.
//
// Imported by cmd (which wires it) and by tests. It must not import another
// source, config, triage or Bubble Tea. A [Client] is safe for concurrent use
// and starts no goroutine that outlives a call.
package prometheus
