package drill

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/firstpage-oncall/firstpage/drill/engine"
	"github.com/firstpage-oncall/firstpage/internal/state"
)

// Options says how a scenario is played. The zero value plays it as it is
// written, in the system's folder for temporary files.
type Options struct {
	At     time.Duration    // the moment at which it opens; 0: when the scenario says the screen opens
	Speed  float64          // how fast its clock goes; 0: the scenario's
	Seed   uint64           // of noise and made-up deploys; 0: the scenario's
	Now    func() time.Time // the real clock; nil: time.Now
	Parent string           // of the session's folder; empty: os.TempDir
}

// Session is a scenario that is being played. Make it with [Start]; it ends
// when its context does.
type Session struct {
	URL      string // of the embedded Prometheus, on 127.0.0.1
	Events   string // the file of changes (NDJSON) for a source of kind events; empty: the scenario has none
	Checkout string // folder of the repository, with the runbooks; empty: none
	Links    string // what the links into Checkout begin with
	// Coded are the services whose deploys are commits of Checkout, in the order of
	// the scenario; nil: none, or it has no history.
	Coded   []string
	Catalog string // the services file; empty: none
	// OnCall are the schedules by team, files in iCalendar form. Nil: none.
	OnCall map[string]string
	Note   string // what is missing on this machine, in words; empty: nothing

	scenario *Scenario
	clock    clock
	engine   *engine.Engine
	server   *engine.Server
	files    state.Dir
	remove   func() error
	cancel   context.CancelFunc
	pump     sync.WaitGroup

	mu     sync.Mutex // guards what follows
	world  *world
	moment time.Duration // up to which the world was played
	wrote  string        // the events file as it stands
}

// clock is the time in a session: the real one at its start, going at its own
// speed from there.
type clock struct {
	real  func() time.Time
	start time.Time
	speed float64
}

func (c clock) now() time.Time {
	past := c.real().Sub(c.start)
	if c.speed != 1 {
		past = time.Duration(float64(past) * c.speed)
	}
	return c.start.Add(past)
}

// pumpEvery is how often the pump looks whether a step is due.
const pumpEvery = 200 * time.Millisecond

// Start plays a scenario: its past is there when Start returns. The session's
// folder is removed when ctx ends, see [Session.Close]; folders that killed
// sessions have left are removed now.
func Start(ctx context.Context, s *Scenario, o Options) (*Session, error) {
	o = o.filled(s)
	if lowest := -s.Clock.History.d(); o.At < lowest {
		return nil, fmt.Errorf("it cannot open at %v: its history begins at %v", o.At, lowest)
	}
	sweep(o.Parent)
	dir, remove, err := newFolder(ctx, o.Parent)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	x := &Session{scenario: s, remove: remove, cancel: cancel, clock: clock{o.Now, o.Now(), o.Speed}}
	if err := x.begin(ctx, dir, o); err != nil {
		cancel()
		return nil, errors.Join(err, remove())
	}
	x.pump.Go(func() { x.play(ctx) })
	return x, nil
}

func (o Options) filled(s *Scenario) Options {
	if o.Speed == 0 {
		o.Speed = s.Clock.Speed
	}
	if o.Seed == 0 {
		o.Seed = s.Seed
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Parent == "" {
		o.Parent = os.TempDir()
	}
	return o
}

// begin builds the files, the past and the server.
func (x *Session) begin(ctx context.Context, dir string, o Options) error {
	var err error
	if x.files, err = state.Open(dir); err != nil {
		return err
	}
	// Moments lie on whole minutes of the clock, so that rules with any
	// interval that divides a minute see the same samples in every session.
	zero := x.clock.start.Truncate(time.Minute).Add(-o.At)
	revisions := map[string]string{}
	if c := x.scenario.Code; c != nil {
		x.Checkout, revisions, x.Note, err = c.build(ctx, x.scenario.Files, dir, zero)
		if err != nil {
			return err
		}
		x.Links = c.Remote + "/blob/" + c.Branch + "/"
		if x.Note == "" {
			x.Coded = x.scenario.coded()
		}
	}
	if len(x.scenario.Services) > 0 {
		x.Catalog = filepath.Join(dir, servicesFile)
		if err := x.files.WriteBytes(servicesFile, x.scenario.Services); err != nil {
			return err
		}
	}
	if err := x.writeRotas(dir); err != nil {
		return err
	}
	history := x.scenario.Clock.History.d()
	x.engine, err = engine.New(engine.Options{Rules: x.scenario.Rules, Now: x.Now, Interval: x.scenario.Clock.Step.d(),
		Retention: history + time.Hour})
	if err != nil {
		return err
	}
	x.world = newWorld(x.scenario, zero, o.Seed, revisions)
	if err := x.backfill(ctx, x.clock.start.Sub(zero)); err != nil {
		return err
	}
	x.server, err = x.engine.Serve(ctx)
	if err != nil {
		return err
	}
	x.URL = x.server.URL
	return x.writeEvents()
}

// Close ends the session and removes its folder.
func (x *Session) Close() error {
	x.cancel()
	x.pump.Wait()
	return errors.Join(x.server.Wait(), x.remove())
}

// Now is the session's clock. Everything that shows a drill goes by it.
func (x *Session) Now() time.Time { return x.clock.now() }

// Speed is how fast the session's clock goes against the real one.
func (x *Session) Speed() float64 { return x.clock.speed }

// Scenario is what is played.
func (x *Session) Scenario() *Scenario { return x.scenario }

// play lets time go on until ctx ends.
func (x *Session) play(ctx context.Context) {
	t := time.NewTicker(pumpEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			x.advance(ctx)
		}
	}
}

