package triage

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// world is what a simulated company is like. Its assumptions are written down
// in docs/ranking.md: they say something about the rules that are compared in
// it and nothing about the world.
type world struct {
	name    string
	deploys float64       // a day, over all services
	configs float64       // changes of configuration a day
	lag     time.Duration // mean time from a deploy to the trouble that it causes
	slow    time.Duration // the same for a change of configuration
	// configCaused is the part of the caused incidents that a change of configuration caused.
	configCaused float64
}

func worlds() []world {
	quick := world{deploys: 100, lag: 12 * time.Minute}
	ten, burn, config := quick, quick, quick
	quick.name = "100 deploys a day"
	ten.name, ten.deploys = "10 deploys a day", 10
	burn.name, burn.lag = "100 deploys a day, slow burn (mean 40 min)", 40*time.Minute
	config.name = "100 deploys and 60 configuration changes a day"
	config.configs, config.configCaused, config.slow = 60, 31.0/(37+31), time.Hour
	return []world{quick, ten, burn, config}
}

const (
	simServices   = 30
	simCalls      = 3    // dependencies of each service
	simTraffic    = 2000 // requests a second, over all services
	simCaused     = 0.7  // of the incidents
	simByCall     = 0.2  // of those, through a dependency
	simFor        = 15 * time.Minute
	simNotice     = time.Minute // from the page to the look at the screen
	simBlur       = time.Minute // the onset is measured up to this late
	simCalm       = 0.001       // share of requests that fails in good times
	simLookBefore = 15 * time.Minute
	simDay        = 24 * time.Hour
)

// incident is one page with the changes before it and, unless nothing that is
// known caused it, the ID of the one that did.
type incident struct {
	board    *Board
	item     Item
	onset    Onset
	paged    time.Time
	evidence Evidence
	guilty   string
}

// simulator makes incidents of one world, always the same for one seed.
type simulator struct {
	world
	rnd   *rand.Rand
	calls [simServices][]int
	cum   [simServices]float64 // of the Zipf weights
	n     int
}

func newSimulator(w world, seed uint64) *simulator {
	s := &simulator{world: w, rnd: rand.New(rand.NewPCG(seed, 2))}
	sum := 0.0
	for i := range simServices {
		sum += 1 / float64(i+1)
		s.cum[i] = sum
	}
	for i := range s.calls {
		for len(s.calls[i]) < simCalls {
			if d := s.rnd.IntN(simServices); d != i && !slices.Contains(s.calls[i], d) {
				s.calls[i] = append(s.calls[i], d)
			}
		}
	}
	return s
}

// service picks one by its weight: few deploy and serve most.
func (s *simulator) service() int {
	x := s.rnd.Float64() * s.cum[simServices-1]
	i, _ := slices.BinarySearch(s.cum[:], x)
	return min(i, simServices-1)
}

func (s *simulator) traffic(service int) float64 {
	return simTraffic / float64(service+1) / s.cum[simServices-1]
}

func (s *simulator) exp(mean time.Duration) time.Duration {
	return time.Duration(s.rnd.ExpFloat64() * float64(mean))
}

// simChange is a change with what the truth is about it.
type simChange struct {
	sources.Change
	service int
	rollout time.Duration
}

func (s *simulator) change(kind sources.ChangeType, service int, at time.Time) *simChange {
	s.n++
	c := &simChange{service: service, rollout: 2*time.Minute + time.Duration(s.rnd.Int64N(int64(13*time.Minute)))}
	c.Change = sources.Change{ID: fmt.Sprint(s.n), Kind: kind, Service: safe.Outside(simName(service)), StartedAt: at, State: sources.Done}
	return c
}

func simName(service int) string { return fmt.Sprintf("service-%02d", service) }

// next makes an incident.
func (s *simulator) next() incident {
	onset := noon.Add(-simFor - simNotice)
	affected := s.service()
	var all []*simChange
	for _, k := range []struct {
		kind   sources.ChangeType
		perDay float64
	}{{sources.Deploy, s.deploys}, {sources.Config, s.configs}} {
		for at := noon.Add(-simDay); k.perDay > 0; {
			at = at.Add(s.exp(time.Duration(float64(simDay) / k.perDay)))
			if at.After(noon) {
				break
			}
			all = append(all, s.change(k.kind, s.service(), at))
		}
	}
	var guilty *simChange
	if s.rnd.Float64() < simCaused {
		kind, lag, culprit := sources.Deploy, s.lag, affected
		if s.rnd.Float64() < s.configCaused {
			kind, lag = sources.Config, s.slow
		}
		if s.rnd.Float64() < simByCall {
			culprit = s.calls[affected][s.rnd.IntN(simCalls)]
		}
		guilty = s.change(kind, culprit, onset.Add(-s.exp(lag)))
		all = append(all, guilty)
	}
	slices.SortStableFunc(all, func(a, b *simChange) int { return a.StartedAt.Compare(b.StartedAt) })
	simVersions(all)
	return s.page(affected, onset, all, guilty)
}

