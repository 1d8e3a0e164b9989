package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/runbook/fix"
	"github.com/firstpage-oncall/firstpage/runbook/resolve"
	"github.com/firstpage-oncall/firstpage/tui"
)

// propose is the next step of an edited runbook on its way to the others: a
// branch with a commit, then, in a second step of its own, the push.
func (h *house) propose(ctx context.Context, path, alert string) (tui.Proposal, error) {
	e, changed, err := fix.Look(ctx, path)
	if err != nil {
		return tui.Proposal{}, err
	}
	waiting, err := fix.Unsent(ctx, e.Root)
	if err != nil {
		return tui.Proposal{}, err
	}
	for _, b := range waiting {
		if e.In(ctx, b.Name) {
			return pushing(e.Root, b), nil
		}
	}
	if !changed {
		return tui.Proposal{}, errors.New("this runbook is as it is committed: e edits it")
	}
	return h.committing(e, alert), nil
}

func (h *house) committing(e fix.Edit, alert string) tui.Proposal {
	subject := "Update " + e.Rel
	if e.New {
		subject = "Begin " + e.Rel
	}
	return tui.Proposal{
		Title: "Make a branch of your change?",
		Lines: append([]string{fmt.Sprintf("%s: %d lines added, %d removed", safe.Text(e.Rel), e.Added, e.Removed), "commit: " + safe.Text(subject), ""}, e.Diff...),
		Note:  "A branch with this one file is made in your checkout. Your files and the branch you are on stay as they are. Nothing is pushed.",
		Do: answering(func(ctx context.Context) (string, error) {
			message := subject
			if alert != "" {
				message += "\n\nEdited while " + alert + " was firing."
			}
			b, err := e.Commit(ctx, message, h.now())
			if err != nil {
				return "", err
			}
			return "branch " + b.Name + " with one commit\nP again pushes it; until then firstpage doctor lists it.", nil
		}),
	}
}

func pushing(root string, b fix.Branch) tui.Proposal {
	p := tui.Proposal{
		Title: "Push your change?",
		Lines: []string{"branch " + b.Name + ": " + b.Subject, "", "  " + safe.Text(strings.Join(fix.PushArgv(root, b.Name), " "))},
		Note:  "This sends the branch to the remote, where others see it. Nothing else is sent.",
	}
	link := b.CompareURL()
	if link != "" {
		p.Lines = append(p.Lines, "", "then: "+safe.Text(link))
	}
	p.Do = answering(func(ctx context.Context) (string, error) {
		if err := fix.Push(ctx, root, b.Name); err != nil {
			return "", err
		}
		return strings.TrimRight("pushed "+b.Name+"\nopen a merge or pull request: "+safe.Text(link), ": "), nil
	})
	return p
}

// begin offers to create a runbook that is not there.
func (h *house) begin(s runbook.Stub, text string) tui.Proposal {
	path := filepath.Join(s.Root, filepath.FromSlash(s.Rel))
	var lines []string
	for l := range strings.Lines(text) {
		lines = append(lines, "+"+safe.Text(strings.TrimRight(l, "\n")))
	}
	return tui.Proposal{
		Title: "Begin this runbook?",
		Lines: append([]string{shownPath(path), ""}, lines...),
		Note:  "This one file is made in your checkout, nothing else. Then e edits it, and P makes a branch of it for the others.",
		Do: answering(func(context.Context) (string, error) {
			if err := h.resolver.Begin(s, []byte(text)); err != nil {
				return "", err
			}
			return "begun: " + shownPath(path) + "\ne edits it; P makes a branch of it.", nil
		}),
	}
}

// answering runs something that ends with one answer.
func answering(do func(context.Context) (string, error)) func(context.Context) <-chan tui.Output {
	return func(ctx context.Context) <-chan tui.Output {
		out := make(chan tui.Output, 1)
		text, err := do(ctx)
		out <- tui.Output{Text: text, Err: err}
		close(out)
		return out
	}
}

// checkFixes lists the branches that wait to be pushed.
func checkFixes(ctx context.Context, shelves []resolve.CheckoutStatus) []check {
	var out []check
	for _, s := range shelves {
		waiting, err := fix.Unsent(ctx, s.Path)
		if err != nil {
			continue // not a git checkout
		}
		for _, b := range waiting {
			out = append(out, check{"runbook fixes", b.Name, false, fmt.Sprintf("%s; not pushed yet: git -C %s push origin %s", b.Subject, safe.Text(s.Path), b.Name)})
		}
	}
	return out
}
