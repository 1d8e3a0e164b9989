package reader

import (
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/yuin/goldmark/ast"
	astext "github.com/yuin/goldmark/extension/ast"

	"github.com/firstpage-oncall/firstpage/runbook"
)

// topItem draws one item of a top-level list, which is a block by itself.
func (d *drawer) topItem(b runbook.Block) []part {
	in := d.room(0, gutter)
	item, ok := b.Node.(*ast.ListItem)
	if !ok {
		return d.node(b.Node, 0, 0)
	}
	return indent(d.item(item, b.Marker, in, 0), spaces(in), spaces(in))
}

// list draws a nested list.
func (d *drawer) list(n *ast.List, indented, depth int) []part {
	var out []part
	number := n.Start
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		item, ok := c.(*ast.ListItem)
		if !ok {
			continue
		}
		if len(out) > 0 && !n.IsTight {
			out = append(out, part{rows: []string{""}})
		}
		marker := ""
		if n.IsOrdered() {
			marker = strconv.Itoa(number) + string(n.Marker)
		}
		number++
		out = append(out, d.item(item, marker, indented, depth)...)
	}
	return out
}

// item draws a list item: marker or box, and everything in it behind a hanging
// indent.
func (d *drawer) item(n *ast.ListItem, marker string, indented, depth int) []part {
	th := d.look.theme
	list, _ := n.Parent().(*ast.List)
	ordered := marker != "" && strings.Trim(marker, "-*+") != ""
	mark := "•"
	if nestedLists(n)%2 == 0 {
		mark = "◦"
	}
	width := 1
	if ordered {
		mark, width = marker, ansi.StringWidth(marker)
		if list != nil { // numbers of one list end in one column
			width = max(width, len(strconv.Itoa(list.Start+list.ChildCount()-1))+1)
		}
		mark = strings.Repeat(" ", width-ansi.StringWidth(marker)) + mark
	}
	mark = th.Accent.Paint(mark)
	box := taskBox(n)
	ticked := d.ticked && n.Parent() != nil && nestedLists(n) == 1
	if box != nil || ticked {
		mark = th.AccentBold.Paint("[ ]")
		if ticked || box.IsChecked {
			mark = th.OK.Paint("[x]")
		}
		if ordered {
			mark = th.Accent.Paint(marker) + " " + mark
			width = ansi.StringWidth(marker) + 1
		} else {
			width = 0
		}
		width += 3
	}
	tight := list == nil || list.IsTight
	return d.hang(mark+" ", width+1, indented, func(in int) []part {
		return d.children(n, in, depth, tight)
	})
}

// nestedLists counts the lists around an item, its own included.
func nestedLists(n ast.Node) int {
	lists := 0
	for p := n.Parent(); p != nil; p = p.Parent() {
		if p.Kind() == ast.KindList {
			lists++
		}
	}
	return lists
}

// hang puts a mark of width cells before the first row and as many spaces
// before the others. Where there is no room for that, the mark has a row.
func (d *drawer) hang(mark string, width, indented int, body func(indented int) []part) []part {
	in := d.room(indented, width)
	ps := body(indented + in)
	mark0 := strings.TrimRight(mark, " ")
	switch {
	case len(ps) == 0:
		return ready(mark0)
	case in == 0:
		return append(ready(mark0), ps...)
	}
	return indent(ps, mark, spaces(in))
}

func taskBox(n *ast.ListItem) *astext.TaskCheckBox {
	if n.FirstChild() == nil {
		return nil
	}
	box, _ := n.FirstChild().FirstChild().(*astext.TaskCheckBox)
	return box
}

// room is how far something may be indented: by want, or not at all.
func (d *drawer) room(indented, want int) int {
	if d.prose-indented-want < minText {
		return 0
	}
	return want
}

func spaces(n int) string { return strings.Repeat(" ", n) }
