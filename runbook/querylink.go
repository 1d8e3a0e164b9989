package runbook

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// maxLink bounds the links that are looked into, in bytes.
const maxLink = 64 << 10

// grafanaIntervals are what Grafana puts in at the time of asking, for a graph
// of the last hour.
var grafanaIntervals = strings.NewReplacer("$__rate_interval", "5m", "${__rate_interval}", "5m",
	"$__interval", "1m", "${__interval}", "1m", "$__range", "1h", "${__range}", "1h")

// QueryInLink is the first PromQL expression in a link to a graph: one of
// Prometheus or Thanos (g0.expr), or Grafana's explore, as it was (left) and as
// it is (panes). Grafana's own intervals become fixed ones. ok is false when there is none or it is for another kind of
// store, such as Loki. The expression is outside text; it may hold
// placeholders.
func QueryInLink(link string) (expr string, ok bool) {
	if len(link) > maxLink || !slices.ContainsFunc([]string{"expr", "panes=", "left="}, func(s string) bool { return strings.Contains(link, s) }) {
		return "", false // most links, at once
	}
	u, err := url.Parse(strings.TrimSpace(link))
	if err != nil || u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" {
		return "", false
	}
	rawQuery := u.RawQuery
	if rawQuery == "" {
		// The interface of some versions keeps it behind the hash.
		_, rawQuery, _ = strings.Cut(u.Fragment, "?")
	}
	// A part that cannot be read is skipped: the others may be good.
	values, _ := url.ParseQuery(rawQuery)
	for _, name := range []string{"g0.expr", "panes", "left"} {
		v := values.Get(name)
		switch {
		case v == "":
			continue
		case name == "panes":
			expr = inPanes(v)
		case name == "left":
			expr = inPane([]byte(v), "", 0)
		default:
			expr = v
		}
		if expr = strings.TrimSpace(grafanaIntervals.Replace(expr)); expr != "" {
			return expr, true
		}
	}
	return "", false
}

// inPanes reads {"id": {pane}, ...}.
func inPanes(s string) string {
	var panes map[string]json.RawMessage
	if json.Unmarshal([]byte(s), &panes) != nil {
		return ""
	}
	for _, id := range slices.Sorted(maps.Keys(panes)) {
		if expr := inPane(panes[id], "", 0); expr != "" {
			return expr
		}
	}
	return ""
}

// inPane reads {"datasource": ..., "queries": [{"expr": ...}]}, and the oldest
// form, ["now-1h", "now", "datasource", {"expr": ...}].
func inPane(doc []byte, source string, depth int) string {
	var list []json.RawMessage
	if depth == 0 && json.Unmarshal(doc, &list) == nil {
		for _, item := range list {
			var name string
			if json.Unmarshal(item, &name) == nil {
				source = name
			} else if expr := inPane(item, source, depth+1); expr != "" {
				return expr
			}
		}
		return ""
	}
	var pane struct {
		Datasource json.RawMessage
		Expr       string
		Queries    []struct {
			Datasource json.RawMessage
			Expr       string
		}
	}
	if json.Unmarshal(doc, &pane) != nil || otherStore(pane.Datasource) || otherStore([]byte(`"`+source+`"`)) {
		return ""
	}
	if pane.Expr != "" {
		return pane.Expr
	}
	for _, q := range pane.Queries {
		if q.Expr != "" && !otherStore(q.Datasource) {
			return q.Expr
		}
	}
	return ""
}

// otherStore reports whether a data source, a name or {"type": ...}, says that
// it is not read by PromQL.
func otherStore(source json.RawMessage) bool {
	var name string
	var typed struct{ Type string }
	if json.Unmarshal(source, &name) != nil && json.Unmarshal(source, &typed) == nil {
		name = typed.Type
	}
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"loki", "tempo", "elasticsearch", "influx", "graphite", "cloudwatch", "jaeger", "pyroscope", "postgres", "mysql"}, func(s string) bool { return strings.Contains(name, s) })
}
