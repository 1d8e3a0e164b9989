package promtest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Alertmanager is one running Alertmanager.
type Alertmanager struct {
	*process

	t testing.TB
}

// quietConfig sends nothing to anybody.
const quietConfig = "route: {receiver: nobody, group_wait: 1s}\nreceivers: [{name: nobody}]\n"

// StartAlertmanager runs an Alertmanager and waits until it is ready. The
// program is the one that $FIRSTPAGE_ALERTMANAGER names, else alertmanager or
// Debian's prometheus-alertmanager. Its configuration is YAML text; empty: one
// that sends nothing. The process is killed when the test ends.
func StartAlertmanager(t testing.TB, config string) *Alertmanager {
	t.Helper()
	name := "alertmanager"
	if _, err := exec.LookPath(name); err != nil {
		name = "prometheus-alertmanager"
	}
	a := &Alertmanager{t: t}
	binary, dir := find(t, "FIRSTPAGE_ALERTMANAGER", name), t.TempDir()
	if config == "" {
		config = quietConfig
	}
	file := filepath.Join(dir, "alertmanager.yml")
	write(t, file, config)
	a.process = launch(t, binary, func(addr string) []string {
		return []string{"--config.file=" + file, "--storage.path=" + filepath.Join(dir, "data"), "--web.listen-address=" + addr,
			"--cluster.listen-address=", "--log.level=warn"}
	})
	return a
}

// Post sends JSON to a path such as "/api/v2/silences" and returns the answer.
func (a *Alertmanager) Post(path, body string) string {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, a.URL+path, strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	return a.do(req, "application/json")
}

// Delete removes what is at a path such as "/api/v2/silence/ID".
func (a *Alertmanager) Delete(path string) {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), http.MethodDelete, a.URL+path, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	a.do(req, "")
}

func (a *Alertmanager) do(req *http.Request, kind string) string {
	a.t.Helper()
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var body bytes.Buffer
	if _, err := io.Copy(&body, res.Body); err != nil {
		a.t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		a.t.Fatalf("%s %s: %s: %s", req.Method, req.URL.Path, res.Status, body.String())
	}
	return body.String()
}

// WaitHeld waits until Alertmanager holds an alert of that name.
func (a *Alertmanager) WaitHeld(alert string) {
	a.t.Helper()
	want := fmt.Sprintf("%q:%q", "alertname", alert)
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		body, err := get(a.t.Context(), a.URL+"/api/v2/alerts")
		if err == nil && strings.Contains(string(body), want) {
			return
		}
	}
	a.t.Fatalf("%s is not held after %v\n%s", alert, patience, a.log)
}
