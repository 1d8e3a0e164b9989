package triage

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/internal/safe/safetest"
	"github.com/firstpage-oncall/firstpage/sources"
)

// linksOf are the links of an alert in lines: kind, title, address, from.
func linksOf(p LinkPrefs, labels, annotations map[string]string, services ...sources.Service) []string {
	labels["alertname"] = "A"
	a := sources.Alert{Cluster: "prod", Labels: sources.NewLabels(labels), Annotations: sources.NewLabels(annotations), State: sources.Firing, ActiveAt: noon.Add(-time.Hour)}
	a.ID = sources.NewAlertID("prod", a.Labels)
	s := snapshot(a)
	s.Services = catalogOf(services...)
	s.Teams = []sources.Feed[sources.Team]{{Items: []sources.Team{{Name: safe.Outside("atlas"), Dashboards: []sources.Link{{Title: safe.Outside("tagged"), URL: safe.Outside("/dashboards?tag=owner%3Ateam-atlas")}}}}}}
	prefs := Defaults()
	prefs.Links = p
	b := Build(s, prefs, noon)
	it, _ := b.Item(a.ID)
	var out []string
	for _, l := range b.Links(it, Began(it)) {
		where := l.Shown()
		if l.URL.Empty() {
			where = "! " + l.Missing
		}
		out = append(out, fmt.Sprintf("%s %s %s (%s)", l.Kind, l.Title, where, l.From))
	}
	return out
}

