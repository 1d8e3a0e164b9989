package runbook

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

func TestParseRef(t *testing.T) {
	t.Parallel()
	type want struct {
		State          LinkState
		Base, Fragment string
		Query          []string
	}
	for in, w := range map[string]want{
		"":      {State: LinkNone},
		" TODO": {State: LinkNone},
		"tbd.":  {State: LinkNone}, "N/A": {State: LinkNone}, "NA": {State: LinkNone}, "none": {State: LinkNone}, "-": {State: LinkNone}, "--": {State: LinkNone},
		"docs/{{ $labels.type }}/README.md":           {State: LinkTemplated},
		" https://x.y/a.md \n":                        {State: LinkOK, Base: "https://x.y/a.md"},
		"https://x.y/a.md#Some%20Part":                {State: LinkOK, Base: "https://x.y/a.md", Fragment: "Some Part"},
		"https://x.y/alloy/#agent-down?INST=a&CLUS=b": {State: LinkOK, Base: "https://x.y/alloy/", Fragment: "agent-down", Query: []string{"INST=a", "CLUS=b"}},
		"https://x.y/mimir/?A=x%20y&B=1+2#part":       {State: LinkOK, Base: "https://x.y/mimir/", Fragment: "part", Query: []string{"A=x y", "B=1 2"}},
		"https://x.y/?a=1#f?b=%zz&c":                  {State: LinkOK, Base: "https://x.y/", Fragment: "f", Query: []string{"a=1", "b=%zz", "c="}},
		"<https://x.y/a>":                             {State: LinkOK, Base: "https://x.y/a"},
		"#part":                                       {State: LinkOK, Fragment: "part"},
		"docs/Nantes.md":                              {State: LinkOK, Base: "docs/Nantes.md"},
	} {
		r := ParseRef(in)
		got := want{State: r.State, Base: r.Base, Fragment: r.Fragment}
		for _, p := range r.Query {
			got.Query = append(got.Query, p.Name.Raw()+"="+p.Value.Raw())
		}
		if diff := cmp.Diff(w, got); diff != "" {
			t.Errorf("%q:\n%s", in, diff)
		}
	}
}

func TestFindRef(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		annotations, labels map[string]string
		keys                []string
		key, link           string
		label               bool
		state               LinkState
	}{
		"order of the keys": {annotations: map[string]string{"runbook": "b", "runbook_url": "a"}, key: "runbook_url", link: "a", state: LinkOK},
		"annotation first":  {annotations: map[string]string{"documentation": "a"}, labels: map[string]string{"runbook_url": "b"}, key: "documentation", link: "a", state: LinkOK},
		"label":             {annotations: map[string]string{"summary": "x"}, labels: map[string]string{"playbook": "docs/x"}, key: "playbook", link: "docs/x", label: true, state: LinkOK},
		"placeholder":       {annotations: map[string]string{"runbook_url": "TODO", "runbook": " c "}, key: "runbook", link: "c", state: LinkOK},
		"only placeholders": {annotations: map[string]string{"runbook_url": "TODO"}, state: LinkNone},
		"templated":         {annotations: map[string]string{"runbook_url": "{{ x }}"}, key: "runbook_url", link: "{{ x }}", state: LinkTemplated},
		"better than that":  {annotations: map[string]string{"runbook_url": "{{ x }}"}, labels: map[string]string{"runbook": "l"}, key: "runbook", link: "l", label: true, state: LinkOK},
		"own keys":          {annotations: map[string]string{"runbook_url": "a", "sop": "s"}, keys: []string{"sop"}, key: "sop", link: "s", state: LinkOK},
		"no keys":           {annotations: map[string]string{"runbook_url": "a"}, keys: []string{}, state: LinkNone},
		"nothing":           {state: LinkNone},
	} {
		if c.labels == nil {
			c.labels = map[string]string{}
		}
		c.labels["alertname"] = "Down"
		a := sources.Alert{Labels: sources.NewLabels(c.labels), Annotations: sources.NewLabels(c.annotations)}
		r := FindRef(a, safe.Outside("svc"), safe.Outside("team"), c.keys)
		if r.Key != c.key || r.Link.Raw() != c.link || r.Label != c.label || r.State != c.state {
			t.Errorf("%s: %+v", name, r)
		}
		if r.Alert.Raw() != "Down" || r.Service.Raw() != "svc" || r.Team.Raw() != "team" {
			t.Errorf("%s: alert %q, service %q, team %q", name, r.Alert, r.Service, r.Team)
		}
	}
}

