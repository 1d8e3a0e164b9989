package runbook

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestChangesCorpus looks at every block of every real runbook: what only
// shows is never marked, what deletes always is, and a mark is in its block.
func TestChangesCorpus(t *testing.T) {
	t.Parallel()
	shows := regexp.MustCompile(`^(?:\$ )?(?:kubectl|oc)(?: -n \S+)? (?:get|describe|logs|top|rollout status)\b[^|;&$` + "`" + `]*$`)
	deletes := regexp.MustCompile(`^(?:\$ )?(?:kubectl|oc)(?: -n \S+)? (?:delete|scale|drain|patch|edit|annotate) `)
	files := corpus(t)
	shown, deleted := 0, 0
	for _, path := range slices.Sorted(maps.Keys(files)) {
		d := Parse(files[path], Where{Path: path})
		lines := strings.Split(string(d.Source), "\n")
		for _, c := range d.Codes() {
			marked := map[int]bool{}
			for _, x := range c.Changes() {
				marked[x.Line] = true
				if x.Line < c.Line || x.Line > c.EndLine {
					t.Errorf("%s: %v is not in lines %d to %d", path, x, c.Line, c.EndLine)
				}
			}
			if !c.Command() {
				continue
			}
			for n := c.Line + 1; n < c.EndLine; n++ {
				switch l := strings.TrimSpace(lines[n-1]); {
				case shows.MatchString(l):
					if shown++; marked[n] {
						t.Errorf("%s:%d: %q is marked", path, n, l)
					}
				case deletes.MatchString(l):
					if deleted++; !marked[n] {
						t.Errorf("%s:%d: %q is not marked", path, n, l)
					}
				}
			}
		}
	}
	if shown < 300 || deleted < 50 {
		t.Errorf("only %d lines that show and %d that change", shown, deleted)
	}
}
