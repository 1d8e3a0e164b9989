package promtest

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Options says what the server evaluates, scrapes and has stored.
type Options struct {
	// Rules are rule files as YAML text.
	Rules []string
	// RuleFiles are paths or globs of rule files.
	RuleFiles []string
	// Scrape is a YAML list of scrape_configs entries ("- job_name: ...").
	Scrape string
	// Interval is the scrape and evaluation interval; 0: 1 s.
	Interval time.Duration
	// OpenMetrics is stored as blocks before the server starts. It must end
	// in "# EOF" (added when missing); timestamps are seconds.
	OpenMetrics string
	// Alertmanager is sent the alerts; nil: nobody is. AlertRelabel is a YAML
	// list of what is done to their labels before ("- {...}", indented by two).
	Alertmanager *Alertmanager
	AlertRelabel string
	// External are external labels.
	External map[string]string
	// Args are further flags of the server.
	Args []string
}

// Server is one running Prometheus.
type Server struct {
	*process
	Dir string // holds prometheus.yml, rules and data

	t testing.TB
}

// patience is how long a start, a scrape or an answer may take before the
// test fails. It is long because machines that run tests are often busy.
const patience = 60 * time.Second

// Promtool returns the path of promtool: $FIRSTPAGE_PROMTOOL, or promtool on
// $PATH. Without one the test is skipped, in CI it fails.
func Promtool(t testing.TB) string {
	t.Helper()
	return find(t, "FIRSTPAGE_PROMTOOL", "promtool")
}

// find returns the path of a program: the one that the variable env names, or
// name on $PATH. Without one the test is skipped, in CI it fails.
func find(t testing.TB, env, name string) string {
	t.Helper()
	want := name
	if v := os.Getenv(env); v != "" {
		want = v
	}
	path, err := exec.LookPath(want)
	if err == nil {
		return path
	}
	why := fmt.Sprintf("%s is not installed (put it on $PATH or set $%s): %v", name, env, err)
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
	return ""
}

// Start runs a server and waits until it is ready. The process is killed when
// the test ends.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	binary := find(t, "FIRSTPAGE_PROMETHEUS", "prometheus")
	s := &Server{t: t, Dir: t.TempDir()}
	s.configure(o)
	if o.OpenMetrics != "" {
		s.backfill(o.OpenMetrics)
	}
	if o.Alertmanager != nil {
		// It is found some seconds after the start: what was sent before is lost.
		o.Args = append([]string{"--rules.alert.resend-delay=1s"}, o.Args...)
	}
	s.process = launch(t, binary, func(addr string) []string {
		return append([]string{
			"--config.file=" + filepath.Join(s.Dir, "prometheus.yml"),
			"--storage.tsdb.path=" + filepath.Join(s.Dir, "data"),
			"--storage.tsdb.retention.time=100y",
			"--web.listen-address=" + addr,
			"--log.level=warn",
			"--web.enable-lifecycle",
		}, o.Args...)
	})
	return s
}

// configure writes prometheus.yml and the rule files.
func (s *Server) configure(o Options) {
	s.t.Helper()
	interval := o.Interval
	if interval == 0 {
		interval = time.Second
	}
	var b strings.Builder
	fmt.Fprintf(&b, "global:\n  scrape_interval: %[1]dms\n  scrape_timeout: %[1]dms\n  evaluation_interval: %[1]dms\n", interval.Milliseconds())
	if len(o.External) > 0 {
		b.WriteString("  external_labels:\n")
		for n, v := range o.External {
			fmt.Fprintf(&b, "    %s: %q\n", n, v)
		}
	}
	b.WriteString("rule_files:\n")
	for i, r := range o.Rules {
		path := filepath.Join(s.Dir, fmt.Sprintf("rules%d.yml", i))
		write(s.t, path, r)
		fmt.Fprintf(&b, "- %q\n", path)
	}
	for _, g := range o.RuleFiles {
		abs, err := filepath.Abs(g)
		if err != nil {
			s.t.Fatal(err)
		}
		fmt.Fprintf(&b, "- %q\n", abs)
	}
	if o.Scrape != "" {
		b.WriteString("scrape_configs:\n" + o.Scrape)
	}
	if o.Alertmanager != nil {
		fmt.Fprintf(&b, "alerting:\n  alertmanagers: [{static_configs: [{targets: [%q]}]}]\n", strings.TrimPrefix(o.Alertmanager.URL, "http://"))
		if o.AlertRelabel != "" {
			b.WriteString("  alert_relabel_configs:\n" + o.AlertRelabel)
		}
	}
	write(s.t, filepath.Join(s.Dir, "prometheus.yml"), b.String())
}

// Reload replaces the n-th of Options.Rules and has the server take it.
func (s *Server) Reload(n int, rules string) {
	s.t.Helper()
	write(s.t, filepath.Join(s.Dir, fmt.Sprintf("rules%d.yml", n)), rules)
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.URL+"/-/reload", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		s.t.Fatalf("the rules were not taken: %s", res.Status)
	}
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// backfill stores OpenMetrics text as blocks. Such series have no stale
// markers: a series that ends lingers for the lookback of 5 minutes.
func (s *Server) backfill(text string) {
	s.t.Helper()
	if !strings.HasSuffix(strings.TrimRight(text, "\n"), "# EOF") {
		text = strings.TrimRight(text, "\n") + "\n# EOF\n"
	}
	file := filepath.Join(s.Dir, "backfill.om")
	write(s.t, file, text)
	long := time.Duration(len(text)>>20) * time.Second // a megabyte takes a tenth of that
	ctx, cancel := context.WithTimeout(s.t.Context(), patience+long)
	defer cancel()
	// A month in blocks of the usual two hours takes ten times as long.
	out, err := exec.CommandContext(ctx, Promtool(s.t), "tsdb", "create-blocks-from", "--max-block-duration=744h", "openmetrics",
		file, filepath.Join(s.Dir, "data")).CombinedOutput()
	if err != nil {
		s.t.Fatalf("promtool could not store the samples: %v\n%s", err, out)
	}
}
