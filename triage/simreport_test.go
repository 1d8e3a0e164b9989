package triage

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	simSeed      = 1
	simIncidents = 1000
)

var updateRanking = flag.Bool("update-ranking", false, "write the numbers of the simulation into docs/ranking.md")

// BenchmarkRanking prints how often each rule names the change that caused an
// incident, in simulated worlds. One round is one incident judged by every
// rule.
func BenchmarkRanking(b *testing.B) {
	for _, w := range worlds() {
		scores := simulate(w, simSeed, simIncidents)
		for i, r := range simRules() {
			name := strings.NewReplacer(" ", "_", ",", "").Replace(w.name + "/" + r.name)
			b.Run(name, func(b *testing.B) {
				in := newSimulator(w, simSeed).next()
				for b.Loop() {
					r.pick(in)
				}
				b.ReportMetric(100*scores[i].top1, "%top1")
				b.ReportMetric(100*scores[i].top3, "%top3")
				b.ReportMetric(100*scores[i].blamed, "%blamed")
				b.ReportMetric(100*scores[i].falsely, "%falseblame")
			})
		}
	}
}

// TestRankingReport compares the numbers in docs/ranking.md with what the
// simulation gives today. A point of a percent is left for other processors'
// arithmetic.
func TestRankingReport(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "docs", "ranking.md")
	doc, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- simulation -->\n", "<!-- end of simulation -->"
	head, rest, ok := strings.Cut(string(doc), begin)
	old, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place between %q and %q", path, begin, end)
	}
	report := simReport()
	if *updateRanking {
		if err := os.WriteFile(path, []byte(head+begin+report+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !alike(old, report) {
		t.Errorf("docs/ranking.md is stale; write it with: go test ./triage -run TestRankingReport -update-ranking\nit has\n%s\nand should have\n%s", old, report)
	}
}

func simReport() string {
	var b strings.Builder
	for _, w := range worlds() {
		fmt.Fprintf(&b, "\n| %s | first | in the first three | blames it | blames a change when none did it | right when it blames |\n|---|---|---|---|---|---|\n", w.name)
		rules := simRules()
		for i, s := range simulate(w, simSeed, simIncidents) {
			fmt.Fprintf(&b, "| %s | %.0f%% | %.0f%% | %.0f%% | %.0f%% | %.0f%% |\n", rules[i].name, 100*s.top1, 100*s.top3, 100*s.blamed, 100*s.falsely, 100*s.right)
		}
	}
	return b.String() + "\n"
}

// alike compares two reports; numbers may differ by one.
func alike(a, b string) bool {
	x, y := strings.Fields(a), strings.Fields(b)
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		var m, n int
		if x[i] == y[i] {
			continue
		}
		if _, err := fmt.Sscanf(x[i]+" "+y[i], "%d%% %d%%", &m, &n); err != nil || max(m-n, n-m) > 1 {
			return false
		}
	}
	return true
}
