package buildinfo

import (
	"cmp"
	"fmt"
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
)

// candidate is a change with what decides how it is joined with others.
type candidate struct {
	sources.Change
	key  key
	rank int // how well the metric speaks for the service, 0 best
}

// changes turns rollouts into changes, newest first. What several metrics of
// one service show of one deploy is one change.
func (s *Source) changes(all []found) []sources.Change {
	var cands []candidate
	for _, f := range all {
		for _, r := range f.rollouts {
			cands = append(cands, s.candidate(f.key, r))
		}
	}
	slices.SortStableFunc(cands, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), a.StartedAt.Compare(b.StartedAt))
	})
	var kept []candidate
	for _, c := range cands {
		i := slices.IndexFunc(kept, func(k candidate) bool { return joins(k, c) })
		if i < 0 {
			kept = append(kept, c)
			continue
		}
		k := &kept[i]
		k.Evidence = append(k.Evidence, c.Evidence[0])
		if c.StartedAt.Before(k.StartedAt) {
			k.StartedAt = c.StartedAt
		}
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

func joins(a, b candidate) bool {
	if a.key == b.key || a.Kind != b.Kind || a.Service != b.Service || a.Namespace != b.Namespace {
		return false
	}
	d := a.StartedAt.Sub(b.StartedAt).Abs()
	return d <= sameMoment || (d <= sameVersion && a.Version == b.Version)
}

func (s *Source) candidate(k key, r rollout) candidate {
	c := sources.Change{
		Source: s.id, Kind: sources.Deploy, Cluster: s.opt.Cluster,
		Service: safe.Outside(k.service()), Namespace: safe.Outside(k.namespace),
		Version: safe.Outside(r.to.version), FromVersion: safe.Outside(r.from.version),
		Revision: safe.Outside(r.to.revision), FromRevision: safe.Outside(r.from.revision),
		StartedAt: r.start, FinishedAt: r.end, State: sources.Done,
		Share: sources.Share{New: r.now, All: r.all}, Selector: safe.Outside(k.selector()),
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
	for _, e := range evidence(k, r) {
		c.Evidence = append(c.Evidence, safe.Outside(e))
	}
	return candidate{Change: c, key: k, rank: rank(k)}
}

// evidence says in plain sentences how the rollout is known; the first names
// metric, version and instances.
func evidence(k key, r rollout) []string {
	to, from := r.to.name(), r.from.name()
	if r.to.version == r.from.version {
		to, from = "revision "+r.to.revision, "revision "+r.from.revision
	}
	seen := fmt.Sprintf("Prometheus saw %s %s on ", k.metric, word(to))
	switch {
	case r.now > 0:
		seen += fmt.Sprintf("%d of %d instances", r.now, r.all)
	default:
		seen += fmt.Sprintf("up to %d of %d instances, now on none", r.most, r.of)
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

// name is the version, or the revision of a build without one.
func (b build) name() string {
	if b.version != "" {
		return b.version
	}
	return "revision " + b.revision
}

func word(name string) string {
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
		strconv.FormatInt(c.StartedAt.Unix(), 10), c.key.metric)
}
