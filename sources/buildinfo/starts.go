package buildinfo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

const metricStart = "process_start_time_seconds"

const (
	// late is how long a target may have been away when it comes back with
	// another start: a gate about starts looks back that far.
	late = 30 * time.Minute
	// sameRestart is how far apart the starts of a rolling restart, or of a
	// process that crashes again and again, may be.
	sameRestart = 5 * time.Minute
	// manyInstances is how many restarted ones are read in larger steps.
	manyInstances = 50
)

// since is the value now where it is a time within that time: who started
// lately. The value itself says when, to the second.
func sinceExpr(selector, by string, within time.Duration) string {
	return fmt.Sprintf("max by (%s) (%s > time() - %d)", by, selector, int(max(within, late)/time.Second))
}

// starts is when the processes of a service began. Only those of an instance
// that was there before count: a new instance is a deploy, or scaling.
func (o Options) starts() *watch {
	w := &watch{name: watchRestarts, needs: []string{metricStart}, value: true, gather: gatherStarts}
	w.census = func(within time.Duration) string {
		return sinceExpr(metricStart, "job, namespace, service, app", within)
	}
	w.key = func(l labels) key {
		return key{watch: w, metric: metricStart, job: l.raw("job"), namespace: l.raw("namespace"), serviceLabel: l.raw("service"), app: l.raw("app")}
	}
	w.tell = func(s *Source, t *track, r rollout) candidate {
		c := s.change(t, r)
		c.Kind, c.rank, c.State = sources.Restart, rankNumber, sources.Done
		c.Share = sources.Share{New: r.most, All: r.of}
		c.instance = r.to.name
		version := "with the version of before"
		if !s.knowsVersionOf(t.key) {
			version = "with which version is not known"
		}
		switch {
		case r.most == r.of && r.of > 1:
			c.Title = safe.Outside("all instances")
			c.say(fmt.Sprintf("Prometheus saw the processes of all %d instances start anew, %s", r.of, version))
		case r.most == 1:
			c.Title = safe.Outside("instance " + r.to.name)
			c.say(fmt.Sprintf("Prometheus saw the process of %s start anew, %s", r.to.name, version))
		default:
			c.say(fmt.Sprintf("Prometheus saw the processes of %d of %d instances start anew, %s", r.most, r.of, version))
		}
		if r.now > r.most {
			c.say(fmt.Sprintf("%d starts in %s", r.now, sources.Span(r.end.Sub(r.start))))
		}
		return c
	}
	return w
}

// knowsVersionOf reports whether the service of a start has a version metric:
// another version would be a deploy.
func (s *Source) knowsVersionOf(start key) bool {
	for k := range s.last {
		if k.watch == s.versions && k.job == start.job && k.namespace == start.namespace && k.serviceLabel == start.serviceLabel && k.app == start.app {
			return true
		}
	}
	return false
}

// start is the beginning of one process.
type start struct {
	instance string
	at       time.Time
}

// gatherStarts reads which instances of a service were started again, and when.
func gatherStarts(ctx context.Context, s *Source, t *track, _ visit, now time.Time) error {
	k := t.key
	procs := sel(metricStart, "job=", k.job, "namespace=", k.namespace, "service=", k.serviceLabel, "app=", k.app)
	lowest, highest := over("min", procs, s.opt.Window), over("max", procs, s.opt.Window)
	old, err := s.q.Query(ctx, t.key.watch.spell(fmt.Sprintf("%s and (%s - %[1]s > 1)", lowest, highest)), now)
	if err != nil {
		return err
	}
	t.found = nil
	total, err := s.number(ctx, t, "count ("+procs+")", now)
	if err != nil {
		return err
	}
	if len(old) == 0 {
		return s.gatherReplaced(ctx, t, procs, total, now)
	}
	step := s.steps.coarse
	if len(old) > manyInstances {
		step = max(step, s.opt.Window/72)
	}
	begin := now.Add(-s.opt.Window)
	m, err := s.q.QueryRange(ctx, t.key.watch.spell(fmt.Sprintf("%s > %d", procs, begin.Unix())), sources.Range{Start: begin.Truncate(step), End: now, Step: step})
	if err != nil {
		return err
	}
	first := map[string]float64{}
	for _, sm := range old {
		first[sm.Labels.Without("__name__").Words(",")] = sm.V
	}
	var starts []start
	for _, series := range m {
		before, there := first[series.Labels.Without("__name__").Words(",")]
		if !there {
			continue
		}
		instance := labels{series.Labels, t.key.watch.rename}.raw("instance")
		for _, p := range series.Points {
			if p.V > before+1 {
				starts = append(starts, start{instance, unix(p.V)})
				before = p.V
			}
		}
	}
	t.found = restarts(starts, total)
	return nil
}

