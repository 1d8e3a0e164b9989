// Package graph draws one series of numbers over time into rows of cells: an
// area of Braille dots, a limit line, and marks for what happened when. Of a
// gap in the data it makes a gap, never a zero.
//
// Imported by panes of tui; of ours it imports tui/frame and tui/theme only. It
// is pure: a Chart is a value, Draw reads no clock and may run anywhere.
package graph
