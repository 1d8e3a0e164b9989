package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/readiness"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/runbook/resolve"
)

// cloneAge is how old a clone may be before sync says how to renew it.
const cloneAge = 7 * 24 * time.Hour

func (c *cli) syncCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Fetch every runbook that the rules link to, for the day when the wiki is down",
		Long: `Fetches every runbook that the alerting rules link to and keeps it on this machine,
so that an outage of the wiki or of the network changes nothing. A page that did not
change is not sent again. Pages of checkouts are here already; a clone that was not
updated for a week is named with the command that does it.

What may be fetched is the setting runbooks.fetch: always is every page, ask is the
hosts that were allowed on the screen, never is none.

The exit code is 1 when a linked runbook could not or may not be fetched, 3 when the
rules could not be read.`,
		Args: noRulesArgs,
	}
	rules := rulesFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return c.sync(cmd.Context(), *rules) }
	return cmd
}

func (c *cli) sync(ctx context.Context, globs []string) error {
	h, err := c.open()
	if err != nil {
		return err
	}
	sets, sts, err := h.ruleSets(ctx, globs)
	if err != nil {
		return err
	}
	links := readiness.Links(sets, h.prefs.RunbookKeys)
	if len(links) == 0 {
		return noRules(sts, globs)
	}
	s := newSyncing(links, resolve.Policy(h.cfg.Runbooks.Fetch))
	p := c.progress(len(s.links))
	h.resolver.Prefetch(ctx, s.links, func(r resolve.Prefetched) {
		s.add(r)
		p.step(r)
	})
	p.end()
	if _, err := io.WriteString(c.out, s.text()+h.staleClones(ctx)); err != nil {
		return err
	}
	if n := len(s.links) - s.done; n > 0 {
		return &exitError{exitSource, fmt.Errorf("stopped: %d of %s were not looked at", n, page.Counted(len(s.links), "runbook"))}
	}
	if err := incomplete(sts); err != nil {
		return err
	}
	if len(s.by[resolve.PrefetchFailed])+len(s.by[resolve.PrefetchNotAllowed]) > 0 {
		return &exitError{exitNo, nil}
	}
	return nil
}

// syncing is what became of the links so far.
type syncing struct {
	policy   resolve.Policy
	links    []string            // each page once, in the order of the alerts
	alerts   map[string][]string // that link to a page
	unlinked int                 // alerts without a link, or with a template of one

	done  int
	here  int                             // pages whose text is on this machine
	bytes int64                           // of what was asked for and came
	by    map[string][]resolve.Prefetched // by state
}

// newSyncing lists the pages: links that differ by their anchor only are one.
func newSyncing(links []readiness.Link, policy resolve.Policy) *syncing {
	s := &syncing{policy: policy, alerts: map[string][]string{}, by: map[string][]resolve.Prefetched{}}
	for _, l := range links {
		p := l.Page()
		if p == "" {
			s.unlinked++
			continue
		}
		if s.alerts[p] == nil {
			s.links = append(s.links, p)
		}
		s.alerts[p] = append(s.alerts[p], l.Ref.Alert.String())
	}
	return s
}

// add notes a result. They come one at a time.
func (s *syncing) add(r resolve.Prefetched) {
	s.done++
	switch r.State {
	case resolve.PrefetchUpdated, resolve.PrefetchUnchanged:
		s.bytes += r.Bytes
		s.here++
	case resolve.PrefetchLocal, resolve.PrefetchFresh:
		s.here++
	default:
		if r.Bytes > 0 {
			s.here++
		}
	}
	s.by[r.State] = append(s.by[r.State], r)
}

// text is the summary: what is here, and what is not and why.
func (s *syncing) text() string {
	var b strings.Builder
	if s.policy == resolve.Never {
		b.WriteString("Your setting runbooks.fetch is never: nothing is fetched.\n")
	}
	fmt.Fprintf(&b, "%d of %d linked runbooks are on this machine", s.here, len(s.links))
	if n := len(s.by[resolve.PrefetchLocal]); n > 0 {
		fmt.Fprintf(&b, "; %d of %d open from checkouts", n, len(s.links))
	}
	b.WriteString(".\n")
	var fetched []string
	for _, w := range []struct{ state, word string }{
		{resolve.PrefetchUpdated, "new or changed"}, {resolve.PrefetchUnchanged, "unchanged"}, {resolve.PrefetchFresh, "fetched a moment ago"},
	} {
		if n := len(s.by[w.state]); n > 0 {
			fetched = append(fetched, fmt.Sprintf("%d %s", n, w.word))
		}
	}
	if len(fetched) > 0 {
		fmt.Fprintf(&b, "From the network: %s (%s).\n", strings.Join(fetched, ", "), sizeWords(s.bytes))
	}
	s.list(&b, resolve.PrefetchFailed, "could not be fetched")
	s.list(&b, resolve.PrefetchNotAllowed, notAllowed(s.policy))
	if s.unlinked > 0 {
		fmt.Fprintf(&b, "%s without a link to a page: firstpage runbook check names them.\n", page.Counted(s.unlinked, "alert"))
	}
	return b.String()
}

func notAllowed(p resolve.Policy) string {
	switch p {
	case resolve.Never:
		return "are in no checkout"
	case resolve.Always:
		return "may not be fetched"
	}
	return "may not be fetched: runbooks.fetch is ask, and nobody allowed their hosts yet (firstpage runbook --fetch URL allows a host, runbooks.fetch: always every one)"
}

// list names the pages of a state, with what they are for and why.
func (s *syncing) list(b *strings.Builder, state, what string) {
	rs := slices.Clone(s.by[state])
	if len(rs) == 0 {
		return
	}
	slices.SortFunc(rs, func(a, b resolve.Prefetched) int { return strings.Compare(a.Link, b.Link) })
	fmt.Fprintf(b, "%d %s:\n", len(rs), what)
	for _, r := range rs {
		names := s.alerts[r.Link]
		line := "  " + r.Link
		if len(names) > 0 {
			line += "  " + names[0]
		}
		if n := len(names) - 1; n > 0 {
			line += fmt.Sprintf(" +%d", n)
		}
		if r.Bytes > 0 {
			line += "  (an older copy is here)"
		}
		b.WriteString(safe.Text(line) + "\n")
		if r.Err != nil && state == resolve.PrefetchFailed {
			b.WriteString("    " + whyMissing(r.Err) + "\n")
		}
	}
}

// whyMissing is why a page is not here, in words.
func whyMissing(err error) string {
	var none *runbook.NotFoundError
	if errors.As(err, &none) {
		if words := page.ReasonWords(none.Reason); words != "" {
			return words
		}
	}
	return safe.Err(err)
}

// staleClones names the checkouts whose remote was not asked for a week.
func (h *house) staleClones(ctx context.Context) string {
	var b strings.Builder
	for _, s := range h.resolver.Status(ctx) {
		age := h.now().Sub(s.Fetched)
		switch {
		case s.Err != nil:
			err := s.Err
			var p *os.PathError
			if errors.As(err, &p) {
				err = p.Err // the path is said
			}
			fmt.Fprintf(&b, "The checkout %s cannot be read: %s.\n", shownPath(s.Path), safe.Err(err))
		case !s.Fetched.IsZero() && age > cloneAge:
			fmt.Fprintf(&b, "The checkout %s was last updated %s ago:\n  git -C %s pull\n", shownPath(s.Path), page.Ago(age), safe.Text(shellWord(s.Path)))
		}
	}
	return b.String()
}
