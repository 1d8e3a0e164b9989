// Package runbook knows what a runbook is: the link an alert carries, the
// document found behind it, its blocks and the place in it that speaks of the
// alert, and its code with what the alert knows put in. It is pure: bytes in,
// values out.
//
// Imported by triage, page, the reader, runbook/resolve and cmd. It must not
// import os, net/http or Glamour: reading is resolve's job, drawing the
// reader's. Parse of a long text works on several cores and waits for all. A
// Document is immutable and safe for concurrent reading, its goldmark nodes
// included, as long as nobody moves them in the tree.
package runbook
