package buildinfo

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

// key names one version metric of one service. Texts are raw; labels that are
// absent are empty.
type key struct{ metric, job, namespace, serviceLabel, app string }

// service is the name of the service: its label, else the name in the job.
func (k key) service() string {
	switch {
	case k.serviceLabel != "":
		return k.serviceLabel
	case k.app != "":
		return k.app
	}
	return sources.JobName(k.job)
}

// selector matches exactly the series of the key: an empty matcher also says
// that the label is absent.
func (k key) selector() string {
	q := strconv.Quote
	return fmt.Sprintf("{__name__=%s,job=%s,namespace=%s,service=%s,app=%s}",
		q(k.metric), q(k.job), q(k.namespace), q(k.serviceLabel), q(k.app))
}

// row is one answer of the gate: how many versions the key had in the window.
type row struct {
	key      key
	versions int
}

const identity = "__name__, job, namespace, service, app"

// goBuildInfo describes the Go module of a program, which is its version only
// if nothing better says it.
const goBuildInfo = "go_build_info"

// byVersion is the label list of versions and revisions.
func (o Options) byVersion() string {
	return strings.Join(slices.Concat(o.VersionLabels, o.RevisionLabels), ", ")
}

// gateExpr counts the versions of each key in the window. It groups by
// __name__, as two such metrics in one job are no two versions, and uses
// last_over_time, which keeps that name.
func (o Options) gateExpr(selector string) string {
	return fmt.Sprintf("count by (%s) (count by (%s, %s) (last_over_time(%s[%ds])))",
		identity, identity, o.byVersion(), selector, int(o.Window/time.Second))
}

func (o Options) selector() string {
	return fmt.Sprintf("{__name__=~%s}", strconv.Quote(o.Metrics))
}

// names remembers the metric names of a backend that refuses {__name__=~...}.
type names struct {
	list    []string
	asOf    time.Time
	refused time.Time // zero: it does not refuse
}

const (
	// namesFor is how long the list of metric names is used.
	namesFor = 10 * time.Minute
	// refusedFor is how long a refusal is believed.
	refusedFor = time.Hour
	// maxNames bounds the metrics that are asked one by one.
	maxNames = 200
)

// gate returns the keys with more than one version, sorted.
func (s *Source) gate(ctx context.Context, now time.Time) ([]row, error) {
	rows, err := s.ask(ctx, now)
	if err != nil {
		return nil, err
	}
	if rows, err = s.dropGoBuildInfo(ctx, rows, now); err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(r row) bool { return r.versions < 2 })
	slices.SortFunc(rows, func(a, b row) int { return strings.Compare(a.key.selector(), b.key.selector()) })
	return rows, nil
}

func (s *Source) ask(ctx context.Context, now time.Time) ([]row, error) {
	if !s.names.refused.IsZero() && now.Sub(s.names.refused) < refusedFor {
		return s.askByName(ctx, now)
	}
	v, err := s.q.Query(ctx, s.opt.gateExpr(s.opt.selector())+" > 1", now)
	switch {
	case err == nil:
		s.names.refused = time.Time{}
		return rowsOf(v), nil
	case !sources.IsKind(err, sources.BadRequest):
		return nil, err
	}
	rows, byName := s.askByName(ctx, now)
	if byName != nil {
		return nil, err // the first refusal says what is wrong
	}
	s.names.refused = now
	return rows, nil
}

// askByName asks for each metric by its name. Its rows hold the keys with one
// version too.
func (s *Source) askByName(ctx context.Context, now time.Time) ([]row, error) {
	if now.Sub(s.names.asOf) >= namesFor {
		all, err := s.q.LabelValues(ctx, "__name__", "")
		if err != nil {
			return nil, err
		}
		re, err := regexp.Compile("^(?:" + s.opt.Metrics + ")$")
		if err != nil {
			return nil, err
		}
		s.names.list, s.names.asOf = nil, now
		for _, n := range all {
			if re.MatchString(n.Raw()) {
				s.names.list = append(s.names.list, n.Raw())
			}
		}
	}
	list := s.names.list
	if len(list) > maxNames {
		s.note("%d of %d metrics with versions were left out", len(list)-maxNames, len(list))
		list = list[:maxNames]
	}
	var rows []row
	for _, n := range list {
		v, err := s.q.Query(ctx, s.opt.gateExpr(fmt.Sprintf("{__name__=%s}", strconv.Quote(n))), now)
		if err != nil {
			return nil, err
		}
		rows = append(rows, rowsOf(v)...)
	}
	return rows, nil
}

func rowsOf(v sources.Vector) []row {
	out := make([]row, 0, len(v))
	for _, sm := range v {
		raw := func(n string) string { return sm.Labels.Value(n).Raw() }
		out = append(out, row{
			key:      key{raw("__name__"), raw("job"), raw("namespace"), raw("service"), raw("app")},
			versions: int(sm.V),
		})
	}
	return out
}

// dropGoBuildInfo removes go_build_info where the service has another metric.
func (s *Source) dropGoBuildInfo(ctx context.Context, rows []row, now time.Time) ([]row, error) {
	better := map[key]bool{}
	for _, r := range rows {
		if r.key.metric != goBuildInfo {
			better[r.key.without()] = true
		}
	}
	out := rows[:0:0]
	for _, r := range rows {
		if r.key.metric == goBuildInfo && r.versions > 1 {
			drop := better[r.key.without()]
			if !drop && s.names.refused.IsZero() {
				var err error
				if drop, err = s.hasOther(ctx, r.key, now); err != nil {
					return nil, err
				}
			}
			if drop {
				continue
			}
		}
		out = append(out, r)
	}
	return out, nil
}

func (k key) without() key { k.metric = ""; return k }

// hasOther asks whether a service has a version metric beside go_build_info.
func (s *Source) hasOther(ctx context.Context, k key, now time.Time) (bool, error) {
	k.metric = ""
	sel := strings.Replace(k.selector(), `__name__=""`, "__name__=~"+strconv.Quote(s.opt.Metrics), 1)
	v, err := s.q.Query(ctx, fmt.Sprintf("group by (__name__) (last_over_time(%s[%ds]))", sel, int(s.opt.Window/time.Second)), now)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(v, func(sm sources.Sample) bool {
		n := sm.Labels.Value("__name__").Raw()
		return n != goBuildInfo && n != ""
	}), nil
}

// coverage is whether there is any version metric at all.
type coverage struct {
	any  bool
	asOf time.Time
}

// cover notes when Prometheus knows no versions: "no deploy" then means
// nothing.
func (s *Source) cover(ctx context.Context, known bool, now time.Time) error {
	if known {
		s.seen = coverage{any: true, asOf: now}
		return nil
	}
	if s.seen.asOf.IsZero() || now.Sub(s.seen.asOf) >= namesFor {
		found := len(s.names.list) > 0
		if s.names.refused.IsZero() {
			v, err := s.q.Query(ctx, fmt.Sprintf("count(last_over_time(%s[%ds]))", s.opt.selector(), int(s.opt.Window/time.Second)), now)
			if err != nil {
				return err
			}
			found = len(v) > 0
		}
		s.seen = coverage{any: found, asOf: now}
	}
	if !s.seen.any {
		s.note("no metric named %s: this Prometheus does not know which versions run", s.opt.Metrics)
	}
	return nil
}
