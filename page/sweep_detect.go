package page

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/firstpage-oncall/firstpage/triage"
)

// handles are the labels that may find the service's metrics, best first: the
// ones that HealthOf tries, but for those that are no plain value.
func handles(it triage.Item) []handle {
	var out []handle
	for _, sel := range selectors(it, "") {
		label, quoted, _ := strings.Cut(sel, "=")
		if value, err := strconv.Unquote(quoted); err == nil {
			out = append(out, handle{label, value, sel})
		}
	}
	return out
}

// detect finds which metrics each service has, in the order of [detect]: by the
// usual names, then by those with a prefix; and what others count of it.
func (s *sweep) detect(ctx context.Context) error {
	exact, open := wanted(s.detectors, triage.App), endings(s.detectors)
	if err := s.tryAll(ctx, exact); err != nil {
		return err
	}
	more := map[handle][]*swept{}
	for _, one := range s.all {
		if one.found() && !counts(s.detectors, one.present[triage.App]) {
			h := one.at[triage.App]
			more[h] = append(more[h], one)
		}
	}
	if err := s.ask(ctx, open, more); err != nil {
		return err
	}
	if err := s.tryAll(ctx, open); err != nil {
		return err
	}
	s.around(ctx)
	return nil
}

// tryAll asks for the metrics of those that have none yet: in the first round
// by their best handle, in the next by the next best.
func (s *sweep) tryAll(ctx context.Context, names string) error {
	for round := 0; ; round++ {
		by := map[handle][]*swept{}
		for _, one := range s.all {
			if !one.found() && round < len(one.tries) {
				by[one.tries[round]] = append(by[one.tries[round]], one)
			}
		}
		if len(by) == 0 {
			return nil
		}
		if err := s.ask(ctx, names, by); err != nil {
			return err
		}
	}
}

// ask asks which metrics of the names there are for each handle, as many
// handles in one query as the answer may hold.
func (s *sweep) ask(ctx context.Context, names string, by map[handle][]*swept) error {
	byLabel := map[string][]handle{}
	for h := range by {
		byLabel[h.label] = append(byLabel[h.label], h)
	}
	var g errgroup.Group
	g.SetLimit(healthQueries)
	for _, label := range slices.Sorted(maps.Keys(byLabel)) {
		all := byLabel[label]
		slices.SortFunc(all, func(x, y handle) int { return strings.Compare(x.value, y.value) })
		for group := range slices.Chunk(all, min(sweepAtOnce, maxAnswer/(1+strings.Count(names, "|")))) {
			g.Go(func() error { return s.askGroup(ctx, label, names, group, by) })
		}
	}
	return g.Wait()
}

func (s *sweep) askGroup(ctx context.Context, label, names string, group []handle, by map[handle][]*swept) error {
	of := map[string]handle{}
	for _, h := range group {
		of[h.value] = h
	}
	v, err := s.q.Query(ctx, presentQuery("__name__, "+label, names, among(label, slices.Sorted(maps.Keys(of)))), s.now)
	if err != nil {
		return err
	}
	if len(v) >= maxAnswer && len(group) > 1 { // one of them has more than its share
		half := len(group) / 2
		return errors.Join(s.askGroup(ctx, label, names, group[:half], by), s.askGroup(ctx, label, names, group[half:], by))
	}
	for _, x := range v {
		h, ok := of[x.Labels.Value(label).Raw()]
		if !ok {
			continue
		}
		for _, one := range by[h] {
			one.at[triage.App] = h
			one.present[triage.App] = append(one.present[triage.App], x.Labels.Value("__name__").Raw())
		}
	}
	return nil
}

// census is one question about what others count of some services.
type census struct {
	where, label string
	names        []string // of the services
	metrics      map[string][]string
	space        map[string]string // the namespace that has them
}

// around asks what others count of the services, for selections by a plain
// label. As with one service, a failure leaves them out, and so does a name
// that several namespaces have.
func (s *sweep) around(ctx context.Context) {
	byName := map[string][]*swept{}
	for _, one := range s.all {
		byName[workload(one.item)] = append(byName[workload(one.item)], one)
	}
	var all []*census
	for where, sel := range s.selections {
		if label, plain := strings.CutSuffix(sel.Match, `="$name"`); plain {
			for group := range slices.Chunk(slices.Sorted(maps.Keys(byName)), sweepAtOnce) {
				all = append(all, &census{where: where, label: label, names: group})
			}
		}
	}
	var g errgroup.Group
	g.SetLimit(healthQueries)
	for _, c := range all {
		g.Go(func() error {
			s.count(ctx, c)
			return nil
		})
	}
	_ = g.Wait()
	for _, c := range all {
		for name, metrics := range c.metrics {
			for _, one := range byName[name] {
				one.present[c.where] = metrics
				one.at[c.where] = handle{c.label, name, s.selections[c.where].Fill(name, c.space[name])}
			}
		}
	}
}

func (s *sweep) count(ctx context.Context, c *census) {
	by, namespace := "__name__, "+c.label, s.selections[c.where].Namespace
	if namespace != "" {
		by += ", " + namespace
	}
	v, err := s.q.Query(ctx, presentQuery(by, wanted(s.detectors, c.where), among(c.label, c.names)), s.now)
	if err != nil || len(v) >= maxAnswer { // what is cut may hide a namespace
		return
	}
	c.metrics, c.space = map[string][]string{}, map[string]string{}
	several := map[string]bool{}
	for _, x := range v {
		name, in := x.Labels.Value(c.label).Raw(), ""
		if namespace != "" {
			in = x.Labels.Value(namespace).Raw()
		}
		if before, have := c.space[name]; have && before != in {
			several[name] = true
		}
		c.space[name] = in
		c.metrics[name] = append(c.metrics[name], x.Labels.Value("__name__").Raw())
	}
	maps.DeleteFunc(c.metrics, func(name string, _ []string) bool { return several[name] })
}
