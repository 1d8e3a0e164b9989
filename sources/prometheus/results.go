package prometheus

import (
	"math"
	"slices"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// resultReader reads the answer of a query.
type resultReader struct {
	s      *scanner
	labels labelReader
	series sources.Matrix // of a vector each series has one point
	kind   string         // vector, matrix, scalar, string
	points int            // of the last series: a guess for the next
}

// decodeResult reads a query's answer of any type.
func decodeResult(body []byte) (*resultReader, []safe.Value, error) {
	s := newScanner(body)
	r := &resultReader{s: s, labels: labelReader{s: s}}
	found := false
	e, err := decode(s, func() error {
		from, to := -1, -1 // of a result that came before its type
		err := s.object(func(name []byte) (err error) {
			switch field(name, []string{"resultType", "result"}) {
			case 0:
				err = s.set(&r.kind)
			case 1:
				if found = true; r.kind != "" {
					return r.result()
				}
				s.space()
				from = s.i
				err = s.skip()
				to = s.i
			default:
				err = s.skip()
			}
			return err
		})
		if err != nil || from < 0 {
			return err
		}
		back := *s
		s.b, s.i = s.b[:to], from
		err = r.result()
		s.b, s.i, s.depth = back.b, back.i, back.depth
		return err
	})
	if err == nil && !found {
		err = sources.Errorf(sources.BadResponse, "the answer has no result")
	}
	if err != nil {
		return nil, nil, err
	}
	return r, e.warnings, nil
}

func (r *resultReader) result() error {
	r.series = nil
	switch r.kind {
	case "vector", "matrix":
		return r.s.array(r.one)
	case "scalar":
		p, err := r.point()
		r.series = sources.Matrix{{Points: []sources.Point{p}}}
		return err
	case "string":
		return r.s.skip()
	}
	return sources.Errorf(sources.BadResponse, "the answer is of an unknown type %q", safe.Text(r.kind))
}

// one reads one series. Native histograms have no single value: a series that
// has only those is left out.
func (r *resultReader) one() error {
	var x sources.Series
	err := r.s.object(func(name []byte) (err error) {
		switch field(name, []string{"metric", "value", "values"}) {
		case 0:
			var last sources.Labels
			if n := len(r.series); n > 0 {
				last = r.series[n-1].Labels
			}
			x.Labels, err = r.labels.read(last)
		case 1:
			var p sources.Point
			p, err = r.point()
			x.Points = []sources.Point{p}
		case 2:
			x.Points = make([]sources.Point, 0, r.points)
			err = r.s.array(func() error {
				p, err := r.point()
				x.Points = append(x.Points, p)
				return err
			})
			r.points = len(x.Points)
		default:
			err = r.s.skip()
		}
		return err
	})
	if len(x.Points) > 0 {
		r.series = append(r.series, x)
	}
	return err
}

// point reads [seconds, "value"].
func (r *resultReader) point() (p sources.Point, err error) {
	if c := r.s.peek(); c != '[' {
		return p, r.s.bad("no sample")
	}
	n := 0
	err = r.s.array(func() (err error) {
		var v float64
		switch n++; n {
		case 1:
			if v, err = r.s.float(); err == nil {
				p.T = stamp(v)
			}
		case 2:
			p.V, err = r.s.float()
		default:
			err = r.s.bad("no sample")
		}
		return err
	})
	if err == nil && n != 2 {
		err = r.s.bad("no sample")
	}
	return p, err
}

// stamp is a time given as seconds; Prometheus counts in milliseconds.
func stamp(v float64) time.Time {
	ms := math.Round(v * 1000)
	if math.IsNaN(ms) || math.Abs(ms) > math.MaxInt64/2 {
		return time.Time{}
	}
	return time.UnixMilli(int64(ms)).UTC()
}

// decodeValues reads the answer of /api/v1/label/NAME/values, sorted.
func decodeValues(body []byte) ([]safe.Value, []safe.Value, error) {
	s := newScanner(body)
	var out []safe.Value
	e, err := decode(s, func() (err error) {
		out, err = s.values()
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(out, safe.Value.Compare)
	return out, e.warnings, nil
}

// decodeInfo reads the answer of /api/v1/status/buildinfo.
func decodeInfo(body []byte) (Info, error) {
	s := newScanner(body)
	var i Info
	_, err := decode(s, func() error {
		return s.object(func(name []byte) (err error) {
			switch field(name, []string{"version", "revision", "application"}) {
			case 0:
				i.Version, err = s.value()
			case 1:
				i.Revision, err = s.value()
			case 2:
				i.Application, err = s.value()
			default:
				err = s.skip()
			}
			return err
		})
	})
	return i, err
}
