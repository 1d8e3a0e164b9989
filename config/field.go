package config

import (
	"reflect"
	"strings"
	"time"

	promconfig "github.com/prometheus/common/config"
)

// field is what is declared about one key: the tags of its struct field.
//
//	yaml:"key,omitempty"    the key; ",inline" for keys of an embedded struct
//	doc:"..."               the sentence for the documentation
//	example:"..."           a value for the example, as YAML on one line
//	required:"true"         the key must be there and not empty
//	enum:"a|b"              the allowed values (of a map: the allowed values in it)
//	min:"1s"                the shortest duration
//	instead:"key"           goes in place of that key, or with one that does: in
//	                        the example it stays commented out
//	check:"..."             what a text means: see meaning
type field struct {
	key      string
	index    []int // for reflect.Value.FieldByIndex
	typ      reflect.Type
	doc      string
	example  string
	meaning  meaning
	enum     []string
	min      time.Duration
	required bool
	omit     bool
	instead  bool
	rest     bool // an inlined map: takes every key that no other field takes
	path     string
}

// meaning is what the text of a setting stands for. It decides what is
// checked, what is expanded and what is masked in print.
type meaning string

const (
	plainText   meaning = "text"    // nothing; also switches the convention off
	nameText    meaning = "name"    // shown on screen: no control characters
	aFile       meaning = "file"    // must exist; ~ and $VAR expanded; relative to the file's folder
	aDirectory  meaning = "dir"     // the same for a directory
	aPath       meaning = "path"    // the same for either
	filePattern meaning = "files"   // the same for either, or a pattern, which may match nothing yet
	anURL       meaning = "url"     // http or https with a host; ${VAR} expanded; masked in print
	aServer     meaning = "server"  // an URL without query and fragment
	aHost       meaning = "host"    // a host, with a port, perhaps with http:// or https:// in front
	aCommand    meaning = "command" // argv of a program: needs trust in an included file
	aSecret     meaning = "secret"  // ${VAR} expanded; masked in print
	aVariable   meaning = "env"     // the name of an environment variable, which must be set; its value is sent
	aFeed       meaning = "feed"    // the address of a feed, which is a secret: masked in print; or a file
	unsupported meaning = "unsupported"

	// aKubeconfig is a file that names programs, which kubectl starts: it needs
	// trust in an included file.
	aKubeconfig meaning = "kubeconfig"
)

var (
	typeDuration = reflect.TypeFor[time.Duration]()
	typeSecret   = reflect.TypeFor[promconfig.Secret]()
	typeURL      = reflect.TypeFor[promconfig.URL]()
	typeHTTP     = reflect.TypeFor[promconfig.HTTPClientConfig]()
	typeProxy    = reflect.TypeFor[promconfig.ProxyConfig]()
	typeTLS      = reflect.TypeFor[promconfig.TLSConfig]()
	typePlace    = reflect.TypeFor[Place]()
	typeChange   = reflect.TypeFor[Change]()

	typePrometheus   = reflect.TypeFor[Prometheus]()
	typeAlertmanager = reflect.TypeFor[Alertmanager]()
	typeRunbookHost  = reflect.TypeFor[RunbookHost]()
)

// fieldsOf lists the keys of a struct, inlined ones included, in order.
func fieldsOf(t reflect.Type) []field {
	var fs []field
	for i := range t.NumField() {
		sf := t.Field(i)
		tag, opts, _ := strings.Cut(sf.Tag.Get("yaml"), ",")
		if !sf.IsExported() || tag == "-" {
			continue
		}
		inline := strings.Contains(opts, "inline")
		if inline && sf.Type.Kind() == reflect.Struct {
			for _, f := range fieldsOf(sf.Type) {
				f.index = append([]int{i}, f.index...)
				fs = append(fs, f)
			}
			continue
		}
		if inline && sf.Type.Kind() != reflect.Map {
			continue // the options of a change source: see decoder.change
		}
		f := field{key: tag, index: []int{i}, typ: sf.Type, doc: sf.Tag.Get("doc"), example: sf.Tag.Get("example"), rest: inline,
			required: sf.Tag.Get("required") == "true", instead: sf.Tag.Get("instead") != "", omit: strings.Contains(opts, "omitempty")}
		if f.key == "" {
			f.key = strings.ToLower(sf.Name)
		}
		if f.doc == "" && (t == typeHTTP || t == typeProxy) {
			f.doc = httpDocs[f.key]
		}
		if e := sf.Tag.Get("enum"); e != "" {
			f.enum = strings.Split(e, "|")
		}
		// A min that does not parse is a slip of ours; a test reads them all.
		f.min, _ = time.ParseDuration(sf.Tag.Get("min"))
		if f.meaning = meaning(sf.Tag.Get("check")); f.meaning == "" {
			f.meaning = byConvention(f.key, sf.Type)
		}
		fs = append(fs, f)
	}
	return fs
}

// byConvention is the meaning of a key without a check tag: the names that
// Prometheus' own configuration uses, so that its types need no tags, and a
// forgotten tag errs on the side of more checks.
func byConvention(key string, t reflect.Type) meaning {
	is := func(words ...string) bool {
		for _, w := range words {
			if key == w || strings.HasSuffix(key, "_"+w) {
				return true
			}
		}
		return false
	}
	list := t.Kind() == reflect.Slice
	if list {
		t = t.Elem()
	}
	if t.Kind() == reflect.Map && t.Elem() == reflect.TypeFor[[]promconfig.Secret]() {
		return aSecret // the headers for a proxy
	}
	switch {
	case t == typeSecret:
		return aSecret
	case t == typeURL:
		return anURL
	case t.Kind() != reflect.String:
		return ""
	case is("command") && list:
		return aCommand
	case is("ref"):
		return unsupported
	case is("url", "urls"):
		return anURL
	case is("file", "files"):
		return aFile
	case is("dir"):
		return aDirectory
	case is("path", "paths"):
		return aPath
	case is("password", "token", "secret"):
		return aSecret
	case strings.HasSuffix(key, "_env"):
		return aVariable
	}
	return ""
}

// mustBeSet reports whether the key may not be left out, v being what its field
// holds so far: a default, or what an included file says. A struct may hold
// defaults and yet be missing.
func (f field) mustBeSet(v reflect.Value) bool {
	return f.required && (f.typ.Kind() == reflect.Struct || v.IsZero())
}

// path reports whether the text is a place in the file system.
func (m meaning) path() bool {
	return m == aFile || m == aDirectory || m == aPath || m == filePattern || m == aKubeconfig
}

// holdsSecret guesses from the key whether a file holds one.
func holdsSecret(key string) bool {
	for _, w := range []string{"password", "credentials", "token", "secret", "key_file"} {
		if strings.Contains(key, w) {
			return true
		}
	}
	return false
}
