// Package tui is the screen: the one tea.Model, the layout, the messages and
// the commands. It draws a [triage.Board] and one [page.Page] and turns keys
// into intents; every judgement is made below it.
//
// Imported by cmd. It must not import os, os/exec, net/http, a source, the
// resolver or the configuration: what it needs of them comes in [Options] as
// functions. The App belongs to Bubble Tea's event loop; commands touch none of
// its fields, they are given copies and answer with one message. Only which alerts
// that are over stand beside the others is read by commands, too: by an atomic
// pointer.
package tui
