// Package htmldoc turns a page of a wiki or a documentation site into the
// Markdown that package runbook reads: the main content only, headings with
// the anchors that links name, code with its language, links absolute. It also
// tells a page that asks for a sign-in from one that answers.
//
// Imported by runbook/resolve. It imports nothing of ours and does no I/O. What
// comes out is still text from outside: it holds no control characters, but
// may say anything. It is safe for concurrent use.
package htmldoc
