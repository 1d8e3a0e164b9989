package prometheus

import (
	"strconv"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// ruleReader reads the rule groups of one answer.
type ruleReader struct {
	s      *scanner
	labels labelReader
}

// decodeRules reads the answer of /api/v1/rules: the groups in the server's
// order with their rules. Groups without any are left out, and so are the
// alerts that old servers send with each rule.
func decodeRules(body []byte) ([]sources.RuleGroup, []safe.Value, error) {
	s := newScanner(body)
	r := &ruleReader{s: s, labels: labelReader{s: s}}
	var out []sources.RuleGroup
	found := false
	e, err := decode(s, func() error {
		return s.object(func(name []byte) error {
			if field(name, []string{"groups"}) != 0 {
				return s.skip()
			}
			found, out = true, nil
			return s.array(func() error {
				g, err := r.group()
				if len(g.Rules) > 0 || len(g.Recorded) > 0 {
					out = append(out, g)
				}
				return err
			})
		})
	})
	if err == nil && !found {
		err = sources.Errorf(sources.BadResponse, "the answer has no groups field")
	}
	if err != nil {
		return nil, nil, err
	}
	return out, e.warnings, nil
}

func (r *ruleReader) group() (g sources.RuleGroup, err error) {
	names := []string{"rules", "name", "file", "interval", "lastEvaluation", "evaluationTime"}
	err = r.s.object(func(name []byte) (err error) {
		switch field(name, names) {
		case 0:
			g.Rules, g.Recorded, err = r.rules()
		case 1:
			g.Name, err = r.s.value()
		case 2:
			g.File, err = r.s.value()
		case 3:
			g.Interval, err = r.s.seconds()
		case 4:
			g.LastEvaluation, err = r.s.time()
		case 5:
			g.EvaluationTime, err = r.s.seconds()
		default:
			err = r.s.skip()
		}
		return err
	})
	return g, err
}

func (r *ruleReader) rules() (alerting []sources.Rule, recording []sources.Recording, err error) {
	err = r.s.array(func() error {
		rule, kind, err := r.rule()
		switch kind {
		case "alerting":
			alerting = append(alerting, rule)
		case "recording":
			recording = append(recording, sources.Recording{Name: rule.Name, Query: rule.Query})
		}
		return err
	})
	return alerting, recording, err
}

func (r *ruleReader) rule() (x sources.Rule, kind string, err error) {
	names := []string{"type", "name", "query", "duration", "keepFiringFor", "labels", "annotations", "health", "lastError"}
	err = r.s.object(func(name []byte) (err error) {
		switch field(name, names) {
		case 0:
			var v safe.Value
			v, err = r.s.value()
			kind = v.Raw()
		case 1:
			x.Name, err = r.s.value()
		case 2:
			x.Query, err = r.s.value()
		case 3:
			x.For, err = r.s.seconds()
		case 4:
			x.KeepFiringFor, err = r.s.seconds()
		case 5:
			x.Labels, err = r.labels.read(nil)
		case 6:
			x.Annotations, err = r.labels.read(nil)
		case 7:
			x.Health, err = r.s.value()
		case 8:
			x.LastError, err = r.s.value()
		default:
			err = r.s.skip()
		}
		return err
	})
	return x, kind, err
}

// value reads a text; null is empty.
func (s *scanner) value() (safe.Value, error) {
	v, err := s.text("")
	return safe.Outside(v), err
}

// time reads a text that is a time.
func (s *scanner) time() (time.Time, error) {
	v, err := s.text("")
	return parseTime(v), err
}

// seconds reads a duration: a number of seconds, or a text such as "1m30s"
// from other implementations of the API. What is neither is 0.
func (s *scanner) seconds() (time.Duration, error) {
	b, ok, err := s.lenient()
	if err != nil || !ok {
		return 0, err
	}
	if v, err := strconv.ParseFloat(string(b), 64); err == nil {
		return duration(v), nil
	}
	d, err := time.ParseDuration(string(b))
	if err != nil {
		return 0, nil //nolint:nilerr // documented above
	}
	return d, nil
}

// duration is v seconds; what does not fit (NaN too) is 0.
func duration(v float64) time.Duration {
	if ns := v * float64(time.Second); ns > -9e18 && ns < 9e18 {
		return time.Duration(ns)
	}
	return 0
}