func TestSlug(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`Alert Name: "KubePodCrashLooping"`: "alert-name-kubepodcrashlooping",
		"What's new? (v1.2)":                "whats-new-v12",
		"a  b - c":                          "a--b---c",
		"snake_case & more":                 "snake_case--more",
		"Größe Ünïcode 表":                   "größe-ünïcode-表",
		"  trimmed  ":                       "trimmed",
		"🚨 Alert":                           "-alert",
	} {
		if got := Slug(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

const places = `# Runbook

Intro, see SomethingElse and kubemention.

## Steps
## Steps
## Steps-1
## A & B
## Alert Name: "KubePodCrashLooping"
<a name="Custom_ID"></a>
## ` + "`etcdNoLeader`" + ` {#lost-leader}

The HostOutOfMemory alert.

- item

  ### Nested Heading

## About DiskFull and more
`

func TestPlace(t *testing.T) {
	t.Parallel()
	d := Parse([]byte(places), Where{})
	for _, c := range []struct {
		anchor, alert string
		kind          PlaceKind
		line          int
		missed        bool
		slug          string
	}{
		{"steps", "", AtAnchor, 5, false, "steps"},
		{"steps-1", "", AtAnchor, 6, false, "steps-1"},
		{"STEPS-1-1", "", AtAnchor, 7, false, "steps-1-1"},
		{"a--b", "", AtAnchor, 8, false, "a--b"},
		{"a-b", "", AtAnchor, 8, false, "a--b"},
		{"#a_b", "", AtAnchor, 8, false, "a--b"},
		{"alert-name-kubepodcrashlooping", "", AtAnchor, 9, false, "alert-name-kubepodcrashlooping"},
		{"custom_id", "", AtAnchor, 10, false, "alert-name-kubepodcrashlooping"},
		{"lost-leader", "", AtAnchor, 11, false, "etcdnoleader"},
		{"user-content-etcdnoleader", "", AtAnchor, 11, false, "etcdnoleader"},
		{"nested-heading", "", AtAnchor, 17, false, "nested-heading"},
		{"L13", "", AtAnchor, 13, false, "etcdnoleader"},
		{"l3-l4", "", AtAnchor, 3, false, "runbook"},
		{"gone", "KubePodCrashlooping", AtHeading, 9, true, "alert-name-kubepodcrashlooping"},
		{"", "EtcdNoLeader", AtHeading, 11, false, "etcdnoleader"},
		{"", "DiskFull", AtHeading, 19, false, "about-diskfull-and-more"},
		{"gone", "hostoutofmemory", AtMention, 13, true, "etcdnoleader"},
		{"", "KubeMention", AtMention, 3, false, "runbook"},
		{"", "Mention", AtTop, 1, false, "runbook"},
		{"gone", "", AtTop, 1, true, "runbook"},
		{"", "", AtTop, 1, false, "runbook"},
	} {
		p := d.Place(c.anchor, c.alert)
		if p.Kind != c.kind || p.Line != c.line || p.Missed != c.missed || p.Slug != c.slug {
			t.Errorf("Place(%q, %q) = %+v, want %+v", c.anchor, c.alert, p, c)
		}
		if b := d.Blocks[p.Block]; p.Line < b.Line || p.Line > b.EndLine {
			t.Errorf("Place(%q, %q): line %d is not in block %d to %d", c.anchor, c.alert, p.Line, b.Line, b.EndLine)
		}
	}
	if p := (Document{}).Place("x", "y"); p.Kind != AtTop || !p.Missed {
		t.Errorf("no document: %+v", p)
	}
}
