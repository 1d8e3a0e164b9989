package drill

import (
	"cmp"
	"math"
	"strconv"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/firstpage-oncall/firstpage/drill/engine"
)

// never is a moment before every other.
const never = time.Duration(math.MinInt64)

// world is the simulated system: what every series is at a moment, given what
// was done. It is a function of the seed, the moments and the actions alone.
type world struct {
	s         *Scenario
	zero      time.Time         // the moment 0 on the clock of the session
	revisions map[string]string // of commits
	seed      uint64
	done      map[string]time.Duration // when each action was first done
	tracks    []*track
}

// track is one generated series, or the series that follow each other when an
// instance changes its version.
type track struct {
	index    uint64  // of its noise: the series of one instance move together, as its traffic does
	target   *Target // nil: none
	instance int
	base     labels.Labels
	gen      Generator
	derived  derived
	points   []engine.Point // of a recorded series; its times are moments
	every    time.Duration  // between two of points

	now     labels.Labels // of the series that goes on; empty: none
	version running
	total   float64
	last    time.Duration
	steps   uint64
}

// derived is what a target's own series show.
type derived int8

const (
	generated derived = iota
	buildInfo         // 1, with the version in its labels
	startTime         // of the process
)

// running is what an instance runs and since when.
type running struct {
	version, commit string
	since           time.Duration
}

func newWorld(s *Scenario, zero time.Time, seed uint64, revisions map[string]string) *world {
	w := &world{s: s, zero: zero, seed: seed, revisions: revisions, done: map[string]time.Duration{}}
	for i := range s.Targets {
		w.addTarget(&s.Targets[i], 1000*uint64(i+1))
	}
	for _, r := range s.Series {
		w.addRecorded(r)
	}
	for i, k := range w.tracks {
		if k.last = never; k.target == nil {
			k.index = uint64(i)
		}
	}
	return w
}

func (w *world) addTarget(t *Target, index uint64) {
	one := 1.0
	metrics := t.Metrics
	if !hasMetric(metrics, "up") {
		metrics = append([]Metric{{Name: "up", Generator: Generator{Value: &one}}}, metrics...)
	}
	for i, instance := range t.Instances {
		b := labels.NewBuilder(labels.FromMap(t.Labels))
		b.Set(model.JobLabel, t.Job)
		b.Set(model.InstanceLabel, instance)
		own := b.Labels()
		add := func(name string, more map[string]string, g Generator, d derived) {
			b := labels.NewBuilder(own)
			for n, v := range more {
				b.Set(n, v)
			}
			b.Set(model.MetricNameLabel, name)
			w.tracks = append(w.tracks, &track{index: index + uint64(i), target: t, instance: i, base: b.Labels(), gen: g, derived: d})
		}
		add("process_start_time_seconds", nil, Generator{Value: &one}, startTime)
		if t.Version != "" {
			add(t.buildInfoName(), nil, Generator{Value: &one}, buildInfo)
		}
		for _, m := range metrics {
			add(m.Name, m.Labels, m.Generator, generated)
		}
	}
}

func hasMetric(ms []Metric, name string) bool {
	for _, m := range ms {
		if m.Name == name {
			return true
		}
	}
	return false
}

// buildInfoName is <job>_build_info with what a metric's name cannot hold as _.
func (t *Target) buildInfoName() string {
	if t.BuildInfo != "" {
		return t.BuildInfo
	}
	name := []byte(t.Job)
	for i, c := range name {
		if c != '_' && (c < '0' || c > '9' || i == 0) && (c|0x20 < 'a' || c|0x20 > 'z') {
			name[i] = '_'
		}
	}
	return string(name) + "_build_info"
}

// addRecorded adds a series without a target. Load has checked it.
func (w *world) addRecorded(r Recorded) {
	every := cmp.Or(r.Interval.d(), time.Minute)
	text := cmp.Or(r.Values, "0")
	start := time.UnixMilli(0)
	parsed, err := engine.ParseSeries(r.Series, text, start, every)
	if err != nil {
		return
	}
	k := &track{base: parsed.Labels, gen: r.Generator}
	if r.Values != "" {
		k.points, k.every = parsed.Points, every
		for i := range k.points {
			k.points[i].Time -= w.s.Clock.History.d().Milliseconds()
		}
	}
	w.tracks = append(w.tracks, k)
}

// runs is what an instance of a target runs at a moment.
func (w *world) runs(t *Target, instance int, m time.Duration) running {
	out := running{t.Version, t.Commit, never}
	for _, r := range t.Rollouts {
		start, ok := w.began(r.At, r.On)
		if !ok {
			continue
		}
		start += time.Duration(instance) * r.Every.d()
		if start <= m && start >= out.since {
			out = running{r.Version, r.Commit, start}
		}
	}
	return out
}

// began is when something that starts at a moment or with an action did; false:
// its action was not done.
func (w *world) began(moment *Span, action string) (time.Duration, bool) {
	if moment != nil {
		return moment.d(), true
	}
	m, ok := w.done[action]
	return m, ok
}

