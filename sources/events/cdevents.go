package events

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// errOther is a well-formed CDEvent that is not about a change.
var errOther = errors.New("not a change")

// isCDEvent judges by the type: dev.cdevents.SUBJECT.VERB and a version, or
// dev.cdeventsx for those that a tool has made up.
func isCDEvent(kind scalar) bool { return strings.HasPrefix(string(kind), "dev.cdevents") }

// cdEvent is what we read of https://cdevents.dev, specification 0.1 to the
// draft of 0.6.
type cdEvent struct {
	Context struct {
		ID        scalar `json:"id"`
		Type      scalar `json:"type"`
		Timestamp stamp  `json:"timestamp"`
	} `json:"context"`
	Subject struct {
		ID      scalar `json:"id"`
		Content struct {
			Environment struct {
				ID scalar `json:"id"`
			} `json:"environment"`
			ArtifactID scalar `json:"artifactId"`
			Name       scalar `json:"name"`
			Outcome    scalar `json:"outcome"`
		} `json:"content"`
	} `json:"subject"`
}

// cloudEvent is the envelope of https://cloudevents.io in its JSON form. By
// the binding of CDEvents the whole event is the data, and type, id, subject
// and time say the same once more.
type cloudEvent struct {
	ID      scalar          `json:"id"`
	Type    scalar          `json:"type"`
	Subject scalar          `json:"subject"`
	Time    stamp           `json:"time"`
	Data    json.RawMessage `json:"data"`
	Base64  []byte          `json:"data_base64"`
}

// asCDEvent reads an object if it is a CDEvent, bare or in an envelope. Other
// objects may have a key of the same name: ok is false then.
func asCDEvent(raw []byte, o object) (ev cdEvent, ok bool, err error) {
	if _, has := o["context"]; has {
		err = json.Unmarshal(raw, &ev)
		if isCDEvent(ev.Context.Type) {
			return ev, true, err
		}
	}
	if _, has := o["data"]; !has {
		if _, has := o["data_base64"]; !has {
			return ev, false, nil
		}
	}
	var env cloudEvent
	if err := json.Unmarshal(raw, &env); err != nil {
		return ev, isCDEvent(env.Type), err
	}
	inner := []byte(env.Data)
	if len(env.Base64) > 0 {
		inner = env.Base64
	}
	var quoted string
	if json.Unmarshal(inner, &quoted) == nil { // some write the data as a text
		inner = []byte(quoted)
	}
	ev = cdEvent{}
	err = json.Unmarshal(inner, &ev)
	if !isCDEvent(ev.Context.Type) {
		ev.Context.Type = env.Type
	}
	if !isCDEvent(ev.Context.Type) {
		return ev, false, nil
	}
	if ev.Context.ID == "" {
		ev.Context.ID = env.ID
	}
	if ev.Subject.ID == "" {
		ev.Subject.ID = env.Subject
	}
	if ev.Context.Timestamp.IsZero() {
		ev.Context.Timestamp = env.Time
	}
	return ev, true, err
}

// change is the event as a change, or errOther.
func (e cdEvent) change() (sources.Change, error) {
	content := e.Subject.Content
	c := sources.Change{
		ID: safe.Text(string(e.Context.ID)), StartedAt: e.Context.Timestamp.Time, State: sources.Done,
		Service: safe.Outside(workload(string(e.Subject.ID))), Env: content.Environment.ID.value(),
		Version: safe.Outside(purlVersion(string(content.ArtifactID))),
	}
	what, ok := strings.CutPrefix(string(e.Context.Type), "dev.cdevents.")
	subject, rest, _ := strings.Cut(what, ".")
	verb, _, _ := strings.Cut(rest, ".")
	if !ok {
		return c, errOther
	}
	switch subject + " " + verb {
	case "service deployed", "service upgraded":
		c.Kind = sources.Deploy
	case "service rolledback":
		c.Kind = sources.Rollback
	case "service removed": // no new code runs: what called it is what breaks
		c.Kind, c.Title = sources.Infra, safe.Outside("service removed")
	case "environment modified": // of no one service
		c.Kind, c.Service, c.Env = sources.Infra, safe.Value{}, e.Subject.ID.value()
		name := content.Name
		if name == "" {
			name = e.Subject.ID
		}
		c.Title = safe.Outside("environment " + string(name) + " modified")
		if c.StartedAt.IsZero() {
			return c, errNoTime
		}
		return c, nil
	case "deployment started", "deployment finished":
		// The subject is the deployment: its id joins begin and end, and the
		// artifact is all that names a service.
		c.ID, c.Kind, c.State = safe.Text(string(e.Subject.ID)), sources.Deploy, sources.Running
		c.Service = safe.Outside(purlName(string(content.ArtifactID)))
		if verb == "finished" {
			c.State, c.FinishedAt = stateOf(string(content.Outcome)), c.StartedAt
		}
	default:
		return c, errOther
	}
	return check(c)
}

// workload is a service's name without the kind that the specification puts
// before it in its examples.
func workload(id string) string {
	kind, name, ok := strings.Cut(id, "/")
	switch kind {
	case "service", "deployment", "statefulset", "daemonset":
		if ok && name != "" && !strings.Contains(name, "/") {
			return name
		}
	}
	return id
}

// purl cuts a package URL (pkg:oci/shop/app@1.2?tag=x#y) into its path, version
// and parameters. ok is false if it is none.
func purl(s string) (path, version string, params url.Values, ok bool) {
	s, ok = strings.CutPrefix(s, "pkg:")
	s, _, _ = strings.Cut(s, "#")
	s, query, _ := strings.Cut(s, "?")
	if i := strings.LastIndexByte(s, '@'); i >= 0 && !strings.Contains(s[i:], "/") {
		s, version = s[:i], s[i+1:]
	}
	params, err := url.ParseQuery(query)
	if err != nil {
		params = nil
	}
	return s, unescape(version), params, ok
}

// purlVersion is the version of a package URL: what stands behind the @, or
// the tag if that is a digest.
func purlVersion(s string) string {
	_, v, params, ok := purl(s)
	switch {
	case !ok:
		return ""
	case params.Get("tag") != "" && strings.HasPrefix(v, "sha256:"):
		return params.Get("tag")
	}
	return v
}

// purlName is the last part of the name of a package URL.
func purlName(s string) string {
	path, _, _, ok := purl(s)
	if !ok {
		return ""
	}
	path = strings.Trim(path, "/")
	return unescape(path[strings.LastIndexByte(path, '/')+1:])
}

func unescape(s string) string {
	if out, err := url.PathUnescape(s); err == nil {
		return out
	}
	return s
}
