package kubernetes

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// maxScales is how many changes of replicas are remembered; the newest.
const maxScales = 500

// memory is what this program saw itself, from poll to poll. It ends with the
// program.
type memory struct {
	seen   map[string]sighting // by UID
	begun  map[turnID]moment   // as first found out: later the API knows less
	scales []sources.Change    // oldest first
}

func newMemory() memory {
	return memory{seen: map[string]sighting{}, begun: map[turnID]moment{}}
}

// sighting is a workload, HelmRelease or Kustomization as it was last seen.
type sighting struct {
	at      time.Time
	running string // the revision
	since   span   // between which polls that was seen to begin; zero: it ran when it was first seen
	before  string // what ran until then; empty: not known
	wanted  int    // replicas; negative: not known
}

// turnID names one rollout of one object.
type turnID struct {
	uid     string
	running string
}

// see remembers what runs now. old is what was seen at the last poll; its time
// is zero when there was none.
func (m *memory) see(uid, running string, wanted int, now time.Time) (s, old sighting) {
	old = m.seen[uid]
	s = sighting{at: now, running: running, since: old.since, before: old.before, wanted: wanted}
	if !old.at.IsZero() && old.running != running {
		s.since, s.before = span{old.at, now}, old.running
	}
	m.seen[uid] = s
	return s, old
}

// start remembers when a turn began, as it was first found out.
func (m *memory) start(id turnID, find func() (moment, bool)) (moment, bool) {
	if at, ok := m.begun[id]; ok {
		return at, true
	}
	at, ok := find()
	if ok {
		m.begun[id] = at
	}
	return at, ok
}

// forget drops what is of objects that are gone. It is called only when the
// lists were whole.
func (m *memory) forget(now time.Time) {
	for uid, s := range m.seen {
		if !s.at.Equal(now) {
			delete(m.seen, uid)
		}
	}
	for id := range m.begun {
		if _, ok := m.seen[id.uid]; !ok {
			delete(m.begun, id)
		}
	}
}

// scaling notices that a workload's replicas are not what they were at the
// last poll.
func (s *Source) scaling(w *workload, old sighting, now time.Time) {
	if old.at.IsZero() || old.wanted < 0 || w.replicas() < 0 || old.wanted == w.wanted {
		return
	}
	seen := span{old.at, now}
	c := s.change(w.service, w.namespace, sources.Scale)
	c.StartedAt, c.State = seen.from, sources.Done
	how := "Seen " + seen.String()
	if !w.scaled.Before(seen.from.Add(-blink)) && !w.scaled.After(now.Add(blink)) {
		c.StartedAt = w.scaled
		who := w.scaler
		if who == controllers {
			who = "the horizontal pod autoscaler"
		}
		how = "Written " + clock(w.scaled) + " UTC by " + who + " (managed fields)"
	}
	c.ID = sources.Digest(KindName, s.opt.Cluster, w.uid, "scale", strconv.FormatInt(c.StartedAt.Unix(), 10), strconv.Itoa(old.wanted), strconv.Itoa(w.wanted))
	c.Title = safe.Outside(fmt.Sprintf("%d to %d replicas", old.wanted, w.wanted))
	c.Evidence = say("Kubernetes: "+w.String()+".", how+".")
	m := &s.memory
	m.scales = append(m.scales, c)
	if over := len(m.scales) - maxScales; over > 0 {
		m.scales = slices.Delete(m.scales, 0, over)
	}
}

// replicas is how many somebody wants; negative: nobody says. Of a DaemonSet
// the nodes decide.
func (w *workload) replicas() int {
	if !w.read || w.kind == "DaemonSet" {
		return -1
	}
	return w.wanted
}
