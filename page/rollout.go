package page

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// Rollout is which instances of a service run what, at one moment.
type Rollout struct {
	Instances []Instance // those that do not run the new version first, then by name; at most maxInstances
	New, All  int        // of all instances, also those beyond the list
	AsOf      time.Time
}

// Instance is one instance of a service and the version that it runs.
type Instance struct {
	Name    string // of the pod, else of the instance; clean
	Version string // clean; empty: not one that the change speaks of
	New     bool   // it is the version that the change brings
}

// maxInstances bounds the list of a rollout.
const maxInstances = 200

// Rollout asks the Prometheus in which a change was seen which instances run
// its version now. It is of kind NotFound for a change that was not seen in
// one. No instance at all is no error: none reports its version now.
func (a *Assembler) Rollout(ctx context.Context, c sources.Change) (Rollout, error) {
	var q sources.Querier
	if a.Query != nil {
		q = a.Query(c.Cluster)
	}
	if c.Selector.Empty() || q == nil {
		return Rollout{}, sources.Errorf(sources.NotFound, "no Prometheus has seen which instances run it")
	}
	now := a.Now()
	// An instance that was restarted in place has two series until the old one
	// is forgotten; the one with the newer sample is what runs.
	v, err := q.Query(ctx, "timestamp("+c.Selector.Raw()+")", now)
	if err != nil {
		return Rollout{}, err
	}
	type seen struct {
		Instance
		at float64
	}
	byName := map[string]seen{}
	for _, s := range v {
		i := instance(s.Labels, c)
		if old, have := byName[i.Name]; !have || s.V > old.at || s.V == old.at && i.New {
			byName[i.Name] = seen{i, s.V}
		}
	}
	r := Rollout{All: len(byName), AsOf: now}
	for _, s := range byName {
		if s.New {
			r.New++
		}
		r.Instances = append(r.Instances, s.Instance)
	}
	slices.SortFunc(r.Instances, func(x, y Instance) int {
		if x.New != y.New {
			return map[bool]int{false: -1, true: 1}[x.New]
		}
		return cmp.Compare(x.Name, y.Name)
	})
	r.Instances = r.Instances[:min(len(r.Instances), maxInstances)]
	return r, nil
}

// instanceLabels name an instance, the one that people know first.
var instanceLabels = []string{"pod", "instance", "node", "host"}

// instance reads one series. Which of its labels hold the version is for the
// source of the change to know: a label whose value is one of the change's is
// one of them.
func instance(ls sources.Labels, c sources.Change) Instance {
	var i Instance
	for _, l := range instanceLabels {
		if v := ls.Value(l); !v.Empty() {
			i.Name = v.String()
			break
		}
	}
	to, from := c.Version, c.FromVersion
	if to.Empty() || to == from { // the same version from another revision is another build
		to, from = c.Revision, c.FromRevision
	}
	holds := func(want safe.Value) bool {
		return !want.Empty() && slices.ContainsFunc(ls, func(l sources.Label) bool {
			return strings.TrimPrefix(l.Value.Raw(), "v") == strings.TrimPrefix(want.Raw(), "v")
		})
	}
	switch {
	case holds(to):
		i.New, i.Version = true, short(to)
	case holds(from):
		i.Version = short(from)
	default:
		i.Version = ls.Value("version").String()
	}
	return i
}
