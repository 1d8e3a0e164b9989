package config

import (
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// generatedBy is the first line of every file that is written from the
// declaration.
const generatedBy = "Generated from the declaration in config by make docs; do not edit."

// httpDocs are the sentences of prometheus/common's HTTP settings, which carry
// none themselves. A test keeps the list complete.
var httpDocs = map[string]string{
	"basic_auth":             "User name and password. Of basic_auth, authorization and oauth2 only one may be given.",
	"authorization":          "An Authorization header: its type, Bearer when left out, and the credentials.",
	"oauth2":                 "A token fetched with OAuth 2.0 client credentials, or with a signed JWT (RFC 7523).",
	"bearer_token":           "A bearer token; the older way to write authorization.",
	"bearer_token_file":      "A file that holds a bearer token; the older way to write authorization.",
	"tls_config":             "Certificates, the name of the server, TLS versions.",
	"follow_redirects":       "Whether a redirect is followed. Credentials never follow one to another address.",
	"enable_http2":           "Whether HTTP/2 may be spoken.",
	"proxy_url":              "The proxy to go through: http, https, socks5 or socks5h.",
	"no_proxy":               "Hosts, addresses and networks, separated by commas, that are asked without the proxy.",
	"proxy_from_environment": "Take the proxy from $HTTP_PROXY, $HTTPS_PROXY and $NO_PROXY.",
	"proxy_connect_header":   "Headers for the proxy itself, each with a list of values.",
	"http_headers":           "Further headers, such as X-Scope-OrgID, each with values, secrets or files. Those that HTTP or the other settings need are refused.",
}

// sentence is what the documentation says about a key, with the limits that
// its tags set.
func (f field) sentence() string {
	s := sentence(f.doc)
	if f.min > 0 {
		s = strings.TrimSpace(s + " At least " + short(f.min) + ".")
	}
	return s
}

// sentence gives a doc tag a capital and a full stop if it has none.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(s)
	// A name such as X_y or ${VAR} keeps its case.
	if word, _, _ := strings.Cut(s, " "); !strings.ContainsAny(word, "_*$") {
		s = string(unicode.ToUpper(first)) + s[size:]
	}
	return strings.TrimSuffix(s, ".") + "."
}

// written is a default as it would stand in a file, on one line; empty where
// there is none to speak of.
func written(def reflect.Value, f field) string {
	switch k := def.Kind(); {
	case k == reflect.Bool:
	case def.IsZero(), k == reflect.Struct, k == reflect.Map, k == reflect.Pointer:
		return ""
	}
	b, err := yaml.Dump(node(def, f), yaml.WithLineWidth(-1))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}
