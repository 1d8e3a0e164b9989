package tui

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"
)

// kubeWait is how long a preview waits for the kubeconfig, which may lie on a
// network's disk, before it goes on without.
const kubeWait = 2 * time.Second

// kubeMsg: the kubeconfig has answered the question of a preview, or too much
// time has passed.
type kubeMsg struct {
	run, ask int // numbers of the preview and of its question
	aims     aims
	late     bool
}

// askKube asks the kubeconfig for the preview; nil: there is nothing to ask.
func (a *App) askKube() tea.Cmd {
	r := &a.view.run
	look := a.lookUp(r.aims)
	if look == nil {
		return nil
	}
	r.asking = true
	r.ask++
	msg := kubeMsg{run: r.number, ask: r.ask}
	late := msg
	late.late = true
	return tea.Batch(func() tea.Msg { msg.aims = look(); return msg },
		tea.Tick(kubeWait, func(time.Time) tea.Msg { return late }))
}

// goAhead starts what was confirmed, if it still goes where the screen says:
// between the preview and its y somebody may have changed the current context.
func (a *App) goAhead() tea.Cmd {
	cmd := a.askKube()
	if cmd == nil {
		return a.start()
	}
	a.view.run.confirmed = true
	return cmd
}

// onKube takes an answer of the kubeconfig.
func (a *App) onKube(msg kubeMsg) tea.Cmd {
	r := &a.view.run
	if msg.run != r.number || msg.ask != r.ask || r.stage != asked || msg.late && !r.asking {
		a.dirty = false
		return nil
	}
	confirmed := r.confirmed
	r.asking, r.confirmed = false, false
	same := slices.Equal(r.aims, msg.aims)
	switch {
	case confirmed && (same || msg.late && !r.aims.known()):
		return a.start()
	case msg.late && confirmed:
		a.say("not run: the kubeconfig cannot be read any more", true)
	case msg.late || same:
	default:
		a.onAims(msg.aims)
		if confirmed {
			a.say("not run: the kubeconfig has changed meanwhile, look again", true)
		}
	}
	return nil
}

// onAims puts an answer into the preview. What y means may be another thing
// now, so all of it has to be seen again.
func (a *App) onAims(now aims) {
	a.view.run.aims, a.view.run.drawn = now, false
	if a.view.mode == naming {
		a.endEntry()
		a.view.mode = previewing
	}
}

// known reports whether the kubeconfig has said anything of ts.
func (ts aims) known() bool {
	return slices.ContainsFunc(ts, func(t aim) bool { return t.kube != KubeContext{} })
}
