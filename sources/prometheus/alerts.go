package prometheus

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// chunk is how many labels are allocated at once.
const chunk = 2048

// labelReader reads label sets. Neighbouring sets are much alike (the alerts
// of one rule), so what the last one had at the same place is tried first.
type labelReader struct {
	s    *scanner
	slab sources.Labels
}

// read reads one object of texts, sorted by name; of a name that is given
// twice the last value counts. last is a hint.
func (r *labelReader) read(last sources.Labels) (sources.Labels, error) {
	if cap(r.slab)-len(r.slab) < 64 {
		r.slab = make(sources.Labels, 0, chunk)
	}
	ls := r.slab[len(r.slab):len(r.slab):cap(r.slab)]
	sorted := true
	err := r.s.object(func(name []byte) error {
		var hint sources.Label
		if len(ls) < len(last) {
			hint = last[len(ls)]
		}
		l := sources.Label{Name: safe.Outside(r.s.intern(name, hint.Name.Raw()))}
		v, err := r.s.text(hint.Value.Raw())
		if err != nil {
			return err
		}
		l.Value = safe.Outside(v)
		if n := len(ls); n > 0 && ls[n-1].Name.Compare(l.Name) >= 0 {
			sorted = false
		}
		ls = append(ls, l)
		return nil
	})
	if err != nil || len(ls) == 0 {
		return nil, err
	}
	if !sorted {
		slices.SortStableFunc(ls, func(a, b sources.Label) int { return a.Name.Compare(b.Name) })
		ls = lastOfEach(ls)
	}
	if cap(ls) <= chunk && &ls[0] == &r.slab[:len(r.slab)+1][len(r.slab)] {
		r.slab = r.slab[:len(r.slab)+len(ls)]
	}
	return ls[:len(ls):len(ls)], nil
}

// lastOfEach keeps the last of labels with equal names.
func lastOfEach(ls sources.Labels) sources.Labels {
	out := ls[:0]
	for i, l := range ls {
		if i+1 < len(ls) && ls[i+1].Name == l.Name {
			continue
		}
		out = append(out, l)
	}
	return out
}

// alertReader reads the alerts of one answer.
type alertReader struct {
	s       *scanner
	labels  labelReader
	cluster string
	last    sources.Alert
	at      string // the last text that was read as a time
	atTime  time.Time
}

// decodeAlerts reads the answer of /api/v1/alerts. Alerts keep the server's
// order, which is random between rules' instances. Alerts that are neither
// firing nor pending are left out.
func decodeAlerts(body []byte, cluster string) ([]sources.Alert, []safe.Value, error) {
	s := newScanner(body)
	r := &alertReader{s: s, labels: labelReader{s: s}, cluster: cluster}
	var out []sources.Alert
	found := false
	e, err := decode(s, func() error {
		return s.object(func(name []byte) error {
			if field(name, alertsField()) != 0 {
				return s.skip()
			}
			found, out = true, nil
			return s.array(func() error {
				a, ok, err := r.alert()
				if ok {
					out = append(roomFor(out, s), a)
				}
				return err
			})
		})
	})
	if err == nil && !found {
		err = sources.Errorf(sources.BadResponse, "the answer has no alerts field")
	}
	if err != nil {
		return nil, nil, err
	}
	return out, e.warnings, nil
}

// roomFor makes room for one more alert; after some of them at once for as many
// as the rest of the answer holds if they are as long.
func roomFor(out []sources.Alert, s *scanner) []sources.Alert {
	const some = 64
	if n := len(out); n == cap(out) && n >= some {
		return slices.Grow(out, n*(len(s.b)-s.i)/s.i+n/8+1)
	}
	return out
}

// alert reads one alert; ok is false when it is to be left out.
func (r *alertReader) alert() (a sources.Alert, ok bool, err error) {
	s := r.s
	a.Cluster, a.Value = r.cluster, math.NaN()
	var state, active, keep string
	err = s.object(func(name []byte) (err error) {
		switch alertField(name) {
		case fLabels:
			a.Labels, err = r.labels.read(r.last.Labels)
		case fAnnotations:
			a.Annotations, err = r.labels.read(r.last.Annotations)
		case fState:
			err = s.set(&state)
		case fActiveAt:
			active, err = s.moment(active, r.at)
		case fKeep:
			keep, err = s.moment(keep, "")
		case fValue:
			a.Value, err = s.sample()
		default:
			err = s.skip()
		}
		return err
	})
	if err != nil {
		return a, false, err
	}
	switch a.State = sources.State(state); a.State {
	case sources.Firing, sources.Pending:
	default:
		return a, false, nil
	}
	if active != r.at {
		r.at, r.atTime = active, parseTime(active)
	}
	a.ActiveAt, a.KeepFiringSince = r.atTime, parseTime(keep)
	a.ID = sources.NewAlertID(r.cluster, a.Labels)
	r.last = a
	return a, true, nil
}

type alertFieldName int

const (
	fOther alertFieldName = iota
	fLabels
	fAnnotations
	fState
	fActiveAt
	fKeep
	fValue
)

// alertField is field for the names that come 10,000 times.
func alertField(name []byte) alertFieldName {
	switch string(name) {
	case "labels":
		return fLabels
	case "annotations":
		return fAnnotations
	case "state":
		return fState
	case "activeAt":
		return fActiveAt
	case "keepFiringSince":
		return fKeep
	case "value":
		return fValue
	}
	return alertFieldName(field(name, []string{"labels", "annotations", "state", "activeAt", "keepFiringSince", "value"}) + 1)
}

func alertsField() []string { return []string{"alerts"} }

// moment reads a text that is a time; null leaves it as it is.
func (s *scanner) moment(now, hint string) (string, error) {
	if null, err := s.null(); null || err != nil {
		return now, err
	}
	b, err := s.bytes()
	if err != nil {
		return now, err
	}
	if string(b) == hint {
		return hint, nil
	}
	return string(b), nil
}

// sample reads an alert's value. What is no number is NaN: one odd value must
// not hide 10,000 alerts.
func (s *scanner) sample() (float64, error) {
	b, ok, err := s.lenient()
	if err != nil || !ok {
		return math.NaN(), err
	}
	return parseValue(string(b)), nil
}

func parseValue(text string) float64 {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) { // out of range is infinite
		return math.NaN()
	}
	return v
}

// parseTime reads RFC 3339. Go's zero time and anything unreadable are the
// zero time: not known.
func parseTime(text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || t.Year() <= 1 {
		return time.Time{}
	}
	return t.UTC()
}
