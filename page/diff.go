package page

import (
	"context"
	"errors"

	"github.com/firstpage-oncall/firstpage/sources"
)

// Describe says what lies between the revisions, or else the versions, of a
// change: the first answer of Commits in their order. It is of kind NotFound
// when nobody knows the service or one of the two; another error of one source
// stands only when no other had an answer.
func (a *Assembler) Describe(ctx context.Context, c sources.Change) (sources.Diff, error) {
	from, to := c.FromRevision.Raw(), c.Revision.Raw()
	if from == "" || to == "" {
		from, to = c.FromVersion.Raw(), c.Version.Raw()
	}
	if from == "" || to == "" || from == to {
		return sources.Diff{}, sources.Errorf(sources.NotFound, "the change does not name two revisions")
	}
	var bad error
	for _, s := range a.Commits {
		d, err := s.Between(ctx, c.Service.Raw(), from, to)
		if err == nil {
			return d, nil
		}
		if !sources.IsKind(err, sources.NotFound) {
			bad = errors.Join(bad, err)
		}
	}
	if bad != nil {
		return sources.Diff{}, bad
	}
	return sources.Diff{}, sources.Errorf(sources.NotFound, "no connected repository has %s", c.Service)
}
