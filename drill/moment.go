package drill

import (
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v4"
)

// UnmarshalYAML reads 90s, 1h30m, 2d, 0, with a minus before it for the past.
func (s *Span) UnmarshalYAML(n *yaml.Node) error {
	d, err := ParseSpan(n.Value)
	if err != nil {
		return err
	}
	*s = Span(d)
	return nil
}

// ParseSpan reads a span of time as a scenario writes it: Prometheus' or Go's
// notation, a sign before it.
func ParseSpan(text string) (time.Duration, error) {
	rest, negative := strings.CutPrefix(text, "-")
	rest = strings.TrimPrefix(rest, "+")
	sign := time.Duration(1)
	if negative {
		sign = -1
	}
	if m, err := model.ParseDuration(rest); err == nil {
		return sign * time.Duration(m), nil
	}
	if d, err := time.ParseDuration(rest); err == nil && d >= 0 {
		return sign * d, nil
	}
	return 0, fmt.Errorf("%q is no span of time: write it like 90s, -8m or 2d", text)
}

func (s Span) d() time.Duration { return time.Duration(s) }
