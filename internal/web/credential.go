package web

import (
	"reflect"
	"strings"

	"github.com/prometheus/common/config"
)

// Credential says where a bearer token comes from: at most one of File, Env
// and Command.
type Credential struct {
	File    string   // holds the token and nothing else
	Env     string   // the name of a variable that holds it
	Command []string // a program and its arguments that prints it
	// Usual are variables that are read when nothing at all is said about
	// credentials, best first. None of them may be set.
	Usual  []string
	Getenv func(string) string // nil: no variable is set
}

// Check says whether more than one is given, the HTTP settings included. Errors
// are *sources.Error (BadRequest).
func (k Credential) Check(cfg config.HTTPClientConfig) error {
	said := 0
	for _, is := range []bool{k.File != "", k.Env != "", len(k.Command) > 0} {
		if is {
			said++
		}
	}
	switch {
	case said > 1:
		return badConfig("the token is given twice", "keep one of token_file, token_env and token_command")
	case said == 1 && hasCredentials(cfg):
		return badConfig("credentials are given twice: a token and the HTTP settings", "keep one of them")
	}
	return nil
}

// Into checks and puts the token into the options of a client. Errors are
// *sources.Error (BadRequest) and hold no secret.
func (k Credential) Into(o *Options) error {
	if err := k.Check(o.HTTP); err != nil {
		return err
	}
	switch {
	case k.File != "":
		o.HTTP = withBearer(o.HTTP, config.Authorization{CredentialsFile: k.File})
	case k.Env != "":
		token := k.variable(k.Env)
		if token == "" {
			return badConfig("the environment variable "+k.Env+" is not set", "")
		}
		o.HTTP = withBearer(o.HTTP, config.Authorization{Credentials: config.Secret(token)})
	case len(k.Command) > 0:
		o.TokenCommand = k.Command
	case !hasCredentials(o.HTTP):
		for _, name := range k.Usual {
			if token := k.variable(name); token != "" {
				o.HTTP = withBearer(o.HTTP, config.Authorization{Credentials: config.Secret(token)})
				break
			}
		}
	}
	return nil
}

func (k Credential) variable(name string) string {
	if k.Getenv == nil {
		return ""
	}
	return strings.TrimSpace(k.Getenv(name))
}

func withBearer(cfg config.HTTPClientConfig, a config.Authorization) config.HTTPClientConfig {
	cfg = orDefault(cfg)
	a.Type = "Bearer"
	cfg.Authorization = &a
	return cfg
}

// PlainHTTP reports whether settings are those of nobody who has said
// anything: no proxy, no trust of one's own, no credentials.
func PlainHTTP(cfg config.HTTPClientConfig) bool {
	return reflect.DeepEqual(orDefault(cfg), config.DefaultHTTPClientConfig)
}

// orDefault is Prometheus' defaults for settings that are not there.
func orDefault(cfg config.HTTPClientConfig) config.HTTPClientConfig {
	if reflect.ValueOf(cfg).IsZero() {
		return config.DefaultHTTPClientConfig
	}
	return cfg
}

// hasCredentials reports whether the settings say who we are by a header.
func hasCredentials(cfg config.HTTPClientConfig) bool {
	return cfg.BasicAuth != nil || cfg.Authorization != nil || cfg.OAuth2 != nil ||
		cfg.BearerToken != "" || cfg.BearerTokenFile != ""
}
