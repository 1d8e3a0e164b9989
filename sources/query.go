package sources

import (
	"context"
	"fmt"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// Point is one sample.
type Point struct {
	T time.Time
	V float64 // may be NaN or infinite
}

// Columns are the times and the values of points, in their order.
func Columns(pts []Point) (times []time.Time, values []float64) {
	times, values = make([]time.Time, len(pts)), make([]float64, len(pts))
	for i, p := range pts {
		times[i], values[i] = p.T, p.V
	}
	return times, values
}

// Sample is one series at one moment.
type Sample struct {
	Labels Labels // with __name__ where the expression keeps it
	Point
}

// Vector is the answer of an instant query, in the server's order. A scalar
// answer is one sample without labels.
type Vector []Sample

// Series is one series over time, oldest point first. A gap in the data is a
// gap in the points, never a zero.
type Series struct {
	Labels Labels
	Points []Point
}

// Matrix is the answer of a range query, in the server's order.
type Matrix []Series

// Range is the span of a range query, both ends included.
type Range struct {
	Start, End time.Time
	Step       time.Duration
}

// Querier asks one cluster's Prometheus. Implementations are safe for
// concurrent use and return *Error.
type Querier interface {
	Query(ctx context.Context, expr string, at time.Time) (Vector, error)
	QueryRange(ctx context.Context, expr string, r Range) (Matrix, error)
	// LabelValues lists the values of one label, sorted; match is a series
	// selector and may be empty.
	LabelValues(ctx context.Context, name, match string) ([]safe.Value, error)
}

// Sampler is a Querier that gives samples as they are stored. It is optional:
// not every server that answers queries does.
type Sampler interface {
	// Samples are those of the selected series in the time after Start, up to
	// and with End. Step means nothing.
	Samples(ctx context.Context, selector string, r Range) (Matrix, error)
}

// ChangeSource lists changes that began at or after since, newest first, and
// of each service the last one before that where it is known anyway: see Since.
type ChangeSource interface {
	Changes(ctx context.Context, since time.Time) ([]Change, error)
}

// Commits tells what lies between two revisions of a service.
type Commits interface {
	// Between returns ErrNotFound (kind NotFound) when it does not know the
	// service or one of the revisions.
	Between(ctx context.Context, service, from, to string) (Diff, error)
}

// Historian is a source of changes that lists those of a window only: what was
// before it has to be asked for, one service at a time. Other sources list the
// last change of each service by themselves (see [Since]).
type Historian interface {
	// Last is the newest deploy, rollback or change of configuration of a
	// service that began before that moment; nil: none is known, or it does not
	// see that cluster. The service has one of the names; case is ignored.
	Last(ctx context.Context, cluster string, names []safe.Value, before time.Time) (*Change, error)
}

// Silencer creates and ends silences.
type Silencer interface {
	Create(ctx context.Context, s Silence) (id string, err error)
	Expire(ctx context.Context, id string) error
}

// Noter is satisfied by sources that have something to say beside their items,
// such as "3 lines could not be read". Notes speaks of the last call.
type Noter interface{ Notes() []safe.Value }

// ChangeKind is one kind of change source that the configuration may name.
type ChangeKind struct {
	Name    string // as written in the configuration
	Summary string // one line for the documentation
	// Sees are the kinds of change that it can tell; what nobody tells cannot
	// be ruled out.
	Sees []ChangeType
	// Options returns a pointer to a new options struct with its defaults.
	// Its fields carry `yaml:` and `doc:` tags. A method Check() error, if there
	// is one, says what is wrong with the fields together: the configuration
	// reports it with its place.
	Options func() any
	// Open checks the options and makes the source. It does no I/O.
	Open func(opts any, env Env) (ChangeSource, error)
}

// Opener is the Open of a kind whose own takes its options as they are.
func Opener[O any, S ChangeSource](open func(O, Env) (S, error)) func(opts any, env Env) (ChangeSource, error) {
	return func(opts any, env Env) (ChangeSource, error) {
		o, ok := opts.(*O)
		if !ok {
			return nil, fmt.Errorf("options of another kind: %T", opts)
		}
		s, err := open(*o, env)
		if err != nil {
			return nil, err // and no source, rather than one that is nil inside
		}
		return s, nil
	}
}

// Env is what a change source may use besides its options.
type Env struct {
	Name  string // the source's name in the configuration, or its kind
	Now   func() time.Time
	Query func(cluster string) Querier // nil result: no such cluster
	// Clusters lists the configured clusters in order.
	Clusters []string
	// Getenv gives a variable of the environment; nil: none is set.
	Getenv func(name string) string
}
