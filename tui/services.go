package tui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
	"github.com/firstpage-oncall/firstpage/tui/services"
)

// How old what is known of the services may become: which there are, how those
// on screen do, and the line of the quiet screen.
const (
	listEvery  = time.Minute
	sweepEvery = 15 * time.Second
	quietEvery = time.Minute
)

// servicesView is what is known of the services.
type servicesView struct {
	list    page.Services // as of the last time its clusters were asked
	of      map[string]page.ServiceHealth
	listing bool
	asking  bool
	swept   time.Time // the last sweep that came
	all     bool      // every service was asked once

	key    string // the service on its page
	one    page.ServiceHealth
	opened bool // its signals are being asked
}

// servicesMsg: which services there are is known.
type servicesMsg struct{ list page.Services }

// sweptMsg: how some services do is known.
type sweptMsg struct {
	of  map[string]page.ServiceHealth
	all bool
}

// serviceMsg: the signals of the service on its page are known.
type serviceMsg struct {
	key    string
	health page.ServiceHealth
}

// showsServices reports whether anything about services is on screen.
func (a *App) showsServices() (full, quiet bool) {
	full = a.changed.full == servicesFull || a.changed.full == serviceFull
	quiet = !a.page.ok && a.board != nil && allAsked(a.board) && len(a.board.Silent()) == 0
	return full, quiet
}

// askServices asks what has aged and is on screen: which services there are,
// then all of them at once, later those on screen only.
func (a *App) askServices() tea.Cmd {
	full, quiet := a.showsServices()
	if !full && !quiet || a.board == nil || a.opts.Assembler.Query == nil || a.view.paused {
		return nil
	}
	v, now := &a.services, a.opts.Now()
	ctx, assembler, board := a.ctx, a.opts.Assembler, a.board
	var cmds []tea.Cmd
	if !v.listing && now.Sub(v.list.AsOf) >= listEvery {
		v.listing = true
		cmds = append(cmds, func() tea.Msg { return servicesMsg{assembler.Services(ctx, board)} })
	}
	every := quietEvery
	if full {
		every = sweepEvery
	}
	if !v.asking && len(v.list.Rows) > 0 && (!v.all || now.Sub(v.swept) >= every) {
		rows, all := a.toSweep(full), !v.all || !full
		v.asking = true
		cmds = append(cmds, func() tea.Msg { return sweptMsg{assembler.Sweep(ctx, rows), all} })
	}
	if r, ok := a.service(); ok && a.changed.full == serviceFull && !v.opened && now.Sub(v.one.AsOf) >= sweepEvery {
		v.opened = true
		cmds = append(cmds, func() tea.Msg { return serviceMsg{r.Key(), assembler.HealthOfService(ctx, r)} })
	}
	return tea.Batch(cmds...)
}

// toSweep is whom to ask, those on screen first; once all are known, with the
// list on screen only them.
func (a *App) toSweep(full bool) []triage.ServiceRow {
	var rows []triage.ServiceRow
	if full {
		rows = append(rows, a.panes.services.Visible()...)
	}
	if full && a.services.all {
		return rows
	}
	have := map[string]bool{}
	for _, r := range rows {
		have[r.Key()] = true
	}
	for _, r := range a.services.list.Rows {
		if !have[r.Key()] {
			rows = append(rows, r)
		}
	}
	return rows
}

func (a *App) onServices(m servicesMsg) tea.Cmd {
	a.services.listing, a.services.list = false, m.list
	return a.askServices()
}

func (a *App) onSwept(m sweptMsg) {
	v := &a.services
	v.asking, v.swept, v.all = false, a.opts.Now(), v.all || m.all
	of := make(map[string]page.ServiceHealth, len(v.of))
	for k, h := range v.of {
		of[k] = h
	}
	for k, h := range m.of {
		of[k] = h
	}
	v.of = of
}

func (a *App) onService(m serviceMsg) {
	if m.key == a.services.key {
		a.services.one, a.services.opened = m.health, false
	}
}

// openServices shows every service; the one of the page is chosen.
func (a *App) openServices() tea.Cmd {
	if a.board == nil {
		a.say("nothing is known yet: Prometheus is being asked", false)
		return nil
	}
	a.changed.full = servicesFull
	if a.page.ok {
		a.panes.services.Select(triage.ServiceRow{Cluster: a.page.Item.Cluster, Name: a.page.Item.Service.Name}.Key())
	}
	a.refreshFull()
	return a.askServices()
}

