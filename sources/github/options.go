package github

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
const KindName = "github"

// publicAPI is the address of github.com's API.
const publicAPI = "https://api.github.com"

// login says how to get a token.
const login = "give a token: token_command: [gh, auth, token], or a fine-grained one with Deployments and Contents, read-only"

// Options is what the configuration may say.
type Options struct {
	Repos        []any                   `yaml:"repos" required:"true" doc:"repositories, each as owner/name, or as owner/name: service when the service has another name than the repository" example:"[acme/checkout, acme/pay-api: payments]"`
	Environment  string                  `yaml:"environment" check:"text" doc:"the environment whose deployments count, upper or lower case; prod and production are one; empty for all environments"`
	URL          string                  `yaml:"url" check:"server" doc:"address of the API; of a GitHub Enterprise server https://HOST/api/v3"`
	TokenFile    string                  `yaml:"token_file,omitempty" instead:"token_command" check:"file" doc:"a file that holds a token and nothing else, in place of token_env and token_command; the token needs to read deployments, and contents to tell what lies between two revisions" example:"~/.secrets/github"`
	TokenEnv     string                  `yaml:"token_env,omitempty" instead:"token_command" check:"env" doc:"the name of a variable that holds the token; without any credentials, url and http, GITHUB_TOKEN, then GH_TOKEN" example:"GITHUB_TOKEN"`
	TokenCommand []string                `yaml:"token_command,omitempty" check:"command" doc:"a program and its arguments, run without a shell, that prints the token" example:"[gh, auth, token]"`
	HTTP         config.HTTPClientConfig `yaml:"http,omitempty" doc:"HTTP settings, as for prometheus: proxy_url, tls_config" example:"{tls_config: {ca_file: ~/.certs/ca.pem}}"`
	Timeout      time.Duration           `yaml:"timeout,omitempty" min:"100ms" doc:"how long one answer may take; 5s when left out" example:"10s"`
}

// Defaults is github.com and the environment production.
func Defaults() Options {
	return Options{Environment: "production", URL: publicAPI, HTTP: config.DefaultHTTPClientConfig}
}

// Kind describes this source to the configuration.
func Kind() sources.ChangeKind {
	return sources.ChangeKind{
		Name:    KindName,
		Summary: "deployments of repositories on GitHub, and the commits between two revisions",
		Sees:    []sources.ChangeType{sources.Deploy, sources.Rollback},
		Options: func() any { o := Defaults(); return &o },
		Open:    sources.Opener(Open),
	}
}

// Source is the deployments of some repositories. Make it with [Open].
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
	projects, err := forge.Projects(o.Repos)
	if err != nil {
		return nil, fmt.Errorf("repos: %w", err)
	}
	for _, p := range projects {
		if strings.Count(p.Path, "/") != 1 {
			return nil, fmt.Errorf("repos: %q is not owner/name", p.Path)
		}
	}
	return projects, nil
}

// Open checks the options and makes the source; it asks nothing yet.
func Open(o Options, env sources.Env) (*Source, error) {
	id := sources.SourceID{Kind: KindName, Name: cmp.Or(env.Name, KindName)}
	o.URL = cmp.Or(o.URL, publicAPI)
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
	if strings.TrimRight(o.URL, "/") == publicAPI && web.PlainHTTP(o.HTTP) {
		k.Usual = []string{"GITHUB_TOKEN", "GH_TOKEN"}
	}
	return k
}
