// Package rulefile reads alerting rules from files: Prometheus' rule files and
// whatever else holds groups of rules in YAML or JSON. That is a PrometheusRule
// and other Kubernetes objects, lists of them, several documents in one file,
// the files inside a ConfigMap, the values of a Helm chart.
//
// It reads as somebody who looks for links does: an expression, a duration or a
// field that Prometheus refuses hides neither the rule nor the rest of the file.
// What has to be rendered first (a Helm template, jsonnet) is named with the
// reason. Prometheus' own rulefmt drops a whole file for one fault, so that it
// is what the tests compare with and not what reads.
//
// Imported by cmd, which wires it by name. It imports sources and internal/safe.
//
// Concurrency: nothing is kept between calls.
package rulefile
