package grafana

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/firstpage-oncall/firstpage/internal/web"
	"github.com/firstpage-oncall/firstpage/sources"
)

// KindName is how the configuration names this kind of source.
const KindName = "grafana"

// Options says which Grafana, which of its annotations are changes, and how
// they are read.
type Options struct {
	URL          string                      `yaml:"url" required:"true" check:"server" doc:"Grafana's address, with the path prefix if it has one" example:"https://grafana.example.com"`
	HTTP         promconfig.HTTPClientConfig `yaml:"http,omitempty" doc:"HTTP settings, as for prometheus; the token of a service account goes into authorization" example:"{authorization: {credentials_file: ~/.secrets/grafana}}"`
	TokenCommand []string                    `yaml:"token_command,omitempty" instead:"http" check:"command" doc:"in place of credentials in http: a program and its arguments, run without a shell, that prints a token" example:"[pass, grafana]"`
	Tags         []string                    `yaml:"tags" doc:"an annotation with any of these tags is a change; an empty list: every annotation is"`
	ServiceTags  []string                    `yaml:"service_tags" doc:"what stands before the name of the service in a tag such as service:checkout or app=checkout, best first"`
	VersionTags  []string                    `yaml:"version_tags" doc:"the same for the version"`
	Match        string                      `yaml:"match,omitempty" check:"text" doc:"regular expression for what tags do not say, tried on the text and then on each tag; the groups (?P<service>), version, from_version, revision, env and kind name what they hold" example:"'Deployed (?P<service>\\S+) (?P<version>v\\S+)'"`
	Timeout      time.Duration               `yaml:"timeout,omitempty" min:"100ms" doc:"how long one answer may take; 5s when left out" example:"10s"`
}

// Kind describes this source to the configuration.
func Kind() sources.ChangeKind {
	return sources.ChangeKind{
		Name:    KindName,
		Summary: "annotations of a Grafana that mark deploys and other changes",
		Sees:    sources.ChangeTypes(),
		Options: func() any {
			return &Options{HTTP: promconfig.DefaultHTTPClientConfig,
				Tags:        []string{"deploy", "deployment", "release", "rollback", "config", "flag"},
				ServiceTags: []string{"service", "app"}, VersionTags: []string{"version"}}
		},
		Open: sources.Opener(Open),
	}
}

// Check says what is wrong with match.
func (o Options) Check() error {
	if o.Match == "" {
		return nil
	}
	re, err := regexp.Compile(o.Match)
	if err != nil {
		return fmt.Errorf("match: %w", err)
	}
	named := 0
	for _, g := range re.SubexpNames() {
		if g == "" {
			continue
		}
		if named++; !slices.Contains(groups, g) {
			return fmt.Errorf("match: no group may be called %q, but %s", g, strings.Join(groups, ", "))
		}
	}
	if named == 0 {
		return errors.New("match: it names no group, such as (?P<service>...)")
	}
	return nil
}

// Open checks the options and makes the source; it asks nothing yet.
func Open(o Options, env sources.Env) (*Source, error) {
	if o.URL == "" {
		return nil, errors.New("url: say where Grafana is")
	}
	if err := o.Check(); err != nil {
		return nil, err
	}
	s := &Source{id: sources.SourceID{Kind: KindName, Name: env.Name}, tags: slices.Clone(o.Tags), now: env.Now,
		read: reader{service: lower(o.ServiceTags), version: lower(o.VersionTags)}}
	if s.id.Name == "" {
		s.id.Name = KindName
	}
	if s.now == nil {
		s.now = time.Now
	}
	if o.Match != "" {
		s.read.match = regexp.MustCompile(o.Match) // Check has compiled it
	}
	var err error
	s.web, err = web.New(web.Options{Source: s.id, URL: o.URL, HTTP: o.HTTP, TokenCommand: o.TokenCommand, Timeout: o.Timeout})
	if err != nil {
		return nil, err
	}
	s.read.home = s.web.Address().Public()
	return s, nil
}

func lower(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = strings.ToLower(strings.TrimRight(n, ":="))
	}
	return out
}