// simVersions numbers what each deploy brings and replaces.
func simVersions(all []*simChange) {
	var last [simServices]int
	for _, c := range all {
		if c.Kind == sources.Deploy {
			c.FromVersion = safe.Outside(fmt.Sprint("1.", last[c.service]))
			last[c.service]++
			c.Version = safe.Outside(fmt.Sprint("1.", last[c.service]))
		}
	}
}

// page is what a responder has before the eyes.
func (s *simulator) page(affected int, onset time.Time, all []*simChange, guilty *simChange) incident {
	labels := sources.NewLabels(map[string]string{"alertname": "Errors", "severity": "critical", "service": simName(affected)})
	snap := snapshot(sources.Alert{ID: sources.NewAlertID("eu", labels), Cluster: "eu", Labels: labels,
		State: sources.Firing, ActiveAt: onset})
	feed := sources.Feed[sources.Change]{Source: sources.SourceID{Kind: "sim"}, AsOf: noon, Tried: noon, Every: time.Minute}
	for _, c := range all {
		feed.Items = append(feed.Items, c.Change)
	}
	snap.Changes = []sources.Feed[sources.Change]{feed}
	var services []sources.Service
	for i, calls := range s.calls {
		sv := sources.Service{Name: safe.Outside(simName(i))}
		for _, d := range calls {
			sv.DependsOn = append(sv.DependsOn, safe.Outside(simName(d)))
		}
		services = append(services, sv)
	}
	snap.Services = catalogOf(services...)
	p := Defaults()
	p.ChangeWindow = simDay
	in := incident{board: Build(snap, p, noon), paged: onset.Add(simFor)}
	in.item = in.board.Groups[0].Items[0]
	measured := onset.Add(time.Duration(s.rnd.Float64() * float64(simBlur)))
	in.onset = Onset{At: measured, Method: MethodWalked}
	if guilty != nil {
		in.guilty = guilty.ID
	}
	in.evidence = s.errors(affected, true, onset, measured, all, guilty)
	in.evidence.Callees = map[string]Evidence{}
	for _, d := range s.calls[affected] {
		in.evidence.Callees[simName(d)] = s.errors(d, false, onset, measured, all, guilty)
	}
	return in
}

// errors is what page.EvidenceOf would find: the requests of a service by
// version, minute by minute.
func (s *simulator) errors(service int, affected bool, onset, measured time.Time, all []*simChange, guilty *simChange) Evidence {
	var own []*simChange
	for _, c := range all {
		if c.service == service && c.Kind == sources.Deploy {
			own = append(own, c)
		}
	}
	if len(own) == 0 {
		return Evidence{}
	}
	from := measured.Add(-simLookBefore)
	for _, c := range own {
		if before := c.StartedAt.Add(-simLookBefore / 2); before.Before(from) && noon.Sub(before) < 3*time.Hour {
			from = before
		}
	}
	bad := 0.05 + 0.15*s.rnd.Float64()
	first := 0 // of the versions that fail
	if !affected {
		first = len(own) + 1
	}
	if guilty != nil && guilty.service == service && guilty.Kind == sources.Deploy {
		first = slices.Index(own, guilty) + 1
	}
	out := make([]VersionErrors, len(own)+1)
	out[0].Version = own[0].FromVersion
	for i, c := range own {
		out[i+1].Version = c.Version
	}
	since := make([]Tally, len(out))
	for at := from; !at.After(noon); at = at.Add(time.Minute) {
		left := 1.0 // share of the instances, newest version first
		for i := len(out) - 1; i >= 0; i-- {
			share := left
			if i > 0 {
				share *= min(1, max(0, float64(at.Sub(own[i-1].StartedAt))/float64(own[i-1].rollout)))
			}
			left -= share
			t := Tally{Requests: float64(s.poisson(60 * share * s.traffic(service)))}
			fails := simCalm
			// A guilty version fails alone, and those built on it do; what comes from elsewhere hits all.
			if !at.Before(onset) && i >= first {
				fails = bad
			}
			t.Failed = min(t.Requests, float64(s.poisson(t.Requests*fails)))
			if t.Requests == 0 {
				continue
			}
			out[i].Current = !at.Before(noon)
			out[i].Points = append(out[i].Points, sources.Point{T: at, V: t.Ratio()})
			switch {
			case !at.Before(measured):
				since[i].Add(t)
			case measured.Sub(at) >= SplitWindow:
				out[i].Before.Add(t)
			}
		}
	}
	for i := range out {
		if out[i].Tally = since[i]; since[i].Requests == 0 {
			out[i].Tally, out[i].Before, out[i].Gone = out[i].Before, Tally{}, true
		}
	}
	return Evidence{Versions: out}
}

