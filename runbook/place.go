package runbook

import (
	"bytes"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Place finds where in the document an alert is spoken of. The anchor (a
// decoded fragment without `#`) comes first: GitHub's slug, GitLab's, an HTML
// id or name, the same with `_` for `-`, a line (`L41`). Then the heading that
// names the alert, then the first line that mentions it, then the top. Missed
// says that there was an anchor and nothing answers to it.
func (d Document) Place(anchor, alert string) Pos {
	anchor = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(anchor, "#")))
	if anchor != "" {
		if p, ok := d.atAnchor(anchor); ok {
			return p
		}
	}
	p := d.atAlert(alert)
	p.Missed = anchor != ""
	return p
}

func (d Document) atAnchor(want string) (Pos, bool) {
	for _, p := range []string{"user-content-", "markdown-header-"} { // GitHub's and Bitbucket's, in the page itself
		want = strings.TrimPrefix(want, p)
	}
	for kind := githubAnchor; kind <= htmlAnchor; kind++ {
		for _, a := range d.anchors {
			if a.kind == kind && a.id == want {
				return d.pos(a.block, a.line, AtAnchor), true
			}
		}
	}
	if line, ok := lineAnchor(want); ok && line <= len(d.lines) {
		return d.pos(d.blockAt(line), line, AtAnchor), true
	}
	want = loose(want)
	for _, a := range d.anchors {
		if loose(a.id) == want {
			return d.pos(a.block, a.line, AtAnchor), true
		}
	}
	for _, h := range d.heads {
		if dashed(h.Text) == want {
			return d.pos(h.block, h.Line, AtAnchor), true
		}
	}
	return Pos{}, false
}

// dashed is the anchor that other generators make of a heading: each run of
// what is no letter or digit is a `-` where GitHub drops it (v1.2: v1-2).
func dashed(heading string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(heading), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}), "-")
}

// loose is an anchor with `_` as `-` and runs of them as one.
func loose(id string) string {
	return strings.Trim(gitlabSlug(strings.ReplaceAll(id, "_", "-")), "-")
}

// lineAnchor reads a forge's `L41` or `L41-L50`.
func lineAnchor(s string) (int, bool) {
	s, ok := strings.CutPrefix(s, "l")
	s, _, _ = strings.Cut(s, "-")
	n, err := strconv.Atoi(s)
	return n, ok && err == nil && n > 0
}

func (d Document) atAlert(alert string) Pos {
	if alert = strings.TrimSpace(alert); alert != "" {
		for _, h := range d.heads {
			if Names(h.Text, alert) {
				return d.pos(h.block, h.Line, AtHeading)
			}
		}
		for _, h := range d.heads {
			if mentions([]byte(h.Text), alert) {
				return d.pos(h.block, h.Line, AtHeading)
			}
		}
		for i, b := range d.Blocks {
			for line := b.Line; line <= b.EndLine && line <= len(d.lines); line++ {
				if mentions(d.textLine(line), alert) {
					return d.pos(i, line, AtMention)
				}
			}
		}
	}
	if len(d.Blocks) == 0 {
		return Pos{Line: 1, Kind: AtTop}
	}
	return d.pos(0, d.Blocks[0].Line, AtTop)
}

// pos fills a place in with the heading there or the nearest above.
func (d Document) pos(block, line int, kind PlaceKind) Pos {
	p := Pos{Block: max(0, min(block, len(d.Blocks)-1)), Line: line, Kind: kind}
	above := sort.Search(len(d.heads), func(i int) bool { return d.heads[i].Line > line }) - 1
	if above >= 0 {
		p.Heading, p.Slug = d.heads[above].Text, d.heads[above].Slugs[0]
	}
	return p
}

// blockAt is the index of the block that holds a line, or the last before it.
func (d Document) blockAt(line int) int {
	at := 0
	for i, b := range d.Blocks {
		if b.Line > line {
			break
		}
		at = i
	}
	return at
}

// mentions reports whether a line holds a name as a whole word, in any case.
func mentions(line []byte, name string) bool {
	for from := 0; ; {
		i := indexFold(line[from:], name)
		if i < 0 {
			return false
		}
		start, end := from+i, from+i+len(name)
		before, _ := utf8.DecodeLastRune(line[:start])
		after, _ := utf8.DecodeRune(line[end:])
		if (start == 0 || !wordRune(before)) && (end == len(line) || !wordRune(after)) {
			return true
		}
		from = start + 1
	}
}

func wordRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// indexFold is bytes.Index without regard to the case of ASCII letters.
func indexFold(s []byte, name string) int {
	if name == "" {
		return -1
	}
	lo, up := lower(name[0]), upper(name[0])
	for i := 0; i+len(name) <= len(s); i++ {
		if lo == up {
			j := bytes.IndexByte(s[i:], lo)
			if j < 0 {
				return -1
			}
			i += j
		} else if s[i] != lo && s[i] != up {
			continue
		}
		if i+len(name) <= len(s) && equalFold(s[i:i+len(name)], name) {
			return i
		}
	}
	return -1
}

func equalFold(s []byte, name string) bool {
	for i := range len(name) {
		if lower(s[i]) != lower(name[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}
