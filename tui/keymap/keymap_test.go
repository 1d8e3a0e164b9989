package keymap

import (
	"slices"
	"testing"
)

// effective is every list of scopes that dispatch asks in.
func effective() [][]Scope {
	return [][]Scope{{List, Global}, {Reader, Global}, {Health, Global}, {Why, Global}, {FilterEntry}, {Preview}, {SearchEntry}, {LinkEntry}, {NameEntry}, {OutlineList}, {JumpList}, {LinkList}, {HelpOverlay}, {FirstRun}, {FirstEntry}}
}

func TestNoKeyMeansTwoThings(t *testing.T) {
	t.Parallel()
	for _, scopes := range effective() {
		seen := map[string]Action{}
		for _, b := range Default() {
			if !slices.Contains(scopes, b.Scope) {
				continue
			}
			for _, k := range b.Keys {
				if other, ok := seen[k]; ok {
					t.Errorf("in %v the key %q means %s and %s", scopes, k, other, b.Action)
				}
				seen[k] = b.Action
			}
		}
	}
}

func TestEveryBindingIsWhole(t *testing.T) {
	t.Parallel()
	// Flow control and job control belong to the terminal; ctrl+i and ctrl+m
	// cannot be told from tab and enter on every terminal.
	forbidden := []string{"ctrl+s", "ctrl+q", "ctrl+z", "ctrl+i", "ctrl+m"}
	for _, b := range Default() {
		if b.Action == "" || len(b.Keys) == 0 || b.Scope == "" || b.Help == "" {
			t.Errorf("binding %+v lacks something", b)
		}
		for _, k := range b.Keys {
			if slices.Contains(forbidden, k) {
				t.Errorf("%s is bound to %s", b.Action, k)
			}
		}
	}
}

func TestLookupPrefersTheFirstScope(t *testing.T) {
	t.Parallel()
	tab := Table{{Action: Open, Keys: []string{"x"}, Scope: List}, {Action: Quit, Keys: []string{"x"}, Scope: Global}}
	if a, _ := tab.Lookup("x", List, Global); a != Open {
		t.Errorf("got %s", a)
	}
	if a, _ := tab.Lookup("x", Reader, Global); a != Quit {
		t.Errorf("got %s", a)
	}
	if _, ok := tab.Lookup("y", List, Global); ok {
		t.Error("found an unbound key")
	}
}