// catchUp is how far behind the pump may be before it takes larger steps: a
// laptop that slept a night would take minutes at the fine one.
const catchUp = 10 * time.Minute

// advance plays the steps that are due.
func (x *Session) advance(ctx context.Context) {
	x.mu.Lock()
	defer x.mu.Unlock()
	step := x.scenario.Clock.Step.d()
	for ctx.Err() == nil {
		due := x.Now().Sub(x.world.zero) - x.moment
		switch {
		case due >= catchUp:
			x.step(ctx, x.moment+farStep)
		case due >= step:
			x.step(ctx, x.moment+step)
		default:
			_ = x.writeEvents() // the next step tries again; the reader says how old its file is
			return
		}
	}
}

// step plays up to the next moment: every series, then the rules.
func (x *Session) step(ctx context.Context, m time.Duration) {
	at := x.world.zero.Add(m)
	var out []engine.Series
	for _, k := range x.world.tracks {
		x.world.sample(k, m, func(l labels.Labels, v float64) {
			out = append(out, engine.Series{Labels: l, Points: []engine.Point{{Time: at.UnixMilli(), Value: v}}})
		})
	}
	x.moment = m
	// A full store refuses samples: the server then answers with what it has.
	_ = x.engine.Append(out...)
	_ = x.engine.Replay(ctx, at.Add(-time.Minute), at)
}

// writeEvents brings the file of changes up to date.
func (x *Session) writeEvents() error {
	if len(x.scenario.Changes) == 0 && x.scenario.Others == nil {
		return nil
	}
	text := string(x.world.events(x.moment))
	if text == x.wrote && x.Events != "" {
		return nil
	}
	const name = "changes.ndjson"
	if err := x.files.WriteBytes(name, []byte(text)); err != nil {
		return err
	}
	x.Events, x.wrote = x.files.File(name), text
	return nil
}

// Reply is what a command would have printed.
type Reply struct {
	Text  string
	Known bool // every line of it is a command that the scenario knows
}

// Run looks up the commands of a block, one a line, and lets the world change
// as the scenario says. Nothing is executed. refusal is the answer to a
// command that the scenario does not know.
func (x *Session) Run(block, refusal string) Reply {
	x.mu.Lock()
	defer x.mu.Unlock()
	r := Reply{Known: true}
	var out []string
	for _, line := range commandLines(block) {
		a, ok := x.scenario.find(line)
		if !ok {
			r.Known = false
			out = append(out, refusal+": "+line)
			continue
		}
		if says := strings.TrimRight(a.Says, "\n"); says != "" {
			out = append(out, says)
		}
		if _, done := x.world.done[a.Name]; a.Name != "" && !done {
			x.world.done[a.Name] = x.Now().Sub(x.world.zero)
		}
	}
	if len(out) == 0 && r.Known {
		out = append(out, "(no output)")
	}
	r.Text = strings.Join(out, "\n")
	return r
}

// find is the action that knows a command.
func (s *Scenario) find(line string) (Action, bool) {
	words, err := splitWords(line)
	if err != nil {
		return Action{}, false
	}
	for _, a := range s.Actions {
		for _, c := range a.Commands {
			if p, err := parsePattern(c); err == nil && p.matches(words) {
				return a, true
			}
		}
	}
	return Action{}, false
}