// poisson draws a count with the given mean; of a large one by the normal
// distribution.
func (s *simulator) poisson(mean float64) int {
	if mean > 50 {
		return max(0, int(math.Round(mean+math.Sqrt(mean)*s.rnd.NormFloat64())))
	}
	n, p := 0, s.rnd.Float64()
	for limit := math.Exp(-mean); p > limit; n++ {
		p *= s.rnd.Float64()
	}
	return n
}

// simRule is a way of answering "what changed?": suspects, best first, and
// whether it blames the first.
type simRule struct {
	name string
	pick func(incident) (ids []string, blames bool)
}

func simRules() []simRule {
	newest := func(same bool, ref func(incident) time.Time) func(incident) ([]string, bool) {
		return func(in incident) ([]string, bool) {
			var cs []sources.Change
			for _, c := range in.board.Changes {
				before := ref(in).Sub(c.StartedAt)
				if before >= 0 && before <= time.Hour && (!same || c.Service == in.item.Service.Name) {
					cs = append(cs, c)
				}
			}
			slices.SortStableFunc(cs, func(a, b sources.Change) int { return cmp.Compare(b.StartedAt.Unix(), a.StartedAt.Unix()) })
			var ids []string
			for _, c := range cs {
				ids = append(ids, c.ID)
			}
			return ids, len(ids) > 0
		}
	}
	ranking := func(evidence bool) func(incident) ([]string, bool) {
		return func(in incident) ([]string, bool) {
			e := in.evidence
			if !evidence {
				e = Evidence{}
			}
			var ids []string
			r := Rank(in.board, in.item, in.onset, e)
			for _, s := range r.Suspects {
				if s.Verdict != RuledOut {
					ids = append(ids, s.ID)
				}
			}
			return ids, len(r.Suspects) > 0 && r.Suspects[0].Verdict == Likely
		}
	}
	fromOnset, fromPage := func(in incident) time.Time { return in.onset.At }, func(in incident) time.Time { return in.paged }
	return []simRule{
		{"newest anywhere, before the page", newest(false, fromPage)},
		{"newest anywhere, before the trouble", newest(false, fromOnset)},
		{"newest of the same service, before the page", newest(true, fromPage)},
		{"newest of the same service, before the trouble", newest(true, fromOnset)},
		{"ranking without errors by version", ranking(false)},
		{"ranking", ranking(true)},
	}
}

// score is how a rule did. Shares are 0 to 1; right is NaN when it never
// blamed.
type simScore struct {
	top1, top3 float64 // of the incidents that a change caused: it is the first, one of the first three
	blamed     float64 // of the same: it is the first and blamed
	falsely    float64 // of the incidents that no change caused: one is blamed
	right      float64 // of the blamed changes: it was that one
}

// simulate lets every rule judge the same n incidents of a world.
func simulate(w world, seed uint64, n int) []simScore {
	s := newSimulator(w, seed)
	rules := simRules()
	out := make([]simScore, len(rules))
	blamed := make([]float64, len(rules))
	caused := 0.0
	for range n {
		in := s.next()
		if in.guilty != "" {
			caused++
		}
		for i, r := range rules {
			ids, blames := r.pick(in)
			at := slices.Index(ids, in.guilty)
			hit := in.guilty != "" && at >= 0
			out[i].top1 += count(hit && at == 0)
			out[i].top3 += count(hit && at < 3)
			out[i].falsely += count(in.guilty == "" && blames)
			out[i].right += count(blames && hit && at == 0)
			blamed[i] += count(blames)
		}
	}
	for i := range out {
		out[i].blamed = out[i].right / caused
		out[i].top1 /= caused
		out[i].top3 /= caused
		out[i].falsely /= float64(n) - caused
		out[i].right /= blamed[i]
	}
	return out
}

func count(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
