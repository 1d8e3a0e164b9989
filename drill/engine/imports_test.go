package engine

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestImports keeps out what makes the embedded server heavy, and our own
// rooms. Measured against a binary of 19 MB: with the packages that are used
// here it grows by about 4 MB; rules adds 5 MB more (it imports notifier for
// one function, and so config, go-openapi and grpc), tsdb and web/api/v1 add
// 23 MB (discovery's config, OTLP, libopenapi) and 250 modules in go.sum, and
// their constructors change from release to release.
func TestImports(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	const lib, ours = "github.com/prometheus/prometheus/", "github.com/firstpage-oncall/firstpage/"
	for _, p := range []string{"rules", "tsdb", "web/api/v1", "config", "discovery", "notifier", "scrape", "storage/remote", "promql/promqltest"} {
		if slices.Contains(deps, lib+p) {
			t.Errorf("%s is linked", lib+p)
		}
	}
	for _, p := range deps {
		if strings.HasPrefix(p, ours) && p != ours+"drill/engine" && p != ours+"sources" && p != ours+"internal/safe" {
			t.Errorf("%s is imported; only sources may be", p)
		}
		if strings.HasPrefix(p, "google.golang.org/grpc") || strings.HasPrefix(p, "k8s.io/") {
			t.Errorf("%s is linked", p)
		}
	}
	if !slices.Contains(deps, lib+"promql") {
		t.Error("the real PromQL engine is not linked: this test looks at the wrong package")
	}
}
