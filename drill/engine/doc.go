// Package engine is an embedded Prometheus for practice: a memory store, the
// real PromQL engine over it, rule files evaluated with the alert states of
// Prometheus, and the HTTP API on 127.0.0.1. A client cannot tell it from a
// server; nothing is scraped, nothing touches a disk.
//
// PromQL, the rule format and the templates are Prometheus' own packages. The
// store, the alert states and the API are written here after rules/*.go and
// web/api/v1 of the same release, and are compared with real servers in tests:
// those packages cost 5 to 27 MB of binary and 70 to 110 modules more.
//
// What differs from a server: groups run when [Engine.EvalAt] and
// [Engine.Replay] say so, at whole multiples of their interval, none skipped;
// lastEvaluation is the moment that was evaluated, not the wall clock; alerts,
// series and label values come in a fixed order; start and end of series and
// labels are exact, not those of blocks; a time of NaN is refused. Native
// histograms, exemplars, targets, notifications and compression are not there.
//
// It is imported by drill. Of our own rooms it may import sources, nothing
// else; of Prometheus it must not import tsdb, rules, web/api/v1 or config.
//
// Concurrency: every method of [Engine] and its handler may be called from any
// goroutine. Appends are atomic for readers: a selector sees all samples of an
// [Engine.Append] or none. Evaluations ([Engine.EvalAt], [Engine.Replay]) run
// one after the other; queries and appends go on meanwhile. What a call
// returns belongs to the caller.
//
// Times given and returned are instants in any location; stored samples have
// milliseconds since the epoch.
package engine
