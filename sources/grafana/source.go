package grafana

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/internal/web"
	"github.com/firstpage-oncall/firstpage/sources"
)

const (
	// pageSize is how many annotations one request brings; Grafana's own
	// default is 100.
	pageSize = 500
	// maxPages ends a history that is too long to be read at each look.
	maxPages = 8
)

// Source is the changes that one Grafana knows. Make it with [Open].
type Source struct {
	id   sources.SourceID
	web  *web.Client
	tags []string
	read reader
	now  func() time.Time

	mu    sync.Mutex
	notes []safe.Value
}

// Changes lists what began at or after since, newest first. A Grafana that
// does not serve annotations is an error of kind NotFound.
func (s *Source) Changes(ctx context.Context, since time.Time) ([]sources.Change, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = nil
	all, whole, err := s.annotations(ctx, since)
	if err != nil {
		return nil, s.explain(err)
	}
	out := make([]sources.Change, 0, len(all))
	bad, nameless := 0, 0
	for _, a := range all {
		c, ok := s.read.change(a)
		switch {
		case a.alert():
		case !ok:
			bad++
		case c.StartedAt.Before(since): // a region that ended since then
		default:
			if c.Service.Empty() {
				nameless++
			}
			c.Source = s.id
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b sources.Change) int {
		return cmp.Or(b.StartedAt.Compare(a.StartedAt), cmp.Compare(a.ID, b.ID))
	})
	if bad > 0 {
		s.note("annotations without a time: %d", bad)
	}
	if nameless > 0 {
		s.note("%d of %d annotations name no service: see service_tags and match", nameless, len(out))
	}
	if !whole {
		s.note("only the newest %d annotations were read: narrow them by tags", len(all))
	}
	return out, nil
}

func (s *Source) note(format string, args ...any) {
	s.notes = append(s.notes, safe.Outside(fmt.Sprintf(format, args...)))
}

// Notes says what of the last call could not be read.
func (s *Source) Notes() []safe.Value {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.notes)
}

// annotations asks for page after page. Grafana sorts by the end of an
// annotation, newest first, and gives those that began before "to" and ended
// after "from": each further page is asked for up to the end of the last one
// seen, and brings back those that it shares with the page before. whole is
// false if there are more than were read.
func (s *Source) annotations(ctx context.Context, since time.Time) (all []annotation, whole bool, err error) {
	// Without a from Grafana ignores to.
	from, to := max(since.UnixMilli(), 1), s.now().UnixMilli()
	seen := map[int64]bool{}
	for range maxPages {
		page, err := s.page(ctx, from, to)
		if err != nil {
			return nil, false, err
		}
		before := len(all)
		for _, a := range page {
			if seen[a.ID] && a.ID != 0 {
				continue
			}
			seen[a.ID] = true
			all = append(all, a)
		}
		if len(page) < pageSize {
			return all, true, nil
		}
		last := page[len(page)-1]
		to = min(to, max(last.Time, last.TimeEnd))
		if len(all) == before {
			break // as many in one moment as a page holds
		}
	}
	return all, false, nil
}

func (s *Source) page(ctx context.Context, from, to int64) ([]annotation, error) {
	q := url.Values{"from": {strconv.FormatInt(from, 10)}, "to": {strconv.FormatInt(to, 10)}, "type": {"annotation"},
		"limit": {strconv.Itoa(pageSize)}}
	if len(s.tags) > 0 {
		q["tags"], q["matchAny"] = s.tags, []string{"true"}
	}
	res, err := s.web.Do(ctx, web.Request{Ref: "api/annotations", Query: q, JSON: true})
	if err != nil {
		return nil, err
	}
	var page []annotation
	if err := json.Unmarshal(res.Body, &page); err != nil {
		return nil, &sources.Error{Kind: sources.BadResponse, Source: s.id, URL: s.web.URL(), Detail: safe.Outside("the answer is not a list of annotations"),
			Hint: "check that the URL is Grafana's"}
	}
	return page, nil
}

// explain adds what is known of Grafana to an error.
func (s *Source) explain(err error) error {
	var e *sources.Error
	if !errors.As(err, &e) || e.Kind != sources.NotFound {
		return sources.AsError(s.id, err)
	}
	out := *e
	out.Hint = "check that the URL is Grafana's, with its path prefix; Grafana has deprecated /api/annotations since version 13, " +
		"and where it is gone kind: events can read what a command prints"
	return &out
}

// reader turns annotations into changes.
type reader struct {
	service, version []string // keys of tags, best first, lower case
	match            *regexp.Regexp
	home             string // Grafana's address for people
}
