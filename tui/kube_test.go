package tui

import (
	"errors"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// contexts answers for a kubeconfig; what is asked under "" is the current one.
func contexts(known map[string]KubeContext) func(*Options) {
	return func(o *Options) {
		o.Desktop.KubeContext = func(_, name string) (KubeContext, error) {
			if k, ok := known[name]; ok {
				return k, nil
			}
			return KubeContext{}, errors.New("token: s3cret")
		}
	}
}

func stepOf(command string) stepBook {
	return stepBook("# A\n\n1. Do:\n\n   ```bash\n   " + command + "\n   ```\n")
}

// What the preview says of where a command goes.
func TestPreviewSaysWhereACommandGoes(t *testing.T) {
	t.Parallel()
	us := map[string]KubeContext{"": {Name: "prod-us", Namespace: "shop"}, "europe": {Name: "europe", Cluster: "prod-eu"}}
	eu := map[string]KubeContext{"": {Name: "arn:aws:eks:eu-west-1:123:cluster/Prod-EU"}}
	const whatever = "asks whatever cluster is current: the command names none."
	for _, c := range []struct {
		command string
		known   map[string]KubeContext
		has     string
		wrong   bool
	}{
		{"kubectl get pods", us, "kubectl's current context is prod-us (namespace shop): the command names none.", true},
		{"oc -n x get pods", us, "oc's current context is prod-us: the command names none.", true},
		{"helm list", eu, "helm's current context is arn:aws", false},
		{"kubectl get pods", nil, "kubectl " + whatever, false},
		{"argocd app sync x", us, "argocd " + whatever, false},
		{"argocd app sync x --server argo.example.com", us, "It changes production", false},
		{"KUBECONFIG=~/eu kubectl get pods", us, "kubectl " + whatever, false},
		{"kubectl --context prod-us get pods", nil, "the command names prod-us.", true},
		{"kubectl --context europe get pods", us, "y do it", false},
		{"kubectl --context admin@prod-eu get pods", us, "y do it", false},
		{"kubectl --context <cluster> get pods", us, "--context prod-eu get pods", false},
		{"kubectl --context $CTX get pods", us, "y do it", false},
		{"kubectl --server https://api.prod-eu.example.com:6443 get pods", us, "y do it", false},
		{"echo hello", us, "y do it", false},
		{"kubectl --context prod-eu get pods; kubectl --context prod-us delete pod x", us, "the command names prod-us", true},
		{"kubectl --context prod-eu get pods; helm list", us, "helm's current context is prod-us", true},
		{"kubectl --context prod-us --kubeconfig us get pods", us, "the command names prod-us", true},
	} {
		r := runRig(t, 140, 40, newRunner(), func(o *Options) {
			o.Assembler.Runbooks = stepOf(c.command)
			contexts(c.known)(o)
		})
		r.key("x")
		r.has("Nothing has been done yet", c.has)
		r.lacks("s3cret")
		if got := strings.Contains(r.screen(), "MISMATCH: this page is of prod-eu"); got != c.wrong {
			t.Errorf("%s: a mismatch: %v\n%s", c.command, got, r.screen())
		}
	}
	r := runRig(t, 120, 40, newRunner(), func(o *Options) {
		o.Assembler.Runbooks, o.Nameless = stepOf("kubectl get pods"), []string{"prod-eu"}
		contexts(us)(o)
	})
	r.key("x")
	r.has("kubectl's current context is prod-us")
	r.lacks("MISMATCH")
}

// A command for another cluster runs only after the name of its context was
// typed.
func TestAnotherClusterHasToBeTyped(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 40}} {
		x := newRunner()
		close(x.out)
		r := runRig(t, size[0], size[1], x, func(o *Options) {
			o.Assembler.Runbooks = stepOf("kubectl delete pod x")
			contexts(map[string]KubeContext{"": {Name: "prod-us"}})(o)
			guide(o)
		})
		see := func() {
			for range 12 {
				_ = r.screen()
				r.key("down")
			}
			_ = r.screen()
		}
		r.key("x")
		see()
		r.has("asks for the name of the context")
		r.key("y")
		r.has("type prod-us to run it there:", "esc back")
		r.key("enter", "y", "q", "enter")
		r.has("this is not prod-us: nothing was run")
		r.key("esc")
		r.has("Nothing has been done yet", "asks for the name")
		r.key("y")
		for _, k := range strings.Split("prod-us", "") {
			if len(x.asked) > 0 {
				t.Fatal("it ran before the name was whole")
			}
			r.key(k)
		}
		r.has("prod-us")
		if len(x.asked) > 0 {
			t.Fatal("it ran without enter")
		}
		r.key("enter")
		r.has("Done: what it printed")
		if len(x.asked) != 1 || x.asked[0] != "kubectl delete pod x" {
			t.Errorf("it ran %q", x.asked)
		}
		r.key("enter", "esc")
		r.lacks("Done: what it printed")
	}
}

