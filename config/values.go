package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"time"

	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v4"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// scalar reads numbers, booleans, types that read themselves, and anything.
func (d *decoder) scalar(n *yaml.Node, v reflect.Value, f field) {
	// The library's own message quotes types of Go, which help nobody here.
	err := n.Load(v.Addr().Interface())
	if err == nil {
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		d.wrong(n, f, "true or false", "")
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		d.wrong(n, f, "a whole number", "")
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if v.Type() == reflect.TypeFor[promconfig.TLSVersion]() {
			d.wrong(n, f, "a TLS version", "allowed: TLS10, TLS11, TLS12, TLS13")
			return
		}
		d.wrong(n, f, "a whole number, not negative", "")
	case reflect.Float32, reflect.Float64:
		d.wrong(n, f, "a number", "")
	default:
		d.fail(n, "", "%s: %s", f.path, cause(err))
	}
}

// cause is what a type that reads itself has to say.
func cause(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}

func (d *decoder) duration(n *yaml.Node, v reflect.Value, f field) {
	if n.Kind != yaml.ScalarNode {
		d.wrong(n, f, "a duration such as 30s", "")
		return
	}
	t, err := time.ParseDuration(n.Value)
	if err != nil || n.Value == "0" {
		// Prometheus' own notation also knows d, w and y.
		var m model.Duration
		m, err = model.ParseDuration(n.Value)
		t = time.Duration(m)
	}
	switch {
	case err != nil && n.ShortTag() == "!!int":
		d.wrong(n, f, "a duration such as 30s", "a number needs its unit: s, m, h or d")
	case err != nil:
		d.wrong(n, f, "a duration such as 30s", "")
	case t < 0:
		d.fail(n, "", "%s: %s is negative", f.path, n.Value)
	case t < f.min:
		d.fail(n, "", "%s: %s is too short: at least %s", f.path, n.Value, short(f.min))
	default:
		v.SetInt(int64(t))
	}
}

// text reads one text and checks it for what it means.
func (d *decoder) text(n *yaml.Node, v reflect.Value, f field) {
	if n.Kind != yaml.ScalarNode {
		d.wrong(n, f, "a text", "")
		return
	}
	if t := n.ShortTag(); !slices.Contains([]string{"!!str", "!!int", "!!float", "!!bool", "!!timestamp"}, t) {
		d.fail(n, "", "%s: the tag %s means nothing here", f.path, clip(t))
		return
	}
	s := n.Value
	if s == "" && f.required {
		d.fail(n, "", "%s is empty", f.path)
		return
	}
	if f.enum != nil && !slices.Contains(f.enum, s) {
		d.fail(n, suggestEnum(s, f.enum), "%s: %q is not one of its values", f.path, clip(s))
		return
	}
	switch {
	case s == "":
	case f.meaning == nameText:
		if safe.Text(s) != s || strings.TrimSpace(s) != s {
			d.fail(n, "", "%s: a name may not hold control or invisible characters, or blanks around it", f.path)
			return
		}
	case f.meaning == aSecret:
		s = d.secret(n, s, f)
	case f.meaning == aVariable:
		d.named(n, s, f)
	case f.meaning == anURL || f.meaning == aServer:
		s = d.url(n, s, f, "http", "https")
	case f.meaning == aHost:
		d.hostName(n, s, f)
	case f.meaning == aFeed:
		s = d.feed(n, s, f)
	case f.meaning.path():
		s = d.pathTo(n, s, f)
	}
	v.SetString(s)
}

// suggestEnum always lists all values: there are few, and the near one may
// not be the one that was wanted.
func suggestEnum(s string, allowed []string) string {
	remedy := "allowed: " + quoted(allowed)
	if n, ok := nearest(s, allowed); ok {
		remedy = "did you mean " + n + "? " + remedy
	}
	return remedy
}

// secret expands ${VAR} and remembers that the file holds a secret itself.
func (d *decoder) secret(n *yaml.Node, s string, f field) string {
	out, ok := d.expand(n, s, f, false)
	if ok && out == s && d.shared {
		d.warn(n, "chmod 600 "+d.file+", or keep the secret in a file of its own or in a ${VARIABLE}",
			"%s: every user of this machine can read this secret", f.path)
	}
	return out
}

