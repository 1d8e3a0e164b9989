package runbook

import (
	"slices"
	"strings"
)

// AllNamespaces is the namespace of a command that asks for all.
const AllNamespaces = "*"

// Context says which cluster a block's commands for kubectl, oc, helm and
// argocd speak to: the tool, the context (or cluster, or server) that is named
// and the namespace, empty where none is. explicit is false when a command
// leaves the context to whatever is current; of several commands the first
// such one is told of, else the first. tool is empty when the block has none.
// What is returned is as written: it may hold placeholders, and controls.
func (c CodeBlock) Context() (tool, context, namespace string, explicit bool) {
	if !c.Command() && c.Lang != "" {
		return "", "", "", false
	}
	return contextOf(c.Script())
}

// Context is CodeBlock.Context of a block as it was filled.
func (f Filled) Context() (tool, context, namespace string, explicit bool) {
	if c := (CodeBlock{Lang: f.Lang}); !c.Command() && c.Lang != "" {
		return "", "", "", false
	}
	return contextOf(f.Text)
}

// Aim is where one command goes: Context with its results as fields.
type Aim struct{ Tool, Context, Namespace string }

// Aims is Context for each command of the block that asks a cluster, in order,
// each answer once.
func (f Filled) Aims() []Aim {
	if c := (CodeBlock{Lang: f.Lang}); !c.Command() && c.Lang != "" {
		return nil
	}
	return aimsOf(f.Text)
}

func contextOf(text string) (tool, context, namespace string, explicit bool) {
	aims := aimsOf(text)
	if len(aims) == 0 {
		return "", "", "", false
	}
	a := aims[max(0, slices.IndexFunc(aims, func(a Aim) bool { return a.Context == "" }))]
	return a.Tool, a.Context, a.Namespace, a.Context != ""
}

func aimsOf(text string) []Aim {
	var out []Aim
	for _, c := range readScript(text).cmds {
		args := toolCommand(texts(c.run()))
		if args == nil {
			continue
		}
		ctx, ns := named(args[1:])
		if a := (Aim{clusterTool(args[0]), ctx, ns}); !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// local are subcommands that ask no cluster.
const local = "config|completion|plugin|kustomize|help|options|login|logout|repo|search|template|lint|show|pull|package|dependency|context|relogin|account"

// toolCommand is the part of a command from a cluster's tool on, seen through
// sudo, xargs and the like; nil: it is for no cluster.
func toolCommand(args []string) []string {
	for len(args) > 0 {
		if tool := clusterTool(args[0]); tool != "" {
			subs := operands(args[1:], true)
			if len(subs) == 0 || begins(local, subs) != "" && !(tool == "argocd" && subs[0] == "repo") {
				return nil
			}
			return args
		}
		if wrapperOf(base(args[0])) == nil {
			return nil
		}
		for args = args[1:]; len(args) > 0 && clusterTool(args[0]) == ""; {
			args = args[1:]
		}
	}
	return nil
}

// named are the context and namespace among the options of a command.
func named(args []string) (context, namespace string) {
	for i, a := range args {
		if a == "--" {
			break
		}
		option, value, joined := strings.Cut(a, "=")
		if !joined && i+1 < len(args) {
			value = args[i+1]
		}
		switch option {
		case "--context", "--kube-context", "--argocd-context", "--cluster", "--server", "-s", "--kube-apiserver":
			context = value
		case "-n", "--namespace":
			namespace = value
		case "-A", "--all-namespaces":
			namespace = AllNamespaces
		default:
			if rest, ok := strings.CutPrefix(a, "-n"); ok && rest != "" { // -nshop
				namespace = rest
			}
		}
	}
	return context, namespace
}
