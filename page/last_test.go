package page

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// archive knows one old change.
type archive struct {
	last  *sources.Change
	err   error
	asked int
}

func (a *archive) Last(_ context.Context, cluster string, names []safe.Value, before time.Time) (*sources.Change, error) {
	a.asked++
	if cluster != "prod-eu" || len(names) == 0 || names[0].Raw() != "checkout" || !before.Before(now) {
		return nil, errors.New("asked for something else")
	}
	return a.last, a.err
}

// The last change of the service is asked for only while the board has none,
// and is then ranked like any other.
func TestTheLastChangeBeforeTheBoards(t *testing.T) {
	t.Parallel()
	old := deploy()
	old.ID, old.Version, old.StartedAt = "old", safe.Outside("1.40.0"), now.Add(-12*24*time.Hour)
	past, a := &archive{last: &old}, assembler(&server{})
	a.Past = []sources.Historian{past, &archive{}}

	p := a.All(t.Context(), openBurn(t))
	if past.asked != 0 || p.Last.State != Absent || p.Ranking.Last == nil || p.Ranking.Last.ID == "old" {
		t.Errorf("the board has one: asked %d, %s, last %+v", past.asked, p.Last.State, p.Ranking.Last)
	}
	s := snapshot(burn())
	s.Changes[0].Items = nil
	p = a.All(t.Context(), p.Rebase(build(s, now)))
	if past.asked != 1 || p.Ranking.Last == nil || p.Ranking.Last.ID != "old" || len(p.Ranking.Suspects) != 1 || !p.Ranking.NoneFound {
		t.Errorf("the board has none: asked %d, %+v", past.asked, p.Ranking)
	}
	p = p.Rebase(build(s, now))
	if due := a.Due(p); len(due) != 0 {
		t.Errorf("due: %v", due)
	}
	var text strings.Builder
	if err := WriteText(&text, p, TextOptions{Now: now, Loc: time.UTC}); err != nil || !strings.Contains(text.String(), "1.40.0") {
		t.Errorf("%v, %s", err, text.String())
	}
}

func TestTheLastChangeIsNotKnown(t *testing.T) {
	t.Parallel()
	s := snapshot(burn())
	s.Changes[0].Items = nil
	p, ok := Open(build(s, now), burn().ID, nil)
	if !ok {
		t.Fatal("no page")
	}
	a := assembler(&server{})
	a.Past = []sources.Historian{&archive{err: errors.New("no answer in 5 s")}}
	p = a.All(t.Context(), p)
	if words := LastWords(p); p.Last.State != Failed || !strings.Contains(words, "checkout") || !strings.Contains(words, "no answer in 5 s") {
		t.Errorf("%s, %q", p.Last.State, words)
	}
}
