package grafana

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// show is a change in one line, what is empty left out.
func show(c sources.Change) string {
	s := fmt.Sprintf("%s %s", c.Kind, c.Service)
	for _, f := range []struct {
		name string
		v    any
	}{
		{"from", c.FromVersion}, {"v", c.Version}, {"rev", c.Revision}, {"env", c.Env}, {"ns", c.Namespace},
		{"cluster", c.Cluster}, {"state", c.State}, {"by", c.Author}, {"title", c.Title}, {"url", c.URL},
	} {
		if v := fmt.Sprint(f.v); v != "" {
			s += " " + f.name + "=" + v
		}
	}
	if !c.FinishedAt.IsZero() {
		s += " until " + c.FinishedAt.Format("15:04")
	}
	return s
}

func tags(s string) []string { return strings.Split(s, " ") }

func TestChange(t *testing.T) {
	t.Parallel()
	const deployed = `(?i)deployed (?P<service>\S+)( (?P<version>v\d\S*))?( to (?P<env>\w+))?`
	for name, tt := range map[string]struct {
		a     annotation
		match string
		want  string
	}{
		"tags":           {annotation{Tags: tags("deploy service:checkout version:1.42.0 env:prod team:shop")}, "", "deploy checkout v=1.42.0 env=prod"},
		"other keys":     {annotation{Tags: tags("App=checkout commit=abc namespace:shop cluster:prod-eu previous_version:1.41.0 environment:prod")}, "", "deploy checkout from=1.41.0 rev=abc env=prod ns=shop cluster=prod-eu"},
		"service first":  {annotation{Tags: tags("app:a service:b")}, "", "deploy b"},
		"bare version":   {annotation{Tags: tags("deploy app:a v1.42.0-rc.1")}, "", "deploy a v=v1.42.0-rc.1"},
		"key over bare":  {annotation{Tags: tags("1.42.0 version:7 app:a")}, "", "deploy a v=7"},
		"no version":     {annotation{Tags: tags("2026 v2 app:a")}, "", "deploy a"},
		"rollback":       {annotation{Tags: tags("deploy rollback app:a")}, "", "rollback a"},
		"kind by key":    {annotation{Tags: tags("deploy kind:Config app:a")}, "", "config a"},
		"unknown kind":   {annotation{Tags: tags("kind:party release app:a")}, "", "deploy a"},
		"flag":           {annotation{Tags: tags("feature-flag app:a")}, "", "flag a"},
		"region":         {annotation{TimeEnd: 6 * 60_000, Tags: tags("app:a")}, "", "deploy a state=done until 00:06"},
		"point":          {annotation{TimeEnd: 60_000, Tags: tags("app:a")}, "", "deploy a"},
		"by hand":        {annotation{Login: "ada", Text: "restarted the cache"}, "", "deploy  by=ada title=restarted the cache"},
		"match text":     {annotation{Text: "<b>Deployed</b> checkout v1.42.0 to prod"}, deployed, "deploy checkout v=v1.42.0 env=prod title=Deployed checkout v1.42.0 to prod"},
		"tags over text": {annotation{Text: "Deployed checkout v1.42.0", Tags: tags("service:shop")}, deployed, "deploy shop v=v1.42.0 title=Deployed checkout v1.42.0"},
		"match a tag":    {annotation{Text: "x", Tags: tags("deploy checkout")}, "^(?P<service>checkout|payments)$", "deploy checkout title=x"},
		"kind by match":  {annotation{Text: "Rollback of checkout"}, "(?P<kind>Rollback) of (?P<service>\\S+)", "rollback checkout title=Rollback of checkout"},
		"link":           {annotation{Text: `See <a href="https://ci/1">the run</a>, http://x`, DashboardUID: "d"}, "", "deploy  title=See the run, http://x url=https://ci/1"},
		"dashboard":      {annotation{DashboardUID: "a/b?", Tags: tags("app:a")}, "", "deploy a url=https://g.example.com/x/d/a%2Fb%3F?from=-1740000&to=1860000"},
		"a bad link":     {annotation{Text: `<a href="javascript:alert(1)">x</a>`}, "", "deploy  title=x"},
	} {
		r := reader{service: []string{"service", "app"}, version: []string{"version"}, home: "https://g.example.com/x/"}
		if tt.match != "" {
			r.match = regexp.MustCompile(tt.match)
		}
		tt.a.Time = 60_000
		c, ok := r.change(tt.a)
		if got := show(c); !ok || got != tt.want {
			t.Errorf("%s: %v, %q, want %q", name, ok, got, tt.want)
		}
	}
	if _, ok := (reader{}).change(annotation{Text: "x"}); ok {
		t.Error("an annotation without a time is a change")
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]prose{
		"":                            {},
		"just words":                  {words: "just words"},
		"a < b & c &amp; d":           {words: "a < b & c & d"},
		"one<br>two<br/>three\n four": {words: "one two three four"},
		"<p>one</p><p>tw<b>o</b></p>": {words: "one two"},
		"<ul><li>a</li><li>b</li></ul><script>alert('x')</script><style>p {}</style><!-- no -->c": {words: "a b c"},
		"see (https://ci/1?a=b).":                                  {"see (https://ci/1?a=b).", "https://ci/1?a=b"},
		`<a href="/d/x">here</a> <a href='https://ci/2'>there</a>`: {"here there", "https://ci/2"},
		"<a href=\"https://ci/3\nx\">y</a>":                        {"y", "https://ci/3"},
		"https:// alone":                                           {words: "https:// alone"},
		"<script>never closed":                                     {},
	} {
		if got := plain(in); got != want {
			t.Errorf("%q: %+v, want %+v", in, got, want)
		}
	}
}

func FuzzPlain(f *testing.F) {
	f.Add("<p>one</p><a href=https://x>y</a>")
	f.Add("<script>a</style>\x1b")
	f.Fuzz(func(t *testing.T, s string) {
		got := plain(s)
		if strings.ContainsAny(got.words, "\n\t") || (got.link != "" && !strings.HasPrefix(got.link, "http")) {
			t.Errorf("%q: %+v", s, got)
		}
		if v := safe.Outside(got.link).String(); v != safe.Text(v) {
			t.Errorf("link %q", v)
		}
	})
}
