package alertlist

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// fire is one alert that fires.
func fire(name, severity string, minutes int, labels ...string) sources.Alert {
	m := map[string]string{"alertname": name, "severity": severity}
	for _, l := range labels {
		k, v, _ := strings.Cut(l, "=")
		m[k] = v
	}
	ls := sources.NewLabels(m)
	return sources.Alert{ID: sources.NewAlertID("prod", ls), Cluster: "prod", Labels: ls, State: sources.Firing, ActiveAt: noon.Add(-time.Duration(minutes) * time.Minute)}
}

// rows is the list of a board with these alerts.
func rows(as ...sources.Alert) []triage.Group {
	s := sources.Snapshot{Clusters: []sources.Cluster{{Name: "prod", Alerts: sources.Feed[sources.Alert]{Items: as, AsOf: noon, Tried: noon}}}}
	return triage.Build(s, triage.Defaults(), noon).Rows(triage.Filter{}, triage.BySeverity)
}

// many is a storm: one name on hosts, one name of services, and more names than
// there are rows, the n-th of which began n minutes ago.
func many() []sources.Alert {
	var as []sources.Alert
	for i := range 12 {
		as = append(as, fire("NodeDown", "critical", 1, fmt.Sprintf("instance=host-%02d:9100", i)))
		as = append(as, fire("PodDown", "critical", 2, fmt.Sprintf("service=svc-%02d", i), "pod=a"), fire("PodDown", "critical", 2, fmt.Sprintf("service=svc-%02d", i), "pod=b"))
	}
	for i := range 30 {
		as = append(as, fire(fmt.Sprintf("Minor%02d", i), "warning", 10+i, "service=checkout"))
	}
	return as
}

func list(groups []triage.Group) *Model {
	m := New(theme.New(theme.Dark, true))
	m.SetSize(60, 60)
	m.SetGroups(groups, "", "", 1, noon)
	return m
}

func (m *Model) plain() []string {
	var out []string
	for _, r := range m.Rows() {
		if r = strings.Join(strings.Fields(ansi.Strip(r)), " "); r != "" {
			out = append(out, r)
		}
	}
	return out
}

func (m *Model) current() string {
	for _, r := range m.plain() {
		if strings.HasPrefix(r, "> ") {
			return r
		}
	}
	return ""
}

func TestGroupsOpenInsideGroups(t *testing.T) {
	t.Parallel()
	m := list(rows(many()...))
	m.Move(1)
	m.Top()
	got := m.plain()
	if len(got) != triage.MaxRows || got[0] != "> CRIT NodeDown x12 12 hosts 1 min" || got[1] != "CRIT PodDown x24 12 services 2 min" || got[19] != "WARN 13 more rules 13 alerts 27 min" {
		t.Fatalf("closed:\n%s", strings.Join(got, "\n"))
	}
	if !m.Toggle() || m.Len() != triage.MaxRows+12 || m.current() != got[0] || m.plain()[1] != "instance=host-00:9100 1 min" {
		t.Errorf("open:\n%s", strings.Join(m.plain(), "\n"))
	}
	m.Move(1)
	if before := m.Len(); m.Toggle() || m.Len() != before {
		t.Error("enter on an alert of an open group closes the group; it opens its page")
	}
	m.Move(-1)
	m.Toggle()
	m.Move(1)
	m.Toggle()
	m.Move(2)
	if got := m.current(); got != "> CRIT PodDown x2 svc-01 2 min" {
		t.Errorf("the second service is %q", got)
	}
	if !m.Toggle() || m.Len() != triage.MaxRows+12+2 || !strings.Contains(strings.Join(m.plain(), "\n"), "\n> CRIT PodDown x2 svc-01 2 min\npod=a 2 min\npod=b 2 min\nCRIT PodDown x2 svc-02") {
		t.Errorf("open in an open one:\n%s", strings.Join(m.plain(), "\n"))
	}
	m.Bottom()
	if m.Toggle(); m.Len() != triage.MaxRows+12+2+13 {
		t.Errorf("an open rest:\n%s", strings.Join(m.plain(), "\n"))
	}
}

// TestWhatIsReadKeepsItsRow has an alert that is read become one of many that
// are less urgent than others.
func TestWhatIsReadKeepsItsRow(t *testing.T) {
	t.Parallel()
	read := fire("Minor29", "warning", 39, "service=checkout")
	m := list(rows(read))
	m.Select(read.ID)
	m.SetGroups(rows(many()...), "", "", 1, noon)
	if got := m.current(); got != "> WARN Minor29 checkout 39 min" || m.Selected() != read.ID {
		t.Errorf("what is read is %q:\n%s", got, strings.Join(m.plain(), "\n"))
	}
	if got := m.plain(); got[len(got)-1] != "WARN 12 more rules 12 alerts 27 min" {
		t.Errorf("the rest still counts it: %q", got[len(got)-1])
	}
	// The last two of a rest: what is left is a row as any other.
	var few []sources.Alert
	for i := range triage.MaxRows + 1 {
		few = append(few, fire(fmt.Sprintf("Minor%02d", i+9), "warning", 19+i, "service=checkout"))
	}
	m.SetGroups(rows(few...), "", "", 1, noon)
	if got := m.plain(); len(got) != triage.MaxRows+1 || m.current() != "> WARN Minor29 checkout 39 min" || slices.ContainsFunc(got, func(r string) bool { return strings.Contains(r, "more rule") }) {
		t.Errorf("a rest of one:\n%s", strings.Join(got, "\n"))
	}
	// Whoever goes to the row of a rest stays on it.
	m = list(rows(many()...))
	m.Bottom()
	on := m.current()
	m.SetGroups(rows(many()...), "", "", 1, noon)
	if m.current() != on || !strings.Contains(on, "more rules") {
		t.Errorf("from %q to %q", on, m.current())
	}
	// What a jump leads to in a rest has its row, too.
	m.Select(read.ID)
	if got := m.current(); got != "> WARN Minor29 checkout 39 min" {
		t.Errorf("jumped to, it is %q", got)
	}
}

// Names that are alike up to where they are cut are told apart by what comes
// then, at their ends or before; others keep their beginning.
func TestLongNamesAreToldApart(t *testing.T) {
	t.Parallel()
	stem := "KubePersistentVolumeOfTheMessageQueueInTheOtherRegion"
	m := list(rows(fire(stem+"FillingUp", "critical", 1), fire(stem+"Errors", "critical", 2),
		fire("CertificateOfTheGatewayOfThePartnersExpiresWithinTheWeek", "warning", 3),
		fire("RackNumberSomethingOfTheFirstHallOfTheDatacenter03HasLostItsCoolingAndWillBeShutDownSoon", "warning", 4),
		fire("RackNumberSomethingOfTheFirstHallOfTheDatacenter04HasLostItsCoolingAndWillBeShutDownSoon", "warning", 5)))
	got := m.plain()
	for i, want := range []string{
		"CRIT KubePersisten…QueueInTheOtherRegionFillingUp - 1 min",
		"CRIT KubePersisten…ageQueueInTheOtherRegionErrors - 2 min",
		"WARN CertificateOfTheGatewayOfThePartnersExpires… - 3 min",
		"WARN RackNumberSom…r03HasLostItsCoolingAndWillBe… - 4 min",
		"WARN RackNumberSom…r04HasLostItsCoolingAndWillBe… - 5 min",
	} {
		if got[i] != want {
			t.Errorf("row %d is %q, want %q", i, got[i], want)
		}
	}
}
