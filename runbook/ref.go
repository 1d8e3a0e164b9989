package runbook

import "github.com/firstpage-oncall/firstpage/internal/safe"

// LinkState says what kind of link an alert carries.
type LinkState string

// The states of a link.
const (
	LinkOK        LinkState = "ok"
	LinkNone      LinkState = "no_link"   // absent, empty or a word such as TODO
	LinkTemplated LinkState = "templated" // a template that was not expanded
)

// Ref is where an alert says its runbook is.
type Ref struct {
	Alert   safe.Value // alertname, for finding by name and the place
	Service safe.Value // may be empty
	Team    safe.Value // may be empty

	State LinkState
	Link  safe.Value // trimmed, as the alert has it; empty with LinkNone
	Key   string     // the annotation or label that held it; empty: none did
	Label bool       // Key is a label

	Base     string  // Link without fragment and query, not decoded
	Fragment string  // percent-decoded, without #; empty: none
	Query    []Param // decoded, in order: values for placeholders
}

// Param is one name and value of a link's query.
type Param struct{ Name, Value safe.Value }
