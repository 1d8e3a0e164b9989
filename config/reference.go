package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	promconfig "github.com/prometheus/common/config"

	"github.com/firstpage-oncall/firstpage/sources"
)

// Reference is docs/configuration.md: every key with its value, default and
// meaning; kinds are the sources of changes that there are.
func Reference(kinds []sources.ChangeKind) string {
	r := &reference{kinds: kinds}
	fmt.Fprintf(&r.b, referenceHead, generatedBy, SchemaURL)
	r.table(reflect.ValueOf(Default()).Elem(), "")
	for {
		if len(r.later) == 0 {
			r.later, r.last = r.last, nil
		}
		if len(r.later) == 0 {
			return r.b.String()
		}
		next, rest := r.later[0], r.later[1:]
		r.later = nil
		fmt.Fprintf(&r.b, "\n## %s\n\n", next.title)
		if next.doc != "" {
			fmt.Fprintf(&r.b, "%s\n\n", markdown(next.doc))
		}
		r.table(next.def, next.path)
		if next.def.Type() == typeChange {
			r.changeKinds()
		}
		r.later = append(r.later, rest...) // what a section holds follows it
	}
}

// What holds for every key, in words. The tables below it are made.
const referenceHead = `<!-- %s -->

# Configuration

firstpage works without a configuration. ` + "`firstpage config path`" + ` says where the file
is or would be, ` + "`firstpage config check`" + ` reports everything that is wrong with it at
once, ` + "`firstpage config print`" + ` shows what is in force. [config.example.yaml](config.example.yaml)
has every key with a sentence. With this first line an editor completes and
checks the file by [its schema](config.schema.json) (` + "`firstpage config schema`" + ` prints it):

` + "```yaml" + `
# yaml-language-server: $schema=%s
` + "```" + `

An unknown key is an error. A key without a value keeps its default.

| value | how it is written |
|---|---|
| text | as YAML has it; quotes are needed only where YAML needs them |
| duration | ` + "`30s`, `1h30m`, also `1d`, `2w`, `1y`" + `; a number needs its unit |
| file, directory | must exist. ` + "`~`, `$VAR` and `${VAR}`" + ` are expanded; a relative path counts from the file that it stands in |
| address | ` + "`http://` or `https://`; `${VAR}`" + ` is expanded. A password or token in it is masked wherever it is shown |
| secret | ` + "`${VAR}`" + ` is expanded, or ` + "`$VAR`" + ` if that is all; ` + "`$${`" + ` stands for ` + "`${`" + `. Never shown. A warning says so when other users of the machine can read it |
| command | a list, the program and its arguments; no shell. A program with a ` + "`/`" + ` in it counts from the file that it stands in. A command in an included file does not run until it is trusted |

## Keys

`

// reference writes the sections of the document, the ones that a table refers
// to after it.
type reference struct {
	b     strings.Builder
	kinds []sources.ChangeKind
	later []section // in the order of the document
	last  []section // those of prometheus/common, behind all others
	known []string  // paths and types that have a section
}

// section is a mapping that another one holds.
type section struct {
	title, path, doc string
	def              reflect.Value
}

// table has a row for each key. A column without an entry is left out.
func (r *reference) table(def reflect.Value, path string) {
	rows := [][]string{{"key", "value", "default", "meaning"}}
	for _, f := range fieldsOf(def.Type()) {
		if f.meaning == unsupported {
			continue
		}
		e, key := def.FieldByIndex(f.index), code(f.key)
		f.path = join(path, f.key)
		if f.rest {
			e, key, f.path = element(f.typ), "*any name*", join(path, "*")
		}
		value := r.words(e, f)
		if def.Type() == typeChange && f.key == "kind" {
			value = oneOf(kindNames(r.kinds))
		}
		if f.mustBeSet(e) {
			value += ", **required**"
		}
		rows = append(rows, []string{key, value, defaultCell(e, f), markdown(sentence(f.doc))})
	}
	used := make([]bool, len(rows[0]))
	for _, row := range rows[1:] {
		for i, c := range row {
			used[i] = used[i] || c != ""
		}
	}
	for i, row := range rows {
		r.row(row, used)
		if i == 0 {
			r.row([]string{"---", "---", "---", "---"}, used)
		}
	}
}

func (r *reference) row(cells []string, used []bool) {
	for i, c := range cells {
		if used[i] {
			r.b.WriteString("| " + strings.ReplaceAll(c, "|", `\|`) + " ")
		}
	}
	r.b.WriteString("|\n")
}

