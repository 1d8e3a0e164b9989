package events

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/proc"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// patience is how long a command may take when the options do not say.
const patience = 10 * time.Second

// command is a program and its arguments that prints events. After timeout it
// is killed with all that it has started.
type command struct {
	argv    []string
	timeout time.Duration
}

func (c command) where() string { return c.argv[0] }

func (c command) name() string { return "what " + filepath.Base(c.argv[0]) + " printed" }

func (c command) read(ctx context.Context, t span, _ text) (text, bool, error) {
	argv := make([]string, len(c.argv))
	for i, a := range c.argv {
		argv[i] = fill(a, t.since)
	}
	out, err := proc.Run(ctx, proc.Command{Argv: argv, Env: append(os.Environ(), environment(t)...), Timeout: c.timeout, MaxOutput: maxBytes})
	if err != nil {
		return text{}, false, c.fail(err)
	}
	return text{data: out}, false, nil
}

// environment is what a command gets to know. Which service a page is about is
// not part of it: changes are read before there is a page, for all services.
func environment(t span) []string {
	var out []string
	for _, v := range []struct {
		name string
		at   time.Time
	}{{"SINCE", t.since}, {"UNTIL", t.until}} {
		at := v.at
		if at.Unix() < 0 {
			at = time.Unix(0, 0)
		}
		out = append(out, "FIRSTPAGE_"+v.name+"="+strconv.FormatInt(at.Unix(), 10),
			"FIRSTPAGE_"+v.name+"_RFC3339="+at.UTC().Format(time.RFC3339))
	}
	return out
}

// fail says what happened to the program, in its own last words if it has any.
func (c command) fail(err error) error {
	e := &sources.Error{Kind: sources.Unavailable, URL: safe.Text(c.where()), Detail: safe.Outside(err.Error()), Err: err}
	var p *proc.Error
	if !errors.As(err, &p) {
		return e
	}
	e.Detail = safe.Outside(p.Detail)
	if !p.Stderr.Empty() {
		e.Detail = safe.Outside(p.Stderr.Raw() + " (" + p.Detail + ")")
	}
	switch p.Reason {
	case proc.Missing:
		e.Kind, e.Hint = sources.NotFound, "install it, or correct command: under changes:"
	case proc.Timeout:
		e.Kind, e.Hint = sources.Timeout, "let it ask for less, by {since} or $FIRSTPAGE_SINCE"
	case proc.TooLarge:
		e.Kind, e.Hint = sources.TooLarge, "let it print only what is newer than {since} or $FIRSTPAGE_SINCE"
	case proc.Canceled:
		e.Kind = sources.Canceled
	case proc.Exit:
		e.Hint = "run it by hand to see all that it says"
	case proc.Start:
	}
	return e
}
