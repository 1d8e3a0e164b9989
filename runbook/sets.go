package runbook

import "sync"

// sets knows which variables the blocks of one document set. It is made when
// it is asked for the first time: taking every script apart costs as much as
// parsing the document, and most documents are only read. Safe for concurrent
// use.
type sets struct {
	once  sync.Once
	codes []CodeBlock
	first map[string]int // index of the first block that sets a variable
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
	first, ok := c.sets.first[name]
	return ok && first < c.index
}

func (s *sets) read() {
	s.first = map[string]int{}
	for i, c := range s.codes {
		if !c.Command() && c.Lang != "" {
			continue
		}
		for name := range readScript(c.Script()).assigned() {
			if _, ok := s.first[name]; !ok {
				s.first[name] = i
			}
		}
	}
}