// changeKinds writes the options of each kind.
func (r *reference) changeKinds() {
	for _, k := range r.kinds {
		fmt.Fprintf(&r.b, "\n### kind: %s\n\n%s\n\n", k.Name, markdown(sentence(k.Summary)))
		r.table(reflect.Indirect(reflect.ValueOf(k.Options())), "changes[]")
	}
}

func defaultCell(def reflect.Value, f field) string {
	// In its own list a value is easier to read than with YAML's brackets.
	if list, ok := def.Interface().([]string); ok {
		var out []string
		for _, s := range list {
			out = append(out, code(s))
		}
		return strings.Join(out, ", ")
	}
	if s := written(def, f); s != "" {
		return code(s)
	}
	return ""
}

// words say what may stand behind a key.
func (r *reference) words(def reflect.Value, f field) string {
	t := def.Type()
	switch {
	case t == typeDuration && f.min > 0:
		return "duration, at least " + code(short(f.min))
	case t == typeDuration:
		return "duration"
	case t == typeURL:
		return "address"
	case t == reflect.TypeFor[promconfig.TLSVersion]():
		return oneOf(tlsVersions())
	case f.meaning == aCommand:
		return "command"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return r.words(reflect.New(t.Elem()).Elem(), f)
	case reflect.Struct:
		return r.refer(def, f)
	case reflect.Slice:
		f.path += "[]"
		return "list of " + plural(r.words(element(t), f))
	case reflect.Map:
		f.path += ".*"
		return "mapping of names to " + plural(r.words(element(t), f))
	case reflect.Bool:
		return oneOf([]string{"true", "false"})
	case reflect.Interface:
		return "value"
	case reflect.String:
		return textWords(f)
	}
	return "number"
}

func textWords(f field) string {
	switch {
	case f.enum != nil:
		return oneOf(f.enum)
	case f.meaning == aFile || f.meaning == aKubeconfig:
		return "file"
	case f.meaning == aDirectory:
		return "directory"
	case f.meaning == aPath:
		return "file or directory"
	case f.meaning == filePattern:
		return "path"
	case f.meaning == anURL, f.meaning == aServer:
		return "address"
	case f.meaning == aFeed:
		return "address or file"
	case f.meaning == aSecret:
		return "secret"
	case f.meaning == aHost:
		return "host"
	case f.meaning == aVariable:
		return "name of a variable"
	}
	return "text"
}

// refer links to the section of a mapping, and makes sure that there is one.
// prometheus/common's types have one section each, wherever they stand.
func (r *reference) refer(def reflect.Value, f field) string {
	s := section{title: f.path, path: f.path, doc: f.sentence(), def: def}
	id := f.path
	switch t := def.Type(); {
	case t == typeHTTP:
		s.title, s.path, id = "HTTP settings", "", t.String()
	case t.PkgPath() == typeHTTP.PkgPath():
		// The path where the type stands last; oauth2 has a tls_config too.
		title := strings.TrimPrefix(f.path, "oauth2.")
		if of, ok := strings.CutSuffix(title, ".*"); ok {
			title = "each of " + of
		}
		s.title, id = "HTTP settings: "+title, t.String()
	}
	if !slices.Contains(r.known, id) {
		r.known = append(r.known, id)
		if id == f.path {
			r.later = append(r.later, s)
		} else {
			r.last = append(r.last, s)
		}
	}
	return "[mapping](#" + anchor(s.title) + ")"
}

// anchor is the name that GitHub gives to a heading.
func anchor(title string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == ' ':
			return '-'
		case c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z':
			return c
		}
		return -1
	}, strings.ToLower(title))
}

func oneOf(values []string) string {
	var out []string
	for _, v := range values {
		out = append(out, code(v))
	}
	if n := len(out); n > 1 {
		return strings.Join(out[:n-1], ", ") + " or " + out[n-1]
	}
	return strings.Join(out, "")
}

func plural(words string) string {
	switch {
	case strings.HasPrefix(words, "`"):
		return words
	case strings.HasPrefix(words, "list of"):
		return strings.Replace(words, "list", "lists", 1)
	case strings.HasPrefix(words, "[mapping]"):
		return strings.Replace(words, "[mapping]", "[mappings]", 1)
	case words == "address":
		return "addresses"
	case words == "directory":
		return "directories"
	}
	return words + "s"
}

func code(s string) string { return "`" + s + "`" }

// markdown keeps a sentence from being read as markup.
func markdown(s string) string {
	return strings.NewReplacer("*", `\*`, "<", `\<`).Replace(s)
}

func kindNames(kinds []sources.ChangeKind) []string {
	var out []string
	for _, k := range kinds {
		out = append(out, k.Name)
	}
	return out
}
