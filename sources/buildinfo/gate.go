package buildinfo

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// sight is what a gate saw of one key: who ran what, on how many instances.
type sight map[build]int

// census is what the gates saw of all keys.
type census map[key]sight

const (
	// namesFor is how long it is believed which metrics there are.
	namesFor = 10 * time.Minute
	// refusedFor is how long a refusal is believed.
	refusedFor = time.Hour
	// maxNames bounds the metrics that are asked one by one.
	maxNames = 200
	// pausedFor is how long a gate rests that the server could not answer.
	pausedFor = 5 * time.Minute
)

// names is what is known about the names of metrics.
type names struct {
	versions []string        // that match the option metrics, of a backend that refuses {__name__=~...}
	present  map[string]bool // of those that the watches need
	asOf     time.Time
	refused  time.Time // zero: the backend does not refuse
	paused   time.Time // until then the gate of the watches rests
	why      string    // it does
	apart    time.Time // since then the watches are asked one by one; zero: together
}

// gates asks who ran what in that time before now: one query about versions,
// if they are asked for, one about all other watches.
func (s *Source) gates(ctx context.Context, now time.Time, within time.Duration, withVersions bool, ws []*watch) (census, error) {
	var versions, others census
	g, gctx := errgroup.WithContext(ctx)
	if withVersions {
		g.Go(func() (err error) {
			versions, err = s.versionGate(gctx, now, within)
			return err
		})
	}
	if len(ws) > 0 {
		g.Go(func() (err error) {
			others, err = s.watchGate(gctx, ws, now, within)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if versions == nil {
		versions = census{}
	}
	maps.Copy(versions, others)
	return versions, nil
}

// versionGate asks for all version metrics together, or one by one where the
// backend refuses that.
func (s *Source) versionGate(ctx context.Context, now time.Time, within time.Duration) (census, error) {
	if s.refuses(now) {
		return s.versionsByName(ctx, now, within)
	}
	v, err := s.q.Query(ctx, s.opt.versionCensus(s.opt.anyVersion(), within), now)
	switch {
	case err == nil:
		s.names.refused = time.Time{}
		return s.sights(census{}, s.versions, v), nil
	case !sources.IsKind(err, sources.BadRequest):
		return nil, err
	}
	c, byName := s.versionsByName(ctx, now, within)
	if byName != nil {
		return nil, err // the first refusal says what is wrong
	}
	s.names.refused = now
	return c, nil
}

func (s *Source) versionsByName(ctx context.Context, now time.Time, within time.Duration) (census, error) {
	if s.names.versions == nil {
		if err := s.listNames(ctx); err != nil {
			return nil, err
		}
	}
	list := s.names.versions
	if len(list) > maxNames {
		s.note("%d of %d metrics with versions were left out", len(list)-maxNames, len(list))
		list = list[:maxNames]
	}
	c := census{}
	for _, n := range list {
		v, err := s.q.Query(ctx, s.opt.versionCensus(sel("", "__name__=", n), within), now)
		if err != nil {
			return nil, err
		}
		s.sights(c, s.versions, v)
	}
	return c, nil
}

// presence finds out which of the needed metrics there are.
func (s *Source) presence(ctx context.Context, now time.Time) error {
	if !s.names.asOf.IsZero() && now.Sub(s.names.asOf) < namesFor && !now.Before(s.names.asOf) {
		return nil
	}
	var need []string
	for _, w := range s.watches {
		need = slices.Concat(need, w.needs, w.may)
	}
	s.names.versions = nil
	if len(need) > 0 {
		slices.Sort(need)
		if err := s.askPresence(ctx, slices.Compact(need), now); err != nil {
			return err
		}
	}
	s.names.asOf = now
	return nil
}

func (s *Source) askPresence(ctx context.Context, need []string, now time.Time) error {
	if s.refuses(now) {
		return s.listNames(ctx)
	}
	words := make([]string, len(need))
	for i, n := range need {
		words[i] = regexp.QuoteMeta(word(s.opt.Rename, n))
	}
	v, err := s.q.Query(ctx, fmt.Sprintf("group by (__name__) ({__name__=~%s})", strconv.Quote(strings.Join(words, "|"))), now)
	if sources.IsKind(err, sources.BadRequest) {
		if byName := s.listNames(ctx); byName != nil {
			return err // the first refusal says what is wrong
		}
		s.names.refused = now
		return nil
	}
	if err != nil {
		return err
	}
	s.names.present = map[string]bool{}
	for _, sm := range v {
		s.names.present[sm.Labels.Value("__name__").Raw()] = true
	}
	return nil
}

// refuses reports whether the backend is known to refuse regular expressions
// for metric names.
func (s *Source) refuses(now time.Time) bool {
	return !s.names.refused.IsZero() && now.Sub(s.names.refused) < refusedFor
}

// listNames reads the names of all metrics.
func (s *Source) listNames(ctx context.Context) error {
	all, err := s.q.LabelValues(ctx, "__name__", "")
	if err != nil {
		return err
	}
	re, err := regexp.Compile("^(?:" + s.opt.Metrics + ")$")
	if err != nil {
		return err
	}
	present, versions := map[string]bool{}, []string{}
	for _, n := range all {
		present[n.Raw()] = true
		if re.MatchString(n.Raw()) {
			versions = append(versions, n.Raw())
		}
	}
	s.names.present, s.names.versions = present, versions
	return nil
}

// has reports whether all of the metrics are there.
func (s *Source) has(metrics ...string) bool {
	return !slices.ContainsFunc(metrics, func(m string) bool { return !s.names.present[word(s.opt.Rename, m)] })
}

// usable are the watches whose metrics there are.
func (s *Source) usable(now time.Time) []*watch {
	if now.Before(s.names.paused) {
		s.noteRest()
		return nil
	}
	return slices.DeleteFunc(slices.Clone(s.watches), func(w *watch) bool {
		return !s.has(w.needs...) || w.needless != nil && w.needless(s.has)
	})
}

func (s *Source) noteRest() { s.note("only versions were looked at: %s", s.names.why) }

// mark is the label that says in the combined answer of the watches whose row
// it is.
const mark = "firstpage_watch"

// watchGate asks all watches in one query. What the server cannot answer is a
// note: the versions are known all the same.
func (s *Source) watchGate(ctx context.Context, ws []*watch, now time.Time, within time.Duration) (census, error) {
	if !s.names.apart.IsZero() && now.Sub(s.names.apart) < refusedFor {
		return s.watchesApart(ctx, ws, now, within)
	}
	parts := make([]string, len(ws))
	for i, w := range ws {
		parts[i] = fmt.Sprintf("label_replace(%s, %q, %q, \"\", \"\")", w.spell(w.census(within)), mark, strconv.Itoa(i))
	}
	v, err := s.q.Query(ctx, strings.Join(parts, "\nor "), now)
	switch {
	case err == nil:
		c := census{}
		for i, w := range ws {
			s.sights(c, w, slices.DeleteFunc(slices.Clone(v), func(sm sources.Sample) bool {
				return sm.Labels.Value(mark).Raw() != strconv.Itoa(i)
			}))
		}
		return c, nil
	case sources.IsKind(err, sources.Timeout) && ctx.Err() == nil:
		s.names.paused, s.names.why = now.Add(pausedFor), safe.Err(err)
		s.noteRest()
		return nil, nil
	case !oddOne(err):
		return nil, err
	}
	s.names.apart = now
	return s.watchesApart(ctx, ws, now, within)
}

// watchesApart asks each watch by itself, so that one that cannot be answered
// costs no other.
func (s *Source) watchesApart(ctx context.Context, ws []*watch, now time.Time, within time.Duration) (census, error) {
	c := census{}
	for _, w := range ws {
		v, err := s.q.Query(ctx, w.spell(w.census(within)), now)
		switch {
		case err == nil:
			s.sights(c, w, v)
		case !oddOne(err):
			return nil, err
		default:
			s.note("%s could not be asked: %s", w.name, safe.Err(err))
		}
	}
	return c, nil
}

// sights adds the rows of one watch to c and returns it.
func (s *Source) sights(c census, w *watch, v sources.Vector) census {
	for _, sm := range v {
		l := labels{sm.Labels, w.rename}
		k, b := w.key(l), build{version: strconv.FormatFloat(sm.V, 'f', -1, 64)}
		if !w.value {
			b = w.thing(l)
		}
		if b == (build{}) {
			continue
		}
		if c[k] == nil {
			c[k] = sight{}
		}
		c[k][b] += int(sm.V)
	}
	return c
}

// dropGoBuildInfo removes go_build_info where the service has another metric.
func (s *Source) dropGoBuildInfo(seen, wide census) {
	better := map[key]bool{}
	for _, c := range []census{s.last, seen, wide} {
		for k := range c {
			if k.watch == s.versions && k.metric != goBuildInfo {
				k.metric = ""
				better[k] = true
			}
		}
	}
	for _, c := range []census{seen, wide} {
		maps.DeleteFunc(c, func(k key, _ sight) bool {
			is := k.metric == goBuildInfo
			k.metric = ""
			return is && better[k]
		})
	}
}

// watching reports whether a watch is on and has its metrics.
func (s *Source) watching(name string) bool {
	return slices.ContainsFunc(s.watches, func(w *watch) bool {
		return w.name == name && s.has(w.needs...)
	})
}
