package promtest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
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
	// External are external labels.
	External map[string]string
	// Args are further flags of the server.
	Args []string
}

// Server is one running Prometheus.
type Server struct {
	URL string // http://127.0.0.1:port
	Dir string // holds prometheus.yml, rules and data

	t      testing.TB
	binary string
	args   []string
	cmd    *exec.Cmd
	done   chan struct{} // closed when the process has ended
	log    *tail
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
	s := &Server{t: t, binary: find(t, "FIRSTPAGE_PROMETHEUS", "prometheus"), Dir: t.TempDir()}
	s.configure(o)
	if o.OpenMetrics != "" {
		s.backfill(o.OpenMetrics)
	}
	t.Cleanup(s.Kill)
	// The port is free when it is chosen and may be taken when it is used.
	for try := 1; ; try++ {
		addr := freeAddr(t)
		s.URL = "http://" + addr
		s.args = append([]string{
			"--config.file=" + filepath.Join(s.Dir, "prometheus.yml"),
			"--storage.tsdb.path=" + filepath.Join(s.Dir, "data"),
			"--storage.tsdb.retention.time=100y",
			"--web.listen-address=" + addr,
			"--log.level=warn",
		}, o.Args...)
		err := s.start()
		if err == nil {
			return s
		}
		if try == 3 || !strings.Contains(err.Error(), "address already in use") {
			t.Fatalf("prometheus did not start: %v", err)
		}
	}
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
		s.write(path, r)
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
	s.write(filepath.Join(s.Dir, "prometheus.yml"), b.String())
}

func (s *Server) write(path, text string) {
	s.t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
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
	s.write(file, text)
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

// start runs the process and waits for /-/ready.
func (s *Server) start() error {
	s.log = new(tail)
	s.cmd = exec.Command(s.binary, s.args...) //nolint:noctx // killed by Kill
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	s.cmd.SysProcAttr = dieWithParent()
	if err := s.cmd.Start(); err != nil {
		return err
	}
	done := make(chan struct{})
	s.done = done
	cmd := s.cmd
	go func() {
		_ = cmd.Wait()
		close(done)
	}()
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		select {
		case <-done:
			return fmt.Errorf("it ended: %s", s.log)
		default:
		}
		if s.ready() {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.Kill()
	return fmt.Errorf("not ready after %v: %s", patience, s.log)
}

func (s *Server) ready() bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/-/ready", nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// Kill ends the process at once (SIGKILL) and waits for its end. It may be
// called more than once.
func (s *Server) Kill() {
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	<-s.done
}

// Restart kills the process if it runs and starts it again on the same port
// with the same data, and waits until it is ready.
func (s *Server) Restart() {
	s.t.Helper()
	s.Kill()
	if err := s.start(); err != nil {
		s.t.Fatalf("prometheus did not start again: %v", err)
	}
}

func freeAddr(t testing.TB) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// tail keeps the last 8 KiB that were written.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (w *tail) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.b = append(w.b, p...)
	if over := len(w.b) - 8<<10; over > 0 {
		w.b = bytes.Clone(w.b[over:])
	}
	return len(p), nil
}

func (w *tail) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.b)
}
