package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/adrg/xdg"

	"github.com/firstpage-oncall/firstpage/config"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/tui"
)

// firstRun is offered while nobody has said where Prometheus is: the default is
// tried, or what was typed on that very screen. Nil: somebody has.
func (h *house) firstRun() *tui.FirstRun {
	if len(h.cfg.Clusters) != 1 {
		return nil
	}
	says := "default; " + config.Variable + " is not set"
	if h.typed != "" && h.cfg.Clusters[0].Origin == config.FromFlag {
		says = "typed here"
	} else if h.cfg.Clusters[0].Origin != config.FromDefault {
		return nil
	}
	return &tui.FirstRun{
		Tried: h.clusters[0].URL() + " (" + says + ")",
		CheckURL: func(s string) string {
			if p := config.CheckServer(s); p != nil {
				return p.Error()
			}
			return ""
		},
		CheckFile: func(s string) string {
			if _, err := includable(s); err != nil {
				return safe.Err(err)
			}
			return ""
		},
	}
}

// notice is what the screen says first after an address was typed.
func (h *house) notice() string {
	if h.typed == "" {
		return ""
	}
	return "To keep this address: " + h.keepCommand()
}

// keepCommand writes the address that was typed into a configuration.
func (c *cli) keepCommand() string { return "firstpage init --prometheus " + shellWord(c.typed) }

// follow does what was chosen on the first-run screen. Without an error the
// screen opens again.
func (c *cli) follow(ctx context.Context, choice tui.Choice) error {
	switch choice.Kind {
	case tui.ChoseURL:
		c.flags.prometheus, c.typed = choice.Text, choice.Text
	case tui.ChoseInit:
		if err := c.runInit(ctx, &initFlags{}); err != nil {
			return err
		}
		c.flags.prometheus, c.typed = "", "" // the file has it now
	case tui.ChoseFile:
		c.flags.prometheus, c.typed = "", ""
		return c.includeTeam(ctx, choice.Text)
	case tui.ChoseDemo:
		if err := c.demo(ctx, &demoFlags{}); err != nil {
			return err
		}
		return errDone
	}
	return nil
}

// errDone ends the loop of screens.
var errDone = errors.New("done")

// includeTeam writes a configuration that includes a team's file, after it has
// said so.
func (c *cli) includeTeam(ctx context.Context, typed string) error {
	team, err := includable(typed)
	if err != nil {
		return err
	}
	path, err := c.initPath()
	if err != nil {
		return err
	}
	line := "include: [" + yamlPath(team, xdg.Home) + "]"
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return usage("%s is there already and was left as it is. Add this line to it:\n  %s", safe.Text(path), safe.Text(line))
	}
	body := plan{include: team}.text(xdg.Home)
	if err := c.tryOut(body); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(c.err, "This writes %s, with comments and one line that counts:\n  %s\n", shownPath(path), safe.Text(line)); err != nil {
		return err
	}
	if ok, err := c.asker(false).yes(ctx, "Write "+shownPath(path)+"?", true); err != nil || !ok {
		if err == nil {
			err = &exitError{exitNo, errors.New("nothing was written")}
		}
		return err
	}
	return c.writeInit(path, body, false)
}
