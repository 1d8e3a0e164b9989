package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"charm.land/huh/v2"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
)

// asker asks what init must know: by a form on a terminal, line by line on a
// pipe, or not at all.
type asker interface {
	// text asks for a line; initial is what Enter alone means.
	text(ctx context.Context, title, initial string, check func(string) error) (string, error)
	// pick asks for some of several; on says which are chosen at first.
	pick(ctx context.Context, title string, options []string, on []bool) ([]int, error)
	yes(ctx context.Context, title string, initial bool) (bool, error)
}

// errNotAsked is the error of a question that has no answer and nobody to ask.
var errNotAsked = errors.New("not asked")

func (c *cli) asker(silent bool) asker {
	t := c.getenv("TERM")
	switch {
	case silent:
		return noAsker{}
	case c.canAsk() && t != "" && t != "dumb":
		return formAsker{c}
	}
	return lineAsker{c}
}

// noAsker takes what was found.
type noAsker struct{}

func (noAsker) text(_ context.Context, _, initial string, check func(string) error) (string, error) {
	if check(initial) != nil {
		return "", errNotAsked
	}
	return initial, nil
}

func (noAsker) pick(_ context.Context, _ string, _ []string, on []bool) ([]int, error) {
	return chosen(on), nil
}

func (noAsker) yes(context.Context, string, bool) (bool, error) { return true, nil }

func chosen(on []bool) []int {
	var out []int
	for i, yes := range on {
		if yes {
			out = append(out, i)
		}
	}
	return out
}

// formAsker draws each question with huh.
type formAsker struct{ c *cli }

func (a formAsker) run(ctx context.Context, f huh.Field) error {
	form := huh.NewForm(huh.NewGroup(f)).WithInput(a.c.in).WithOutput(a.c.err).WithShowHelp(false).WithTheme(huh.ThemeFunc(huh.ThemeBase16))
	err := form.RunWithContext(ctx)
	if err != nil {
		return usage("stopped; nothing was written")
	}
	return nil
}

func (a formAsker) text(ctx context.Context, title, initial string, check func(string) error) (string, error) {
	value := initial
	err := a.run(ctx, huh.NewInput().Title(title).Value(&value).Validate(func(s string) error { return cleanly(check(strings.TrimSpace(s))) }))
	value = strings.TrimSpace(value)
	if err == nil {
		a.c.answered(title, value)
	}
	return value, err
}

func (a formAsker) pick(ctx context.Context, title string, options []string, on []bool) ([]int, error) {
	var list []huh.Option[int]
	for i, o := range options {
		list = append(list, huh.NewOption(o, i).Selected(on[i]))
	}
	picked := chosen(on)
	// Without a height huh shows none of them; two rows are the title's.
	err := a.run(ctx, huh.NewMultiSelect[int]().Title(title).Description("x or space: on, off; enter: go on").
		Options(list...).Value(&picked).Filterable(false).Height(2+min(len(list), maxRead)))
	if err == nil {
		a.c.answered(title, page.Counted(len(picked), "folder"))
	}
	return picked, err
}

func (a formAsker) yes(ctx context.Context, title string, initial bool) (bool, error) {
	value := initial
	err := a.run(ctx, huh.NewConfirm().Title(title).Description("y or n; enter takes the marked one").Value(&value))
	return value, err
}

// answered leaves a trace of a question that the form wiped away.
func (c *cli) answered(title, value string) {
	if value == "" {
		value = "none"
	}
	title, _, _ = strings.Cut(title, " (")
	_, _ = fmt.Fprintln(c.err, safe.Text(title+": "+value))
}

// cleanly makes a check's error fit to be shown.
func cleanly(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(safe.Err(err))
}

// lineAsker writes a question to standard error and reads a line.
type lineAsker struct{ c *cli }

func (a lineAsker) line(ctx context.Context, question string) (string, error) {
	s, err := a.c.ask(ctx, safe.Text(question)+" ")
	if errors.Is(err, errNoAnswer) || errors.Is(err, os.ErrClosed) {
		_, _ = fmt.Fprintln(a.c.err)
		return "", usage("the input ended before all was answered; nothing was written. --yes takes what was found")
	}
	return s, err
}

func (a lineAsker) text(ctx context.Context, title, initial string, check func(string) error) (string, error) {
	if initial != "" {
		title += " [" + initial + "]"
	}
	for {
		s, err := a.line(ctx, title+":")
		if err != nil {
			return "", err
		}
		if s == "" {
			s = initial
		}
		err = check(s)
		if err == nil {
			return s, nil
		}
		if _, err := fmt.Fprintln(a.c.err, safe.Err(err)); err != nil {
			return "", err
		}
	}
}

func (a lineAsker) pick(ctx context.Context, title string, options []string, on []bool) ([]int, error) {
	var out []int
	for i, o := range options {
		yes, err := a.yes(ctx, title+" "+o+"?", on[i])
		if err != nil {
			return nil, err
		}
		if yes {
			out = append(out, i)
		}
	}
	return out, nil
}

func (a lineAsker) yes(ctx context.Context, title string, initial bool) (bool, error) {
	hint := map[bool]string{true: " [Y/n]", false: " [y/N]"}[initial]
	for {
		s, err := a.line(ctx, title+hint)
		switch {
		case err != nil:
			return false, err
		case s == "":
			return initial, nil
		}
		switch strings.ToLower(s) {
		case "y", "yes":
			return true, nil
		case "n", "no":
			return false, nil
		}
	}
}