// gatherReplaced finds that all instances of a service gave way to new ones, as
// those of pods do in a rolling restart.
func (s *Source) gatherReplaced(ctx context.Context, t *track, procs string, total int, now time.Time) error {
	begin := now.Add(-s.opt.Window)
	young := fmt.Sprintf("%s > %d", procs, begin.Unix())
	if n, err := s.number(ctx, t, "count ("+young+")", now); err != nil || n < total || n == 0 {
		return err
	}
	v, err := s.q.Query(ctx, t.key.watch.spell(young), now)
	if err != nil {
		return err
	}
	var all []start
	for _, sm := range v {
		all = append(all, start{labels{sm.Labels, t.key.watch.rename}.raw("instance"), unix(sm.V)})
	}
	out := restarts(all, total)
	if len(out) != 1 {
		return nil // some came later: scaling
	}
	before, err := s.number(ctx, t, "count ("+procs+")", out[0].start.Add(-time.Minute))
	if err == nil && before > 0 {
		t.found = out
	}
	return err
}

// number is the value of an expression that gives one; 0: none.
func (s *Source) number(ctx context.Context, t *track, expr string, at time.Time) (int, error) {
	v, err := s.q.Query(ctx, t.key.watch.spell(expr), at)
	if err != nil || len(v) == 0 {
		return 0, err
	}
	return int(v[0].V), nil
}

// unix is a moment that a metric holds: seconds, or milliseconds where seconds
// would be thousands of years away.
func unix(v float64) time.Time {
	if v < 1e11 {
		v *= 1000
	}
	return time.UnixMilli(int64(v)).UTC()
}

// restarts joins starts that follow each other: most instances of how many,
// now starts of them.
func restarts(starts []start, total int) []rollout {
	slices.SortFunc(starts, func(a, b start) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.instance, b.instance)) })
	var out []rollout
	var who map[string]bool
	for _, s := range starts {
		n := len(out) - 1
		if n < 0 || s.at.Sub(out[n].end) > sameRestart {
			out, who = append(out, rollout{start: s.at, to: build{name: s.instance}}), map[string]bool{}
			n++
		}
		who[s.instance] = true
		out[n].end, out[n].now, out[n].most, out[n].of = s.at, out[n].now+1, len(who), max(total, len(who))
	}
	return out
}

// pushed is a metric that a pipeline writes with each deploy: the time of it,
// or a counter.
func (o Options) pushed(metric string, counter bool) *watch {
	const service = "job, namespace, service, app"
	w := &watch{name: watchPushed, needs: []string{metric}, value: true, gather: gatherMoment}
	w.census = func(within time.Duration) string { return sinceExpr(metric, service+", "+o.byVersion(), within) }
	w.key = func(l labels) key {
		b := o.build(l)
		return key{watch: w, metric: metric, job: l.raw("job"), namespace: l.raw("namespace"), serviceLabel: l.raw("service"), app: l.raw("app"), build: b}
	}
	if counter {
		w.gather, w.compare, w.thing = nil, crashes, valueThing
		w.census = func(within time.Duration) string { return changed(metric, service, within) }
		w.history = func(k key) string {
			return o.spell(fmt.Sprintf(`count_values("value", sum (%s))`, sel(metric, "job=", k.job, "namespace=", k.namespace, "service=", k.serviceLabel, "app=", k.app)))
		}
	}
	w.tell = func(s *Source, t *track, r rollout) candidate {
		r.to, r.from = t.key.build, build{}
		c := s.change(t, r)
		c.Kind, c.rank, c.State, c.Share = sources.Deploy, rankPushed, sources.Done, sources.Share{}
		c.say("Prometheus has it in " + metric)
		return c
	}
	return w
}

// gatherMoment takes the moment that the gate saw.
func gatherMoment(_ context.Context, s *Source, t *track, v visit, now time.Time) error {
	for b := range v.want {
		at := unix(b.number())
		same := func(r rollout) bool { return r.start.Sub(at).Abs() < time.Minute } // of a clock that was put right
		if at.After(now.Add(-s.opt.Window)) && !at.After(now.Add(time.Minute)) && !slices.ContainsFunc(t.found, same) {
			t.found = append(t.found, rollout{start: at, end: at, to: build{version: strconv.FormatInt(at.Unix(), 10)}})
		}
	}
	return nil
}
