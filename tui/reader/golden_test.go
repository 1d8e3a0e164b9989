package reader_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/tui/reader"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// TestGolden is the look of testdata/rich.md, for the eye of a reviewer: run
// the test with -update after a change and read the difference.
func TestGolden(t *testing.T) {
	src, err := os.ReadFile("testdata/rich.md")
	if err != nil {
		t.Fatal(err)
	}
	d := runbook.Parse(src, runbook.Where{})
	screen := func(w int, th theme.Theme) string {
		m := reader.New(th)
		m.SetSize(w, 120)
		m.SetDocument("k", d, runbook.Pos{})
		return strings.TrimRight(strings.Join(m.Rows(), "\n"), "\n") + "\n"
	}
	for _, w := range []int{40, 80, 120} {
		t.Run(fmt.Sprintf("plain-%d", w), func(t *testing.T) {
			golden.RequireEqual(t, ansi.Strip(screen(w, dark())))
		})
	}
	t.Run("dark", func(t *testing.T) { golden.RequireEqual(t, screen(80, dark())) })
	t.Run("light", func(t *testing.T) { golden.RequireEqual(t, screen(80, theme.New(theme.Light, false))) })
	t.Run("printed", func(t *testing.T) { golden.RequireEqual(t, ansi.Strip(reader.Render(d, 80, dark()))) })
}
