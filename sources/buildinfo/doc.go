// Package buildinfo reads changes from Prometheus itself: which version of a
// service ran on how many instances over the last hours, from metrics such as
// checkout_build_info{version="1.42.0"} or OpenTelemetry's target_info. It
// needs no deploy system and no configuration. The kind's name is
// "prometheus".
//
// A cheap query (the gate) names the services that had more than one version
// in the window; only for those the version sets over time are read and
// compared (diff.go, pure). "When was it first seen" would be one query, but
// it misses every rollback.
//
// Imported by sources/all and cmd. It must not import another adapter: it
// asks through a [sources.Querier].
//
// Concurrency: a [Source] may be used from several goroutines; they take
// turns.
package buildinfo
