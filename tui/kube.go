package tui

import (
	"slices"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
)

// KubeContext is a context of the user's kubeconfig, as written there.
type KubeContext struct {
	Name, Cluster, Namespace string
}

// kubeTools are the tools that go by a kubeconfig. argocd is none of them: its
// server is not the cluster that it changes.
var kubeTools = []string{"kubectl", "oc", "helm"}

// aim is which cluster a command would go to, and which one its page is of.
type aim struct {
	tool      string
	named     string // the context that the command names; empty: it leaves it to the current one
	namespace string // that it names
	page      string // the page's cluster; empty: not known
	label     string // the alert's own word for its cluster; may be empty
	unknown   bool   // nothing can be known: no tool of Kubernetes, or a name that is not one yet
	switched  bool   // the script chooses the current context, or the kubeconfig, itself
	kube      KubeContext
}

// aims are those of a script's commands.
type aims []aim

// aimsOf is where a filled command goes, before the kubeconfig was asked.
func (a *App) aimsOf(f runbook.Filled) aims {
	cluster := a.page.Item.Cluster
	if slices.Contains(a.opts.Nameless, cluster) {
		cluster = ""
	}
	label := a.page.Item.Labels.Value("cluster").String()
	var out aims
	for _, to := range f.Aims() {
		out = append(out, aim{tool: to.Tool, named: to.Context, namespace: to.Namespace, page: cluster, label: label,
			unknown: !slices.Contains(kubeTools, to.Tool) || unsettled(to.Context, f), switched: switches(f.Text)})
	}
	return out
}

// switches reports whether a script says which kubeconfig or current context
// its commands go by.
func switches(script string) bool {
	s := strings.ToLower(script)
	return slices.ContainsFunc([]string{"kubeconfig", "use-context", "set-context", "kubecontext", "kubectx", "oc login", "get-credentials"},
		func(word string) bool { return strings.Contains(s, word) })
}

// unsettled reports whether a name is still to be filled in, or known to the
// shell only.
func unsettled(name string, f runbook.Filled) bool {
	return strings.ContainsAny(name, "$`<>{}*") || slices.ContainsFunc(f.Missing, func(g runbook.Gap) bool {
		return strings.Contains(name, f.Text[g.Start:g.End])
	})
}

// asks reports whether the kubeconfig can say more of t.
func (t aim) asks() bool {
	return !t.unknown && !t.switched && (t.named == "" || t.page != "")
}

// lookUp asks the kubeconfig where each of ts leads; nil: there is nothing to
// ask.
func (a *App) lookUp(ts aims) func() aims {
	ask := a.opts.Desktop.KubeContext
	if ask == nil || !slices.ContainsFunc(ts, aim.asks) {
		return nil
	}
	return func() aims {
		out := slices.Clone(ts)
		for i, t := range out {
			if !t.asks() {
				continue
			}
			// After an error it is said that the cluster is not known; why is
			// kubectl's to say.
			if k, err := ask(t.tool, t.named); err == nil {
				out[i].kube = k
			}
		}
		return out
	}
}

// wrong is the context that a command goes to although the page is of another
// cluster; empty: it is the right one, or nobody knows.
func (t aim) wrong() string {
	name := t.named
	if name == "" {
		name = t.kube.Name
	}
	if t.unknown || t.page == "" || name == "" {
		return ""
	}
	for _, cluster := range []string{t.page, t.label} {
		if holdsWord(name, cluster) || holdsWord(t.kube.Cluster, cluster) {
			return ""
		}
	}
	return safe.Text(name)
}

// mismatch is wrong as a sentence.
func (t aim) mismatch() string {
	name := t.wrong()
	switch {
	case name == "":
		return ""
	case t.named != "":
		return "MISMATCH: this page is of " + safe.Text(t.page) + ", the command names " + name + "."
	}
	return "MISMATCH: this page is of " + safe.Text(t.page) + ", " + t.tool + "'s current context is " + name + "."
}

// current says which context a command that names none is left to; empty: it
// names one, or is for no cluster.
func (t aim) current() string {
	switch {
	case t.tool == "" || t.named != "":
		return ""
	case t.unknown || t.kube.Name == "":
		return safe.Text(t.tool) + " asks whatever cluster is current: the command names none."
	}
	where := ""
	if t.namespace == "" && t.kube.Namespace != "" {
		where = " (namespace " + safe.Text(t.kube.Namespace) + ")"
	}
	return t.tool + "'s current context is " + safe.Text(t.kube.Name) + where + ": the command names none."
}

// wrong is the first context that is; empty: none is.
func (ts aims) wrong() string {
	for _, t := range ts {
		if name := t.wrong(); name != "" {
			return name
		}
	}
	return ""
}

// said are the words that f has for each of ts, once.
func (ts aims) said(f func(aim) string) []string {
	var out []string
	for _, t := range ts {
		if words := f(t); words != "" && !slices.Contains(out, words) {
			out = append(out, words)
		}
	}
	return out
}

// holdsWord reports whether a name is the word, or has it between separators:
// the name that a cloud gives to a context often ends with the cluster's.
func holdsWord(name, word string) bool {
	name, word = strings.ToLower(name), strings.ToLower(word)
	if word == "" {
		return false
	}
	const separators = "-_/:@."
	for at := 0; ; {
		i := strings.Index(name[at:], word)
		if i < 0 {
			return false
		}
		from, to := at+i, at+i+len(word)
		if (from == 0 || strings.ContainsRune(separators, rune(name[from-1]))) && (to == len(name) || strings.ContainsRune(separators, rune(name[to]))) {
			return true
		}
		at = from + 1
	}
}
