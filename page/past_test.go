package page

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

func TestMeasuredOverAnyTime(t *testing.T) {
	t.Parallel()
	var asked sources.Range
	s := &server{ranged: func(_ context.Context, _ string, r sources.Range) (sources.Matrix, error) {
		asked = r
		return sources.Matrix{{Points: ramp(r)}}, nil
	}}
	p := openBurn(t)
	past, err := assembler(s).Measured(t.Context(), p, 24*time.Hour)
	if err != nil || len(past.Points) == 0 {
		t.Fatalf("%d points, %v", len(past.Points), err)
	}
	if back := asked.End.Sub(asked.Start); back < 24*time.Hour || back > 24*time.Hour+asked.Step || !asked.End.Equal(now) {
		t.Errorf("asked from %v to %v", asked.Start, asked.End)
	}
	if n := int(asked.End.Sub(asked.Start) / asked.Step); n > 241 {
		t.Errorf("%d steps", n)
	}
	if past.Step != asked.Step || !past.From.Equal(asked.Start) || !past.To.Equal(asked.End) {
		t.Errorf("it says %v, %v, %v", past.From, past.To, past.Step)
	}

	a := assembler(s)
	a.Query = nil
	var failed *sources.Error
	if _, err := a.Measured(t.Context(), p, time.Hour); !errors.As(err, &failed) || failed.Kind != sources.NotFound {
		t.Errorf("without a Prometheus: %v", err)
	}
}

func TestRuleGroup(t *testing.T) {
	t.Parallel()
	p := openBurn(t)
	g, ok := p.RuleGroup()
	if !ok || len(g.Rules) != 1 || g.Rules[0].Name != p.Item.Rule.Name {
		t.Errorf("%+v, %t", g, ok)
	}
	p.Item.Rule = nil
	if _, ok := p.RuleGroup(); ok {
		t.Error("no rule, but a group")
	}
}