// sample gives the track's value at a moment, which must be after the last
// one: the end of a series that another replaces, then the sample.
func (w *world) sample(k *track, m time.Duration, emit func(labels.Labels, float64)) {
	k.steps++
	at := running{since: never}
	if k.target != nil {
		at = w.runs(k.target, k.instance, m)
	}
	if at != k.version {
		k.total = 0 // another process
	}
	k.version = at
	v, there := w.value(k, m)
	now := labels.EmptyLabels()
	if there {
		now = w.labelled(k)
	}
	if !labels.Equal(now, k.now) && !k.now.IsEmpty() {
		emit(k.now, engine.Stale())
	}
	if k.now = now; there {
		emit(now, v)
	}
	k.last = m
}

// labelled is the series' labels with what its version adds.
func (w *world) labelled(k *track) labels.Labels {
	if k.target == nil || k.target.Version == "" || k.derived != buildInfo && !(k.derived == generated && k.target.OnMetrics) {
		return k.base
	}
	b := labels.NewBuilder(k.base)
	b.Set("version", k.version.version)
	if k.derived == buildInfo {
		b.Set("revision", w.revisions[k.version.commit])
	}
	return b.Labels()
}

func (w *world) value(k *track, m time.Duration) (float64, bool) {
	switch {
	case k.points != nil:
		return k.recorded(m)
	case k.derived == buildInfo:
		return 1, true
	case k.derived == startTime:
		since := k.version.since
		if since == never {
			since = -w.s.Clock.History.d() - 24*time.Hour
		}
		return float64(w.zero.Add(since).Unix()), true
	}
	v, there := w.level(k, m)
	v *= 1 + k.gen.Noise*w.noise(k)
	if k.gen.Rate == nil {
		return v, there
	}
	if k.last == never {
		k.total = math.Floor(1e5 * (1 + w.noise(k)/8)) // it has counted before
	} else {
		k.total += max(0, v) * (m - k.last).Seconds()
	}
	return math.Floor(k.total), there
}

// level is the value without noise: the base, changed by each condition that
// holds.
func (w *world) level(k *track, m time.Duration) (float64, bool) {
	if k.gen.Moment != nil {
		return float64(w.zero.Add(k.gen.Moment.d()).Unix()), true
	}
	of := func(rate, value *float64) float64 {
		if rate != nil {
			return *rate
		}
		return *value
	}
	v, there := of(k.gen.Rate, k.gen.Value), true
	for _, c := range k.gen.When {
		since, holds := w.holds(c, k.version, m)
		if !holds {
			continue
		}
		part := 1.0
		if over := c.Over.d(); over > 0 {
			part = min(1, float64(m-since)/float64(over))
		}
		if there = !c.Gone; there {
			v += (of(c.Rate, c.Value) - v) * part
		}
	}
	return v, there
}

// holds reports whether a condition holds at a moment, and since when its
// value is on its way.
func (w *world) holds(c Condition, r running, m time.Duration) (time.Duration, bool) {
	since := never
	if c.Version != "" {
		if r.version != c.Version {
			return 0, false
		}
		since = r.since
	}
	if c.At != nil || c.On != "" {
		began, ok := w.began(c.At, c.On)
		if !ok {
			return 0, false
		}
		since = max(since, began)
	}
	if c.Until != nil && m >= c.Until.d() {
		return 0, false
	}
	if off, ok := w.done[c.Off]; ok && c.Off != "" && m >= off {
		return 0, false
	}
	if since == never { // the version of the beginning
		return m - c.Over.d(), true
	}
	since += c.After.d()
	return since, m >= since
}

// recorded is the value of promtool's notation at a moment; the last one
// stays.
func (k *track) recorded(m time.Duration) (float64, bool) {
	ms := m.Milliseconds()
	lo, hi := 0, len(k.points)
	for lo < hi {
		if mid := (lo + hi) / 2; k.points[mid].Time <= ms {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == 0 {
		return 0, false
	}
	p := k.points[lo-1]
	gap := lo < len(k.points) && ms-p.Time >= k.every.Milliseconds()
	stale := math.Float64bits(p.Value) == math.Float64bits(engine.Stale())
	return p.Value, !gap && !stale
}

// noise is about normal with a deviation of 1, the same for the same seed,
// track and step.
func (w *world) noise(k *track) float64 {
	if k.gen.Noise == 0 && k.last != never {
		return 0
	}
	r := newRandom(w.seed, k.index, k.steps)
	sum := 0.0
	for range 4 {
		sum += r.unit()
	}
	return (sum - 2) * math.Sqrt(3)
}

// random is splitmix64: small, and the same on every machine and release.
type random uint64

func newRandom(parts ...uint64) random {
	r := random(0x9e3779b97f4a7c15)
	for _, p := range parts {
		r = random(r.next() ^ p)
	}
	return r
}

func (r *random) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// unit is from 0 to 1, 1 left out.
func (r *random) unit() float64 { return float64(r.next()>>11) / (1 << 53) }

// fakeRevision stands for the hash of a commit where there is no git.
func fakeRevision(id string) string {
	r := newRandom(uint64(len(id)))
	for _, c := range []byte(id) {
		r = random(r.next() ^ uint64(c))
	}
	out := ""
	for len(out) < 40 {
		out += strconv.FormatUint(r.next()|1<<63, 16)
	}
	return out[:40]
}
