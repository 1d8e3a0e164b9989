package poll

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// shelf is a catalog of one service, whose team is what was asked for last.
type shelf struct {
	teams []string
	err   error
}

func (s *shelf) Services(context.Context) ([]sources.Service, error) {
	if s.err != nil {
		return nil, s.err
	}
	team := s.teams[0]
	if len(s.teams) > 1 {
		s.teams = s.teams[1:]
	}
	return []sources.Service{{Name: safe.Outside("checkout"), Team: safe.Outside(team)}}, nil
}

func (s *shelf) Teams(context.Context) ([]sources.Team, error) {
	if s.err != nil {
		return nil, s.err
	}
	return []sources.Team{{Name: safe.Outside("two"), Channel: safe.Outside("#two")}}, nil
}

func (s *shelf) Notes() []safe.Value { return []safe.Value{safe.Outside("a.yaml:1: odd")} }

func TestCatalog(t *testing.T) {
	s := &server{}
	s.answer(firing("a"))
	cat := &shelf{teams: []string{"one", "two"}}
	set := Set{Clusters: []ClusterSet{s.set("eu")}, Catalogs: []CatalogSet{{ID: sources.SourceID{Kind: "catalog", Name: "catalog"}, Source: cat}}}
	run(t, set, Pace{}, func(t *testing.T, p *Poller) {
		team := func() string {
			f := (<-p.Box()).Services[0]
			if len(f.Items) != 1 || len(f.Notes) != 1 || f.Err != nil || f.Every != 30*time.Second {
				t.Errorf("%+v", f)
				return ""
			}
			return f.Items[0].Team.Raw()
		}
		synctest.Wait()
		time.Sleep(quiet)
		synctest.Wait()
		if got := team(); got != "one" { // with the alerts, not after them
			t.Errorf("at first: %s", got)
		}
		time.Sleep(40 * time.Second)
		if got := team(); got != "two" {
			t.Errorf("later: %s", got)
		}
	})
	// What was last known stays, through a save, while the files cannot be read.
	last := Once(t.Context(), set, Pace{})
	bytes, err := Encode(last)
	if err != nil {
		t.Fatal(err)
	}
	if last, err = Decode(bytes); err != nil {
		t.Fatal(err)
	}
	cat.err = sources.Errorf(sources.NotFound, "no such file")
	snap := Once(t.Context(), set, Pace{Last: &last})
	f := snap.Services[0]
	if len(f.Items) != 1 || f.Items[0].Team.Raw() != "two" || !sources.IsKind(f.Err, sources.NotFound) || f.Err.Source.Kind != "catalog" {
		t.Errorf("%+v", f)
	}
	if teams := snap.Teams[0]; len(teams.Items) != 1 || teams.Items[0].Channel.Raw() != "#two" || teams.Err == nil {
		t.Errorf("%+v", teams)
	}
	if sts := snap.Statuses(time.Now()); len(sts) != 3 || sts[1].What != "services" || sts[2].What != "teams" || sts[1].Err == nil {
		t.Errorf("%+v", sts)
	}
}
