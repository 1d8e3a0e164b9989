// Package reader is the pane that draws a runbook. Glamour styles prose and
// tables, Chroma colours code; everything around them (wrapping, lists, quotes,
// code frames, HTML, links) is drawn here, because a command that was wrapped
// is a broken command and a list without its indent is hard to follow.
//
// Imported by tui and by cmd (Render). It imports runbook, internal/safe,
// tui/theme, Glamour, Chroma, goldmark and x/ansi, and must not import tui, os,
// net/http or Lip Gloss.
//
// A Model belongs to one goroutine: Bubble Tea's Update and View. The goldmark
// nodes of a Document are only read, never moved: what Glamour draws is a copy,
// so a Document may be shared with other goroutines while a Model draws it.
// Blocks are drawn one by one when they come near the screen and are kept by
// (document, block, width, theme). Every row that leaves has passed safe.ANSI
// or is made of clean text and our own colours.
package reader
