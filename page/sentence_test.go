package page

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

func TestSentence(t *testing.T) {
	t.Parallel()
	loc := cet(t)
	stale := func(p Page) Page {
		p.AlertsFeed.Err = sources.Errorf(sources.Timeout, "timeout after 5 s")
		p.AlertsFeed.AsOf = now.Add(-4 * time.Minute)
		return p
	}
	tests := []struct {
		name string
		page func(p Page) Page
		want string
	}{
		{"firing", nil,
			"CRIT CheckoutErrorBudgetBurn  checkout: Requests fail, now 12.4%, limit 5%, since 14:02 (7 min)   owner payments"},
		{"rising", func(p Page) Page { p.Why.Value.Trend = triage.Rising; return p },
			"CRIT CheckoutErrorBudgetBurn  checkout: Requests fail, now 12.4%, limit 5%, since 14:02 (7 min), rising   owner payments"},
		{"the source does not answer", func(p Page) Page { p.Why.Value.Trend = triage.Rising; return stale(p) },
			"CRIT CheckoutErrorBudgetBurn  checkout: Requests fail, was 12.4% at 14:05, limit 5%, began 14:02   owner payments"},
		{"pending", func(p Page) Page {
			p.Item.State = sources.Pending
			p.Item.ActiveAt = now.Add(-70 * time.Second)
			return p
		}, "pending CheckoutErrorBudgetBurn  checkout: Requests fail, now 12.4%, limit 5%, fires in 2 min if it goes on   owner payments"},
		{"pending, the source does not answer", func(p Page) Page { p.Item.State = sources.Pending; return stale(p) },
			"pending CheckoutErrorBudgetBurn  checkout: Requests fail, was 12.4% at 14:05, limit 5%, began 14:02   owner payments"},
		{"resolved", func(p Page) Page { p.Over = true; p.Item.ResolvedAt = now.Add(-time.Minute); return p },
			"RESOLVED CheckoutErrorBudgetBurn  checkout: Requests fail, 14:02 to 14:08   owner payments"},
		{"resolved with a value", func(p Page) Page {
			p.Over, p.Item.ResolvedAt = true, now.Add(-time.Minute)
			p.Why.Value.Value, p.Why.Value.Points = 0.003, []sources.Point{{T: now, V: 0.003}}
			return p
		}, "RESOLVED CheckoutErrorBudgetBurn  checkout: Requests fail, now 0.3%, limit 5%, 14:02 to 14:08   owner payments"},
		{"since yesterday", func(p Page) Page { p.Onset.Value.At = now.Add(-20 * time.Hour); return p },
			"CRIT CheckoutErrorBudgetBurn  checkout: Requests fail, now 12.4%, limit 5%, since 18:09 yesterday (20 h)   owner payments"},
		{"for days", func(p Page) Page { p.Onset.Value.At = now.Add(-80 * time.Hour); return p },
			"CRIT CheckoutErrorBudgetBurn  checkout: Requests fail, now 12.4%, limit 5%, for 3 d   owner payments"},
		{"no value", func(p Page) Page { p.Why.Value.Value = math.NaN(); return p },
			"CRIT CheckoutErrorBudgetBurn  checkout: Requests fail, since 14:02 (7 min)   owner payments"},
		{"yes or no", func(p Page) Page {
			p.Why.Value.Expr = triage.Split("up < 1")
			p.Why.Value.Value = 0
			return p
		}, "CRIT CheckoutErrorBudgetBurn  checkout: Requests fail, since 14:02 (7 min)   owner payments"},
		{"absent", func(p Page) Page { p.Why.Value.Expr = triage.Split("absent(up)"); p.Why.Value.Value = 1; return p },
			"CRIT CheckoutErrorBudgetBurn  checkout: Requests fail, since 14:02 (7 min)   owner payments"},
		{"below", func(p Page) Page {
			p.Why.Value.Expr = triage.Split("free / size < 0.1")
			p.Why.Value.Value = 0.04
			return p
		}, "CRIT CheckoutErrorBudgetBurn  checkout: Requests fail, now 4%, minimum 10%, since 14:02 (7 min)   owner payments"},
		{"the words say it all", func(p Page) Page {
			p.Item.Annotations = sources.NewLabels(map[string]string{"summary": "12.4% of requests to checkout fail (limit 5%). Look at the dashboard."})
			return p
		}, "CRIT CheckoutErrorBudgetBurn  12.4% of requests to checkout fail (limit 5%), since 14:02 (7 min)   owner payments"},
		{"nobody's, nothing known", func(p Page) Page {
			p.Item.Annotations, p.Item.Service, p.Item.Owner, p.Item.Labels = nil, triage.Found{}, triage.Found{}, sources.NewLabels(map[string]string{"alertname": "HostCPUHigh", "instance": "web-1:9100"})
			p.Why.Value, p.Onset.Value = triage.Why{Value: 3}, triage.Onset{}
			return p
		}, "CRIT HostCPUHigh  web-1:9100: host CPU high"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := openBurn(t)
			if tt.page != nil {
				p = tt.page(p)
			}
			if diff := cmp.Diff(tt.want, p.Sentence(now, loc).Full()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLive(t *testing.T) {
	t.Parallel()
	p := openBurn(t)
	for _, tt := range []struct {
		name string
		next time.Time
		err  *sources.Error
		age  time.Duration
		want bool
	}{
		{"polled lately", now, nil, 20 * time.Second, true},
		{"polled two intervals ago", now, nil, 21 * time.Second, false},
		{"a single run that took its time", time.Time{}, nil, 45 * time.Second, true},
		{"a single run of long ago", time.Time{}, nil, 2 * time.Minute, false},
		{"failed", now, sources.Errorf(sources.Timeout, "x"), time.Second, false},
	} {
		p.AlertsFeed.Next, p.AlertsFeed.Err = tt.next, tt.err
		if got := p.live(now.Add(tt.age)); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func TestLineDropsByImportance(t *testing.T) {
	t.Parallel()
	p := openBurn(t)
	p.Why.Value.Trend = triage.Rising
	s := p.Sentence(now, cet(t))
	want := map[int]string{
		130: "CRIT CheckoutErrorBudgetBurn  checkout: Requests fail, now 12.4%, limit 5%, since 14:02 (7 min), rising             owner payments",
		120: "CRIT CheckoutErrorBudgetBurn  checkout: Requests fail, now 12.4%, limit 5%, since 14:02 (7 min), rising   owner payments",
		119: "CRIT CheckoutErrorBudgetBurn  checkout: Requests fail, now 12.4%, limit 5%, since 14:02, rising          owner payments",
		105: "CRIT CheckoutErrorBudgetBurn  checkout: Requests fail, now 12.4%, limit 5%, since 14:02    owner payments",
		100: "CRIT CheckoutErrorBudgetBurn  checkout: Requests fail, now 12.4%, limit 5%, since 14:02 (7 min)",
		90:  "CRIT CheckoutErrorBudgetBurn  checkout: Requests fail, now 12.4%, limit 5%, since 14:02",
		78:  "CRIT CheckoutErrorBudgetBurn  checkout: Requests fail, now 12.4%, since 14:02",
		70:  "CRIT CheckoutErrorBudgetBurn  checkout: now 12.4%, since 14:02",
		60:  "CRIT CheckoutErrorBudgetBurn  checkout: now 12.4%",
		45:  "CRIT CheckoutErrorBudgetBurn  now 12.4%",
		30:  "CRIT CheckoutErrorBudgetBurn",
		20:  "CRIT CheckoutErrorB…",
	}
	for width, line := range want {
		if diff := cmp.Diff(line, s.Line(width)); diff != "" {
			t.Errorf("%d cells: %s", width, diff)
		}
	}
	for width := 0; width <= 300; width++ {
		if got := ansi.StringWidth(s.Line(width)); got > width {
			t.Errorf("%d cells of %d", got, width)
		}
	}
}

// A name of a screen's width leaves room for what is wrong.
func TestLineOfAVeryLongName(t *testing.T) {
	t.Parallel()
	s := Sentence{Severity: "CRIT", Name: "KubernetesPersistentVolumeClaimAlmostOutOfSpaceForTheStatefulSetOfTheMessageQueueInTheOtherRegion",
		Subject: "queue", What: "4% of the volume is left", Value: "now 4%", Limit: "limit 5%", Since: "since 13:02 (7 min)"}
	for w, want := range map[int]string{
		120: "CRIT KubernetesPersistentVolumeClaimAlmostOu…ueueInTheOtherRegion  queue: 4% of the volume is left, since 13:02",
		80:  "CRIT KubernetesPersistentVolume…heOtherRegion  queue: 4% of the volume is left",
	} {
		if got := s.Line(w); got != want || ansi.StringWidth(got) > w {
			t.Errorf("%d cells:\n%s\nwant\n%s", w, got, want)
		}
	}
}

func TestLineOfWideAndHostileText(t *testing.T) {
	t.Parallel()
	labels := map[string]string{"alertname": "支付服务错误率过高告警", "service": "支付\x1b]0;owned\a服务", "severity": "critical"}
	al := firing("prod-eu", labels, map[string]string{"summary": "错误率超过百分之五，请立即处理 \u202e evil \x1b[2J"})
	p, _ := Open(build(snapshot(al), now), al.ID, nil)
	s := p.Sentence(now, time.UTC)
	for width := 10; width <= 200; width++ {
		line := s.Line(width)
		if got := ansi.StringWidth(line); got > width {
			t.Errorf("%d cells of %d: %q", got, width, line)
		}
		if strings.ContainsAny(line, "\x1b\a\u202e") {
			t.Errorf("%q is not clean", line)
		}
	}
}

func TestWhat(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, annotations, want string }{
		{"KubePodCrashLooping", "summary=Pod is crash looping.", "Pod is crash looping"},
		{"X", "description=p99 is 1.5 s. Look at it.", "p99 is 1.5 s"},
		{"X", "description=Clock skew on web-1, e.g. NTP is down. Call us.", "Clock skew on web-1, e.g. NTP is down"},
		{"X", "summary={{ $labels.x }} broke|description=It broke", "It broke"},
		{"X", "summary=<error expanding template __alert_X: nope>|title=Broken", "Broken"},
		{"RedisDown", "summary=Redis down (instance r-1)|description=Redis instance is down\n  VALUE = 0", "Redis instance is down"},
		{"RedisDown", "summary=Redis down (instance r-1)", "Redis down (instance r-1)"},
		{"CPUThrottlingHigh", "", "CPU throttling high"},
		{"etcdGRPCRequestsSlow", "summary=", "etcd GRPC requests slow"},
		{"node_disk-full", "", "node disk full"},
		{"X", "message=" + strings.Repeat("a very long message, ", 20), "a very long message, a very long message, a very long message, a very long message"},
	}
	for _, tt := range tests {
		ann := map[string]string{}
		for _, pair := range strings.Split(tt.annotations, "|") {
			k, v, _ := strings.Cut(pair, "=")
			ann[k] = v
		}
		it := triage.Item{Alert: sources.Alert{Labels: sources.NewLabels(map[string]string{"alertname": tt.name}), Annotations: sources.NewLabels(ann)}}
		if got := what(it); got != tt.want {
			t.Errorf("%s %q: %q, want %q", tt.name, tt.annotations, got, tt.want)
		}
	}
}

func TestSays(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text, part string
		want       bool
	}{
		{"more than 5% fail", "5%", true},
		{"more than 15% fail", "5%", false},
		{"more than 1.5% fail", "5%", false},
		{"(>5%)", "5%", true},
		{"Checkout is down", "checkout", true},
		{"checkout2 and checkout", "checkout", true},
		{"checkout2", "checkout", false},
		{"anything", "", false},
	} {
		if got := says(tt.text, tt.part); got != tt.want {
			t.Errorf("says(%q, %q) is %v", tt.text, tt.part, got)
		}
	}
}

func TestSaysAbout(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text, value, limit string
		want               bool
	}{
		{"checkout: 12.37% of requests fail", "12.4%", "5%", true},
		{"checkout: 13% of requests fail", "12.4%", "5%", true},
		{"checkout: 6.1% of requests fail", "12.4%", "5%", false},
		{"the slowest 1% of requests take 2.21s", "2.2 s", "1 s", true},
		{"2.21 days are left", "2.2 s", "", false},
		{"more than 5% fail", "5.2%", "5%", false},
		{"slower than 1s", "1.05 s", "1 s", false},
		{"733 jobs wait", "733", "500", false}, // a bare number may be anything
		{"nothing", "12.4%", "5%", false},
		{"0% fail", "0%", "", false},
	} {
		if got := saysAbout(tc.text, tc.value, tc.limit); got != tc.want {
			t.Errorf("%q says %q: %v", tc.text, tc.value, got)
		}
	}
}

func TestClockWords(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 2 * time.Second: "2 s", 43 * time.Second: "40 s", 7*time.Minute + 50*time.Second: "7 min",
		99 * time.Minute: "99 min", 100 * time.Minute: "1 h", 47 * time.Hour: "47 h", 50 * time.Hour: "2 d",
	} {
		if got := Ago(d); got != want {
			t.Errorf("Ago(%v) is %q, want %q", d, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		-time.Minute: "1 min", 5 * time.Second: "1 min", 90 * time.Second: "2 min", 150 * time.Minute: "3 h", 49 * time.Hour: "3 d",
	} {
		if got := In(d); got != want {
			t.Errorf("In(%v) is %q, want %q", d, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "0 s", 90 * time.Second: "90 s", 5 * time.Minute: "5 min", 90 * time.Minute: "90 min", time.Hour: "1 h",
		24 * time.Hour: "24 h", 36 * time.Hour: "36 h", 48 * time.Hour: "2 d", 1500 * time.Millisecond: "1.5s",
	} {
		if got := Lasting(d); got != want {
			t.Errorf("Lasting(%v) is %q, want %q", d, got, want)
		}
	}
	loc := cet(t)
	for at, want := range map[time.Time]string{
		now: "14:09", now.Add(-20 * time.Hour): "18:09 yesterday", now.Add(19 * time.Hour): "09:09 tomorrow",
		now.AddDate(0, 0, -13): "14:09 9 Nov", now.AddDate(-1, 0, 0): "14:09 22 Nov 2025", {}: "unknown",
	} {
		if got := Clock(at, now, loc); got != want {
			t.Errorf("Clock(%v) is %q, want %q", at, got, want)
		}
	}
	if got := Clock(now, now, time.UTC); got != "13:09" {
		t.Error(got)
	}
	night := time.Date(2026, 11, 22, 0, 5, 0, 0, loc)
	for at, want := range map[time.Time]string{
		night.Add(-9 * time.Minute): "23:56", night.Add(-11 * time.Hour): "13:05", night.Add(-12 * time.Hour): "12:05 yesterday",
		night.Add(time.Hour): "01:05", night.Add(-48 * time.Hour): "00:05 20 Nov", {}: "unknown",
	} {
		if got := ShortClock(at, night, loc); got != want {
			t.Errorf("ShortClock(%v) is %q, want %q", at, got, want)
		}
	}
}
