// Package grafana reads changes from the annotations of a Grafana: the marks
// that pipelines and people put on its graphs. The kind's name is "grafana";
// docs/changes/grafana.md is its manual.
//
// One request to GET /api/annotations brings a page, newest first; more are
// asked for until the time that is asked for is covered. Tags say what an
// annotation is about; a regular expression may read the rest from its text.
//
// Imported by sources/all. It imports sources and internal/web, and
// golang.org/x/net/html because texts are HTML.
//
// Concurrency: a [Source] may be used from several goroutines; they take
// turns.
package grafana
