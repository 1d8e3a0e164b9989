package drill

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/firstpage-oncall/firstpage/drill/engine"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// hand is a clock that a test moves.
type hand struct {
	mu sync.Mutex
	at time.Time
}

func (h *hand) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *hand) add(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

// start plays a scenario by a clock that stands still until it is moved.
func start(t *testing.T, name string, o Options) (*Session, *hand) {
	t.Helper()
	h := &hand{at: time.Date(2026, 3, 4, 14, 9, 7, 0, time.UTC)}
	o.Now = h.now
	if o.Parent == "" {
		o.Parent = t.TempDir()
	}
	x, err := Start(t.Context(), open(t, name), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
		if left, _ := filepath.Glob(filepath.Join(o.Parent, "*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
	return x, h
}

// pass lets time go on in steps as short as the pump's.
func pass(t *testing.T, x *Session, h *hand, d time.Duration) {
	t.Helper()
	for end := h.now().Add(d); h.now().Before(end); {
		h.add(pumpEvery)
		x.advance(t.Context())
	}
}

// states is the alerts of a session: name and state, how many of each.
func states(x *Session) map[string]int {
	out := map[string]int{}
	for _, a := range x.engine.Alerts() {
		out[a.Labels["alertname"]+" "+a.State.String()]++
	}
	return out
}

func value(t *testing.T, x *Session, expr string) map[string]float64 {
	t.Helper()
	v, err := x.engine.Query(t.Context(), expr, x.Now())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, s := range v {
		out[s.Metric.Get("version")] = s.F
	}
	return out
}

// The incident is under way when the session opens; the rollback heals it: the
// page is over within half a minute, and the versions change by themselves.
func TestCheckoutIsHealedByTheRollback(t *testing.T) {
	t.Parallel()
	x, h := start(t, "checkout-deploy", Options{})
	want := map[string]int{"CheckoutErrorBudgetBurn firing": 1, "PaymentsLatencyHigh firing": 1, "KubePodCrashLooping firing": 3,
		"NodeDiskAlmostFull firing": 1, "CertExpiresSoon firing": 1, "Watchdog firing": 1, "CartQueueGrowing pending": 1}
	if d := cmp.Diff(want, states(x)); d != "" {
		t.Fatal(d)
	}
	const running = "count by (version) (checkout_build_info)"
	if d := cmp.Diff(map[string]float64{"1.42.0": 3}, value(t, x, running)); d != "" {
		t.Error(d)
	}
	pass(t, x, h, time.Minute) // nothing heals by itself
	if states(x)["CheckoutErrorBudgetBurn firing"] != 1 {
		t.Fatal("it is over without an action")
	}
	if r := x.Run("kubectl --context prod-eu -n shop rollout undo deploy/payments", "no"); !r.Known || states(x)["CheckoutErrorBudgetBurn firing"] != 1 {
		t.Errorf("the wrong rollback: %+v", r)
	}
	pass(t, x, h, time.Minute)
	if states(x)["CheckoutErrorBudgetBurn firing"] != 1 {
		t.Fatal("the wrong rollback healed it")
	}
	if r := x.Run("kubectl --context prod-eu -n shop rollout undo deploy/checkout", "no"); !r.Known || r.Text != "deployment.apps/checkout rolled back" {
		t.Errorf("the rollback: %+v", r)
	}
	pass(t, x, h, 25*time.Second)
	if got := states(x)["CheckoutErrorBudgetBurn firing"]; got != 0 {
		t.Errorf("25 s after the rollback it still fires: %v", states(x))
	}
	if d := cmp.Diff(map[string]float64{"1.41.0": 3}, value(t, x, running)); d != "" {
		t.Error(d)
	}
	pass(t, x, h, 5*time.Minute)
	if s := states(x); s["PaymentsLatencyHigh firing"] != 0 {
		t.Errorf("payments is still slow: %v", s)
	}
}

func TestUnknownCommandsDoNothing(t *testing.T) {
	t.Parallel()
	x, h := start(t, "checkout-deploy", Options{})
	mark := filepath.Join(t.TempDir(), "mark")
	for _, line := range []string{"touch " + mark, "kubectl delete ns shop", "kubectl rollout undo deploy/checkout; touch " + mark, "$(touch " + mark + ")"} {
		if r := x.Run(line, "not here"); r.Known || r.Text != "not here: "+line {
			t.Errorf("%s: %+v", line, r)
		}
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("something was executed")
	}
	if r := x.Run("# only a remark\n", "not here"); !r.Known || r.Text != "(no output)" {
		t.Errorf("a remark: %+v", r)
	}
	pass(t, x, h, time.Minute)
	if states(x)["CheckoutErrorBudgetBurn firing"] != 1 {
		t.Error("an unknown command healed it")
	}
}

// dump is every sample of a session and its events, in text.
func dump(t *testing.T, x *Session) string {
	t.Helper()
	v, err := x.engine.Query(t.Context(), `{__name__=~".+"}`, x.Now())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, s := range v {
		b.WriteString(s.String() + "\n")
	}
	return b.String() + x.wrote
}

// The same seed gives the same story, sample by sample, however the time is
// cut; another seed gives another.
func TestSeedDecides(t *testing.T) {
	t.Parallel()
	var texts []string
	for i, o := range []Options{{}, {}, {Seed: 7}} {
		x, h := start(t, "checkout-deploy", o)
		if i == 1 {
			h.add(40 * time.Second)
			x.advance(t.Context())
		} else {
			pass(t, x, h, 40*time.Second)
		}
		texts = append(texts, dump(t, x))
	}
	if d := cmp.Diff(texts[0], texts[1]); d != "" {
		t.Errorf("the same seed gave another story:\n%.2000s", d)
	}
	if texts[0] == texts[2] {
		t.Error("another seed gave the same story")
	}
}

func TestAtOpensAtAMoment(t *testing.T) {
	t.Parallel()
	before, h := start(t, "checkout-deploy", Options{At: -20 * time.Minute})
	if s := states(before); s["CheckoutErrorBudgetBurn firing"] != 0 || strings.Contains(before.wrote, "1.42.0") {
		t.Errorf("20 min before, it is known already: %v", s)
	}
	pass(t, before, h, 11*time.Minute+30*time.Second) // 1.42.0 went out at -9m
	if d := cmp.Diff(map[string]float64{"1.42.0": 3}, value(t, before, "count by (version) (checkout_build_info)")); d != "" {
		t.Errorf("the deploy did not come: %s", d)
	}
	if !strings.Contains(before.wrote, `"version":"1.42.0"`) {
		t.Error("the deploy is not among the events")
	}
	pass(t, before, h, 6*time.Minute)
	if s := states(before); s["CheckoutErrorBudgetBurn firing"] != 1 {
		t.Errorf("the page did not come: %v", s)
	}
	after, _ := start(t, "checkout-deploy", Options{At: time.Hour})
	if s := states(after); s["CheckoutErrorBudgetBurn firing"] != 1 || s["CartQueueGrowing pending"] != 0 {
		t.Errorf("an hour later: %v", s)
	}
	if _, err := Start(t.Context(), open(t, "checkout-deploy"), Options{At: -24 * time.Hour, Parent: t.TempDir()}); err == nil {
		t.Error("it opens before its history")
	}
}

func TestSpeed(t *testing.T) {
	t.Parallel()
	x, h := start(t, "checkout-deploy", Options{Speed: 30})
	from := x.Now()
	pass(t, x, h, 10*time.Second)
	if d := x.Now().Sub(from); d != 5*time.Minute {
		t.Errorf("10 s at 30 times are %v", d)
	}
	if states(x)["CartQueueGrowing pending"] != 0 { // it is over after three minutes
		t.Error("the world did not keep up with its clock")
	}
}

// A laptop that slept wakes to a world that went on.
func TestALongSleepIsCaughtUp(t *testing.T) {
	t.Parallel()
	x, h := start(t, "checkout-deploy", Options{})
	h.add(9 * time.Hour)
	x.advance(t.Context())
	if behind := x.Now().Sub(x.world.zero) - x.moment; behind >= 5*time.Second {
		t.Errorf("%v behind", behind)
	}
	if s := states(x); s["CheckoutErrorBudgetBurn firing"] != 1 {
		t.Errorf("after the sleep: %v", s)
	}
	if _, samples := x.engine.Stored(); samples > 2_000_000 {
		t.Errorf("%d samples are kept", samples)
	}
}

func TestTheRepositoryHasItsHistory(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git")
	}
	x, _ := start(t, "checkout-deploy", Options{})
	git := func(args ...string) string {
		out, err := exec.Command("git", append([]string{"-C", x.Checkout}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	if s := git("status", "--porcelain"); s != "" {
		t.Errorf("the checkout is not clean: %s", s)
	}
	if n := git("rev-list", "--count", "HEAD"); n != "7" {
		t.Errorf("%s commits", n)
	}
	if d := git("log", "-1", "--format=%cI %an", "--", "docs/runbooks/checkout.md"); d != "2026-02-20T14:09:00+00:00 Bo Lind" {
		t.Errorf("the runbook was edited %s", d)
	}
	var e event
	for line := range strings.Lines(x.wrote) {
		if err := json.Unmarshal([]byte(line), &e); err == nil && e.Version == "1.42.0" {
			break
		}
	}
	if got := git("log", "--format=%s", e.FromRevision+".."+e.Revision); !strings.Contains(got, "ask payments again") || strings.Contains(got, "chosen card") {
		t.Errorf("between the versions of the event lies %q", got)
	}
	if n := git("diff", "--shortstat", e.FromRevision, e.Revision); n != "3 files changed, 142 insertions(+), 18 deletions(-)" || len(x.Coded) != 1 || x.Coded[0] != "checkout" {
		t.Errorf("%s, commits of %v", n, x.Coded)
	}
	if v := value(t, x, `count(checkout_build_info{revision="`+e.Revision+`"})`); v[""] != 3 {
		t.Errorf("build_info names another revision than the repository: %v", v)
	}
}

// Without git the scenario plays, and says what is missing.
func TestWithoutGit(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	x, _ := start(t, "checkout-deploy", Options{})
	if !strings.Contains(x.Note, "git") {
		t.Errorf("the note is %q", x.Note)
	}
	body, err := os.ReadFile(filepath.Join(x.Checkout, "docs", "runbooks", "checkout.md"))
	if err != nil || !strings.Contains(string(body), "rollout undo") {
		t.Errorf("the runbook: %v", err)
	}
	if body, err = os.ReadFile(filepath.Join(x.Checkout, "services", "checkout", "retry.go")); err != nil || !strings.Contains(string(body), "newKey()") {
		t.Errorf("the newest text of a file: %v %s", err, body)
	}
	if len(x.Coded) > 0 {
		t.Errorf("no history, but commits of %v", x.Coded)
	}
	if states(x)["CheckoutErrorBudgetBurn firing"] != 1 {
		t.Error("it does not play")
	}
}

// What a killed session left is removed by the next; a session that lives is
// not, nor what only looks alike.
func TestLeftoversAreRemoved(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	old := filepath.Join(parent, "firstpage-drill-123")
	file := filepath.Join(parent, "firstpage-drill-file")
	if err := os.MkdirAll(filepath.Join(old, "shop"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	first, err := Start(ctx, open(t, "checkout-deploy"), Options{Parent: parent})
	if err != nil {
		t.Fatal(err)
	}
	second, err := Start(ctx, open(t, "checkout-deploy"), Options{Parent: parent})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); err == nil {
		t.Error("the leftover is still there")
	}
	if _, err := os.Stat(file); err != nil {
		t.Error("a file of somebody else was removed")
	}
	if _, err := os.Stat(first.Checkout); err != nil {
		t.Error("the files of a session that lives were removed")
	}
	for _, x := range []*Session{first, second} {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(parent, "firstpage-drill-[0-9]*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A recorded series stands as promtool would have it: gaps are gaps, the last
// value stays, stale ends it.
func TestRecordedSeries(t *testing.T) {
	t.Parallel()
	s := &Scenario{Clock: Clock{History: Span(10 * time.Minute), Step: Span(30 * time.Second)}, Series: []Recorded{
		{Series: "a", Values: "1 2 _ 4"}, {Series: "b", Values: "1 stale"},
	}}
	w := newWorld(s, time.Unix(0, 0), 1, nil)
	var got []string
	for m := -11 * time.Minute; m <= -5*time.Minute; m += time.Minute {
		line := (m + 10*time.Minute).String()
		for _, k := range w.tracks {
			if v, ok := w.value(k, m); ok {
				line += " " + k.base.Get("__name__") + "=" + map[bool]string{true: "stale", false: ""}[v == engine.Stale()] + string(rune('0'+int(v)))
			}
		}
		got = append(got, line)
	}
	want := []string{"-1m0s", "0s a=1 b=1", "1m0s a=2", "2m0s", "3m0s a=4", "4m0s a=4", "5m0s a=4"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
