package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// told runs the program without a terminal and gives its exit code and what it
// wrote.
func told(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, stdio{strings.NewReader(""), &o, &e}, func(string) string { return "" })
	return code, o.String(), e.String()
}

// Completion knows the values of flags, and asks no server for them.
func TestCompletion(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer srv.Close()
	path := filepath.Join(t.TempDir(), "config.yaml")
	body := "clusters:\n  - {name: prod-eu, prometheus: {url: " + srv.URL + "}}\n  - {name: prod-us, prometheus: {url: " + srv.URL + "}}\nzonk: a mistake\n"
	if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ line, want, directive string }{
		{"--theme |", "auto dark light high-contrast", ":36"},
		{"alerts --theme |", "auto dark light high-contrast", ":36"},
		{"alerts -o |", "table json", ":36"},
		{"show --output |", "text json markdown", ":36"},
		{"--cluster |", "prod-eu prod-us", ":36"},
		{"runbook check -o |", "table json", ":36"},
		{"runbook check --rules |", "", ":0"}, // files of any name
		{"runbook --cluster |", "prod-eu prod-us", ":36"},
		{"--config |", "yaml yml", ":8"}, // files that end so
		{"man --dir |", "", ":16"},       // directories
		{"show |", "", ":4"},             // no files
		{"changes --since |", "", ":4"},
		{"changes |", "", ":4"},
		{"config |", "check path print schema trust", ":4"},
		{"completion |", "bash fish powershell zsh", ":4"},
	} {
		args := append([]string{"__complete", "--config", path}, strings.Fields(strings.TrimSuffix(c.line, "|"))...)
		_, out, _ := told(t, append(args, "")...)
		var got []string
		directive := ""
		for _, l := range strings.Split(strings.TrimSpace(out), "\n") {
			if strings.HasPrefix(l, ":") {
				directive = l
				continue
			}
			word, _, _ := strings.Cut(l, "\t")
			got = append(got, word)
		}
		if s := strings.Join(got, " "); s != c.want || directive != c.directive {
			t.Errorf("%s: %q %s, want %q %s", c.line, s, directive, c.want, c.directive)
		}
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("the server was asked %d times", n)
	}
}

// The services of the catalog complete what takes one.
func TestServicesComplete(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, body := range map[string]string{
		"services.yaml": "services:\n  - {name: checkout, aliases: [shop], depends_on: [payments]}\n  - {name: payments}\n",
		"config.yaml":   "clusters: [{name: x, prometheus: {url: 'http://127.0.0.1:1'}}]\nservices: {catalog: [" + filepath.Join(dir, "services.yaml") + "]}\n",
		"broken.yaml":   "services: {catalog: [" + filepath.Join(dir, "nope.yaml") + "]}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ config, line, want string }{
		{"config.yaml", "health", "checkout payments :4"},
		{"config.yaml", "changes", "checkout payments :4"},
		{"config.yaml", "health checkout", ":4"}, // one is all it takes
		{"broken.yaml", "health", ":4"},
	} {
		args := append([]string{"__complete", "--config", filepath.Join(dir, c.config)}, strings.Fields(c.line)...)
		_, out, _ := told(t, append(args, "")...)
		if got := strings.Join(strings.Fields(out), " "); got != c.want {
			t.Errorf("%s with %s: %q, want %q", c.line, c.config, got, c.want)
		}
	}
}

// Every flag -o completes its formats.
func TestEveryOutputFlagCompletes(t *testing.T) {
	t.Parallel()
	c := &cli{}
	for _, cmd := range c.root().Commands() {
		if cmd.Flags().Lookup("output") == nil {
			continue
		}
		if _, ok := cmd.GetFlagCompletionFunc("output"); !ok {
			t.Errorf("%s -o completes nothing", cmd.Name())
		}
	}
}

// The scripts are ones that their shells can read.
func TestCompletionScripts(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		code, out, errs := told(t, "completion", shell)
		if code != exitOK || errs != "" || !strings.Contains(out, "firstpage") {
			t.Errorf("%s: code %d, %d bytes, stderr %q", shell, code, len(out), errs)
			continue
		}
		program, err := exec.LookPath(shell)
		if err != nil || shell == "powershell" {
			continue
		}
		cmd := exec.CommandContext(t.Context(), program, "-n")
		cmd.Stdin = strings.NewReader(out)
		if msg, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", shell, err, msg)
		}
	}
}

func TestMan(t *testing.T) {
	t.Parallel()
	code, page, errs := told(t, "man")
	if code != exitOK || errs != "" {
		t.Fatalf("code %d, stderr %q", code, errs)
	}
	for _, want := range []string{`.TH "FIRSTPAGE" "1" ""`, ".SH NAME", "--prometheus", "firstpage-show(1)", ".SH EXIT STATUS"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	dir := filepath.Join(t.TempDir(), "new", "man1")
	if code, out, errs := told(t, "man", "--dir", dir); code != exitOK || out+errs != "" {
		t.Fatalf("code %d, %q %q", code, out, errs)
	}
	for _, name := range []string{"firstpage.1", "firstpage-show.1", "firstpage-config-schema.1", "firstpage-completion-bash.1"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
		}
		if name == "firstpage.1" && string(b) != page {
			t.Error("the page in the directory is another one")
		}
		for _, no := range []string{"spf13", "Jan 0001"} {
			if bytes.Contains(b, []byte(no)) {
				t.Errorf("%s holds %q", name, no)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "firstpage-help.1")); err == nil {
		t.Error("help has a page")
	}
	if code, _, _ := told(t, "man", "--dir", filepath.Join(dir, "firstpage.1", "x")); code != exitSource {
		t.Errorf("a directory that cannot be made: code %d", code)
	}
}
