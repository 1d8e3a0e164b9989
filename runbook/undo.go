package runbook

import (
	"cmp"
	"regexp"
	"slices"
)

// Undo is a block of the document that takes a change back.
type Undo struct {
	Code    int    // index into Document.Codes
	Heading string // the nearest above it, clean; may be empty
}

// Undos lists the blocks for a shell that take a change back, best first: those
// of the section that a place is in before the others, and there those whose
// command says so (kubectl rollout undo, helm rollback, argocd app rollback, git
// revert, a script of that name) before those of which only the heading or the
// step does. Nil: there is none.
func (d Document) Undos(at Pos) []Undo {
	from, to := d.section(at)
	type ranked struct {
		Undo
		rank int
	}
	var found []ranked
	for i, c := range d.codes {
		heading, said := d.undoWords(c)
		rank := 0
		switch {
		case !c.Command() && (c.Lang != "" || len(c.Changes()) == 0):
			continue
		case c.undoes():
		case said && c.Command() && c.acts():
			rank = 1
		default:
			continue
		}
		if c.Block < from || c.Block >= to {
			rank += 2
		}
		found = append(found, ranked{Undo{Code: i, Heading: heading}, rank})
	}
	slices.SortStableFunc(found, func(a, b ranked) int { return cmp.Compare(a.rank, b.rank) })
	var out []Undo
	for _, f := range found {
		out = append(out, f.Undo)
	}
	return out
}

var (
	// undoing is a word of a command, such as rollback, deploy:rollback or
	// ./undo.sh; a flag may be one by itself.
	undoing = regexp.MustCompile(`(?i)^(?:--(?:roll-?back|undo|revert)|(?:[^-].*[^a-z])?(?:roll-?back|undo|revert)(?:[^a-z].*)?)$`)
	// undoingText is in a heading or a step.
	undoingText = regexp.MustCompile(`(?i)\b(?:roll(?:ing)?[ -]?back|undo(?:ing)?|revert(?:ing)?)\b`)
	// undoingNot is a heading or a step that speaks of it and does not ask for it.
	undoingNot = regexp.MustCompile(`(?i)\b(?:not|never|cannot|fail(?:s|ed|ing|ure)?|stuck|without|after|during|before|why|when|\w+n't)\b`)
)

func asksToUndo(text string) bool {
	return undoingText.MatchString(text) && !undoingNot.MatchString(text)
}

// undoWords is the heading above a block, and whether it, one that it stands
// under or the step asks to take something back. The title of the document does
// not count: it names what went wrong.
func (d Document) undoWords(c CodeBlock) (heading string, said bool) {
	level := 7
	for _, h := range slices.Backward(d.heads) {
		if h.Line >= c.Line || h.node.Level >= level {
			continue
		}
		if level == 7 {
			heading = h.Text
		}
		level = h.node.Level
		said = said || level > 1 && asksToUndo(h.Text)
	}
	return heading, said || asksToUndo(d.StepWords(Step{Block: c.Block, Line: d.Blocks[c.Block].Line, EndLine: d.Blocks[c.Block].EndLine}))
}

// undoes reports whether one of a block's commands takes something back by its
// own words.
func (c CodeBlock) undoes() bool {
	for _, cmd := range readScript(c.typed().text).cmds {
		args := texts(cmd.run())
		if !slices.ContainsFunc(args, undoing.MatchString) {
			continue
		}
		name := base(args[0])
		if name == "git" && slices.Contains(args, "revert") {
			return true
		}
		if unknown := !isTool(name) && !isReader(name) && wrapperOf(name) == nil && name != "ssh"; unknown || changes(args) {
			return true
		}
	}
	return false
}

// acts reports whether one of a block's commands may do more than show.
func (c CodeBlock) acts() bool {
	return slices.ContainsFunc(readScript(c.typed().text).cmds, func(cmd *oneCommand) bool {
		args := texts(cmd.run())
		return len(args) > 0 && (!isTool(base(args[0])) && !isReader(base(args[0])) || changes(args))
	})
}

// changes reports whether a command is known to change something.
func changes(args []string) bool {
	j := judge{line: func(int) int { return 0 }, seen: map[Danger]bool{}}
	j.command(args, "", false, 0, 0)
	return len(j.found) > 0
}
