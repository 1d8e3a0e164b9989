package runbook

import "sync"

// sets knows which variables the blocks of one document set. It is made when
// it is asked for the first time: taking every script apart costs as much as
// parsing the document, and most documents are only read. Safe for concurrent
// use.
type sets struct {
	once  sync.Once
	codes []CodeBlock
	names []string
	upto  []int // for each block, how many of names the blocks before it set
}

// shareSets gives every block the document's sets.
func (d *Document) shareSets() {
	s := &sets{codes: d.codes}
	for i := range d.codes {
		d.codes[i].sets, d.codes[i].index = s, i
	}
}

// isSet reports whether a block before this one sets a variable.
func (c CodeBlock) isSet(name string) bool {
	if c.sets == nil {
		return false
	}
	c.sets.once.Do(c.sets.read)
	for _, n := range c.sets.names[:c.sets.upto[c.index]] {
		if n == name {
			return true
		}
	}
	return false
}

func (s *sets) read() {
	for _, c := range s.codes {
		s.upto = append(s.upto, len(s.names))
		if c.Command() || c.Lang == "" {
			s.names = append(s.names, readScript(c.Script()).assigned()...)
		}
	}
}