func TestLinks(t *testing.T) {
	t.Parallel()
	const grafana = "https://g.example.com/grafana"
	around := fmt.Sprintf("from=%d&to=now", noon.Add(-90*time.Minute).UnixMilli())
	for _, tc := range []struct {
		name        string
		labels      string
		annotations map[string]string
		prefs       LinkPrefs
		want        []string
	}{
		{"whole addresses, by name", "", map[string]string{
			"dashboard_url": "https://grafana.example.com/d/TvuRo2iMk/cert-manager", "grafana_dashobard_link": "https://mon.example.com/d/x/y",
			"logs": "http://logs/?q=a b", "jaeger": "https://jaeger/search?service=x", "console": "https://console", "runbook_url": "https://r/1", "summary": "see https://x",
		}, LinkPrefs{}, []string{
			"dashboard dashboard_url https://grafana.example.com/d/TvuRo2iMk/cert-manager?" + around + " (annotation dashboard_url)",
			"dashboard grafana_dashobard_link https://mon.example.com/d/x/y (annotation grafana_dashobard_link)",
			"logs logs http://logs/?q=a%20b (annotation logs)", "traces jaeger https://jaeger/search?service=x (annotation jaeger)",
			"link console https://console (annotation console)",
		}},
		{"SAP's labels, without a Grafana", "dashboard=nova-hypervisor meta=x kibana=app/discover#/?_g=(time:(from:now-5m)) sentry=glance/ playbook=docs/x", nil, LinkPrefs{}, []string{
			"dashboard dashboard ! " + noGrafana + ": d/nova-hypervisor (label dashboard)",
			"logs kibana ! no address is known for kibana (configuration: links: {bases: {kibana: URL}}): app/discover#/?_g=(time:(from:now-5m)) (label kibana)",
			"link sentry ! no address is known for sentry (configuration: links: {bases: {sentry: URL}}): glance/ (label sentry)",
		}},
		{"SAP's labels, with everything", "dashboard=nsx-t-monitoring/nsx-t-monitoring?orgId=1 kibana=app/discover#/?_g=(a:'b')", nil,
			LinkPrefs{Grafana: grafana, Bases: map[string]string{"kibana": "https://logs.example.com/"}}, []string{
				"dashboard dashboard " + grafana + "/d/nsx-t-monitoring/nsx-t-monitoring?orgId=1&" + around + " (label dashboard)",
				"logs kibana https://logs.example.com/app/discover#/?_g=(a:'b') (label kibana)",
			}},
		{"what cannot be opened hides its secrets", "", map[string]string{"logs": "https://u:s3cr3t@ho_st!/?token=s3cr3t"}, LinkPrefs{}, []string{
			"logs logs ! the address has no plain host: https://ho_st!/?token=<secret> (annotation logs)",
		}},
		{"no link at all", "dashboard=none grafana_folder=Infra panel=left logs=yes log_level=info tempo=fast", map[string]string{"dashboard": "see the overview", "grafana": "TODO", "__dashboardUid__": "../x"}, LinkPrefs{Grafana: grafana}, nil},
		{"Grafana's own rules", "", map[string]string{"__dashboardUid__": "abc_D-1", "__panelId__": "7", "__orgId__": "2"}, LinkPrefs{Grafana: grafana + "/"}, []string{
			"dashboard panel of the rule " + grafana + "/d/abc_D-1?orgId=2&viewPanel=7&" + around + " (annotation __dashboardUid__)",
		}},
		{"a time that is there stays", "", map[string]string{"dashboard": "https://grafana/d/x?from=now-3h&to=now", "grafana": grafana + "/explore?left={}"}, LinkPrefs{Grafana: grafana}, []string{
			"dashboard dashboard https://grafana/d/x?from=now-3h&to=now (annotation dashboard)", "dashboard grafana " + grafana + "/explore?left=%7B%7D (annotation grafana)",
		}},
		{"templates, escaped for their place", "ns=a b&c/d#e region=eu-1", nil, LinkPrefs{Add: []AddedLink{
			{"Logs", "", "https://logs.{{ $labels.region }}.example.com/{{ .Labels.ns }}/x?q={{$labels.ns}}&f={{ from }}&t={{ to_us }}#/?_g=('{{ $labels.ns }}')"},
			{"Traces", "", "https://t/{{ cluster }}?a={{ alert }}&s={{ from_ms }}"}, {"For others", "", "https://x/{{ $labels.gone }}"}, {"Unknown service", "", "https://x/{{ service }}"},
			{"Wiki", TracesLink, "https://w/"},
		}}, []string{
			"logs Logs https://logs.eu-1.example.com/a%20b&c%2Fd%23e/x?q=a%20b%26c%2Fd%23e&f=2026-08-03T10%3A30%3A00Z&t=" + fmt.Sprint(noon.UnixMicro()) + "#/?_g=('a%20b%26c%2Fd%23e') (configuration)",
			"traces Traces https://t/eu?a=A&s=" + fmt.Sprint(noon.Add(-90*time.Minute).UnixMilli()) + " (configuration)",
			"traces Wiki https://w/ (configuration)",
		}},
		{"a template in an annotation", "ns=x", map[string]string{"dashboard": "https://mon/d/1?var-ns={{ $labels.ns }}", "logs": "https://l/{{ $value }}"}, LinkPrefs{}, []string{
			"dashboard dashboard https://mon/d/1?var-ns=x (annotation dashboard)", "logs logs ! a template that was not expanded: https://l/{{ $value }} (annotation logs)",
		}},
		{"the same address once", "link=https://x/1", map[string]string{"url": "https://x/1", "other": "https://x/1#a"}, LinkPrefs{}, []string{
			"link other https://x/1#a (annotation other)", "link url https://x/1 (annotation url)",
		}},
		{"from the team of a label", "team=team-atlas", nil, LinkPrefs{Grafana: grafana}, []string{
			"dashboard tagged " + grafana + "/dashboards?tag=owner%3Ateam-atlas (catalog, team atlas)",
		}},
	} {
		labels := map[string]string{}
		for i, part := range strings.Split(tc.labels, " ") {
			if name, value, ok := strings.Cut(part, "="); ok && !strings.Contains(tc.labels, "ns=a b") {
				labels[name] = value
			} else if i == 0 && ok {
				labels["ns"], labels["region"] = "a b&c/d#e", "eu-1"
			}
		}
		if got := linksOf(tc.prefs, labels, tc.annotations); !slices.Equal(got, tc.want) {
			t.Errorf("%s:\n got %s\nwant %s", tc.name, strings.Join(got, "\n     "), strings.Join(tc.want, "\n     "))
		}
	}
}

