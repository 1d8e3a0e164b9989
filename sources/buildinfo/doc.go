// Package buildinfo reads changes from Prometheus itself: what ran on how many
// instances over the last hours, from metrics such as
// checkout_build_info{version="1.42.0"}, OpenTelemetry's target_info and those
// of kube-state-metrics. It needs no deploy system and no configuration. The
// kind's name is "prometheus".
//
// Each thing that metrics tell is a watch (watch.go). The gates (gate.go) are
// one or two cheap queries about all services: who ran what in the minutes
// since the last look. Only where that is several things, or another one than
// before, the history is read (timeline.go) and compared (diff.go, pure), and
// what several metrics show of one change is joined (change.go). While nothing
// changes, nothing but the gates is asked. "When was it first seen" would be
// one query, but it misses every rollback.
//
// Imported by sources/all and cmd. It must not import another adapter: it
// asks through a [sources.Querier].
//
// Concurrency: a [Source] may be used from several goroutines; they take
// turns.
package buildinfo
