// Package poll asks every source on its own schedule and publishes what is
// known as immutable [sources.Snapshot] values.
//
// [Start] runs one goroutine per feed (alerts and rules of every cluster, what its
// Alertmanager says, every change source, services and teams, every schedule), so
// that a slow or hung source never delays another.
// The newest snapshot waits in a box of one slot: publishing never blocks, a
// reader that is late sees the newest and none of those between. [Once] asks
// everything one time, for commands. [Encode] and [Decode] turn a snapshot
// into bytes and back, so that the next start can show the last one at once.
//
// It is imported by cmd only. It imports sources and internal/safe and must
// not import an adapter (sources/x): a [Set] holds functions.
//
// Concurrency: the methods of [Poller] may be called from any goroutine.
// Each feed has at most one call outstanding, also when its source ignores
// the context that ended.
package poll
