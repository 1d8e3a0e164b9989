package config

import (
	"bytes"
	"io/fs"
	"maps"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// FuzzLoad feeds arbitrary text as a configuration that includes arbitrary
// text: no panic, every message clean and with the name of a file, and what
// was accepted can be printed and, without secrets, accepted again.
func FuzzLoad(f *testing.F) {
	for _, s := range []string{
		"", "theme: dark", "clusters: [{name: a, prometheus: {url: 'http://x'}}]",
		"include: [b.yaml]\nclusters:\n- name: x\n  prometheus: &p {url: http://x, http: {basic_auth: {username: u}}}\n- {name: y, prometheus: {<<: *p}}",
		"changes: [{kind: k, path: b.yaml, any: {a: [1, *x]}}]", "a: &a [*a]", "changes: [{kind: k, deep: &d {deep: *d}}]", "changes: [{kind: k, any: &d {deep: *d}}]", "<<: &m {<<: *m}", "x: [", "\t", "? {a: b}\n: c",
		"clusters: [{name: a, prometheus: {url: 'http://x', http: {tls_config: {min_version: TLS12}, oauth2: {client_id: i, token_url: http://t, claims: {a: [1]}}, http_headers: {A: {secrets: [s]}}}}}]",
		"severity: {ranks: {a: page}}\nrefresh: {alerts: 1d}\ntimeout: 1y", "theme: !!binary ZGFyaw==", "watchdogs: [!x y, !!str 5, 2001-01-01]",
	} {
		f.Add([]byte(s), []byte("theme: light"))
		f.Add([]byte("include: [b.yaml]"), []byte(s))
	}
	type options struct {
		Path  string         `yaml:"path"`
		Any   map[string]any `yaml:"any"`
		At    time.Time      `yaml:"at"`
		Float float64        `yaml:"float"`
		Deep  *options       `yaml:"deep"`
	}
	kinds := []sources.ChangeKind{{Name: "k", Options: func() any { return &options{} }}}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		run := func(a, b []byte) (*Config, error) {
			files := fstest.MapFS{"a.yaml": {Data: a, Mode: 0o644}, "b.yaml": {Data: b, Mode: 0o600}}
			in := func(p string) string { return p[strings.LastIndex(p, "/")+1:] }
			return load([]string{"a.yaml"}, kinds, host{
				env:  func(s string) string { return s },
				stat: func(p string) (fs.FileInfo, error) { return fs.Stat(files, in(p)) },
				open: func(p string) (fs.File, error) { return files.Open(in(p)) },
			})
		}
		c, err := run(a, b)
		for _, p := range Problems(err) {
			if s := p.Error(); safe.Text(s) != s || !utf8.ValidString(s) || p.Message == "" {
				t.Errorf("message %q", s)
			}
		}
		if err != nil && len(Problems(err)) == 0 {
			t.Errorf("an error without a problem: %v", err)
		}
		var out bytes.Buffer
		if e := Print(&out, c); e != nil {
			t.Fatal(e)
		}
		if err != nil || bytes.Contains(out.Bytes(), []byte(masked)) || bytes.Contains(out.Bytes(), []byte("xxxxx")) {
			return
		}
		if !reflect.DeepEqual(safe.Text(string(bytes.ReplaceAll(out.Bytes(), []byte("\n"), nil))), string(bytes.ReplaceAll(out.Bytes(), []byte("\n"), nil))) {
			t.Errorf("unclean: %q", out.String())
		}
	})
}

// Every setting of ours says what it is, and its tags are well formed.
func TestTags(t *testing.T) {
	t.Parallel()
	var walk func(t *testing.T, typ reflect.Type, path string)
	walk = func(t *testing.T, typ reflect.Type, path string) {
		for typ.Kind() == reflect.Slice || typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || !strings.HasSuffix(typ.PkgPath(), "firstpage/config") {
			return
		}
		for i := range typ.NumField() {
			sf := typ.Field(i)
			tag := sf.Tag.Get("yaml")
			if !sf.IsExported() || tag == "-" || tag == ",inline" {
				continue
			}
			if doc := sf.Tag.Get("doc"); !strings.HasSuffix(doc, ".") {
				t.Errorf("%s.%s: doc %q is no sentence", path, sf.Name, doc)
			}
			var v any
			if err := yaml.Load([]byte(sf.Tag.Get("example")+"\n"), &v); err != nil && sf.Tag.Get("example") != "" {
				t.Errorf("%s.%s: example: %v", path, sf.Name, err)
			}
			if m := sf.Tag.Get("min"); m != "" {
				if _, err := time.ParseDuration(m); err != nil {
					t.Errorf("%s.%s: %v", path, sf.Name, err)
				}
			}
			switch m := meaning(sf.Tag.Get("check")); m {
			case "", plainText, nameText, aFile, aDirectory, aPath, filePattern, anURL, aServer, aHost, aCommand, aSecret, aVariable, aFeed:
			default:
				t.Errorf("%s.%s: no check is called %q", path, sf.Name, m)
			}
			walk(t, sf.Type, path+"."+sf.Name)
		}
	}
	walk(t, reflect.TypeFor[Config](), "Config")
	if n := reflect.TypeFor[Config]().NumField(); n > 20 {
		t.Errorf("Config has %d fields", n)
	}
}

// The sentences of prometheus/common's settings are those of all its keys.
func TestHTTPDocs(t *testing.T) {
	t.Parallel()
	left := maps.Clone(httpDocs)
	for _, f := range fieldsOf(typeHTTP) {
		if left[f.key] == "" {
			t.Errorf("http.%s has no sentence in httpDocs", f.key)
		}
		delete(left, f.key)
	}
	if len(left) > 0 {
		t.Errorf("httpDocs speaks of keys that are gone: %v", left)
	}
}
