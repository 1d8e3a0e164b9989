package tui

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/jump"
)

func TestTheListIsSortedInFourWays(t *testing.T) {
	r := newRig(t, 120, 40, nil)
	r.snapshot(usual())
	before := r.app.selected()
	r.key("1")
	for _, step := range []struct{ title, order string }{
		{"1 Alerts by newest ", "Cart Kube Node Cert"}, {"1 Alerts by service ", "Cart Kube Cert Node"},
		{"1 Alerts by name ", "Cart Cert Kube Node"}, {"1 Alerts ━", "Kube Node Cert Cart"},
	} {
		r.key("O")
		r.has(step.title)
		var order []string
		for _, l := range strings.Split(r.screen(), "\n")[2:] {
			if f := strings.Fields(strings.TrimPrefix(l, ">")); len(f) > 1 && slices.Contains([]string{"CRIT", "WARN", "pending"}, f[0]) {
				order = append(order, f[1][:4])
			}
		}
		if got := strings.Join(order, " "); got != step.order {
			t.Errorf("%q: %s:\n%s", step.title, got, r.screen())
		}
		if r.app.selected() != before {
			t.Errorf("%q: sorting moved the selection", step.title)
		}
	}
	// A refresh keeps the order.
	r.key("O")
	r.snapshot(usual())
	r.has("1 Alerts by newest ")
}

// storm is 3,000 alerts of 40 rules on 500 hosts, each of a service.
func storm() sources.Snapshot {
	severities := []string{"warning", "warning", "info", "critical", "warning", "info", "warning", "warning"}
	as := make([]sources.Alert, 0, 3000)
	for i := range 3000 {
		rule, host := i%40, (i/40+i%40*17)%500
		st := sources.Firing
		if rule%13 == 12 {
			st = sources.Pending
		}
		as = append(as, alert(fmt.Sprintf("Rule%02d", rule), severities[rule%8], i%600, st,
			"service", fmt.Sprintf("svc-%d", host%60), "instance", fmt.Sprintf("host-%d:9100", host)))
	}
	return snapshot(as...)
}

// TestAnyAlertOfAStormIsFiveKeysAway reads the letters off the screen: what an
// alert is called is all that is known of it.
func TestAnyAlertOfAStormIsFiveKeysAway(t *testing.T) {
	for _, size := range [][2]int{{120, 40}, {200, 50}} {
		r := newRig(t, size[0], size[1], nil)
		s := storm()
		r.snapshot(s)
		r.has("2775 firing, 225 pending in 20 rows", "' jump")
		for i, a := range s.Clusters[0].Alerts.Items {
			if i%97 != 0 {
				continue
			}
			keys := "'"
			r.key("'")
			for r.app.view.mode == jumping && len(keys) < 9 {
				k := letterFor(r, a)
				if k == "" {
					t.Fatalf("no letter leads to %s after %s:\n%s", a.Labels.Words(" "), keys, r.screen())
				}
				keys += k
				r.key(k)
			}
			if len(keys) > 5 || r.app.selected() != a.ID {
				t.Errorf("%s leads to %s, not to %s:\n%s", keys, r.app.page.Item.Labels.Words(" "), a.Labels.Words(" "), r.screen())
			}
		}
	}
}

var (
	jumpEntry = regexp.MustCompile(`(?m)^│ ([a-z]) (.*?)(?: x\d+)? *│$`)
	number    = regexp.MustCompile(`\d+`)
)

// letterFor is the letter in front of the row that an alert is in, then of the
// range of its text. Empty: there is none.
func letterFor(r *rig, a sources.Alert) string {
	screen := r.screen()
	if strings.Contains(screen, "─ Jump to an alert ─") {
		i := slices.IndexFunc(r.app.board.Rows(triage.Filter{}, triage.BySeverity), func(g triage.Group) bool {
			return slices.ContainsFunc(g.Items, func(it triage.Item) bool { return it.ID == a.ID })
		})
		return jump.Letters[i : i+1]
	}
	numbers := func(text string) []int {
		var out []int
		for _, d := range number.FindAllString(text, -1) {
			n, _ := strconv.Atoi(d)
			out = append(out, n)
		}
		return out
	}
	letter := ""
	for _, m := range jumpEntry.FindAllStringSubmatch(screen, -1) {
		from, _, _ := strings.Cut(m[2], " to ")
		text := a.Labels.Value("service").String() + " " + a.Labels.Value("instance").String()
		if strings.HasPrefix(from, "Rule") {
			text = a.Name().String() + " " + text
		}
		if slices.Compare(numbers(from), numbers(text)) <= 0 {
			letter = m[1]
		}
	}
	return letter
}

func TestWhatIsFoldedCanBeJumpedTo(t *testing.T) {
	r := newRig(t, 120, 40, nil)
	s := usual()
	quiet := alert("DiskFull", "warning", 5, sources.Firing, "instance", "eu-1-9:9100")
	quiet.AM = &sources.AMView{SilencedBy: []safe.Value{safe.Outside("s1")}}
	s.Clusters[0].Alerts.Items = append(s.Clusters[0].Alerts.Items, quiet)
	r.snapshot(s)
	r.has("1 silenced")
	r.key("'")
	r.has("a CRIT KubePodCrashLooping ", "b WARN NodeClockNotSynchronising x2", "e folded: silenced ", "f folded: always firing ")
	r.key("b")
	r.has("a eu-1-1:9100 ", "b eu-1-2:9100 ")
	r.key("esc")
	r.key("e")
	if r.app.selected() != quiet.ID || r.app.view.mode != normal {
		t.Errorf("the letter leads to %s:\n%s", r.app.page.Item.Labels.Words(" "), r.screen())
	}
	r.key("'")
	r.key("esc")
	if r.app.view.mode != normal || r.app.selected() != quiet.ID {
		t.Error("esc does not close the letters")
	}
}
