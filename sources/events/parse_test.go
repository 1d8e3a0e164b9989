package events

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/sourcetest"
)

// cd is an event in the shape of the CDEvents specification.
func cd(id, kind, more string) string {
	return fmt.Sprintf(`{"context":{"version":"0.4.1","id":%q,"source":"/ci","type":%q,"timestamp":"2026-03-01T14:01:02.5+02:00","links":[{"linkType":"END"}]},
		"subject":{"id":"checkout","source":"/ci","type":"service","content":{"environment":{"id":"prod"}%s}}}`, id, kind, more)
}

// show is a change in one line, what is empty left out.
func show(c sources.Change) string {
	s := fmt.Sprintf("%s %s %s", c.StartedAt.Format("15:04:05.999"), c.Kind, c.Service)
	for _, f := range []struct {
		name string
		v    any
	}{
		{"from", c.FromVersion}, {"v", c.Version}, {"fromrev", c.FromRevision}, {"rev", c.Revision}, {"env", c.Env}, {"ns", c.Namespace},
		{"cluster", c.Cluster}, {"state", c.State}, {"by", c.Author}, {"title", c.Title}, {"url", c.URL},
	} {
		if v := fmt.Sprint(f.v); v != "" {
			s += " " + f.name + "=" + v
		}
	}
	if !c.FinishedAt.IsZero() {
		s += " until " + c.FinishedAt.Format("15:04:05.999")
	}
	return s
}

