package web

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/firstpage-oncall/firstpage/internal/proc"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

const (
	// tokenAge is how long a token is used. Laptop tokens live from minutes to
	// an hour and do not say so; a server that refuses one ends it earlier.
	tokenAge = 5 * time.Minute
	// tokenTimeout is how long the command may take: single sign-on tools
	// refresh over the network.
	tokenTimeout = 30 * time.Second
	maxToken     = 64 << 10 // bytes
)

// tokens runs a command for a bearer token and keeps it for a while. It is
// safe for concurrent use; one command runs at a time.
type tokens struct {
	argv []string
	now  func() time.Time
	turn chan struct{} // holds one value: who has it may touch what follows

	token string
	got   time.Time
}

func newTokens(argv []string) *tokens {
	t := &tokens{argv: argv, now: time.Now, turn: make(chan struct{}, 1)}
	t.turn <- struct{}{}
	return t
}

// get returns a token that is young enough. Errors are *sources.Error and hold
// nothing of the command's output.
func (t *tokens) get(ctx context.Context) (string, error) {
	select {
	case <-ctx.Done():
		return "", context.Cause(ctx)
	case <-t.turn:
	}
	defer func() { t.turn <- struct{}{} }()
	if t.token != "" && t.now().Sub(t.got) < tokenAge {
		return t.token, nil
	}
	out, err := proc.Run(ctx, proc.Command{Argv: t.argv, Timeout: tokenTimeout, MaxOutput: maxToken})
	if err != nil {
		return "", tokenError(err)
	}
	token := strings.TrimSpace(string(out))
	if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return "", &sources.Error{Kind: sources.Unauthorized, Detail: safe.Outside("token_command did not print one token"),
			Hint: "it must print the token alone on standard output"}
	}
	t.token, t.got = token, t.now()
	return token, nil
}

// drop forgets a token that the server refused, unless another has replaced it.
func (t *tokens) drop(ctx context.Context, token string) {
	select {
	case <-ctx.Done():
		return
	case <-t.turn:
	}
	if t.token == token {
		t.token = ""
	}
	t.turn <- struct{}{}
}

func tokenError(err error) error {
	var pe *proc.Error
	if !errors.As(err, &pe) {
		return sources.Errorf(sources.Unauthorized, "token_command failed")
	}
	if pe.Reason == proc.Canceled {
		return context.Canceled
	}
	// What it said of its trouble helps; a token that it printed there must not
	// be shown.
	masked := *pe
	masked.Stderr = safe.Outside(maskTokens(pe.Stderr.Raw()))
	e := &sources.Error{Kind: sources.Unauthorized, Detail: safe.Outside("token_command " + masked.Error()), Err: &masked,
		Hint: "run it by hand; it may want a new login"}
	if pe.Reason == proc.Missing {
		e.Hint = "install it, or correct token_command"
	}
	return e
}

// tokenLike is a word as tokens are: long, of letters and digits both. A word
// of prose or a path has no digit among so many letters, a link has "://".
var tokenLike = regexp.MustCompile(`[A-Za-z0-9_\-.~+/=]{16,}`)

func maskTokens(s string) string {
	words := strings.Fields(s)
	for i, w := range words {
		if strings.Contains(w, "://") {
			continue
		}
		words[i] = tokenLike.ReplaceAllStringFunc(w, func(t string) string {
			if strings.ContainsAny(t, "0123456789") && strings.ContainsFunc(t, unicode.IsLetter) {
				return "***"
			}
			return t
		})
	}
	return strings.Join(words, " ")
}

// tokenTransport sends the token and, when it is refused, tries once with a
// new one.
type tokenTransport struct {
	tokens *tokens
	next   http.RoundTripper
}

func (t *tokenTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	token, err := t.tokens.get(req.Context())
	if err != nil {
		return nil, err
	}
	res, err := t.send(req, token)
	if err != nil || res.StatusCode != http.StatusUnauthorized {
		return res, err
	}
	t.tokens.drop(req.Context(), token)
	if req.Body != nil && req.Body != http.NoBody && req.GetBody == nil {
		return res, nil // the body is spent
	}
	again, err := t.tokens.get(req.Context())
	if err != nil || again == token {
		return res, nil // the refusal says more than the command's failure
	}
	_ = res.Body.Close()
	return t.send(req, again)
}

func (t *tokenTransport) send(req *http.Request, token string) (*http.Response, error) {
	out := req.Clone(req.Context())
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		_ = req.Body.Close()
		out.Body = body
	}
	out.Header.Set("Authorization", "Bearer "+token)
	return t.next.RoundTrip(out)
}
