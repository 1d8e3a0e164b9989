package buildinfo

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

const (
	// partial is how long two versions may run side by side before that is
	// worth a sentence of its own.
	partial = 30 * time.Minute
	// sameVersion and sameMoment are how far apart two metrics of one service
	// may show one deploy: with the same version, and with versions of their
	// own (a program and a library in it).
	sameVersion = 10 * time.Minute
	sameMoment  = time.Minute
	// samePods is how far apart Kubernetes and a program's own metrics may show
	// one deploy: from the order to make pods to the first answer of one.
	samePods = 5 * time.Minute
	// startUp is how long a process may take until it is seen.
	startUp = 2 * time.Minute
)

// candidate is a change with what decides how it is joined with others.
type candidate struct {
	sources.Change
	key  key
	rank int // how well the metric speaks for the service, 0 best

	instance string // that was restarted, or the first of them
}

// The ranks below those of version metrics (see rank).
const (
	rankPushed = iota + 5
	rankImage  // of the container that is named like the service
	rankSidecar
	rankHost
	rankTemplate
	rankNumber
)

// changes turns histories into changes, newest first. What several metrics
// show of one change is one change.
func (s *Source) changes(now time.Time) []sources.Change {
	var cands []candidate
	for k, t := range s.tracks {
		held := s.seen[k] != nil && maps.Equal(s.seen[k], t.seen)
		for _, r := range t.rollouts(held, now) {
			cands = append(cands, k.watch.tell(s, t, r))
		}
		for _, image := range t.images {
			for _, r := range image.rollouts(held, now) {
				cands = append(cands, tellImage(s, image, r))
			}
		}
	}
	slices.SortFunc(cands, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), a.StartedAt.Compare(b.StartedAt), strings.Compare(a.key.id(), b.key.id()))
	})
	var kept []candidate
	for _, c := range cands {
		if c.Kind == sources.Restart && follows(&c, kept) {
			continue
		}
		near := -1
		for i, k := range kept {
			if joins(k, c) && (near < 0 || apart(k, c) < apart(kept[near], c)) {
				near = i
			}
		}
		if near < 0 {
			kept = append(kept, c)
			continue
		}
		kept[near].join(c)
	}
	out := make([]sources.Change, 0, len(kept))
	for _, c := range kept {
		c.ID = c.id()
		out = append(out, c.Change)
	}
	slices.SortStableFunc(out, func(a, b sources.Change) int {
		return cmp.Or(b.StartedAt.Compare(a.StartedAt), cmp.Compare(a.Service.Raw(), b.Service.Raw()), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// change is what every rollout is.
func (s *Source) change(t *track, r rollout) candidate {
	k := t.key
	c := sources.Change{
		Source: s.id, Kind: sources.Deploy, Cluster: s.opt.Cluster,
		Service: safe.Outside(cmp.Or(t.facts.service, k.service())), Namespace: safe.Outside(k.namespace),
		Version: safe.Outside(r.to.version), FromVersion: safe.Outside(r.from.version),
		Revision: safe.Outside(r.to.revision), FromRevision: safe.Outside(r.from.revision),
		StartedAt: r.start, FinishedAt: r.end, State: sources.Done,
		Share: sources.Share{New: r.now, All: r.all},
	}
	switch {
	case isInfra(k, s.opt.InfraJobs):
		c.Kind = sources.Infra
	case r.back:
		c.Kind = sources.Rollback
	}
	switch {
	case r.aborted:
		c.State = sources.Failed
	case r.end.IsZero():
		c.State = sources.Running
	}
	return candidate{Change: c, key: k}
}

func (c *candidate) say(sentences ...string) {
	for _, e := range sentences {
		c.Evidence = append(c.Evidence, safe.Outside(e))
	}
}

// tellVersion is a rollout that a version metric shows.
func tellVersion(s *Source, t *track, r rollout) candidate {
	c := s.change(t, r)
	c.rank, c.Selector = rank(t.key), safe.Outside(s.opt.selector(t.key))
	to, from := r.to.text(), r.from.text()
	if r.to.version == r.from.version {
		to, from = "revision "+r.to.revision, "revision "+r.from.revision
	}
	c.say(evidence(t.key.metric+" "+numbered(to), "instances", to, from, r)...)
	return c
}

// tellImage is a rollout of another image.
func tellImage(s *Source, t *track, r rollout) candidate {
	c := s.change(t, r)
	c.rank = rankSidecar
	if t.key.part == t.key.objectName() || t.key.part == c.Service.Raw() {
		c.rank = rankImage
	}
	to, from := r.to.text(), r.from.text()
	if to == from || repository(r.to.name) != repository(r.from.name) {
		to, from = r.to.name, r.from.name
	}
	c.say(evidence("image "+r.to.name+" in container "+t.key.part, "pods", to, from, r)...)
	return c
}

// tellTemplate is a rollout of other pods. If nothing else is seen to change
// with it, the configuration in the pods' template did: an image would have
// been seen.
func tellTemplate(s *Source, t *track, r rollout) candidate {
	c := s.change(t, r)
	c.rank = rankTemplate
	if at := t.facts.created[r.to.name]; !r.back && !at.IsZero() && r.start.Sub(at) <= samePods && at.Before(r.start) {
		c.StartedAt = at
	}
	what := "ReplicaSet"
	if t.key.objectKind() == deployment {
		c.say(evidence(what+" "+r.to.name, "replicas", what+" "+r.to.name, what+" "+r.from.name, r)...)
	} else { // that has one revision, to which its pods are brought
		what, c.Share = "revision", sources.Share{}
		c.say(fmt.Sprintf("Prometheus saw revision %s in place of %s", r.to.name, r.from.name))
	}
	c.Title = safe.Outside(fmt.Sprintf("%s %s -> %s", what, r.from.name, r.to.name))
	if s.watching(watchImages) && s.looked.Sub(r.start) > time.Minute {
		c.say("the images are the same: the configuration in the pods' template changed, or its pods were restarted")
		c.Kind = sources.Config
		if r.back {
			c.Title = safe.Outside(fmt.Sprintf("back to %s %s", what, r.to.name))
		}
	}
	return c
}

// evidence says in plain sentences how the rollout is known; the first says
// what was seen and on how many.
func evidence(what, of, to, from string, r rollout) []string {
	seen := "Prometheus saw " + what + " on "
	switch {
	case r.now > 0:
		seen += fmt.Sprintf("%d of %d %s", r.now, r.all, of)
	default:
		seen += fmt.Sprintf("up to %d of %d %s, now on none", r.most, r.of, of)
	}
	out := []string{seen}
	if r.back {
		out = append(out, fmt.Sprintf("%s had run before %s", to, from))
	}
	switch {
	case r.pause > recreate:
		out = append(out, fmt.Sprintf("no instance was seen for %s before it", sources.Span(r.pause)))
	case r.pause > 0:
		out = append(out, fmt.Sprintf("no instance was seen for %s in between: the old version was stopped before the new one started", sources.Span(r.pause)))
	}
	switch {
	case r.sideBySide > partial:
		out = append(out, fmt.Sprintf("partial or canary: %s and %s have run side by side for %s", from, to, sources.Span(r.sideBySide)))
	case r.superseded:
		out = append(out, fmt.Sprintf("another version came before %s had replaced %s", to, from))
	case r.aborted:
		out = append(out, fmt.Sprintf("%s left again before it had replaced %s", to, from))
	case r.unseen:
		out = append(out, fmt.Sprintf("%s is not seen at the moment; %s is", to, from))
	}
	return out
}

// text is the version, or what stands for it.
func (b build) text() string {
	switch {
	case b.version != "":
		return b.version
	case b.revision != "":
		return "revision " + b.revision
	}
	return b.name
}

func numbered(name string) string {
	if strings.HasPrefix(name, "revision ") {
		return name
	}
	return "version " + name
}

// rank orders the metrics of one service: its own, another program's, the
// OpenTelemetry resource, names that say nothing.
func rank(k key) int {
	flat := strings.NewReplacer("-", "_", ".", "_", "/", "_").Replace
	own := strings.TrimSuffix(k.metric, "_build_info")
	switch {
	case k.metric == goBuildInfo:
		return 4
	case own == flat(k.service()) || own == flat(k.job):
		return 0
	case k.metric == "target_info":
		return 2
	case k.metric == "build_info" || own == "app":
		return 1
	}
	return 3
}

// id is stable as long as the change is in the window.
func (c candidate) id() string {
	return sources.Digest(c.Cluster, c.Namespace.Raw(), c.Service.Raw(), c.Version.Raw(), c.Revision.Raw(),
		strconv.FormatInt(c.StartedAt.Unix(), 10), c.key.metric, c.key.watch.name, c.key.object, c.key.part)
}
