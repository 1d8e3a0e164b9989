package buildinfo

import (
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// follows reports whether a restart is the consequence of a change of the same
// service: that is then the one to tell of, and of containers that crash after
// it. A service's restart with its host is told, and why.
func follows(c *candidate, kept []candidate) bool {
	for i := range kept {
		k := &kept[i]
		until := k.StartedAt
		if k.FinishedAt.After(until) {
			until = k.FinishedAt
		}
		if c.StartedAt.Before(k.StartedAt.Add(-startUp)) || c.StartedAt.After(until.Add(sameVersion)) {
			continue
		}
		switch {
		case k.key.objectKind() == nodeKind && c.instance != "" && hostOf(c.instance) == k.Service.Raw():
			if isInfra(c.key, nil) {
				return true
			}
			c.say("its host was changed at that time: " + k.Title.Raw())
		case k.Service == c.Service && k.Kind != sources.Restart && k.Kind != sources.Scale &&
			(k.Namespace == c.Namespace || k.Namespace.Empty() || c.Namespace.Empty()):
			switch {
			case c.key.objectKind() == podKind:
				k.say(c.Evidence[0].Raw())
			case c.StartedAt.Before(k.StartedAt):
				k.StartedAt = c.StartedAt // the first process, before it was asked what it is
			}
			return true
		}
	}
	return false
}

// joins reports whether c, of a lower rank, shows the same change as k.
func joins(k, c candidate) bool {
	if k.key == c.key || k.Service != c.Service || k.Namespace != c.Namespace && !k.Namespace.Empty() && !c.Namespace.Empty() {
		return false
	}
	rolled := k.Kind == sources.Deploy || k.Kind == sources.Rollback || k.Kind == sources.Infra
	alike, d := k.Kind == c.Kind, apart(k, c)
	switch {
	case c.rank == rankTemplate:
		return rolled && k.rank < rankTemplate && d <= samePods
	case k.key.objectKind() == nodeKind:
		return alike && d <= sameVersion
	case alike && d <= sameMoment, alike && k.key.watch != c.key.watch && d <= samePods:
		return true
	}
	return rolled && (alike || c.Kind == sources.Deploy || c.Kind == sources.Rollback) && d <= sameVersion && k.Version == c.Version && !c.Version.Empty()
}

func apart(a, b candidate) time.Duration { return a.StartedAt.Sub(b.StartedAt).Abs() }

// join takes over what another metric shows of the same change: where it was
// seen, the earlier beginning, and what the better metric leaves open.
func (c *candidate) join(o candidate) {
	c.Evidence = append(c.Evidence, o.Evidence[0])
	if o.Kind == sources.Rollback && c.Kind == sources.Deploy {
		c.Kind = o.Kind
	}
	if o.StartedAt.Before(c.StartedAt) {
		c.StartedAt = o.StartedAt
	}
	if a, b := c.Title.Raw(), o.Title.Raw(); c.key.objectKind() == nodeKind && !strings.Contains(a, b) {
		c.Title = safe.Outside(a + ", " + b)
	}
	for _, f := range []struct{ to, from *safe.Value }{{&c.Namespace, &o.Namespace}, {&c.Revision, &o.Revision}, {&c.FromRevision, &o.FromRevision}, {&c.Selector, &o.Selector}} {
		if f.to.Empty() {
			*f.to = *f.from
		}
	}
}
