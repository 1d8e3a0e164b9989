package page

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// maxSeen bounds how many jobs, and how many deployments, one cluster may name:
// one more is asked for, to know of it.
const maxSeen = maxAnswer - 1

// Services is the list of services: what there is, before anybody asks how each
// does.
type Services struct {
	Rows []triage.ServiceRow // by cluster and name
	AsOf time.Time
	// Errs are the clusters that could not be asked which services they have; the
	// rows are then those of the catalog and the alerts. Nil when none.
	Errs  map[string]error
	Notes []string // what was left out, as plain sentences
}

// Services asks every cluster which jobs and deployments it has, in at most two
// queries each, and merges them with the catalogs and the alerts of the board.
func (a *Assembler) Services(ctx context.Context, b *triage.Board) Services {
	out := Services{AsOf: a.Now()}
	seen := map[string][]triage.Seen{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, c := range b.Snapshot.Clusters {
		q := a.queryOf(c.Name)
		if q == nil {
			continue
		}
		wg.Go(func() {
			found, cut, err := discover(ctx, q, out.AsOf)
			mu.Lock()
			defer mu.Unlock()
			seen[c.Name] = found
			if cut {
				out.Notes = append(out.Notes, fmt.Sprintf("%s names more than %d jobs or deployments; those with the most instances are listed.", safe.Text(c.Name), maxSeen))
			}
			if err != nil {
				if out.Errs == nil {
					out.Errs = map[string]error{}
				}
				out.Errs[c.Name] = safe.Error(err)
			}
		})
	}
	wg.Wait()
	slices.Sort(out.Notes)
	out.Rows = triage.ServiceRows(b, seen)
	return out
}

// discover lists the jobs and the deployments of a cluster. What was found
// before an error is good.
func discover(ctx context.Context, q sources.Querier, now time.Time) (seen []triage.Seen, cut bool, err error) {
	for _, ask := range []struct{ label, metric string }{{"job", "up"}, {"deployment", "kube_deployment_spec_replicas"}} {
		v, err := q.Query(ctx, fmt.Sprintf("topk(%d, count by (%s) (%s))", maxSeen+1, ask.label, ask.metric), now)
		if err != nil {
			return seen, cut, err
		}
		if len(v) > maxSeen {
			v, cut = v[:maxSeen], true
		}
		for _, s := range v {
			seen = append(seen, triage.Seen{Label: ask.label, Value: s.Labels.Value(ask.label)})
		}
	}
	return seen, cut, nil
}

// ServiceHealth is how one service does, as far as it was asked.
type ServiceHealth struct {
	Health triage.Health
	AsOf   time.Time // zero: never asked
	Err    error     // of the last time; Health is then older, or nothing
	// Calls is how those do that it calls; nil: not asked, or the catalog names none.
	Calls []triage.Callee
}

// Condition is the health in a word, and which signals are bad news.
func (h ServiceHealth) Condition() (c triage.Condition, words string) {
	if h.AsOf.IsZero() || h.Err != nil && len(h.Health.Signals) == 0 {
		return triage.ServiceUnknown, ""
	}
	return triage.ConditionOf(h.Health)
}

// MaxSwept is how many services one Sweep asks for.
const MaxSwept = 200

// Sweep asks how many services do, in a few queries for all of them: of the rows
// the first MaxSwept. The answer has an entry, by the row's Key, for each that
// was asked. A signal has its value now and an hour ago, a day ago where it is
// bad news, and no points between: HealthOf has those. What others count of a
// service is known where a label is the service's name.
func (a *Assembler) Sweep(ctx context.Context, rows []triage.ServiceRow) map[string]ServiceHealth {
	byCluster := map[string][]triage.ServiceRow{}
	for _, r := range rows[:min(len(rows), MaxSwept)] {
		byCluster[r.Cluster] = append(byCluster[r.Cluster], r)
	}
	out := map[string]ServiceHealth{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for cluster, rows := range byCluster {
		wg.Go(func() {
			part := a.sweepCluster(ctx, cluster, rows)
			mu.Lock()
			defer mu.Unlock()
			maps.Copy(out, part)
		})
	}
	wg.Wait()
	return out
}

func (a *Assembler) sweepCluster(ctx context.Context, cluster string, rows []triage.ServiceRow) map[string]ServiceHealth {
	now := a.Now()
	q := a.queryOf(cluster)
	out := make(map[string]ServiceHealth, len(rows))
	if q == nil {
		for _, r := range rows {
			note := "No Prometheus is connected for " + clusterName(cluster) + "."
			if cluster == "" {
				note = "No cluster shows it."
			}
			out[r.Key()] = ServiceHealth{Health: triage.Health{Service: r.Name, Note: note}, AsOf: now}
		}
		return out
	}
	s := sweep{q: q, now: now, detectors: triage.Detectors(), selections: triage.Selections()}
	for _, r := range rows {
		s.add(r)
	}
	err := s.run(ctx)
	for _, one := range s.all {
		h := ServiceHealth{Health: one.health, AsOf: now, Err: err}
		if len(one.asked) == 0 && err == nil {
			h.Health.Note = "No metric that firstpage knows was found for it."
		}
		out[one.key] = h
	}
	return out
}

// HealthOfService asks for the signals of one row with all their points, and how
// those do that it calls.
func (a *Assembler) HealthOfService(ctx context.Context, r triage.ServiceRow) ServiceHealth {
	h := ServiceHealth{Health: triage.Health{Service: r.Name}, AsOf: a.Now()}
	q := a.queryOf(r.Cluster)
	if q == nil {
		return a.sweepCluster(ctx, r.Cluster, []triage.ServiceRow{r})[r.Key()]
	}
	var wg sync.WaitGroup
	wg.Go(func() { h.Calls = callees(ctx, q, r.Calls, nil, h.AsOf) })
	h.Health, h.Err = HealthOf(ctx, q, r.Item(), "", h.AsOf)
	wg.Wait()
	if h.Err != nil {
		h.Err = safe.Error(h.Err)
	}
	return h
}

// Tally is how many services do how, for one line.
type Tally struct {
	Usual, Unknown int
	Bad            []string // names of those that do worse, worst first
}

// TallyOf counts the rows by what is known of each.
func TallyOf(rows []triage.ServiceRow, of map[string]ServiceHealth) Tally {
	var t Tally
	for _, r := range ServicesInOrder(rows, of) {
		switch c, _ := of[r.Key()].Condition(); c {
		case triage.ServiceUsual:
			t.Usual++
		case triage.ServiceUnknown:
			t.Unknown++
		default:
			t.Bad = append(t.Bad, r.Name.String())
		}
	}
	return t
}

// ServicesInOrder is the rows worst first. The result is new.
func ServicesInOrder(rows []triage.ServiceRow, of map[string]ServiceHealth) []triage.ServiceRow {
	type judged struct {
		row triage.ServiceRow
		c   triage.Condition
	}
	list := make([]judged, len(rows))
	for i, r := range rows {
		c, _ := of[r.Key()].Condition()
		list[i] = judged{r, c}
	}
	slices.SortStableFunc(list, func(x, y judged) int { return triage.CompareServices(x.row, x.c, y.row, y.c) })
	out := make([]triage.ServiceRow, len(list))
	for i, j := range list {
		out[i] = j.row
	}
	return out
}

// SignalWords are a signal's value now and an hour ago, in words.
func SignalWords(s triage.Signal) (now, before string) {
	return valueWords(s, s.Now, s.HasNow), valueWords(s, s.Before, s.HasBefore)
}

// DayWords are a signal's value a day ago, in words; empty when nobody asked.
func DayWords(s triage.Signal) string {
	if s.DayAsked.IsZero() && !s.HasDay {
		return ""
	}
	return valueWords(s, s.Day, s.HasDay)
}

func valueWords(s triage.Signal, v float64, has bool) string {
	switch {
	case s.Err != nil:
		return "failed"
	case !has:
		return "no data"
	}
	return s.Unit.Format(v)
}

// QueryLine is a signal's query on one line.
func QueryLine(s triage.Signal) string { return safe.Text(strings.Join(strings.Fields(s.Query), " ")) }

// AlertsWords says how many alerts of a service there are: "2 firing, 1
// pending"; a dash without any.
func AlertsWords(r triage.ServiceRow) string {
	switch {
	case r.Firing > 0 && r.Pending > 0:
		return fmt.Sprintf("%d firing, %d pending", r.Firing, r.Pending)
	case r.Firing > 0:
		return fmt.Sprintf("%d firing", r.Firing)
	case r.Pending > 0:
		return fmt.Sprintf("%d pending", r.Pending)
	}
	return "-"
}