func TestLinksOfTheCatalog(t *testing.T) {
	t.Parallel()
	link := func(title, url string) sources.Link {
		return sources.Link{Title: safe.Outside(title), URL: safe.Outside(url)}
	}
	got := linksOf(LinkPrefs{Grafana: "https://g"}, map[string]string{"app": "co", "namespace": "shop"}, nil, sources.Service{
		Name: safe.Outside("checkout"), Aliases: values("co"), Team: safe.Outside("team-atlas"), Channel: safe.Outside("https://chat/1"), Repository: safe.Outside("git@x:y"),
		Dashboards: []sources.Link{link("primary", "api-main/api-overview")}, Logs: []sources.Link{link("errors", "https://l?ns={{ $labels.namespace }}")},
		Traces: []sources.Link{link("", "https://t?s={{ service }}")}, Links: []sources.Link{link("prose", "ask Maude"), link("script", "javascript://x/%0aalert(1)")},
	})
	around := fmt.Sprintf("from=%d&to=now", noon.Add(-90*time.Minute).UnixMilli())
	want := []string{
		"dashboard primary https://g/d/api-main/api-overview?" + around + " (catalog)", "dashboard tagged https://g/dashboards?tag=owner%3Ateam-atlas (catalog, team atlas)",
		"logs errors https://l?ns=shop (catalog)", "traces traces https://t?s=checkout (catalog)", "link channel https://chat/1 (catalog)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %s\nwant %s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// The time of an alert that is over ends with it.
func TestLinkOfWhatIsOver(t *testing.T) {
	t.Parallel()
	a := alert("A", sources.Resolved, 1, "dashboard=x")
	a.ResolvedAt = noon.Add(-10 * time.Minute)
	p := Defaults()
	p.Links.Grafana = "https://g"
	b := Build(snapshot(a), p, noon)
	it, _ := b.Item(a.ID)
	got := b.Links(it, Onset{At: noon.Add(-40 * time.Minute)})
	if want := fmt.Sprintf("https://g/d/x?from=%d&to=%d", noon.Add(-70*time.Minute).UnixMilli(), noon.Add(5*time.Minute).UnixMilli()); len(got) != 1 || got[0].URL.Raw() != want {
		t.Errorf("%v, want %s", got, want)
	}
}

// A label cannot choose the host, climb out of the path, or add a parameter; a
// link with credentials loses them; what is no plain web address is not opened.
func TestLinksAreHarmless(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ template, value, want string }{
		{"https://{{ $labels.x }}.example.com/", "evil.com/", "!"}, {"https://{{ $labels.x }}.example.com/", "a@evil", "!"}, {"https://{{ $labels.x }}.example.com/", "evil.com#", "!"},
		{"https://{{ $labels.x }}.example.com/", "eu-1", "https://eu-1.example.com/"}, {"https://h/{{ $labels.x }}/y", "..", "!"}, {"https://h/{{ $labels.x }}/y", "../..", "https://h/..%2F../y"},
		{"https://h/?a={{ $labels.x }}", "b&admin=1", "https://h/?a=b%26admin%3D1"}, {"https://h/?a={{ $labels.x }}", "\x1b]0;x\a", "https://h/?a=%1B%5D0%3Bx%07"},
		{"https://u:p@h/{{ $labels.x }}", "a", "https://h/a"}, {"https://h/{{ $labels.x }}", "\u202egpj", "https://h/%E2%80%AEgpj"}, {"https://exämple/{{ $labels.x }}", "a", "!"},
		{"https://h\t/{{ $labels.x }}", "a", "!"}, {"https://h/{{ $labels.x }}", strings.Repeat("a", maxLink), "!"}, {"https://h:99999999/{{ $labels.x }}", "a", "!"},
	} {
		g := linker{it: Item{Alert: sources.Alert{Labels: sources.NewLabels(map[string]string{"x": tc.value})}}, now: noon}
		u, err := g.fill(tc.template)
		got := u.String()
		if err != nil {
			got = "!"
		}
		if got != tc.want {
			t.Errorf("%s with %q: %s (%v), want %s", tc.template, tc.value, got, err, tc.want)
		}
	}
	for _, payload := range safetest.Payloads() {
		hostile := payload.Text
		for _, line := range linksOf(LinkPrefs{Grafana: "https://g", Add: []AddedLink{{"x", "", "https://h/?q={{ $labels.x }}"}}},
			map[string]string{"x": hostile, "dashboard": hostile, "kibana": hostile}, map[string]string{"logs": "https://h/" + hostile, "panel": hostile}) {
			if err := safetest.Inert(line, false); err != nil {
				t.Errorf("%q: %v", line, err)
			}
		}
	}
}

func TestLinkSecretsAreNotShown(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://h/?q=a&auth_token=s3cr3t&x=1":        "https://h/?q=a&auth_token=<secret>&x=1",
		"https://h/?X-Amz-Signature=s3cr3t":           "https://h/?X-Amz-Signature=<secret>",
		"https://h/#/a?api_key=s3cr3t":                "https://h/#/a?api_key=<secret>",
		"https://h/?accessToken=s3cr3t#token=s3cr3t":  "https://h/?accessToken=<secret>#token=<secret>",
		"https://h/?%74oken=s3cr3t":                   "https://h/?%74oken=<secret>",
		"https://h/?monkey=1&author=2&token=":         "https://h/?monkey=1&author=2&token=",
		"https://h/token=x":                           "https://h/token=x",
		"https://h/?clientSecret=s3cr3t":              "https://h/?clientSecret=<secret>",
		"https://h/?refreshToken=s3cr3t&privateKey=s": "https://h/?refreshToken=<secret>&privateKey=<secret>",
		"https://h/?var-userPassword=s3cr3t":          "https://h/?var-userPassword=<secret>",
		"https://h/?sortKey=a&partitionKeys=b":        "https://h/?sortKey=a&partitionKeys=b",
	} {
		l := Link{URL: safe.Outside(in)}
		if got := l.Shown(); got != want || l.Masked() != (in != want) {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestReadableHidesWhoLogsIn(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://ops:s3cr3t@h/x":        "https://h/x",
		"https://ops:s3/cr?e#t@h/x":     "https://h/x",
		"https://h:8080/@ops/x":         "https://h:8080/@ops/x",
		"https://h/x?mail=ops@h":        "https://h/x?mail=ops@h",
		"https://[fd00::1]:90/u:x/a@b":  "https://[fd00::1]:90/u:x/a@b",
		"see https://h:80/ or ops:me@h": "see https://h:80/ or ops:me@h",
	} {
		if got := Readable(safe.Outside(in)); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestCheckLink(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://h/{{ $labels.a }}?{{from}}": "", "http://{{ $labels.a }}.h": "", "https://h/{{ x }}": "is not known", "https://h/{{ x": "not closed", "ftp://h": "begins with http",
		"{{ $labels.a }}": "begins with http", "https://": "no plain host", "https://h h/": "cannot be read",
	} {
		err := CheckLink(in)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", in, err, want)
		}
	}
}

// Every dashboard and every other link of the public rules is found: with a
// Grafana and the bases of the labels that name a path, each can be opened.
func TestLinksOfTheCorpus(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../testdata/corpus/rules/*/*")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	named, found := 0, 0
	_ = filepath.WalkDir("../testdata/corpus/rules", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".yaml") && !strings.HasSuffix(path, ".yml") {
			return err
		}
		body, err := os.ReadFile(path) //nolint:gosec // of the corpus
		if err != nil {
			return err
		}
		var doc struct {
			Groups []struct {
				Rules []struct{ Labels, Annotations map[string]string }
			}
		}
		if err := yaml.Load(body, &doc); err != nil {
			return nil //nolint:nilerr // other files of the corpus
		}
		for _, g := range doc.Groups {
			for _, r := range g.Rules {
				for _, m := range []map[string]string{r.Labels, r.Annotations} {
					for _, name := range []string{"dashboard", "dashboard_url", "kibana", "sentry", "persesDashboard"} {
						v := m[name]
						if v == "" || v == "none" {
							continue
						}
						named++
						labels := map[string]string{"x": "y"}
						for _, l := range []string{"name", "hostsystem", "os_cluster", "instance", "vccluster", "check"} {
							labels[l] = "eu 1"
						}
						got := linksOf(LinkPrefs{Grafana: "https://g", Bases: map[string]string{"kibana": "https://k", "sentry": "https://s", "persesDashboard": "https://p"}}, labels, map[string]string{name: v})
						if len(got) == 1 && !strings.Contains(got[0], "! ") {
							found++
						} else {
							t.Errorf("%s: %s: %s: %q", path, name, v, got)
						}
					}
				}
			}
		}
		return nil
	})
	if named < 200 || found != named {
		t.Errorf("%d of %d", found, named)
	}
}
