// Package safe holds text that came from outside: a label, an annotation, a
// runbook, a deploy title, a server's error. It is kept as it was sent and
// shown clean, so that no such text can move the cursor, set the window title,
// reach the clipboard, reorder a line or fake a prompt.
//
// There are two gates. [Outside] at the source boundary gives a [Value] whose
// default form (fmt, logs, panes) is harmless and whose raw form has to be
// asked for by name. [ANSI] is the allow-list for text that a renderer
// (Glamour, Chroma) has styled: SGR and http links only. [JSON] and [Err] are
// the same promise for output and errors.
//
// Imported by every room. It must import nothing but the standard library.
// All functions are pure and safe for concurrent use.
package safe
