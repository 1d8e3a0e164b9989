package web_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/prometheus/common/config"

	"github.com/firstpage-oncall/firstpage/internal/web"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/sourcetest"
)

const secret = "hunter2-very-secret"

// TestConformance runs the suite of the sources on the client itself, once for
// each way to give credentials.
func TestConformance(t *testing.T) {
	id := sources.SourceID{Kind: "prometheus", Name: "test"}
	defaults := config.DefaultHTTPClientConfig
	with := func(f func(*config.HTTPClientConfig)) web.Options {
		c := defaults
		f(&c)
		return web.Options{Source: id, HTTP: c}
	}
	for name, o := range map[string]web.Options{
		"basic_auth": with(func(c *config.HTTPClientConfig) {
			c.BasicAuth = &config.BasicAuth{Username: "u", Password: secret}
		}),
		"authorization": with(func(c *config.HTTPClientConfig) {
			c.Authorization = &config.Authorization{Credentials: secret}
		}),
		"http_headers": with(func(c *config.HTTPClientConfig) {
			c.HTTPHeaders = &config.Headers{Headers: map[string]config.Header{"X-Api-Key": {Secrets: []config.Secret{secret}}}}
		}),
		"token_command": {Source: id, TokenCommand: []string{"echo", secret}},
		"userinfo":      {Source: id, URL: "userinfo"},
	} {
		t.Run(name, func(t *testing.T) {
			sourcetest.HTTP(t, sourcetest.HTTPSuite{
				Secret: secret,
				Good: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					_, _ = io.WriteString(w, `{"status":"success"}`)
				}),
				Open: func(t testing.TB, base string) sourcetest.Call {
					o := o
					if o.URL == "userinfo" {
						u, err := url.Parse(base)
						if err != nil {
							t.Fatal(err)
						}
						u.User = url.UserPassword("u", secret)
						base = u.String()
					}
					o.Timeout = time.Minute // a slow machine must not turn the bombs into timeouts
					o.URL = base + "/prefix?tenant=" + secret
					c, err := web.New(o)
					if err != nil {
						t.Fatal(err)
					}
					t.Cleanup(c.Close)
					return func(ctx context.Context) error {
						res, err := c.Do(ctx, web.Request{Ref: "api/v1/x", JSON: true})
						if err != nil {
							return err
						}
						if !json.Valid(res.Body) {
							return c.Fail(ctx, nil, sources.Errorf(sources.BadResponse, "the answer is not JSON"))
						}
						return nil
					}
				},
			})
		})
	}
}