// pathTo makes a path absolute and checks that what it names is there.
func (d *decoder) pathTo(n *yaml.Node, s string, f field) string {
	s, ok := d.absolute(n, s, f)
	if !ok {
		return ""
	}
	if f.meaning == filePattern && strings.ContainsAny(s, `*?[`) {
		return s
	}
	info, err := d.host.stat(s)
	switch {
	case err != nil:
		d.fail(n, "", "%s: %s: %s", f.path, s, reason(err))
	case f.meaning == aDirectory && !info.IsDir():
		d.fail(n, "", "%s: %s is not a directory", f.path, s)
	case (f.meaning == aFile || f.meaning == aKubeconfig) && info.IsDir():
		d.fail(n, "", "%s: %s is a directory, want a file", f.path, s)
	case f.key == "include" && !info.Mode().IsRegular():
		d.fail(n, "", "%s: %s is not a file", f.path, s)
	case f.meaning == aFile && holdsSecret(f.key) && info.Mode().IsRegular() && info.Mode().Perm()&0o004 != 0:
		d.warn(n, "chmod 600 "+s, "%s: every user of this machine can read this secret", f.path)
	}
	// Of the files of HTTP settings only the certificate of the other side's
	// authority stays here: the rest is sent, or proves who the user is.
	if f.meaning == aFile && f.key != "ca_file" && (d.http > 0 || holdsSecret(f.key)) {
		d.sending(n, f, s)
	}
	if f.meaning == aKubeconfig {
		d.kubeconfig(n, s, f)
	}
	return s
}

// absolute expands ~ and variables and joins the folder of the file.
func (d *decoder) absolute(n *yaml.Node, s string, f field) (string, bool) {
	s, ok := d.expand(n, s, f, true)
	if !ok {
		return "", false
	}
	if s == "~" || strings.HasPrefix(s, "~/") {
		home := d.host.home()
		if home == "" {
			d.fail(n, "write the whole path", "%s: ~ stands for nothing: HOME is not set", f.path)
			return "", false
		}
		s = filepath.Join(home, s[1:])
	}
	if strings.ContainsRune(s, 0) {
		d.fail(n, "", "%s: a path cannot hold a zero byte", f.path)
		return "", false
	}
	if !filepath.IsAbs(s) {
		s = filepath.Join(d.dir, s)
	}
	return filepath.Clean(s), true
}

// expand puts in the values of variables. In a path both $VAR and ${VAR}
// count; elsewhere ${VAR}, and $VAR when it is the whole text, because a
// password may hold a dollar sign. $${ stands for ${ in both, and $$ for $ in
// a path.
func (d *decoder) expand(n *yaml.Node, s string, f field, path bool) (string, bool) {
	if !strings.Contains(s, "$") {
		return s, true
	}
	var names, missing []string
	get := func(name string) string {
		names = append(names, name)
		v := d.host.env(name)
		if v == "" {
			missing = append(missing, name)
		}
		return v
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		name, size, braces := variable(s[i:])
		switch {
		case s[i] != '$':
			b.WriteByte(s[i])
			i++
		case strings.HasPrefix(s[i:], "$${") || path && strings.HasPrefix(s[i:], "$$"):
			b.WriteByte('$')
			i += 2
			if !path {
				b.WriteByte('{')
				i++
			}
		case name != "" && (braces || path || size == len(s)):
			b.WriteString(get(name))
			i += size
		default:
			b.WriteByte('$')
			i++
		}
	}
	if !path {
		for _, name := range names {
			d.sending(n, f, "$"+name)
		}
	}
	for _, name := range missing {
		d.fail(n, "", "%s: the environment variable %s is not set", f.path, name)
	}
	return b.String(), missing == nil
}

// named checks the name of a variable whose value will be sent. It is not
// repeated where it may be the secret itself, put in the wrong place.
func (d *decoder) named(n *yaml.Node, s string, f field) {
	name, size, _ := variable("$" + s)
	switch {
	case name != s || size != len(s)+1 || d.host.env(s) == "" && strings.ToUpper(s) != s:
		d.fail(n, "give the name of a variable that is set, without $; not the secret itself", "%s: there is no such environment variable", f.path)
		return
	case d.host.env(s) == "":
		d.fail(n, "", "%s: the environment variable %s is not set", f.path, s)
	}
	d.sending(n, f, "$"+s)
}

// variable reads $NAME or ${NAME} at the beginning of s. An empty name: there
// is none.
func variable(s string) (name string, size int, braces bool) {
	if len(s) < 2 || s[0] != '$' {
		return "", 0, false
	}
	start := 1
	if braces = s[1] == '{'; braces {
		start = 2
	}
	end := start
	for end < len(s) && (s[end] == '_' || s[end]|0x20 >= 'a' && s[end]|0x20 <= 'z' || end > start && s[end] >= '0' && s[end] <= '9') {
		end++
	}
	if braces {
		if end == len(s) || s[end] != '}' {
			return "", 0, false
		}
		return s[start:end], end + 1, true
	}
	return s[start:end], end, false
}

// reason is an error of the file system without the path.
func reason(err error) string {
	switch {
	case os.IsNotExist(err):
		return "no such file or directory"
	case os.IsPermission(err):
		return "permission denied"
	case errors.Is(err, syscall.EISDIR):
		return "a directory, not a file"
	}
	return "cannot be read"
}

// short is a duration as one writes it: 1m, not 1m0s.
func short(t time.Duration) string { return model.Duration(t).String() }
