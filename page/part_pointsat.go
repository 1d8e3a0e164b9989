package page

import (
	"context"
	"time"

	"github.com/firstpage-oncall/firstpage/triage"
)

// pointsAtPart asks which value of a label, added up by the rule, makes up
// most of what is measured. It costs at most four queries a minute, and none
// for a rule whose form is not known.
func pointsAtPart() spec {
	return spec{
		part: PartPointsAt, name: "points_at", every: time.Minute,
		slot:  func(p *Page) slot { return &p.PointsAt },
		ready: func(p Page) bool { return p.Why.State != Waiting },
		basis: func(p Page) string { return query(p.Item).Raw() },
		load:  loadPointsAt,
	}
}

func loadPointsAt(ctx context.Context, a *Assembler, p Page) []outcome {
	why, q := triage.Explain(p.Item), a.querier(p)
	b, ok := triage.BreakdownOf(p.Item, why.Expr)
	if !ok || q == nil || p.Over {
		return []outcome{done(PartPointsAt, Absent, triage.PointsAt{})}
	}
	now := a.Now()
	counts, err := q.Query(ctx, b.Counts(), now)
	if err != nil {
		return []outcome{failed(PartPointsAt, err)}
	}
	out := triage.PointsAt{Unit: why.Unit}
	for _, name := range b.Choose(counts) {
		v, err := q.Query(ctx, b.By(name), now)
		if err != nil {
			return []outcome{failed(PartPointsAt, err)}
		}
		if x, ok := b.Outstanding(name, v); ok {
			out.Pointers = append(out.Pointers, x)
		} else if len(v) > 0 && (name == "instance" || name == "pod") {
			out.Place = name
		}
	}
	return []outcome{done(PartPointsAt, OK, out)}
}
