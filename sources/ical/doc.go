// Package ical reads on-call schedules from iCalendar feeds (RFC 5545): the
// addresses that PagerDuty, Opsgenie, Grafana OnCall and Google Calendar give
// out, and files. docs/oncall.md is its manual.
//
// What is a rota's business is read: events with their recurrences, exceptions,
// moved and re-assigned occurrences, and time zones by IANA name, by Windows
// name or as the feed itself defines them. Everything else is passed over. What
// cannot be read is counted and named by its line, never fatal.
//
// The address of a feed is a secret: whoever has it reads the schedule. It is in
// no error, note or file name; a source goes by its team, and by the host.
//
// Wired by name in cmd. It imports sources, internal/web for an address and
// internal/state for the copy that is kept; never another source, config or
// anything that draws.
//
// Concurrency: a [Source] may be used from several goroutines; they take turns.
package ical
