package events

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/sources"
)

// conformance reads the files of the specification, path below
// testdata/cdevents to bytes.
func conformance(t testing.TB) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	paths, err := filepath.Glob("testdata/cdevents/*/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.ToSlash(strings.TrimPrefix(p, filepath.FromSlash("testdata/cdevents/")))] = b
	}
	return out
}

// ofConformance is what each file says; nil: no change.
var ofConformance = map[string][]string{
	"0.4.0/service_deployed.json":             {"14:27:05.315 deploy mySubject123 v=" + digest + " env=test123 state=done"},
	"0.4.0/service_upgraded.json":             {"14:27:05.315 deploy mySubject123 v=" + digest + " env=test123 state=done"},
	"0.4.0/service_published.json":            nil,
	"0.5.0-draft/service_rolledback.json":     {"14:27:05.315 rollback mySubject123 v=" + digest + " env=test123 state=done"},
	"0.5.0-draft/service_removed.json":        {"14:27:05.315 infra mySubject123 env=test123 state=done title=service removed"},
	"0.5.0-draft/environment_created.json":    nil,
	"0.5.0-draft/environment_modified.json":   {"14:27:05.315 infra  env=mySubject123 state=done title=environment testEnv modified"},
	"0.5.0-draft/environment_deleted.json":    nil,
	"0.5.0-draft/artifact_published.json":     nil,
	"0.5.0/service_deployed.json":             {"14:27:05.315 deploy mySubject123 v=" + digest + " env=test123 state=done"},
	"0.5.0/incident_detected.json":            nil,
	"0.6.0-draft/deployment_started.json":     {"14:27:05.315 deploy myapp v=" + digest + " env=test123 state=running"},
	"0.6.0-draft/deployment_finished.json":    {"14:27:05.315 deploy myapp v=" + digest + " env=test123 state=done until 14:27:05.315"},
	"0.6.0-draft/targetrollout_finished.json": nil,
}

const digest = "sha256:0b31b1c02ff458ad9b7b81cbdf8f028bd54699fa151f221d1e8de6817db93427"

func lines(p *parsed) (changes []string, notes string) {
	for _, c := range p.changes(sources.SourceID{Kind: KindName}, "f") {
		changes = append(changes, show(c))
	}
	for _, n := range p.notes() {
		notes += n.String()
	}
	return changes, notes
}

// Each file of the specification, as it is, as a line, and in every form of
// envelope gives the same.
func TestConformanceFiles(t *testing.T) {
	t.Parallel()
	files := conformance(t)
	if len(files) != len(ofConformance) {
		t.Errorf("%d files, %d known", len(files), len(ofConformance))
	}
	for name, text := range files {
		want, known := ofConformance[name]
		if !known {
			t.Errorf("%s: not in the table", name)
		}
		var line strings.Builder
		var ev struct {
			Context struct{ ID, Type, Source, Timestamp string }
			Subject json.RawMessage
		}
		var id struct{ ID string }
		var whole any
		for from, to := range map[string]any{string(text): &ev, string(text) + " ": &whole} {
			if err := json.Unmarshal([]byte(from), to); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if err := json.Unmarshal(ev.Subject, &id); err != nil {
			t.Fatal(err)
		}
		if err := json.NewEncoder(&line).Encode(whole); err != nil {
			t.Fatal(err)
		}
		envelope := func(data string) string {
			head, err := json.Marshal(map[string]string{"specversion": "1.0", "id": ev.Context.ID, "type": ev.Context.Type,
				"source": ev.Context.Source, "subject": id.ID, "time": ev.Context.Timestamp, "datacontenttype": "application/cdevents+json"})
			if err != nil {
				t.Fatal(err)
			}
			return strings.TrimSuffix(string(head), "}") + "," + data + "}"
		}
		quoted, err := json.Marshal(string(text))
		if err != nil {
			t.Fatal(err)
		}
		for form, in := range map[string]string{
			"as it is": string(text), "a line": line.String(), "batch": "[" + string(text) + "]",
			"envelope":             envelope(`"data":` + strings.TrimSpace(line.String())),
			"batch of envelopes":   "[" + envelope(`"data":`+string(text)) + "]",
			"envelope, base64":     envelope(`"data_base64":"` + base64.StdEncoding.EncodeToString(text) + `"`),
			"envelope, a text":     envelope(`"data":` + string(quoted)),
			"envelope, no context": envelope(`"data":{"subject":` + string(ev.Subject) + `}`),
		} {
			got, notes := lines(parse([]byte(in), false))
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s, %s: %s", name, form, d)
			}
			wantNotes := ""
			if want == nil {
				wantNotes = "1 CDEvent that is no change"
			}
			if notes != wantNotes {
				t.Errorf("%s, %s: notes %q, want %q", name, form, notes, wantNotes)
			}
		}
	}
}

