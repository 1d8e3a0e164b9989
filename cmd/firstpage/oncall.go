package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/adrg/xdg"

	"github.com/firstpage-oncall/firstpage/config"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/internal/state"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources/ical"
	"github.com/firstpage-oncall/firstpage/sources/poll"
	"github.com/firstpage-oncall/firstpage/triage"
)

// schedules opens the configured on-call schedules.
func (h *house) schedules() ([]poll.ScheduleSet, error) {
	var cache state.Dir
	if len(h.cfg.OnCall) > 0 && !h.fleeting {
		// Without the folder there are no copies: doctor says so.
		cache, h.icalErr = state.Open(filepath.Join(xdg.CacheHome, "firstpage", "ical"))
	}
	var out []poll.ScheduleSet
	h.rotas = nil
	seen := map[string]int{}
	for _, oc := range h.cfg.OnCall {
		s, err := ical.Open(ical.Options{
			Name: scheduleName(oc, seen), Team: oc.Team, At: oc.ICal, Override: oc.Override,
			Timeout: h.cfg.Timeout, Cache: cache, Now: h.now, Local: h.loc,
		})
		if err != nil {
			return nil, &exitError{exitUsage, fmt.Errorf("%s: %w", oc.Place, err)}
		}
		h.rotas = append(h.rotas, s)
		out = append(out, poll.ScheduleSet{ID: s.ID(), Source: s})
	}
	return out, nil
}

// scheduleName tells the schedules of one team apart: seen counts them.
func scheduleName(oc config.OnCall, seen map[string]int) string {
	which := ""
	if oc.Override {
		which = "overrides"
	}
	name := triage.ScheduleName(oc.Team, which)
	if seen[name]++; seen[name] > 1 {
		return triage.ScheduleName(oc.Team, strings.TrimSpace(fmt.Sprintf("%s %d", which, seen[name])))
	}
	return name
}

// gapWindow is how far doctor looks for times that nobody has.
const gapWindow = 7 * 24 * time.Hour

// checkOnCall says of each schedule how old what it says is, and of each team how
// many people it has and when nobody is on call.
func (h *house) checkOnCall(b *triage.Board) []check {
	const part = "on call"
	if len(h.cfg.OnCall) == 0 {
		return []check{{part, "schedules", true, "none: who is on call is not known (docs/oncall.md)"}}
	}
	var out []check
	for i, f := range b.Snapshot.Shifts {
		st := f.Status(b.At)
		k := check{Part: part, Name: "schedule: " + safe.Text(st.Source.Name), OK: st.Err == nil,
			Detail: h.rotas[i].Shown() + ", " + page.Counted(st.Count, "shift")}
		switch {
		case st.Err != nil && st.AsOf.IsZero():
			k.Detail = st.Err.Error()
		case st.Err != nil:
			k.Detail += ", as read " + page.Ago(b.At.Sub(st.AsOf)) + " ago; now: " + st.Err.Error()
		default:
			k.Detail += ", read now"
		}
		for _, n := range st.Notes {
			k.OK = false
			k.Detail += "; " + n.String()
		}
		out = append(out, k)
	}
	for _, r := range b.Rotas() {
		if k := h.checkRota(r); known(r) {
			k.Part = part
			out = append(out, k)
		}
	}
	if h.icalErr != nil {
		out = append(out, check{part, "folder", false, safe.Err(h.icalErr)})
	}
	if len(h.cfg.Me) == 0 {
		out = append(out, check{part, "you", true, "not said: with me: the screen says until when you are on call"})
	}
	return out
}

// known reports whether any schedule of a team has ever answered.
func known(r triage.Rota) bool {
	for _, st := range r.Asked {
		if !st.AsOf.IsZero() {
			return true
		}
	}
	return false
}

func (h *house) checkRota(r triage.Rota) check {
	end := r.At.Add(gapWindow)
	k := check{Name: r.Team.String(), OK: true, Detail: "1 person"}
	if n := len(r.People()); n != 1 {
		k.Detail = fmt.Sprintf("%d people", n)
	}
	var gaps []string
	for _, g := range r.Gaps(end) {
		gaps = append(gaps, page.When(g.From, r.At, h.loc)+" to "+page.When(g.To, r.At, h.loc))
	}
	if len(r.Turns) == 0 {
		gaps = append(gaps, "now and later")
	} else if last := r.Turns[len(r.Turns)-1].To; last.Before(end) {
		gaps = append(gaps, "from "+page.When(last, r.At, h.loc)+" on")
	}
	if len(gaps) == 0 {
		k.Detail += ", somebody at every time of the next 7 days"
		return k
	}
	k.OK = false
	const shown = 3
	if len(gaps) > shown {
		gaps = append(gaps[:shown], fmt.Sprintf("and %d more times", len(gaps)-shown))
	}
	k.Detail += "; in the next 7 days nobody: " + strings.Join(gaps, ", ")
	return k
}
