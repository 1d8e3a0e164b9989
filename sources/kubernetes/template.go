package kubernetes

import (
	"cmp"
	"encoding/json"
	"hash/maphash"
	"slices"
	"strings"
)

// template is what is kept of a pod template: the images, and of everything
// else what it is called and a fingerprint. Values are not kept, but for names
// of what is referred to and amounts of resources: the value of a variable may
// be a secret.
type template struct {
	images []image
	parts  map[string]part
}

// image is that of one container.
type image struct{ container, name string }

// part is one thing that a template says.
type part struct {
	sum   uint64
	shown string // the value, where it may be shown; may be empty
}

var seed = maphash.MakeSeed()

func opaque(raw []byte) part { return part{sum: maphash.Bytes(seed, raw)} }
func open(value string) part { return part{maphash.String(seed, value), value} }

// restartedAt is what kubectl rollout restart writes into a template.
const restartedAt = "annotation kubectl.kubernetes.io/restartedAt"

// generated are labels that the controllers write into the templates of their
// revisions.
var generated = []string{"pod-template-hash", "controller-revision-hash", "pod-template-generation", "rollouts-pod-template-hash"}

// readTemplate reads a pod template. What cannot be read is a template
// without parts.
func readTemplate(raw json.RawMessage) template {
	t := template{parts: map[string]part{}}
	var doc struct {
		Metadata struct {
			Labels      map[string]string `json:"labels"`
			Annotations map[string]string `json:"annotations"`
		} `json:"metadata"`
		Spec map[string]json.RawMessage `json:"spec"`
	}
	if json.Unmarshal(raw, &doc) != nil {
		return t
	}
	for k, v := range doc.Metadata.Labels {
		if !slices.Contains(generated, k) {
			t.parts["label "+k] = opaque([]byte(v))
		}
	}
	for k, v := range doc.Metadata.Annotations {
		t.parts["annotation "+k] = opaque([]byte(v))
	}
	for field, raw := range doc.Spec {
		switch field {
		case "containers", "initContainers":
			t.containers(raw, field == "initContainers")
		case "volumes":
			t.volumes(raw)
		default:
			t.parts[field] = opaque(raw)
		}
	}
	return t
}

func (t *template) containers(raw json.RawMessage, initial bool) {
	var list []map[string]json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return
	}
	for _, c := range list {
		name := text(c["name"])
		of := " of " + name
		for field, raw := range c {
			switch field {
			case "name":
			case "image":
				if initial {
					t.parts["image of init container "+name] = open(text(raw))
				} else {
					t.images = append(t.images, image{name, text(raw)})
				}
			case "env":
				t.env(raw, of)
			case "envFrom":
				t.parts["envFrom"+of] = open(strings.Join(references(raw), ", "))
			case "resources":
				t.resources(raw, of)
			default:
				t.parts[field+of] = opaque(raw)
			}
		}
	}
}

// env keeps the names of variables.
func (t *template) env(raw json.RawMessage, of string) {
	var list []map[string]json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return
	}
	for _, v := range list {
		sum, _ := json.Marshal(v) // keys sorted; it was just read, so that it can be written
		t.parts["env "+text(v["name"])+of] = opaque(sum)
	}
}

func (t *template) resources(raw json.RawMessage, of string) {
	var r map[string]json.RawMessage
	if json.Unmarshal(raw, &r) != nil {
		return
	}
	for field, raw := range r { // requests, limits, claims
		var amounts map[string]any
		if json.Unmarshal(raw, &amounts) != nil {
			t.parts[field+of] = opaque(raw)
			continue
		}
		for what, amount := range amounts {
			b, _ := json.Marshal(amount)
			t.parts[what+" "+strings.TrimSuffix(field, "s")+of] = open(strings.Trim(string(b), `"`))
		}
	}
}

func (t *template) volumes(raw json.RawMessage) {
	var list []map[string]json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return
	}
	for _, v := range list {
		b, _ := json.Marshal(v)
		p := opaque(b)
		if refs := references(b); len(refs) > 0 {
			p.shown = strings.Join(refs, ", ")
		}
		t.parts["volume "+text(v["name"])] = p
	}
}

// references are the config maps and secrets that a piece of JSON names, in
// the order of the text: "configMap checkout-5kh2".
func references(raw json.RawMessage) []string {
	var out []string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for _, key := range []string{"configMap", "configMapRef", "secret", "secretRef"} {
				m, _ := v[key].(map[string]any)
				name, _ := m["name"].(string)
				if name == "" {
					name, _ = m["secretName"].(string)
				}
				if name != "" {
					out = append(out, strings.TrimSuffix(key, "Ref")+" "+name)
				}
			}
			for _, key := range []string{"projected", "sources"} {
				walk(v[key])
			}
		}
	}
	var doc any
	if json.Unmarshal(raw, &doc) == nil {
		walk(doc)
	}
	return out
}

func text(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s) // anything else: empty
	return s
}

// differences says what else than images differs from an earlier template,
// each a few words, annotations and labels last: "env LOG_LEVEL of web", "memory limit of web 256Mi
// to 512Mi", "volume config added".
func (t template) differences(from template) []string {
	var out []string
	for what, now := range t.parts {
		old, ok := from.parts[what]
		switch {
		case !ok:
			out = append(out, what+" added")
		case now == old:
		case old.shown != "" && now.shown != "" && old.shown != now.shown:
			out = append(out, what+" "+old.shown+" to "+now.shown)
		default:
			out = append(out, what)
		}
	}
	for what := range from.parts {
		if _, ok := t.parts[what]; !ok {
			out = append(out, what+" removed")
		}
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(cmp.Compare(aside(a), aside(b)), cmp.Compare(a, b)) })
	return out
}

// aside is 1 for what is said about a pod and 0 for what it is.
func aside(difference string) int {
	if strings.HasPrefix(difference, "annotation ") || strings.HasPrefix(difference, "label ") {
		return 1
	}
	return 0
}

// isRestart reports whether differences are those of a restart and no others.
func isRestart(differences []string) bool {
	return len(differences) == 1 && strings.HasPrefix(differences[0], restartedAt)
}

// swap is a container whose image is another one than before.
type swap struct{ container, from, to string }

// swaps are the containers whose image changed, came or went, in the order of
// the template.
func (t template) swaps(from template) []swap {
	was := map[string]string{}
	for _, i := range from.images {
		was[i.container] = i.name
	}
	var out []swap
	for _, i := range t.images {
		if was[i.container] != i.name {
			out = append(out, swap{i.container, was[i.container], i.name})
		}
		delete(was, i.container)
	}
	for _, i := range from.images {
		if name, gone := was[i.container]; gone {
			out = append(out, swap{i.container, name, ""})
		}
	}
	return out
}

// main is the image that speaks for the version: of the container that is
// called like one of names, else of the first one whose image changed, else of
// the first.
func (t template) main(from *template, names ...string) image {
	changed := t.images
	if from != nil {
		if s := t.swaps(*from); len(s) > 0 {
			changed = nil
			for _, s := range s {
				if s.to != "" {
					changed = append(changed, image{s.container, s.to})
				}
			}
		}
	}
	for _, i := range changed {
		if slices.Contains(names, i.container) {
			return i
		}
	}
	if len(changed) > 0 {
		return changed[0]
	}
	return image{}
}

// of is the image of a container; empty: there is none.
func (t template) of(container string) string {
	for _, i := range t.images {
		if i.container == container {
			return i.name
		}
	}
	return ""
}