func TestParse(t *testing.T) {
	t.Parallel()
	const sec = "1772366462" // 2026-03-01T12:01:02Z
	tests := []struct {
		name, in string
		want     []string
		notes    []string
	}{
		{"empty", "", nil, nil},
		{"blank lines", "\n\n  \r\n", nil, nil},
		{"least", `{"time":"2026-03-01T12:01:02Z","service":"checkout"}`, []string{"12:01:02 deploy checkout"}, nil},
		{"everything", `{"time":"2026-03-01T14:01:02+02:00","service":"checkout","kind":"config","version":"1.42.0","from_version":"1.41.0","revision":"abc","from_revision":"def","env":"prod","namespace":"shop","state":"running","author":"Ada","title":"Raise the pool","url":"https://ci/1","finished_at":"2026-03-01T12:05:00Z","id":"7","cluster":"prod-eu","extra":{"a":[1]}}`,
			[]string{"12:01:02 config checkout from=1.41.0 v=1.42.0 fromrev=def rev=abc env=prod ns=shop cluster=prod-eu state=running by=Ada title=Raise the pool url=https://ci/1 until 12:05:00"}, nil},
		{"seconds", `{"time":` + sec + `,"service":"a"}`, []string{"12:01:02 deploy a"}, nil},
		{"seconds as text", `{"time":"` + sec + `","service":"a"}`, []string{"12:01:02 deploy a"}, nil},
		{"parts of seconds", `{"time":` + sec + `.25,"service":"a"}`, []string{"12:01:02.25 deploy a"}, nil},
		{"milliseconds", `{"time":` + sec + `250,"service":"a"}`, []string{"12:01:02.25 deploy a"}, nil},
		{"milliseconds as text", `{"time":"` + sec + `250","service":"a"}`, []string{"12:01:02.25 deploy a"}, nil},
		{"exponent", `{"time":1.772366462e9,"service":"a"}`, []string{"12:01:02 deploy a"}, nil},
		{"blank for T, small z", `{"time":"2026-03-01 12:01:02z","service":"a"}`, []string{"12:01:02 deploy a"}, nil},
		{"numbers and null", `{"time":` + sec + `,"service":"a","version":42,"id":7,"title":null}`, []string{"12:01:02 deploy a v=42"}, nil},
		{"words of others", `{"time":` + sec + `,"service":"a","kind":"Deployment","state":"success"}`, []string{"12:01:02 deploy a state=done"}, nil},
		{"an end is done, if it is after the beginning", `{"time":` + sec + `,"service":"a","finished_at":1772366500}` + "\n" + `{"time":` + sec + `,"service":"b","finished_at":1772366400}`,
			[]string{"12:01:02 deploy a state=done until 12:01:40", "12:01:02 deploy b"}, nil},
		{"newest first, byte order mark, CRLF", "\ufeff" + `{"time":100,"service":"a"}` + "\r\n" + `{"time":200,"service":"b"}` + "\r\n",
			[]string{"00:03:20 deploy b", "00:01:40 deploy a"}, nil},
		{"array", "\ufeff \n[" + `{"time":100,"service":"a"}, {"time":200,"service":"b","kind":"rollback"}` + "\n]\n",
			[]string{"00:03:20 rollback b", "00:01:40 deploy a"}, nil},
		{"begin and end of one change", `{"id":"x","time":100,"service":"a","state":"running","author":"Ada"}` + "\n" + `{"id":"x","time":160,"service":"a","state":"done","finished_at":160}`,
			[]string{"00:01:40 deploy a state=done by=Ada until 00:02:40"}, nil},
		{"one run, two services", `{"id":"x","time":100,"service":"a"}` + "\n" + `{"id":"x","time":100,"service":"b"}`,
			[]string{"00:01:40 deploy a", "00:01:40 deploy b"}, nil},
		{"the same twice", strings.Repeat(`{"time":100,"service":"a","version":"1"}`+"\n", 2), []string{"00:01:40 deploy a v=1"}, nil},
		{"bad lines", strings.Join([]string{`{"time":100,"service":"a"}`, `{"time":100}`, `{"service":"a"}`, `{`, `{"time":"soon","service":"a"}`, `5`}, "\n"),
			[]string{"00:01:40 deploy a"},
			[]string{`5 of 6 lines unreadable: line 2: no service; line 3: no time; line 4: it ends in the middle; ...`}},
		{"other bad lines", strings.Join([]string{`{"time":100,"service":"a"}`, `{"time":"2026-03-01T12:01:02","service":"a"}`, `{"time":100,"service":{"name":"a"}}`, `[1]`}, "\n"),
			[]string{"00:01:40 deploy a"},
			[]string{`3 of 4 lines unreadable: line 2: "2026-03-01T12:01:02" is not a time (RFC 3339 with a zone, or unix seconds); line 3: a field is not a text: {"name":"a"}; line 4: not an object but an array`}},
		{"times out of range", `{"time":100,"service":"a"}` + "\n" + `{"time":-5,"service":"a"}` + "\n" + `{"time":1e300,"service":"a"}` + "\n" + `{"time":"NaN","service":"a"}`,
			[]string{"00:01:40 deploy a"},
			[]string{"3 of 4 lines unreadable: line 2: the time is out of range; line 3: the time is out of range; line 4: the time is out of range"}},
		{"unknown kind", `{"time":100,"service":"a"}` + "\n" + `{"time":100,"service":"a","kind":"party"}`,
			[]string{"00:01:40 deploy a"}, []string{`1 of 2 lines unreadable: line 2: unknown kind "party"`}},
		{"bad entries of an array", `[{"time":100,"service":"a"},{"time":1},{"time":200,"service":"b"}`,
			[]string{"00:03:20 deploy b", "00:01:40 deploy a"},
			[]string{"2 of 4 entries unreadable: entry 2: no service; entry 4: it ends in the middle; the rest was not read"}},
		{"hostile text", `{"time":100,"service":"a` + `\u001b[2J","title":"\u202eevil","id":"\u009b","cluster":"\u0007x"}` + "\n" + `{"time":1,"` + "\x1b" + `]0;x":1}`,
			[]string{"00:01:40 deploy a␛[2J cluster=␇x title=\ufffdevil"}, []string{`1 of 2 lines unreadable: line 2: not JSON: invalid character '\x1b' in string literal`}},
		{"CDEvents", strings.ReplaceAll(cd("1", "dev.cdevents.service.deployed.0.2.0", `,"artifactId":"pkg:oci/checkout@1.42.0%2Bb1?repository_url=x"`), "\n", "") + "\n" +
			strings.ReplaceAll(cd("2", "dev.cdevents.service.rolledback.0.3.0-draft", `,"artifactId":"pkg:oci/checkout@sha256%3A0b31?tag=1.41.0"`), "\n", ""),
			[]string{"12:01:02.5 deploy checkout v=1.42.0+b1 env=prod state=done", "12:01:02.5 rollback checkout v=1.41.0 env=prod state=done"}, nil},
		{"more CDEvents", "[" + cd("1", "dev.cdevents.service.upgraded.0.2.0", "") + "," + cd("1", "dev.cdevents.service.removed.0.2.0", "") + "," +
			cd("3", "dev.cdevents.build.finished.0.2.0", "") + "," + cd("4", "dev.cdevents.service.published.0.2.0", "") + `,{"specversion":"1.0","data":` + cd("5", "dev.cdevents.service.deployed.0.2.0", "") + "}]",
			[]string{"12:01:02.5 deploy checkout env=prod state=done", "12:01:02.5 infra checkout env=prod state=done title=service removed", "12:01:02.5 deploy checkout env=prod state=done"},
			[]string{"2 CDEvents that are no changes"}},
		{"bad CDEvent", `{"time":100,"service":"a","context":"x"}` + "\n" + `{"context":{"type":"dev.cdevents.service.deployed.0.2.0","timestamp":"never"},"subject":{"id":"a"}}`,
			[]string{"00:01:40 deploy a"},
			[]string{`1 of 2 lines unreadable: line 2: "never" is not a time (RFC 3339 with a zone, or unix seconds)`}},
		{"words of other tools for fields", `{"Timestamp":` + sec + `,"App":"a","environment":"prod","sha":"abc","actor":"Ada","message":"Up","link":"https://ci/1","status":"failed","previous_version":"1"}`,
			[]string{"12:01:02 deploy a from=1 rev=abc env=prod state=failed by=Ada title=Up url=https://ci/1"}, nil},
		{"our own output", `{"id":"ci/7","source":{"kind":"events"},"kind":"deploy","service":"a","started_at":"2026-03-01T12:01:02Z","evidence":[]}`,
			[]string{"12:01:02 deploy a"}, nil},
		{"the first name wins, an empty one does not", `{"time":` + sec + `,"timestamp":5,"service":"a","author":"","user":"Ada"}`, []string{"12:01:02 deploy a by=Ada"}, nil},
		{"the exact name wins", `{"TIME":7,"time":` + sec + `,"Time":8,"service":"a"}`, []string{"12:01:02 deploy a"}, nil},
		{"another name may mean something else", `{"time":` + sec + `,"service":"a","user":{"login":"ada"},"message":["x"]}`, []string{"12:01:02 deploy a"}, nil},
		{"objects over several lines", "{\n \"time\": 100,\n \"service\": \"a\"\n}\n{\n \"time\": 200,\n \"service\": \"b\"\n}\n",
			[]string{"00:03:20 deploy b", "00:01:40 deploy a"}, nil},
		{"objects over several lines, one bad, one cut", "{\n \"time\": 100,\n \"service\": \"a\"\n}\n{\n \"time\": 200\n}\n{\n \"time\": 3",
			[]string{"00:01:40 deploy a"},
			[]string{"2 of 3 entries unreadable: entry 2: no service; entry 3: it ends in the middle; the rest was not read"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := parse([]byte(tt.in), false)
			got := p.changes(sources.SourceID{Kind: KindName, Name: "ci"}, "deploys.ndjson")
			sourcetest.CheckChanges(t, got, time.Time{})
			var lines, notes []string
			for _, c := range got {
				lines = append(lines, show(c))
			}
			for _, n := range p.notes() {
				notes = append(notes, n.String())
			}
			if d := cmp.Diff(tt.want, lines); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(tt.notes, notes); d != "" {
				t.Error(d)
			}
			if err := p.hopeless("f"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestPurlVersion(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"pkg:oci/myapp@sha256%3A0b31":                "sha256:0b31",
		"pkg:oci/myapp@sha256%3A0b31?tag=v1&arch=x":  "v1",
		"pkg:npm/%40acme/shop@2.0.1#dist":            "2.0.1",
		"pkg:npm/@acme/shop":                         "",
		"pkg:golang/example.com/x@v1.2.3?goos=linux": "v1.2.3",
		"registry.example.com/checkout@sha256:1":     "", "": "", "pkg:oci/x@%zz": "%zz",
	} {
		if got := purlVersion(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"time":"2026-03-01T12:01:02Z","service":"a","finished_at":1}`), false)
	f.Add([]byte(`[{"time":100,"service":"a","id":1},{"time":1e12,"service":"a","id":1}`), false)
	f.Add([]byte(cd("1", "dev.cdevents.service.deployed.0.2.0", `,"artifactId":"pkg:oci/a@1"`)), false)
	for _, text := range conformance(f) {
		f.Add(text, false)
	}
	f.Add([]byte("x\n{\"time\":1,\"service\":\"\x1b\"}\n"), true)
	f.Fuzz(func(t *testing.T, b []byte, cut bool) {
		p := parse(b, cut)
		got := p.changes(sources.SourceID{Kind: KindName}, "f")
		sourcetest.CheckChanges(t, got, time.Time{})
		if p.bad+p.skipped+len(p.found) != p.entries {
			t.Errorf("%d bad, %d skipped and %d read of %d entries", p.bad, p.skipped, len(p.found), p.entries)
		}
		for _, n := range p.notes() {
			if s := n.String(); s != safe.Text(s) || len(s) > 4000 {
				t.Errorf("note of %d bytes: %q", len(s), s)
			}
		}
	})
}

// Fields that nobody knows are kept, in order, and within bounds.
func TestUnknownFields(t *testing.T) {
	t.Parallel()
	said := func(more string) string {
		p := parse([]byte(`{"time":100,"service":"a"`+more+`}`), false)
		got := p.changes(sources.SourceID{Kind: KindName}, "f")
		if len(got) != 1 || len(got[0].Evidence) > 2 {
			t.Fatalf("%s: %+v, %v", more, got, p.notes())
		}
		if len(got[0].Evidence) == 1 {
			return ""
		}
		return got[0].Evidence[1].String()
	}
	long := strings.Repeat("é", 200)
	for more, want := range map[string]string{
		"": "",
		`,"ticket":"OPS-1","canary":true,"hosts":["a", "b"],"n":1.5`:   `It also says canary: true, hosts: ["a","b"], n: 1.5, ticket: OPS-1`,
		`,"a":null,"b":"","c":{},"d":[]`:                               "",
		`,"user":{"login":"ada"}`:                                      `It also says user: {"login":"ada"}`,
		`,"x":"` + long + `"`:                                          "It also says x: " + strings.Repeat("é", maxMoreLen) + "...",
		`,"\u001b[2J":"\u202e"`:                                        "It also says ␛[2j: \ufffd",
		`,"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1`: "It also says a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, ...",
	} {
		if got := said(more); got != want {
			t.Errorf("%s: %q, want %q", more, got, want)
		}
	}
}
