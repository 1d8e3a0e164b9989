package gitlab

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/common/config"

	"github.com/firstpage-oncall/firstpage/internal/forge"
	"github.com/firstpage-oncall/firstpage/internal/web"
	"github.com/firstpage-oncall/firstpage/sources"
)

// KindName is how the configuration names this kind of source.
const KindName = "gitlab"

// public is the address of gitlab.com.
const public = "https://gitlab.com"

// login says how to get a token.
const login = "give a token with the scope read_api: token_env, token_file or token_command"

// Options is what the configuration may say.
type Options struct {
	Projects     []any                   `yaml:"projects" required:"true" doc:"projects, each by its path with the groups in front, or as path: service when the service has another name than the project" example:"[acme/shop/checkout, acme/shop/pay-api: payments]"`
	Environment  string                  `yaml:"environment" check:"text" doc:"the environment whose deployments count, upper or lower case; prod and production are one; empty for all environments"`
	URL          string                  `yaml:"url" check:"server" doc:"address of the server"`
	TokenFile    string                  `yaml:"token_file,omitempty" instead:"token_command" check:"file" doc:"a file that holds a token and nothing else, in place of token_env and token_command; the scope of the token is read_api" example:"~/.secrets/gitlab"`
	TokenEnv     string                  `yaml:"token_env,omitempty" instead:"token_command" check:"env" doc:"the name of a variable that holds the token; without any credentials, url and http, GITLAB_TOKEN" example:"GITLAB_TOKEN"`
	TokenCommand []string                `yaml:"token_command,omitempty" check:"command" doc:"a program and its arguments, run without a shell, that prints the token" example:"[pass, show, gitlab]"`
	HTTP         config.HTTPClientConfig `yaml:"http,omitempty" doc:"HTTP settings, as for prometheus: proxy_url, tls_config" example:"{tls_config: {ca_file: ~/.certs/ca.pem}}"`
	Timeout      time.Duration           `yaml:"timeout,omitempty" min:"100ms" doc:"how long one answer may take; 5s when left out" example:"10s"`
}

// Defaults is gitlab.com and the environment production.
func Defaults() Options {
	return Options{Environment: "production", URL: public, HTTP: config.DefaultHTTPClientConfig}
}

// Kind describes this source to the configuration.
func Kind() sources.ChangeKind {
	return sources.ChangeKind{
		Name:    KindName,
		Summary: "deployments of projects on GitLab, and the commits between two revisions",
		Sees:    []sources.ChangeType{sources.Deploy, sources.Rollback},
		Options: func() any { o := Defaults(); return &o },
		Open:    sources.Opener(Open),
	}
}

// Source is the deployments of some projects. Make it with [Open].
type Source struct {
	*forge.Source
	client *client
}

// Close closes idle connections. The source may be used again.
func (s *Source) Close() { s.client.web.Close() }

// Check says what is wrong with the list, and with credentials that are given
// twice.
func (o Options) Check() error {
	_, err := o.projects()
	if err != nil {
		return err
	}
	return o.credential(nil).Check(o.HTTP)
}

func (o Options) projects() ([]forge.Project, error) {
	projects, err := forge.Projects(o.Projects)
	if err != nil {
		return nil, fmt.Errorf("projects: %w", err)
	}
	return projects, nil
}

// Open checks the options and makes the source; it asks nothing yet.
func Open(o Options, env sources.Env) (*Source, error) {
	id := sources.SourceID{Kind: KindName, Name: cmp.Or(env.Name, KindName)}
	o.URL = cmp.Or(o.URL, public)
	projects, err := o.projects()
	if err != nil {
		return nil, err
	}
	w := web.Options{Source: id, URL: o.URL, HTTP: o.HTTP, Login: login, Timeout: o.Timeout}
	if err := o.credential(env.Getenv).Into(&w); err != nil {
		return nil, sources.AsError(id, err)
	}
	c, err := newClient(w)
	if err != nil {
		return nil, err
	}
	return &Source{forge.New(id, c, projects, o.Environment, env.Now), c}, nil
}

// credential says where the token comes from. What somebody else's file says of
// the way must not lead the user's own token along: it is taken without a word
// only where nothing is said.
func (o Options) credential(getenv func(string) string) web.Credential {
	k := web.Credential{File: o.TokenFile, Env: o.TokenEnv, Command: o.TokenCommand, Getenv: getenv}
	if strings.TrimRight(o.URL, "/") == public && web.PlainHTTP(o.HTTP) {
		k.Usual = []string{"GITLAB_TOKEN"}
	}
	return k
}