// While the kubeconfig was not read, y waits; after a while it does not.
func TestSlowKubeconfig(t *testing.T) {
	t.Parallel()
	x, never := newRunner(), make(chan bool)
	defer close(never)
	close(x.out)
	r := runRig(t, 120, 40, x, func(o *Options) {
		o.Assembler.Runbooks = stepOf("kubectl get pods")
		o.Desktop.KubeContext = func(string, string) (KubeContext, error) { <-never; return KubeContext{}, nil }
	})
	answer := func(name string) kubeMsg {
		run := r.app.view.run
		return kubeMsg{run: run.number, ask: run.ask, aims: aims{{tool: "kubectl", page: "prod-eu", kube: KubeContext{Name: name}}}, late: name == ""}
	}
	r.key("x")
	r.has("asks whatever cluster is current")
	r.key("y")
	r.has("a moment: the kubeconfig is being read")
	old := answer("of another preview")
	old.run--
	r.send(old)
	r.lacks("of another preview")
	r.send(answer("prod-us"))
	r.key("y") // pressed before the mismatch was drawn
	if r.app.view.mode != previewing {
		t.Error("y counts for what was not seen")
	}
	r.has("MISMATCH")
	r.key("y")
	r.has("type prod-us to run it there")
	r.key("esc", "esc", "x")
	r.send(answer(""))
	r.has("asks whatever cluster is current")
	r.key("y")
	left := answer("")
	r.key("esc")
	r.send(left) // it was left meanwhile
	if len(x.asked) != 0 {
		t.Fatalf("it ran %q after it was left", x.asked)
	}
	r.key("x")
	r.send(answer(""))
	_ = r.screen()
	r.key("y")
	r.send(answer(""))
	if len(x.asked) != 1 {
		t.Errorf("it ran %q", x.asked)
	}
}

// The current context may be changed in another terminal while the preview
// stands.
func TestContextChangedBeforeYes(t *testing.T) {
	t.Parallel()
	x := newRunner()
	close(x.out)
	current := "prod-eu"
	r := runRig(t, 120, 40, x, func(o *Options) {
		o.Assembler.Runbooks = stepOf("kubectl get pods")
		o.Desktop.KubeContext = func(string, string) (KubeContext, error) { return KubeContext{Name: current}, nil }
	})
	r.key("x")
	r.has("current context is prod-eu", "y do it")
	current = "prod-us"
	r.key("y")
	r.has("not run: the kubeconfig has changed meanwhile", "MISMATCH", "asks for the name")
	current = "prod-eu"
	r.key("y", "p", "r", "o", "d", "-", "u", "s", "enter")
	r.has("not run: the kubeconfig has changed meanwhile", "current context is prod-eu", "y do it")
	r.lacks("MISMATCH")
	if len(x.asked) > 0 {
		t.Fatalf("it ran %q", x.asked)
	}
	r.key("y")
	r.has("Done: what it printed")
	if len(x.asked) != 1 {
		t.Errorf("it ran %q", x.asked)
	}
}

func TestTypingANameFitsEverySize(t *testing.T) {
	t.Parallel()
	r := runRig(t, 80, 24, newRunner(), func(o *Options) {
		o.Assembler.Runbooks = stepOf("kubectl --context arn:aws:eks:us-west-1:123456789012:cluster/" + strings.Repeat("long-", 20) + "us delete pod x")
	})
	r.key("x")
	for _, w := range []int{1, 20, 59, 60, 61, 80, 120, 200} {
		for _, h := range []int{1, 6, 14, 15, 16, 24, 40} {
			r.app.Update(tea.WindowSizeMsg{Width: w, Height: h})
			for _, m := range []mode{previewing, naming} {
				r.app.startEntry(m, "some")
				r.app.view.inputErr = "this is not it"
				r.app.dirty = true
				fits(t, r.app.View().Content, w, h, "the name of a context")
			}
		}
	}
}

func TestCopySaysAMismatch(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]string{
		"kubectl get pods":                   "MISMATCH: this page is of prod-eu, kubectl's current context is prod-us. copied: kubectl",
		"kubectl --context prod-us get pods": "MISMATCH: this page is of prod-eu, the command names prod-us. copied: kubectl --context",
		"kubectl --context europe get pods":  " sent to the terminal's clipboard, copied: kubectl --context europe get pods",
	} {
		var got string
		r := runRig(t, 100, 30, nil, func(o *Options) {
			o.Assembler.Runbooks = stepOf(command)
			contexts(map[string]KubeContext{"": {Name: "prod-us"}, "europe": {Cluster: "prod-eu"}})(o)
			o.Desktop.Copy = func(s string) error { got = s; return nil }
		})
		r.key("y")
		r.has(want)
		if got != command {
			t.Errorf("copied %q", got)
		}
	}
}

// Without a clipboard that is known to work, the copy is said to lie in a file,
// and how the command begins is still there to read.
func TestCopyIntoAFile(t *testing.T) {
	t.Parallel()
	const file = "~/.local/state/firstpage/copied.txt"
	var err error
	r := shelfRig(t, 80, 24, shelf{"": "# A\n\n1. Look:\n\n   ```bash\n   kubectl --context prod-eu -n shop rollout undo deploy/checkout\n   ```\n"}, func(o *Options) {
		o.Desktop.Copy, o.Desktop.CopyTo = func(string) error { return err }, file
	})
	r.key("y")
	r.has("copied: kubectl --context prod-eu", "…; also in "+file)
	r.key("1", "y")
	r.has("link copied: https://runbooks", "; also in "+file)
	err = errors.New("cannot write copied.txt: no space left on device")
	r.key("2", "y")
	r.has("sent to the terminal's clipboard only: cannot write copied.txt: no space")
}

func TestHoldsWord(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"prod", "PROD", "a-prod", "prod-a", "gke_x_prod", "nonprod.prod", "me@prod", "c/prod:1", "prodprod-prod"} {
		if !holdsWord(name, "prod") {
			t.Errorf("%s does not hold prod", name)
		}
	}
	for _, name := range []string{"", "pro", "nonprod", "prod1", "prodprod", "é-prodü"} {
		if holdsWord(name, "prod") {
			t.Errorf("%s holds prod", name)
		}
	}
	if holdsWord("x", "") {
		t.Error("nothing is held by everything")
	}
}
