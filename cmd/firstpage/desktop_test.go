package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/firstpage-oncall/firstpage/config"
)

func TestCopiedTextIsPrivate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state", "firstpage")
	for _, text := range []string{"kubectl get a rather long list", "kubectl get pods\n"} {
		if err := copyToFile(dir, text); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, copiedFile)
	if b, err := os.ReadFile(path); err != nil || string(b) != "kubectl get pods\n" {
		t.Errorf("%q, %v", b, err)
	}
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && st.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v", st.Mode())
	}
	left, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(left) != 1 {
		t.Errorf("beside it lies %q", left)
	}
	if err := copyToFile(path, "x"); err == nil {
		t.Error("no error where no folder can be made")
	}
}

// A demo leaves nothing behind and reads nothing of the user's.
func TestDesktopWithoutADisplay(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		t.Skip("there is always a clipboard")
	}
	nothing := func(string) string { return "" }
	d := (&house{cli: &cli{getenv: nothing}}).desktop()
	if d.Copy == nil || !strings.HasSuffix(d.CopyTo, "/firstpage/copied.txt") || d.KubeContext == nil {
		t.Errorf("over SSH: %+v", d)
	}
	d = (&house{cli: &cli{getenv: nothing, fleeting: true}}).desktop()
	if d.Copy != nil || d.CopyTo != "" || d.KubeContext != nil {
		t.Errorf("the demo: %+v", d)
	}
}

// An address is no name that a kubeconfig could know.
func TestNamelessClusters(t *testing.T) {
	t.Parallel()
	h := &house{cfg: &config.Config{Clusters: []config.Cluster{
		{Name: "localhost:9090", Origin: config.FromDefault, Prometheus: config.Prometheus{URL: "http://localhost:9090"}},
		{Name: "prod-eu", Origin: config.FromFlag, Prometheus: config.Prometheus{URL: "http://prometheus:9090"}},
		{Name: "prom.example.com", Origin: config.FromFile, Prometheus: config.Prometheus{URL: "http://prom.example.com"}},
	}}}
	if got := h.nameless(); len(got) != 1 || got[0] != "localhost:9090" {
		t.Errorf("got %q", got)
	}
}
