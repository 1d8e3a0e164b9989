package events

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// maxNoted is how many unreadable entries are described; all are counted.
const maxNoted = 3

// maxSaid is how many sentences of evidence one change keeps: its newest.
const maxSaid = 6

// parsed is what a text gave.
type parsed struct {
	unit    string // what the entries are called: line or entry
	cut     bool
	entries int
	bad     int
	why     []string // of the first bad ones: "line 7: no service"
	skipped int      // CDEvents that are no changes
	found   []entry
}

// entry is what one of them says.
type entry struct {
	sources.Change
	n    int      // its number
	more []string // fields that nobody knows, as "name: value"
}

// parse reads NDJSON, an array, or objects one after another of which each may
// take several lines. If cut, the text begins anywhere in a line, and that line
// is left out.
func parse(b []byte, cut bool) *parsed {
	p := &parsed{unit: "line", cut: cut}
	if cut {
		i := bytes.IndexByte(b, '\n')
		b = b[i+1:]
		if i < 0 {
			b = nil
		}
	} else {
		b = bytes.TrimPrefix(b, []byte("\ufeff"))
		if array := isArray(b); array || isIndented(b) {
			p.unit = "entry"
			p.values(b, array)
			return p
		}
	}
	for n := 1; len(b) > 0; n++ {
		var line []byte
		line, b, _ = bytes.Cut(b, []byte{'\n'})
		if line = bytes.TrimSpace(line); len(line) > 0 {
			p.take(n, line)
		}
	}
	return p
}

// isIndented reports whether the first object takes more than its line.
func isIndented(b []byte) bool {
	b = bytes.TrimSpace(b)
	line, _, _ := bytes.Cut(b, []byte{'\n'})
	if !bytes.HasPrefix(line, []byte("{")) || json.Valid(line) {
		return false
	}
	var first json.RawMessage
	return json.NewDecoder(bytes.NewReader(b)).Decode(&first) == nil
}

// values reads the entries of an array, or those that follow one another, up to
// the first that is no JSON: what follows cannot be told apart.
func (p *parsed) values(b []byte, array bool) {
	d := json.NewDecoder(bytes.NewReader(b))
	if array {
		if _, err := d.Token(); err != nil {
			p.refuse(1, err)
			return
		}
	}
	n := 1
	stop := func(err error) {
		p.entries++
		p.refuse(n, fmt.Errorf("%w; the rest was not read", broken(err)))
	}
	for ; !array || d.More(); n++ {
		var raw json.RawMessage
		err := d.Decode(&raw)
		if !array && errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			stop(err)
			return
		}
		p.take(n, raw)
	}
	if _, err := d.Token(); err != nil {
		stop(err)
	}
}

func (p *parsed) take(n int, raw []byte) {
	p.entries++
	e, err := readEntry(raw)
	switch {
	case errors.Is(err, errOther):
		p.skipped++
	case err != nil:
		p.refuse(n, err)
	default:
		e.n = n
		p.found = append(p.found, e)
	}
}

func (p *parsed) refuse(n int, err error) {
	p.bad++
	if len(p.why) < maxNoted {
		p.why = append(p.why, fmt.Sprintf("%s %d: %s", p.unit, n, safe.Err(err)))
	}
}

// hopeless is an error when there were entries and none could be read: then
// the file is something else, and "no changes" would be untrue.
func (p *parsed) hopeless(where string) error {
	if p.bad == 0 || p.bad < p.entries {
		return nil
	}
	return &sources.Error{Kind: sources.BadResponse, URL: safe.Text(where), Detail: safe.Outside("nothing in it could be read: " + p.why[0]),
		Hint: "one JSON object per line with time and service"}
}

// notes says what was left out.
func (p *parsed) notes() []safe.Value {
	var out []safe.Value
	add := func(format string, args ...any) { out = append(out, safe.Outside(fmt.Sprintf(format, args...))) }
	if p.bad > 0 {
		units := map[string]string{"line": "lines", "entry": "entries"}[p.unit]
		why := ""
		for i, w := range p.why {
			if i > 0 {
				why += "; "
			}
			why += w
		}
		if p.bad > len(p.why) {
			why += "; ..."
		}
		if p.cut {
			why += "; counted from the newest 8 MiB"
		}
		add("%d of %d %s unreadable: %s", p.bad, p.entries, units, why)
	}
	if p.skipped > 0 {
		add("%d %s", p.skipped, map[bool]string{true: "CDEvent that is no change", false: "CDEvents that are no changes"}[p.skipped == 1])
	}
	if p.cut {
		add("the file is larger than 8 MiB: only its newest part was read")
	}
	return out
}

// changes joins entries of one service and kind with the same id and sorts,
// newest first. Two services may share the id of one pipeline run: the ID of the
// second then gets its name.
func (p *parsed) changes(id sources.SourceID, where string) []sources.Change {
	type name struct{ id, cluster, service, kind string }
	at := make(map[name]int, len(p.found))
	taken := make(map[string]bool, len(p.found))
	out := make([]sources.Change, 0, len(p.found))
	for _, e := range p.found {
		c := e.Change
		c.Source = id
		said := where
		if !p.cut {
			said = fmt.Sprintf("%s %d of %s", p.unit, e.n, where)
		}
		c.Evidence = []safe.Value{safe.Outside(said)}
		if len(e.more) > 0 {
			c.Evidence = append(c.Evidence, safe.Outside("It also says "+strings.Join(e.more, ", ")))
		}
		if c.ID == "" {
			c.ID = contentID(c)
		}
		n := name{c.ID, c.Cluster, c.Service.Raw(), string(c.Kind)}
		if i, ok := at[n]; ok {
			out[i] = join(out[i], c)
			continue
		}
		at[n] = len(out)
		if taken[c.ID] {
			c.ID += "/" + c.Service.String()
		}
		if taken[c.ID] {
			c.ID += "/" + contentID(c)
		}
		taken[c.ID] = true
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b sources.Change) int {
		return cmp.Or(b.StartedAt.Compare(a.StartedAt), cmp.Compare(a.Service.Raw(), b.Service.Raw()), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// join is an earlier entry with what a later one of the same ID says: a
// pipeline writes one line when it begins and one when it has finished.
func join(a, b sources.Change) sources.Change {
	out := b
	out.ID = a.ID
	out.Evidence = slices.Concat(a.Evidence, b.Evidence)
	if len(out.Evidence) > maxSaid {
		out.Evidence = out.Evidence[len(out.Evidence)-maxSaid:]
	}
	out.Adopt(a)
	return out
}

// contentID names a change without an id by what it says, so that it is the
// same after the next line was appended.
func contentID(c sources.Change) string {
	return sources.Digest(strconv.FormatInt(c.StartedAt.UnixMilli(), 10), string(c.Kind), c.Cluster, c.Service.Raw(),
		c.Namespace.Raw(), c.Env.Raw(), c.Version.Raw(), c.Revision.Raw(), c.Title.Raw())
}
