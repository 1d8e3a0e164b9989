package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	promconfig "github.com/prometheus/common/config"
	"github.com/spf13/cobra"

	"github.com/firstpage-oncall/firstpage/config"
	"github.com/firstpage-oncall/firstpage/drill"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/events"
	"github.com/firstpage-oncall/firstpage/sources/git"
	"github.com/firstpage-oncall/firstpage/tui"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

// demoScenario is what `firstpage demo` plays when nothing else is named.
const demoScenario = "checkout-deploy"

type demoFlags struct {
	scenario string
	at       string
	speed    float64
	seed     uint64
	printURL bool
}

func (c *cli) demoCommand() *cobra.Command {
	f := &demoFlags{}
	cmd := &cobra.Command{
		Use:   "demo [SCENARIO]",
		Short: "Show an incident on this laptop: no set-up, no network, nothing is run",
		Long: `demo plays an incident on an embedded Prometheus: the same screen as for a real
one, on made-up services. It needs no configuration and no network. Commands are
never run: the simulated services answer those of the runbook.

SCENARIO is the name of a built-in one, or a folder with a scenario.yaml
(docs/drills.md); without it, a deploy has just broken checkout.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				f.scenario = args[0]
			}
			return c.demo(cmd.Context(), f)
		},
	}
	cmd.Flags().Float64Var(&f.speed, "speed", 0, "how fast its clock goes, above 0 and at most 60 (default: as the scenario says)")
	cmd.Flags().StringVar(&f.at, "at", "", "open at this `moment` of the story instead: -10m is ten minutes before, 5m after")
	cmd.Flags().Uint64Var(&f.seed, "seed", 0, "another `number` gives other noise and other deploys of the others")
	cmd.Flags().BoolVar(&f.printURL, "print-url", false, "no screen: print the address of the embedded Prometheus and serve it until interrupted")
	return cmd
}

// demo plays a scenario behind the ordinary screen.
func (c *cli) demo(ctx context.Context, f *demoFlags) error {
	o, err := f.options()
	if err != nil {
		return err
	}
	name := f.scenario
	if name == "" {
		name = demoScenario
	}
	s, err := drill.Open(name)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	if !f.printURL {
		if err := c.needsTerminal("firstpage demo --print-url serves without one"); err != nil {
			return err
		}
	}
	x, err := drill.Start(ctx, s, o)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	err = c.play(ctx, x, f)
	if closing := x.Close(); closing != nil {
		return errors.Join(err, fmt.Errorf("the demo's files could not be removed: %w", closing))
	}
	return err
}

func (f *demoFlags) options() (drill.Options, error) {
	o := drill.Options{Speed: f.speed, Seed: f.seed}
	if f.speed < 0 || f.speed > drill.MaxSpeed {
		return o, usage("--speed: %v is not above 0 and at most %d", f.speed, drill.MaxSpeed)
	}
	if f.at != "" {
		at, err := drill.ParseSpan(f.at)
		if err != nil {
			return o, usage("--at: %w", err)
		}
		o.At = at
	}
	return o, nil
}

func (c *cli) play(ctx context.Context, x *drill.Session, f *demoFlags) error {
	if x.Note != "" {
		if _, err := fmt.Fprintln(c.err, safe.Text("firstpage: "+x.Note)); err != nil {
			return err
		}
	}
	if f.printURL {
		if _, err := fmt.Fprintln(c.out, x.URL); err != nil {
			return err
		}
		<-ctx.Done()
		return nil
	}
	inside := *c
	inside.typed = "" // an address that was typed before has no say here
	inside.fleeting = true
	inside.now = x.Now // everything on the screen goes by the story's clock
	h, err := inside.house(demoConfig(x, c.flags))
	if err != nil {
		return err
	}
	_, err = h.show(ctx, show{
		speed: x.Speed(), banner: "DEMO", guide: hints(x.Scenario().Guide), guideTo: x.Scenario().Page,
		actions: h.demoActions(x),
	})
	return err
}

// demoActions answers commands from the scenario, unless read-only.
func (h *house) demoActions(x *drill.Session) tui.Actions {
	if h.cfg.ReadOnly {
		return h.noActions()
	}
	return tui.Actions{Why: map[keymap.Action]string{keymap.Propose: "the demo's runbook goes with the demo: nothing to propose"}, Run: runIn(x), RunNote: "DEMO: nothing is executed on this machine. The simulated services answer what the scenario knows."}
}

// demoConfig is the configuration that a user of the scenario's servers would
// have written. The user's own has no say: a demo must not depend on it.
func demoConfig(x *drill.Session, f flags) *config.Config {
	cfg := config.Default()
	cfg.ReadOnly = f.readOnly
	if f.theme != "" {
		cfg.Theme = f.theme
	}
	cfg.Refresh.Alerts = 2 * time.Second // nobody else asks this server
	cfg.Refresh.Changes = 10 * time.Second
	cfg.Runbooks.Fetch = "never"
	cfg.Clusters = []config.Cluster{{
		Name: x.Scenario().Cluster, Origin: config.FromFile, Place: config.Place{File: "the demo"},
		Prometheus: config.Prometheus{URL: x.URL, HTTP: promconfig.DefaultHTTPClientConfig},
	}}
	if x.Checkout != "" {
		cfg.Runbooks.Checkouts = []config.Checkout{{URL: x.Links, Path: x.Checkout}}
	}
	if x.Catalog != "" {
		cfg.Services.Catalog = []string{x.Catalog}
	}
	for team, path := range x.OnCall {
		cfg.OnCall = append(cfg.OnCall, config.OnCall{Team: team, ICal: path})
	}
	slices.SortFunc(cfg.OnCall, func(a, b config.OnCall) int { return strings.Compare(a.Team, b.Team) })
	cfg.Me = []string{drill.Player}
	if x.Events != "" {
		cfg.Changes = []config.Change{{Kind: events.KindName, Name: "pipelines", Options: &events.Options{File: x.Events}}}
	}
	if len(x.Coded) > 0 {
		cfg.Changes = append(cfg.Changes, config.Change{Kind: git.KindName, Name: "git", Options: &git.Options{Path: x.Checkout, Services: x.Coded}})
	}
	return cfg
}

// runIn answers commands from the scenario.
func runIn(x *drill.Session) func(context.Context, runbook.Filled, sources.Labels) <-chan tui.Output {
	return func(ctx context.Context, cmd runbook.Filled, _ sources.Labels) <-chan tui.Output {
		return answering(func(context.Context) (string, error) {
			r := x.Run(cmd.Text, "the demo does not run commands")
			if !r.Known {
				return r.Text, errNotPlayed
			}
			return r.Text, nil
		})(ctx)
	}
}

// errNotPlayed ends what the scenario has no answer to.
var errNotPlayed = errors.New("nothing was done: the scenario has no answer to this")

// resolvedHint is the hint's word for "when the page is over".
const resolvedHint = "resolved"

func hints(from []drill.Hint) []tui.Hint {
	var out []tui.Hint
	for _, h := range from {
		hint := tui.Hint{Text: safe.Text(h.Text), Short: safe.Text(h.Short), Step: h.Step}
		if hint.Resolved = h.Until == resolvedHint; !hint.Resolved {
			hint.Until = keymap.Action(h.Until)
		}
		out = append(out, hint)
	}
	return out
}