// All of them in one file, one after another, as a bus writes them down.
func TestConformanceTogether(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for _, text := range conformance(t) {
		all.Write(text)
	}
	p := parse([]byte(all.String()), false)
	if _, notes := lines(p); p.entries != 14 || p.bad != 0 || notes != "6 CDEvents that are no changes" {
		t.Errorf("%d entries, %d bad, notes %q", p.entries, p.bad, notes)
	}
}

func TestCDEventsOfOtherVersions(t *testing.T) {
	t.Parallel()
	const tail = `","timestamp":"2026-03-01T12:01:02Z"},"subject":{"id":"checkout","content":{}}}`
	head := `{"context":{"id":"1","type":"`
	for in, want := range map[string]string{
		head + "dev.cdevents.service.deployed" + tail:                                                             "12:01:02 deploy checkout state=done",
		head + "dev.cdevents.service.deployed.v1" + tail:                                                          "12:01:02 deploy checkout state=done",
		head + "dev.cdevents.service.rolledback.0.1.0-draft" + tail:                                               "12:01:02 rollback checkout state=done",
		head + "dev.cdevents.service.upgraded.9.0.0" + tail:                                                       "12:01:02 deploy checkout state=done",
		head + "dev.cdeventsx.acme-service.deployed.0.1.0" + tail:                                                 "",
		head + "com.acme.deploy" + tail:                                                                           "",
		strings.Replace(head+"dev.cdevents.service.deployed.0.2.0"+tail, `"checkout"`, `"daemonset/checkout"`, 1): "12:01:02 deploy checkout state=done",
		strings.Replace(head+"dev.cdevents.service.deployed.0.2.0"+tail, `"checkout"`, `"shop/checkout"`, 1):      "12:01:02 deploy shop/checkout state=done",
	} {
		got, _ := lines(parse([]byte(in), false))
		if strings.Join(got, "|") != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

// Begin and end of one deployment are one change.
func TestDeploymentIsJoined(t *testing.T) {
	t.Parallel()
	ev := func(id, verb, at, outcome string) string {
		return `{"context":{"specversion":"0.6.0-draft","id":"` + id + `","type":"dev.cdevents.deployment.` + verb + `.0.1.0","timestamp":"2026-03-01T12:0` + at + `:00Z"},
			"subject":{"id":"d-7","content":{"artifactId":"pkg:oci/shop/check%2Bout@1.42.0","environment":{"id":"prod"}` + outcome + `}}}` + "\n"
	}
	got, notes := lines(parse([]byte(ev("1", "queued", "0", "")+ev("2", "started", "1", "")+ev("3", "finished", "5", `,"outcome":"failure"`)), false))
	if want := []string{"12:01:00 deploy check+out v=1.42.0 env=prod state=failed until 12:05:00"}; cmp.Diff(want, got) != "" || notes != "1 CDEvent that is no change" {
		t.Errorf("%q, %q", got, notes)
	}
}

// An entry of one's own may use the same words.
func TestNoCDEvent(t *testing.T) {
	t.Parallel()
	for _, more := range []string{`"context":{"type":5.5e999}`, `"context":"x"`, `"data":{"a":1}`, `"data":"x","type":"y"`, `"data":[],"id":"7"`, `"data_base64":"?"`} {
		got, notes := lines(parse([]byte(`{"time":100,"service":"a",`+more+`}`), false))
		if len(got) != 1 || notes != "" {
			t.Errorf("%s: %q, %q", more, got, notes)
		}
	}
	p := parse([]byte(`{"specversion":"1.0","type":"dev.cdevents.service.deployed.0.2.0","data":"not JSON"}`), false)
	if p.bad != 1 || p.hopeless("f") == nil {
		t.Errorf("%+v", p)
	}
}
