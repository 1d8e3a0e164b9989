package page

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// detected is which metrics of a service there are.
type detected struct {
	selector string // inside, of its own metrics; empty: none is known
	tried    []string
	picked   []triage.Detector
	bound    map[string]string // selector of each selection that has metrics
	up       bool
}

// detect looks for the metrics of an item's service that detectors know: its
// own, and beside them what others (Kubernetes, a mesh, an ingress) count of it.
func detect(ctx context.Context, q sources.Querier, it triage.Item, known string, now time.Time) (detected, error) {
	detectors := triage.Detectors()
	d := detected{tried: selectors(it, known), bound: map[string]string{}}
	present := map[string][]string{}
	var others map[string][]string
	var g errgroup.Group
	g.Go(func() (err error) {
		present[triage.App], err = d.own(ctx, q, detectors, now)
		return err
	})
	var bound map[string]string
	if !it.Service.Name.Empty() {
		// A failure leaves them out: what the service says of itself is enough.
		g.Go(func() error {
			others, bound = around(ctx, q, it, detectors, now)
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return d, err
	}
	for name, metrics := range others {
		present[name], d.bound[name] = metrics, bound[name]
	}
	d.bound[triage.App] = d.selector
	d.picked = triage.Pick(detectors, present)
	d.up = slices.Contains(present[triage.App], "up")
	return d, nil
}

// own finds the selector that the service's own metrics have, and which there
// are. Names with a prefix of the team's are asked for only where none of the
// usual ones counts requests: the server has to look through all names for
// them.
func (d *detected) own(ctx context.Context, q sources.Querier, detectors []triage.Detector, now time.Time) ([]string, error) {
	exact, open := wanted(detectors, triage.App), endings(detectors)
	for _, names := range []string{exact, open} {
		for _, sel := range d.tried {
			have, err := present(ctx, q, names, sel, now)
			if err != nil {
				return nil, err
			}
			if len(have) == 0 {
				continue
			}
			d.selector = sel
			if names == exact && !counts(detectors, have) {
				more, err := present(ctx, q, open, sel, now)
				if err != nil {
					return nil, err
				}
				have = append(have, more...)
			}
			return have, nil
		}
	}
	return nil, nil
}

// maxAnswer is how many series a query of health may return. Nothing that a
// service exports comes near; it keeps what is odd from costing the server more.
const maxAnswer = 2000

// presentQuery asks which metrics of the names, a regular expression, there are
// by some labels. The quantiles of a summary have the name of a native histogram.
func presentQuery(by, names, sel string) string {
	return fmt.Sprintf(`topk(%d, count by (%s) ({__name__=~%s, quantile="", %s}))`, maxAnswer, by, quote(names), sel)
}

// present lists which metrics of the names, a regular expression, there are.
func present(ctx context.Context, q sources.Querier, names, sel string, now time.Time) ([]string, error) {
	v, err := q.Query(ctx, presentQuery("__name__", names, sel), now)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, s := range v {
		out = append(out, s.Labels.Value("__name__").Raw())
	}
	return out, nil
}

// counts reports whether requests are counted by the metrics that there are.
func counts(detectors []triage.Detector, have []string) bool {
	return slices.ContainsFunc(triage.Pick(detectors, map[string][]string{triage.App: have}), func(d triage.Detector) bool {
		return d.Signal == "traffic"
	})
}

// wanted are the names of the metrics that detectors of a selection need, as a
// regular expression.
func wanted(ds []triage.Detector, where string) string {
	var names []string
	for _, d := range ds {
		if d.Where[0] == where && !d.Open() {
			names = append(names, d.Needs...)
		}
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), "|")
}

// endings are the names that detectors of any prefix need, as a regular
// expression.
func endings(ds []triage.Detector) string {
	var names []string
	for _, d := range ds {
		for _, n := range d.Needs {
			if d.Open() {
				names = append(names, ".+"+strings.TrimPrefix(d.For[0], "*")+strings.TrimPrefix(n, "$m"))
			}
		}
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), "|")
}

// around asks, in one question, what others count of the service: the metrics
// and the selector of each selection that has some. Where it is not known in
// which namespace the service is, one that has several is left out.
func around(ctx context.Context, q sources.Querier, it triage.Item, detectors []triage.Detector, now time.Time) (metrics map[string][]string, bound map[string]string) {
	name, namespace := workload(it), it.Labels.Value("namespace").Raw()
	all := triage.Selections()
	var order, parts []string
	bound, metrics = map[string]string{}, map[string][]string{}
	for _, d := range detectors {
		where := d.Where[0]
		if where == triage.App || slices.Contains(order, where) {
			continue
		}
		order = append(order, where)
		if bound[where] = all[where].Fill(name, namespace); bound[where] == "" {
			continue
		}
		by := "__name__"
		if ns := all[where].Namespace; ns != "" {
			by += ", " + ns
		}
		// Of a name in hundreds of namespaces a few are enough to see that it is in several.
		parts = append(parts, fmt.Sprintf(`label_replace(topk(%d, count by (%s) ({__name__=~%s, %s})), "firstpage_where", "%s", "", "")`,
			maxAnswer/len(all), by, quote(wanted(detectors, where)), bound[where], where))
	}
	v, err := q.Query(ctx, strings.Join(parts, " or "), now)
	if err != nil {
		return nil, nil
	}
	spaces := map[string][]string{}
	for _, s := range v {
		where := s.Labels.Value("firstpage_where").Raw()
		if label := all[where].Namespace; label != "" {
			if ns := s.Labels.Value(label).Raw(); !slices.Contains(spaces[where], ns) {
				spaces[where] = append(spaces[where], ns)
			}
		}
		metrics[where] = append(metrics[where], s.Labels.Value("__name__").Raw())
	}
	for where, in := range spaces {
		switch {
		case len(in) > 1:
			delete(metrics, where)
		case in[0] != "":
			bound[where] = all[where].Fill(name, in[0])
		}
	}
	return metrics, bound
}

// workload is the name that Kubernetes has for the service, if the alert says
// it, else the service's own.
func workload(it triage.Item) string {
	for _, label := range []string{"deployment", "statefulset", "daemonset"} {
		if v := it.Labels.Value(label).Raw(); v != "" && strings.TrimPrefix(it.Service.By, "catalog:") == label {
			return v
		}
	}
	return it.Service.Name.Raw()
}

// errors is the detector behind the signal errors, if it counts by the
// service's own labels; zero: there is none.
func (d detected) errors() triage.Detector {
	i := slices.IndexFunc(d.picked, func(d triage.Detector) bool { return d.Signal == "errors" && d.Where[0] == triage.App })
	if i < 0 {
		return triage.Detector{}
	}
	return d.picked[i]
}

// asked are the questions to ask: the catalog's first.
func (d detected) asked(queries []sources.HealthQuery) []question {
	var out []question
	for i, one := range triage.Instead(queries, d.picked) {
		out = append(out, question{Detector: one, sel: d.bound[one.Where[0]], own: i < len(queries)})
	}
	return out
}
