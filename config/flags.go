package config

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
)

// Origin says who named a Prometheus.
type Origin string

// The origins, in the order in which they win.
const (
	FromFlag    Origin = "flag"    // --prometheus
	FromFile    Origin = "file"    // a configuration file
	FromEnv     Origin = "env"     // $PROMETHEUS_URL
	FromDefault Origin = "default" // nobody: DefaultURL
)

// DefaultURL is where a Prometheus listens when nothing is said (the default
// of its --web.listen-address).
const DefaultURL = "http://localhost:9090"

// Variable is the environment variable that names a Prometheus when no file
// and no flag does.
const Variable = "PROMETHEUS_URL"

// fallback is the cluster that is asked when none is configured.
func (l *loader) fallback() {
	s, from := l.host.env(Variable), FromEnv
	if s == "" {
		s, from = DefaultURL, FromDefault
	}
	if p := checkURL(s, s, true, "http", "https"); p.Message != "" {
		p.File = "$" + Variable
		l.log.problems = append(l.log.problems, p)
	}
	l.config.Clusters = []Cluster{single(s, from)}
	if u, err := url.Parse(s); err == nil && u.User != nil {
		l.log.warnings = append(l.log.warnings, Problem{Place{File: "$" + Variable},
			"the address holds a name or password", "use http.basic_auth with a password_file in a configuration file"})
	}
}

// single is a cluster of which nothing but the address is known. Its name is
// the host, with the port if the address has one.
func single(address string, from Origin) Cluster {
	c := Cluster{}
	c.setDefaults()
	c.Origin = from
	c.Prometheus.URL = address
	c.Name = "prometheus"
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		c.Name = u.Host
	}
	return c
}

// UsePrometheus makes one Prometheus the only one, as --prometheus does. A
// configured one keeps its name and credentials when the address is exactly
// its own; no credential ever goes to another address. An empty address, that
// is a flag not given, changes nothing.
func (c *Config) UsePrometheus(address string) error {
	if address == "" {
		return nil
	}
	if p := checkURL(address, address, true, "http", "https"); p.Message != "" {
		p.File = "--prometheus"
		return &p
	}
	i := slices.IndexFunc(c.Clusters, func(cl Cluster) bool { return cl.Prometheus.URL == address })
	if i >= 0 {
		c.keep(c.Clusters[i])
		c.Clusters[0].Origin = FromFlag
		return nil
	}
	c.keep(single(address, FromFlag))
	return nil
}

// UseAlertmanager makes an Alertmanager that of the only cluster, as
// --alertmanager does. A configured one keeps its credentials when the address
// is exactly its own. An empty address changes nothing.
func (c *Config) UseAlertmanager(address string) error {
	if address == "" {
		return nil
	}
	if p := checkURL(address, address, true, "http", "https"); p.Message != "" {
		p.File = "--alertmanager"
		return &p
	}
	if n := len(c.Clusters); n != 1 {
		return &Problem{Place{File: "--alertmanager"}, fmt.Sprintf("it is not said which of the %d clusters it belongs to", n), "add --cluster"}
	}
	if c.Clusters[0].Alertmanager.URL != address {
		cl := Cluster{}
		cl.setDefaults()
		c.Clusters[0].Alertmanager = cl.Alertmanager
		c.Clusters[0].Alertmanager.URL = address
	}
	return nil
}

// CheckServer says what is wrong with the address of a server, by the rules of
// --prometheus. Nil: nothing. It quotes no password.
func CheckServer(address string) *Problem {
	if p := checkURL(address, address, true, "http", "https"); p.Message != "" {
		return &p
	}
	return nil
}

// Select keeps the clusters of these names, in the order of the
// configuration. No name, or only empty ones, keeps all. A source of changes
// that names a cluster is kept with it.
func (c *Config) Select(names ...string) error {
	names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == "" })
	if len(names) == 0 {
		return nil
	}
	var known []string
	for _, cl := range c.Clusters {
		known = append(known, cl.Name)
	}
	for _, n := range names {
		if !slices.Contains(known, n) {
			return &Problem{Place{File: "--cluster"}, fmt.Sprintf("no cluster is called %q", clip(n)), suggest(n, known)}
		}
	}
	c.keep(slices.DeleteFunc(slices.Clone(c.Clusters), func(cl Cluster) bool { return !slices.Contains(names, cl.Name) })...)
	return nil
}

// keep makes these the only clusters. Sources of changes that name one of the
// others go with it.
func (c *Config) keep(clusters ...Cluster) {
	named := func(list []Cluster, name string) bool {
		return slices.ContainsFunc(list, func(cl Cluster) bool { return cl.Name == name })
	}
	all := c.Clusters
	c.Clusters = clusters
	c.Changes = slices.DeleteFunc(slices.Clone(c.Changes), func(ch Change) bool {
		name := ch.cluster()
		return name != "" && named(all, name) && !named(clusters, name)
	})
}

// cluster is the cluster that a source of changes names among its options;
// empty: none.
func (ch Change) cluster() string {
	o := reflect.ValueOf(ch.Options)
	if o.Kind() != reflect.Pointer || o.Elem().Kind() != reflect.Struct {
		return ""
	}
	for _, f := range fieldsOf(o.Elem().Type()) {
		if f.key == "cluster" && f.typ.Kind() == reflect.String {
			return o.Elem().FieldByIndex(f.index).String()
		}
	}
	return ""
}

// SetTheme is --theme. An empty name changes nothing.
func (c *Config) SetTheme(name string) error {
	allowed := Themes()
	if name != "" && !slices.Contains(allowed, name) {
		return &Problem{Place{File: "--theme"}, fmt.Sprintf("%q is no theme", clip(name)), suggestEnum(name, allowed)}
	}
	if name != "" {
		c.Theme = name
	}
	return nil
}

// Themes lists the themes, for a flag's completion.
func Themes() []string {
	for _, f := range fieldsOf(reflect.TypeFor[Config]()) {
		if f.key == "theme" {
			return f.enum
		}
	}
	return nil
}
