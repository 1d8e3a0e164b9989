package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	promconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v4"

	"github.com/firstpage-oncall/firstpage/sources"
)

// SchemaURL is where the published JSON Schema is, for the first line of a
// configuration: # yaml-language-server: $schema=URL.
const SchemaURL = "https://raw.githubusercontent.com/firstpage-oncall/firstpage/main/docs/config.schema.json"

// Schema is the configuration as a JSON Schema (draft 2020-12), indented, with
// a newline at the end; kinds are the sources of changes that it may name. It
// is made from the same tags as the loader's checks. What loads is valid,
// except where YAML has a second way to write a value (yes for true). Not all
// that is valid loads: files must exist, names be unique, and settings that
// exclude each other are the loader's to find.
func Schema(kinds []sources.ChangeKind) ([]byte, error) {
	g := &schemaWriter{kinds: kinds, defs: map[string]*schema{}}
	s := g.structure(reflect.ValueOf(Default()).Elem(), nil)
	s.Schema = "https://json-schema.org/draft/2020-12/schema"
	s.ID = SchemaURL
	s.Comment = generatedBy
	s.Title = "Configuration of firstpage"
	s.Type = types{"object", "null"} // an empty file is fine
	s.Defs = g.defs
	b, err := plainJSON(s)
	if err != nil {
		return nil, fmt.Errorf("writing the schema: %w", err)
	}
	var out bytes.Buffer
	err = json.Indent(&out, b, "", "  ")
	return out.Bytes(), err
}

// schemaWriter turns types into schemas. A type that stands in several places
// goes into defs, once.
type schemaWriter struct {
	kinds []sources.ChangeKind
	defs  map[string]*schema
}

// shared are the types that go into defs.
var shared = map[reflect.Type]string{typeDuration: "duration", typeHTTP: "http", typeTLS: "tls_config"}

// setting is the schema of one key. def is its value without a configuration.
func (g *schemaWriter) setting(def reflect.Value, f field) *schema {
	s := g.value(def, f, !f.mustBeSet(def))
	s.Description = f.sentence()
	s.Default = defaultJSON(def, f)
	var example any
	if f.example != "" && yaml.Load([]byte(f.example), &example) == nil { // a test reads them all
		s.Examples = []any{example}
	}
	return s
}

// value is the schema of what stands behind a key, or in a list. empty says
// that nothing may stand there, which leaves the default.
func (g *schemaWriter) value(def reflect.Value, f field, empty bool) *schema {
	name, ok := shared[def.Type()]
	if !ok {
		return g.inPlace(def, f, empty)
	}
	if g.defs[name] == nil {
		g.defs[name] = g.inPlace(def, f, true)
	}
	return &schema{Ref: "#/$defs/" + name}
}

func (g *schemaWriter) inPlace(def reflect.Value, f field, empty bool) *schema {
	s := &schema{}
	switch t := def.Type(); {
	case t == typeDuration:
		s.Type, s.MinLength, s.Pattern = types{"string"}, 1, durationPattern
		s.Hint = "Want a duration such as 30s, 1h30m or 1d."
	case t == typeURL:
		s.Type, s.Pattern = types{"string"}, addressPattern(f, `([Hh][Tt][Tt][Pp][Ss]?|[Ss][Oo][Cc][Kk][Ss]5[Hh]?)`)
		s.Hint = "Want an address such as http://proxy:3128."
	case t == reflect.TypeFor[promconfig.TLSVersion]():
		s.Type, s.Enum = types{"string"}, anys(tlsVersions())
	case t == typeChange:
		s = g.change(def.Interface().(Change))
	default:
		s = g.byKind(def, f)
	}
	if empty && len(s.Type) > 0 {
		s.Type = append(s.Type, "null")
		if s.Enum != nil {
			s.Enum = append(s.Enum, nil)
		}
	}
	return s
}

func (g *schemaWriter) byKind(def reflect.Value, f field) *schema {
	t := def.Type()
	switch t.Kind() {
	case reflect.Pointer:
		return g.value(reflect.New(t.Elem()).Elem(), f, false)
	case reflect.Struct:
		return g.structure(def, nil)
	case reflect.Slice:
		s := &schema{Type: types{"array"}, Items: g.value(element(t), f, false)}
		switch {
		case f.meaning == aCommand:
			s.MinItems, s.Prefix = 1, []*schema{{MinLength: 1}}
		case t.Elem().Kind() == reflect.String:
			s.Items.MinLength = 1
		}
		return s
	case reflect.Map:
		return &schema{Type: types{"object"}, Additional: g.value(element(t), f, true)}
	case reflect.String:
		return textSchema(f)
	case reflect.Bool:
		return &schema{Type: types{"boolean"}}
	case reflect.Float32, reflect.Float64:
		return &schema{Type: types{"number"}}
	case reflect.Interface:
		return &schema{}
	default:
		return &schema{Type: types{"integer"}}
	}
}

