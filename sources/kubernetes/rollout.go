package kubernetes

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// How many differences of a template are named in the evidence, and in a title.
const (
	maxDiffers = 5
	maxTitled  = 2
)

// rolled is a change of a workload with who had applied it.
type rolled struct {
	sources.Change
	appliers []applier
}

// change is the beginning of every change of this source.
func (s *Source) change(service, namespace string, kind sources.ChangeType) sources.Change {
	return sources.Change{Source: s.id, Kind: kind, Cluster: s.opt.Cluster,
		Service: safe.Outside(service), Namespace: safe.Outside(namespace)}
}

func say(sentences ...string) []safe.Value {
	var out []safe.Value
	for _, t := range sentences {
		if t != "" {
			out = append(out, safe.Outside(t))
		}
	}
	return out
}

// rollouts are the changes of a workload, oldest first. False: nothing says
// when the newest began, and it is left out.
func (s *Source) rollouts(w *workload, now time.Time) (out []rolled, known bool) {
	turns := w.turns()
	if len(turns) == 0 {
		return nil, true
	}
	newest := &turns[len(turns)-1]
	seen, old := s.memory.see(w.uid, strconv.FormatInt(newest.number, 10), w.replicas(), now)
	s.scaling(w, old, now)
	for i := range turns {
		t := &turns[i]
		var before *turn
		if i > 0 {
			before = &turns[i-1]
		}
		began, ok := moment{at: t.created}, !t.created.IsZero()
		if !t.first {
			began, ok = s.memory.start(turnID{w.uid, strconv.FormatInt(t.number, 10)}, func() (moment, bool) {
				if t != newest {
					return moment{}, false
				}
				return w.began(t.revision, before, seen.since)
			})
		}
		if !ok {
			continue
		}
		c := s.rollout(w, t, before, began)
		if t == newest {
			w.progressOf(&c)
			known = true
		}
		out = append(out, rolled{c, w.appliers})
	}
	return out, known
}

// rollout is one turn of a workload as a change. before is the turn before it;
// nil: not known.
func (s *Source) rollout(w *workload, t, before *turn, began moment) sources.Change {
	c := s.change(w.service, w.namespace, sources.Deploy)
	c.ID = sources.Digest(KindName, s.opt.Cluster, w.uid, t.uid, strconv.FormatInt(t.number, 10))
	c.StartedAt, c.Title = began.at, safe.Outside(shown(t.cause))
	first := fmt.Sprintf("Kubernetes: %s, revision %d (%s).", w, t.number, t)
	if before == nil || before.number != t.number-1 { // what ran in between is gone, or has another number now
		c.Version = safe.Outside(tag(t.tpl.main(nil, w.name, w.service).name))
		what := "What was changed is not known: the revision before it is gone, or has another number now."
		if t.number == 1 {
			what = "It was created: nothing ran before it."
		}
		c.Evidence = say(first, images(t.tpl), what, began.how)
		return c
	}
	main := t.tpl.main(&before.tpl, w.name, w.service)
	from, to := versions(before.tpl.of(main.container), main.name)
	c.Version, c.FromVersion = safe.Outside(to), safe.Outside(from)
	swapped, differs := t.tpl.swaps(before.tpl), t.tpl.differences(before.tpl)
	again := ""
	switch {
	case !t.first && t.created.Before(before.created):
		c.Kind = sources.Rollback
		again = fmt.Sprintf("%s had run before revision %d: it was taken up again.", t, before.number)
	case len(swapped) > 0:
	case isRestart(differs):
		c.Kind = sources.Restart
	default:
		c.Kind = sources.Config
	}
	if !t.first && again == "" {
		again = t.String() + " had run before: it was taken up again."
	}
	if len(swapped) == 0 && c.Kind != sources.Restart && c.Title.Empty() {
		c.Title = safe.Outside(enumerate(differs, maxTitled))
	}
	c.Evidence = say(first, swaps(swapped), changed(c.Kind, swapped, differs), again, began.how)
	return c
}

// changed says in a sentence what else than images is another than before.
func changed(kind sources.ChangeType, swapped []swap, differs []string) string {
	switch {
	case kind == sources.Restart:
		return "Restarted: the same images and configuration (kubectl rollout restart)."
	case len(swapped) > 0 && len(differs) == 0:
		return ""
	case len(swapped) > 0:
		return "Also changed: " + enumerate(differs, maxDiffers) + "."
	}
	return "The images are the same. Changed: " + enumerate(differs, maxDiffers) + "."
}

// enumerate names at most max of a list and counts the rest.
func enumerate(list []string, max int) string {
	if len(list) == 0 {
		return "nothing that the pod template says"
	}
	rest := ""
	if over := len(list) - max; over > 0 {
		list, rest = list[:max], fmt.Sprintf(" and %d more", over)
	}
	return clip(strings.Join(list, ", ")) + rest
}

// images names what runs.
func images(t template) string {
	var list []string
	for _, i := range t.images {
		list = append(list, i.container+": "+short(i.name))
	}
	if len(list) == 0 {
		return ""
	}
	return "Images: " + enumerate(list, maxDiffers) + "."
}

// swaps names what runs instead of what.
func swaps(list []swap) string {
	var out []string
	for _, s := range list {
		switch {
		case s.from == "":
			out = append(out, "container "+s.container+" added with "+short(s.to))
		case s.to == "":
			out = append(out, "container "+s.container+" removed")
		default:
			out = append(out, "container "+s.container+": "+short(s.from)+" to "+short(s.to))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "Images: " + enumerate(out, maxDiffers) + "."
}

// progressOf says how far the newest rollout has come.
func (w *workload) progressOf(c *sources.Change) {
	if !w.read {
		return
	}
	c.Share = w.share
	how := ""
	switch {
	case w.progress.Reason == stuck:
		c.State = sources.Failed
		how = "The Deployment's progress deadline has passed: " + cmp.Or(strings.TrimRight(shown(w.progress.Message), "."), stuck) + "."
	case w.settled:
		c.State = sources.Done
		if end := w.progress.LastUpdateTime.Time; w.progress.Reason == complete && !end.Before(c.StartedAt) {
			c.FinishedAt = end
		}
	case w.paused:
		c.State, how = sources.Running, "The rollout is paused."
	default:
		c.State = sources.Running
	}
	c.Evidence = append(c.Evidence, say(how)...)
}
