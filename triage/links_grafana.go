package triage

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// grafanaUID is how Grafana writes the identifier of a dashboard, and its name
// in an address (pkg/util/shortid_generator.go: at most 40 of these).
var (
	grafanaUID  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)
	grafanaSlug = regexp.MustCompile(`^[A-Za-z0-9_-]+(/[A-Za-z0-9_.-]+)?([?#].*)?$`)
)

const noGrafana = "no address of a Grafana is known (configuration: links: {grafana: URL})"

// onGrafana is where a dashboard that is named without an address lies: the
// base, what is missing without one, and the path below it. An empty path: the
// value is prose.
func (g *linker) onGrafana(value string) (base, missing, path string) {
	value = strings.TrimSpace(value)
	switch {
	case noLink(value):
	case web(value):
		return "", "", value
	case strings.HasPrefix(value, "/") && !strings.ContainsAny(value, " \t\n"), strings.HasPrefix(value, "d/"):
		path = value
	case grafanaSlug.MatchString(value):
		path = "d/" + value
	}
	return g.p.Grafana, noGrafana, path
}

// grafanaManaged takes the dashboard and the panel that an alert rule of Grafana
// names in its annotations.
func (g *linker) grafanaManaged() {
	uid := g.it.Annotations.Value("__dashboardUid__").Raw()
	if !grafanaUID.MatchString(uid) {
		return
	}
	q := url.Values{}
	title := "dashboard"
	if id, err := strconv.Atoi(g.it.Annotations.Value("__panelId__").Raw()); err == nil && id > 0 {
		q.Set("viewPanel", strconv.Itoa(id))
		title = "panel of the rule"
	}
	if org, err := strconv.Atoi(g.it.Annotations.Value("__orgId__").Raw()); err == nil && org > 0 {
		q.Set("orgId", strconv.Itoa(org))
	}
	path := "d/" + uid
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	g.add(Link{Kind: DashboardLink, Title: safe.Outside(title), From: "annotation __dashboardUid__"}, path, g.p.Grafana, noGrafana)
}

// inTime adds the time around the trouble to the address of a dashboard of
// Grafana that says no time itself.
func (g *linker) inTime(u url.URL) url.URL {
	if g.from.IsZero() || !g.dashboard(u) {
		return u
	}
	for part := range strings.SplitSeq(u.RawQuery, "&") {
		if name, _, _ := strings.Cut(part, "="); name == "from" || name == "to" || name == "time" {
			return u
		}
	}
	to := "now"
	if !g.to.IsZero() {
		to = strconv.FormatInt(g.to.Add(rangeAfter).UnixMilli(), 10)
	}
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += "from=" + strconv.FormatInt(g.from.Add(-rangeBefore).UnixMilli(), 10) + "&to=" + to
	return u
}

// dashboard reports whether an address is that of one dashboard: below the
// Grafana that is known, or as every Grafana writes it on a host that is called
// so.
func (g *linker) dashboard(u url.URL) bool {
	rest, grafana := u.Path, strings.Contains(strings.ToLower(u.Hostname()), "grafana")
	base, err := url.Parse(strings.TrimRight(g.p.Grafana, "/"))
	if err == nil && base.Host != "" && strings.EqualFold(base.Host, u.Host) {
		rest, grafana = strings.CutPrefix(u.Path, base.Path)
	}
	return grafana && (strings.Contains(rest, "/d/") || strings.Contains(rest, "/d-solo/") || strings.Contains(rest, "/dashboard/db/"))
}