// structure is a mapping with known keys. More of them come from somebody
// else's declaration.
func (g *schemaWriter) structure(def reflect.Value, more properties) *schema {
	s := &schema{Type: types{"object"}, Additional: false, Properties: more}
	for _, f := range fieldsOf(def.Type()) {
		e := def.FieldByIndex(f.index)
		switch {
		case f.meaning == unsupported:
			continue
		case f.rest:
			s.Additional = g.value(element(f.typ), f, true)
			continue
		}
		s.Properties = append(s.Properties, property{f.key, g.setting(e, f)})
		if f.mustBeSet(e) {
			s.Required = append(s.Required, f.key)
		}
	}
	return s
}

// change is an entry of changes: its kind decides which further keys it has.
func (g *schemaWriter) change(def Change) *schema {
	s := g.structure(reflect.ValueOf(def), nil)
	s.Additional = nil // each kind says it, for the keys that it knows
	var common properties
	for _, p := range s.Properties {
		common = append(common, property{p.key, &schema{}})
	}
	for _, k := range g.kinds {
		then := g.structure(reflect.Indirect(reflect.ValueOf(k.Options())), slices.Clone(common))
		then.Type = nil
		then.Description = sentence(k.Summary)
		s.AllOf = append(s.AllOf, &schema{
			If:   &schema{Properties: properties{{"kind", &schema{Const: k.Name}}}, Required: []string{"kind"}},
			Then: then,
		})
	}
	for _, p := range s.Properties {
		if p.key == "kind" {
			p.of.Type, p.of.Enum = []string{"string"}, anys(kindNames(g.kinds))
		}
	}
	return s
}

// textSchema is one text. YAML reads 123 and true as something else where a
// text is meant; the loader takes what is written.
func textSchema(f field) *schema {
	s := &schema{Type: types{"string", "number", "boolean"}}
	if f.required {
		s.MinLength = 1
	}
	switch {
	case f.enum != nil:
		s.Type, s.Enum, s.MinLength = types{"string"}, anys(f.enum), 0
	case f.meaning == anURL, f.meaning == aServer:
		s.Type, s.Pattern = types{"string"}, addressPattern(f, `[Hh][Tt][Tt][Pp][Ss]?`)
		s.Hint = "Want an address such as http://host:9090."
		if f.meaning == aServer {
			s.Hint = "Want the address of the server, such as http://host:9090, without ? and #."
		}
	case f.meaning == aVariable:
		s.Type, s.Pattern = types{"string"}, `^([A-Za-z_][A-Za-z0-9_]*)?$`
		s.Hint = "Want the name of an environment variable, without $."
	case f.meaning == aHost:
		s.Type, s.Pattern, s.MinLength = types{"string"}, `^([Hh][Tt][Tt][Pp][Ss]?://)?[^\s/?#@]+/?$`, 0
		s.Hint = "Want the name of a host, such as github.example.com."
	}
	return s
}

// durationPattern is time.ParseDuration's notation without a sign, or
// Prometheus' with its units from large to small.
const durationPattern = `^(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$` +
	`|^([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$|^0$`

// addressPattern is an address whose scheme is named at once or comes out of a
// variable.
func addressPattern(f field, scheme string) string {
	rest := `[^\s]+$`
	if f.meaning == aServer {
		rest = `[^\s?#]+$`
	}
	p := `^` + scheme + `://` + rest + `|\$`
	if !f.required {
		p = `^$|` + p
	}
	return p
}

// element is a value of a list's or map's elements as the loader begins it.
func element(t reflect.Type) reflect.Value {
	e := reflect.New(t.Elem())
	if d, ok := e.Interface().(defaulter); ok {
		d.setDefaults()
	}
	return e.Elem()
}

// defaultJSON is the default for the schema; nil where there is none.
func defaultJSON(def reflect.Value, f field) any {
	switch x := def.Interface().(type) {
	case bool:
		return x
	case time.Duration:
		if x != 0 {
			return short(x)
		}
	default:
		if k := def.Kind(); !def.IsZero() && (k == reflect.String || k == reflect.Int || k == reflect.Slice) && f.meaning != aSecret {
			return x
		}
	}
	return nil
}

func tlsVersions() []string {
	var out []string
	for name := range promconfig.TLSVersions {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func anys(ss []string) []any {
	out := make([]any, len(ss))
	for i, s := range ss {
		out[i] = s
	}
	return out
}
