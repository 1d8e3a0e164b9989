package sourcetest_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/internal/web"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/sourcetest"
)

// deploys is the smallest change source that there is: the suite must be
// passable with internal/web and 20 lines.
type deploys struct{ web *web.Client }

func (d deploys) Changes(ctx context.Context, since time.Time) ([]sources.Change, error) {
	res, err := d.web.Do(ctx, web.Request{Ref: "deploys", JSON: true})
	if err != nil {
		return nil, err
	}
	var doc []struct {
		ID, Title string
		At        time.Time
	}
	if err := json.Unmarshal(res.Body, &doc); err != nil {
		return nil, &sources.Error{Kind: sources.BadResponse, Source: d.web.Source(), Detail: safe.Outside("not a list of deploys")}
	}
	var out []sources.Change
	for _, x := range doc {
		if x.At.Before(since) {
			continue
		}
		out = append(out, sources.Change{ID: safe.Text(x.ID), Source: d.web.Source(), Kind: sources.Deploy, StartedAt: x.At.UTC(),
			Title: safe.Outside(x.Title), Evidence: []safe.Value{safe.Outside("listed")}, Diff: &sources.Diff{Commits: make([]sources.Commit, 1)}})
	}
	slices.SortStableFunc(out, func(a, b sources.Change) int { return b.StartedAt.Compare(a.StartedAt) })
	return out, nil
}

func TestChangesSuite(t *testing.T) {
	sourcetest.Changes(t, sourcetest.ChangeSuite{
		Good: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `[{"id":"1","at":"2026-01-02T03:04:05+02:00","title":"\u001b[2J"},{"id":"\u009b2","at":"2026-01-03T00:00:00Z"},{"id":"0","at":"2020-01-01T00:00:00Z"}]`)
		}),
		Since: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Want: 2, Secret: "hunter2-secret",
		Open: func(t testing.TB, url string) sources.ChangeSource {
			c, err := web.New(web.Options{Source: sources.SourceID{Kind: "deploys"}, URL: url, Timeout: time.Minute,
				TokenCommand: []string{"echo", "hunter2-secret"}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.Close)
			return deploys{c}
		},
	})
}
