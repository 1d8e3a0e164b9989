// Package drill plays incidents to practise on. A scenario is one folder of
// data: what is scraped and how it behaves, rules, runbooks, changes, a small
// git history, and the actions that heal. [Start] back-fills its past into the
// embedded Prometheus (drill/engine), lets time go on, and writes what the
// ordinary sources read: an HTTP address, a file of events, a checkout.
//
// Nothing that is typed in a drill is executed: [Session.Run] looks a command
// up among the scenario's actions and changes the simulated world.
//
// Imported by cmd. It imports drill/engine, internal/proc (git), internal/state
// (the lock of a session's folder); it must not import the screen, the
// configuration or a source: to them a drill is an outside system like any
// other.
//
// Concurrency: the methods of a [Session] may be called from any goroutine. One
// goroutine of its own lets time go on; it ends with the context. A [Scenario]
// is not changed after [Load].
package drill
