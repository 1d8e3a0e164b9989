package git

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/gitrepo"
	"github.com/firstpage-oncall/firstpage/internal/proc"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// Source is one clone. Make it with [Open].
type Source struct {
	id       sources.SourceID
	path     string
	services []service
	now      func() time.Time

	mu    sync.Mutex
	notes []safe.Value // of the last Changes
}

func (s *Source) find(name string) (service, bool) {
	for _, v := range s.services {
		if strings.EqualFold(v.name, name) {
			return v, true
		}
	}
	return service{}, false
}

// git asks the clone. Errors are *sources.Error.
func (s *Source) git(ctx context.Context, stdin string, args ...string) (string, error) {
	out, err := gitrepo.Read(ctx, gitrepo.Question{Dir: s.path, Args: args, Stdin: []byte(stdin)})
	if err != nil {
		return "", s.fail(err)
	}
	return string(out), nil
}

// fail classifies what git said.
func (s *Source) fail(err error) error {
	e := &sources.Error{Kind: sources.Unavailable, Source: s.id, URL: safe.Text(s.path), Detail: safe.Outside(err.Error()), Err: err}
	var p *proc.Error
	if !errors.As(err, &p) {
		return e
	}
	if w := p.Stderr.String(); w != "" {
		e.Detail = safe.Outside("git says: " + w)
	}
	said := func(text string) bool { return strings.Contains(p.Stderr.Raw(), text) }
	switch {
	case p.Reason == proc.Missing:
		e.Hint = "install git"
	case p.Reason == proc.Timeout:
		e.Kind, e.Detail = sources.Timeout, safe.Outside("git did not answer in time")
	case p.Reason == proc.Canceled:
		e.Kind, e.Detail = sources.Canceled, safe.Outside("given up")
	case p.Reason == proc.TooLarge:
		e.Kind, e.Detail = sources.TooLarge, safe.Outside("git says too much")
	case said("cannot change to"):
		e.Kind, e.Detail, e.Hint = sources.NotFound, safe.Outside("no such folder"), "clone the repository there, or correct path: under changes:"
	case said("not a git repository"):
		e.Kind, e.Detail = sources.NotFound, safe.Outside("not a clone")
		e.Hint = "path: is the top folder of a clone; a folder in it goes under dir:"
	case said("safe.directory"):
		e.Kind, e.Detail = sources.Unauthorized, safe.Outside("it belongs to another user, so git does not read it")
		e.Hint = "if you trust it: git config --global --add safe.directory " + s.shown()
	}
	return e
}

// shown is the path as a shell takes it.
func (s *Source) shown() string {
	p := safe.Text(s.path)
	if strings.Trim(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-~+@:") == "" {
		return p
	}
	return "'" + strings.ReplaceAll(p, "'", `'\''`) + "'"
}

// unknown is the error for what is not in the clone.
func (s *Source) unknown(ctx context.Context, format string, args ...any) error {
	fetch := "fetch --tags"
	if out, err := s.git(ctx, "", "rev-parse", "--is-shallow-repository"); err == nil && strings.TrimSpace(out) == "true" {
		fetch = "fetch --unshallow --tags"
	}
	return &sources.Error{Kind: sources.NotFound, Source: s.id, URL: safe.Text(s.path),
		Detail: safe.Outside(fmt.Sprintf(format, args...)), Hint: "git -C " + s.shown() + " " + fetch}
}