// service is the row of the service on its page.
func (a *App) service() (triage.ServiceRow, bool) {
	for _, r := range a.serviceRows() {
		if r.Key() == a.services.key {
			return r, true
		}
	}
	return triage.ServiceRow{}, false
}

func (a *App) serviceRows() []triage.ServiceRow {
	return page.ServicesInOrder(a.services.list.Rows, a.services.of)
}

func (a *App) servicesSubject() services.Subject {
	s := services.Subject{Rows: a.serviceRows(), Of: a.services.of, Known: !a.services.list.AsOf.IsZero(), Now: a.opts.Now(),
		Several: len(a.board.Snapshot.Clusters) > 1, Notes: a.services.list.Notes}
	for _, c := range a.board.Snapshot.Clusters {
		if err := a.services.list.Errs[c.Name]; err != nil {
			s.Notes = append(s.Notes[:len(s.Notes):len(s.Notes)], safe.Text(c.Name)+" did not say which services it has: "+safe.Err(err))
		}
	}
	return s
}

func (a *App) serviceDetails() services.Details {
	r, _ := a.service()
	d := services.Details{Row: r, Health: a.services.one, Now: a.opts.Now(), Loc: a.opts.Loc}
	if d.Health.AsOf.IsZero() {
		d.Health = a.services.of[r.Key()]
	}
	same := func(name safe.Value) bool {
		if s, ok := a.board.Catalog(name); ok {
			name = s.Name
		}
		return r.Named(name)
	}
	d.Alerts = a.board.Items(func(it triage.Item) bool { return it.Cluster == r.Cluster && same(it.Service.Name) })
	for _, c := range a.board.Changes {
		if (c.Cluster == "" || c.Cluster == r.Cluster) && same(c.Service) {
			d.Changes = append(d.Changes, c)
		}
	}
	d.Catalog, _ = a.board.Catalog(r.Name)
	return d
}

// doServices carries out what is asked while services fill the body; false: it
// is for somebody else.
func (a *App) doServices(action keymap.Action) (tea.Cmd, bool) {
	l := a.panes.services
	switch {
	case action == keymap.Back && a.changed.full == servicesFull && l.Words() != "":
		l.Filter("")
	case action == keymap.Back:
		return a.closeFull(), true
	case action == keymap.AllServices:
		a.changed.full = noFull
	case a.changed.full == serviceFull && action == keymap.Open:
		a.panes.service.Toggle()
	case a.changed.full != servicesFull:
		return nil, false
	case action == keymap.Filter:
		return a.startEntry(sifting, l.Words()), true
	case action == keymap.Open:
		r, ok := l.Selected()
		if !ok {
			a.say("there is no service to open", false)
			return nil, true
		}
		a.services.key, a.services.one, a.services.opened = r.Key(), page.ServiceHealth{}, false
		a.changed.full = serviceFull
		a.panes.service.Scroll(-1 << 20)
		return a.askServices(), true
	default:
		return nil, false
	}
	return nil, true
}

// healthLine is how all services do, in one line of the quiet screen.
func (a *App) healthLine() string {
	v := a.services
	switch {
	case a.opts.Assembler.Query == nil:
		return "not known: there is no Prometheus to ask"
	case len(v.list.Errs) > 0 && len(v.list.Rows) == 0:
		return "not known: Prometheus did not say which services there are  (4)"
	case !v.list.AsOf.IsZero() && len(v.list.Rows) == 0:
		return "no service is known"
	case v.list.AsOf.IsZero() || v.swept.IsZero():
		return "asking ...  (4)"
	}
	t := page.TallyOf(v.list.Rows, v.of)
	var parts []string
	if n := len(t.Bad); n > 0 {
		parts = append(parts, fmt.Sprint(n)+" down or worse ("+strings.Join(t.Bad[:min(n, 3)], ", ")+")")
	}
	if t.Usual > 0 {
		parts = append(parts, fmt.Sprint(t.Usual)+" usual")
	}
	if t.Unknown > 0 {
		parts = append(parts, fmt.Sprint(t.Unknown)+" not known")
	}
	return page.Counted(len(v.list.Rows), "service") + ": " + strings.Join(parts, ", ") + "  (4)"
}

// servicesAge is how old what is shown of the services is.
func (a *App) servicesAge() string {
	at := a.services.swept
	if a.changed.full == serviceFull && !a.services.one.AsOf.IsZero() {
		at = a.services.one.AsOf
	}
	if at.IsZero() {
		return "asking ..."
	}
	return page.Ago(a.opts.Now().Sub(at)) + " ago"
}
