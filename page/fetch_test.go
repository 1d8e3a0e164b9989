package page

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/runbook"
)

// shelf answers from this machine and, in time, from the network.
type shelf struct {
	local, remote func() (runbook.Document, runbook.Trail, error)
	fetched       int
}

func (s *shelf) Resolve(context.Context, runbook.Ref) (runbook.Document, runbook.Trail, error) {
	return s.local()
}

func (s *shelf) Fetch(context.Context, runbook.Ref) (runbook.Document, runbook.Trail, error) {
	s.fetched++
	return s.remote()
}

func answer(text string, via runbook.Via, net runbook.Rung, err error) func() (runbook.Document, runbook.Trail, error) {
	net.Name = "network"
	return func() (runbook.Document, runbook.Trail, error) {
		if err != nil {
			return runbook.Document{}, runbook.Trail{net}, err
		}
		return runbook.Parse([]byte(text), runbook.Where{Via: via, URL: "https://wiki/x", AsOf: now.Add(-3 * time.Hour)}), runbook.Trail{net}, nil
	}
}

// A local text is there first, the fetched one later, in parts of their own.
func TestFetchComesBehind(t *testing.T) {
	t.Parallel()
	a := assembler(&server{})
	due := runbook.Rung{Fetch: runbook.FetchDue, Host: "wiki"}
	s := &shelf{local: answer("# copy", runbook.ViaCache, due, nil),
		remote: answer("# page", runbook.ViaNetwork, runbook.Rung{Tried: "https://wiki/x", Found: true, Fetch: runbook.FetchFresh, Host: "wiki"}, nil)}
	a.Runbooks = s
	p := openBurn(t)
	if contains(a.Due(p), PartFetch) {
		t.Error("due before the local text is there")
	}
	p = p.With(a.Load(t.Context(), p, PartRunbook))
	if p.Runbook.Value.Doc.Title.String() != "copy" || !contains(a.Due(p), PartFetch) {
		t.Errorf("%v, due %v", p.Runbook.Value.Doc.Title, a.Due(p))
	}
	p = p.With(a.Load(t.Context(), p, PartFetch))
	if p.Runbook.Value.Doc.Title.String() != "page" || p.Fetched.State != OK || p.Fetched.Value.Host != "wiki" || contains(a.Due(p), PartFetch) {
		t.Errorf("%v, %+v, due %v", p.Runbook.Value.Doc.Title, p.Fetched, a.Due(p))
	}
	later := assembler(&server{})
	later.Now = func() time.Time { return now.Add(fetchEvery) }
	if !contains(later.Due(p), PartFetch) || contains(later.Due(p), PartRunbook) {
		t.Error("an hour later it is not looked at again")
	}
	if p = a.All(t.Context(), openBurn(t)); p.Runbook.Value.Doc.Title.String() != "page" {
		t.Errorf("all: %v", p.Runbook.Value.Doc.Title)
	}
}

func TestFetchNotAllowedOrFailing(t *testing.T) {
	t.Parallel()
	a := assembler(&server{})
	s := &shelf{local: answer("# copy", runbook.ViaCache, runbook.Rung{Fetch: runbook.FetchAsk, Host: "wiki", Result: "not asked: your setting is ask"}, nil)}
	a.Runbooks = s
	p := a.All(t.Context(), openBurn(t))
	if s.fetched != 0 || p.Fetched.State != Waiting || p.Runbook.Value.Doc.Title.String() != "copy" {
		t.Errorf("fetched %d times, %+v", s.fetched, p.Fetched)
	}
	var b strings.Builder
	if err := WriteText(&b, p, TextOptions{Now: now, Loc: time.UTC}); err != nil || !strings.Contains(b.String(), "Network: wiki: not asked: your setting is ask.") {
		t.Errorf("%v\n%s", err, b.String())
	}

	s.local = answer("# copy", runbook.ViaCache, runbook.Rung{Fetch: runbook.FetchDue, Host: "wiki"}, nil)
	s.remote = answer("# copy", runbook.ViaCache, runbook.Rung{Tried: "https://wiki/x", Result: "no answer within 5s", Fetch: runbook.FetchRetry, Host: "wiki"}, nil)
	p = a.All(t.Context(), openBurn(t))
	if p.Runbook.State != OK || p.Fetched.State != Failed || p.Fetched.Err == nil || !a.Next(p).After(now) {
		t.Errorf("%v, %+v", p.Runbook.State, p.Fetched)
	}
	s.remote = answer("", "", runbook.Rung{Tried: "https://wiki/x", Result: "no such page"}, &runbook.NotFoundError{Reason: runbook.FetchFailed})
	p = a.All(t.Context(), openBurn(t))
	if p.Runbook.State != Absent || p.Runbook.Value.Reason != runbook.FetchFailed || p.Fetched.State != OK {
		t.Errorf("%v, %+v", p.Runbook.State, p.Fetched)
	}
	s.remote = func() (runbook.Document, runbook.Trail, error) {
		return runbook.Document{}, nil, errors.New("given up")
	}
	p = a.All(t.Context(), openBurn(t))
	if p.Runbook.State != OK || p.Fetched.State != Failed {
		t.Errorf("%v, %+v", p.Runbook.State, p.Fetched)
	}
}
