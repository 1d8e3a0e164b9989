package tui

import (
	"context"
	"errors"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/runbook"
)

// wiki is a resolver whose pages have to be allowed and fetched.
type wiki struct {
	local   string // text of this machine; empty: none
	via     runbook.Via
	allowed bool
	fail    string
	fetched int
}

const wikiHost = "wiki.example.com"

func (w *wiki) answer(text string, via runbook.Via, net runbook.Rung) (runbook.Document, runbook.Trail, error) {
	trail := runbook.Trail{{Name: "link", Result: "read"}, net}
	if text == "" {
		return runbook.Document{}, trail, &runbook.NotFoundError{Reason: runbook.NoCheckout}
	}
	where := runbook.Where{Via: via, URL: "https://" + wikiHost + "/crash", AsOf: at.Add(-49 * time.Hour)}
	if via == runbook.ViaName {
		where = runbook.Where{Via: via, Path: "/books/crash.md", Rel: "crash.md", Root: "/books"}
	}
	return runbook.Parse([]byte(text), where), trail, nil
}

func (w *wiki) Resolve(context.Context, runbook.Ref) (runbook.Document, runbook.Trail, error) {
	net := runbook.Rung{Name: "network", Result: "not asked: your setting is ask", Fetch: runbook.FetchAsk, Host: wikiHost}
	if w.allowed {
		net.Fetch, net.Result = runbook.FetchDue, "not asked yet"
	}
	return w.answer(w.local, w.via, net)
}

func (w *wiki) Fetch(ctx context.Context, ref runbook.Ref) (runbook.Document, runbook.Trail, error) {
	if !w.allowed {
		return w.Resolve(ctx, ref)
	}
	w.fetched++
	net := runbook.Rung{Name: "network", Tried: "https://" + wikiHost + "/crash", Host: wikiHost}
	if w.fail != "" {
		net.Result, net.Fetch = w.fail, runbook.FetchRetry
		return w.answer(w.local, w.via, net)
	}
	net.Result, net.Found, net.Fetch = "fetched", true, runbook.FetchFresh
	return w.answer("# From the wiki\n\nnew words\n", runbook.ViaNetwork, net)
}

func (w *wiki) rig(t *testing.T) *rig {
	r := newRig(t, 160, 40, func(o *Options) {
		o.Assembler.Runbooks = w
		o.Actions.Allow = func(_ context.Context, host string) error {
			if host != wikiHost {
				return errors.New("another host: " + host)
			}
			w.allowed = true
			return nil
		}
	})
	r.snapshot(usual())
	return r
}

const question = "Fetch it from wiki.example.com? F: yes, from now on without asking"

// The question is one line, the text of this machine is there meanwhile, and
// the page replaces it behind.
func TestFetchIsAskedOnce(t *testing.T) {
	t.Parallel()
	w := &wiki{local: "# By name\n\nold words\n", via: runbook.ViaName}
	r := w.rig(t)
	r.has(question, "old words", "Found by name")
	r.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	r.has("Fetch it from wiki.example.com? F: yes ")
	r.key("F")
	r.has("new words", "from the network", "the linked page has come")
	r.lacks(question, "old words")
	r.key("F")
	r.has("less than an hour old")
	if w.fetched != 1 {
		t.Errorf("fetched %d times", w.fetched)
	}
	r.key("J", "K") // another page and back: nobody asks again
	r.has("new words")
	r.lacks(question)
}

func TestFetchWithoutAnyText(t *testing.T) {
	t.Parallel()
	w := &wiki{}
	r := w.rig(t)
	r.has("There is no runbook text", "F  fetch it from wiki.example.com: allows this host from now on", "not asked: your setting is ask")
	r.key("F")
	r.has("new words")
}

// The copy opens with its age; that the host is down is a line above it.
func TestFetchFails(t *testing.T) {
	t.Parallel()
	w := &wiki{local: "# Copy\n\nold words\n", via: runbook.ViaCache, allowed: true, fail: "no answer within 5s"}
	r := w.rig(t)
	r.has("old words", "from the cache, 2 d old", "wiki.example.com: no answer within 5s  (F tries again)")
	w.fail = ""
	r.key("F")
	r.has("new words", "the runbook has changed since it was fetched before")
}

func TestNothingToFetch(t *testing.T) {
	t.Parallel()
	r := newRig(t, 120, 40, nil)
	r.snapshot(usual())
	r.key("F")
	r.has("there is no page to fetch for this runbook")
}
