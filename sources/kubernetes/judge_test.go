package kubernetes

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

func TestImages(t *testing.T) {
	t.Parallel()
	const d1, d2 = "sha256:0b31aaaaaaaaaaaaaaaa", "sha256:77f0bbbbbbbbbbbbbbbb"
	for in, want := range map[string][2]string{ // tag, short
		"registry.example.com:5000/shop/checkout:1.42.0": {"1.42.0", "shop/checkout:1.42.0"},
		"registry.example.com:5000/shop/checkout":        {"latest", "shop/checkout"},
		"localhost:5000/checkout@" + d1:                  {"sha256:0b31aaaaaaaa", "checkout@sha256:0b31aaaaaaaa"},
		"shop/checkout:1.42.0@" + d1:                     {"1.42.0", "shop/checkout:1.42.0"},
		"checkout":                                       {"latest", "checkout"},
		"checkout@odd":                                   {"odd", "checkout@odd"},
		"":                                               {"", ""},
		"ghcr.io/a/b:main-20260301-3f5d1c2":              {"main-20260301-3f5d1c2", "a/b:main-20260301-3f5d1c2"},
	} {
		if got := [2]string{tag(in), short(in)}; got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
	for _, tt := range [][4]string{
		{"a:1", "a:2", "1", "2"},
		{"a:stable@" + d1, "a:stable@" + d2, "sha256:0b31aaaaaaaa", "sha256:77f0bbbbbbbb"},
		{"a:1", "b:1", "1", "1"},
		{"", "a:1", "", "1"},
		{"a:1", "a@" + d1, "1", "sha256:0b31aaaaaaaa"},
	} {
		if from, to := versions(tt[0], tt[1]); from != tt[2] || to != tt[3] {
			t.Errorf("%s to %s: %s to %s", tt[0], tt[1], from, to)
		}
	}
}

// What says when an old ReplicaSet was taken up again, and what must not be
// believed.
func TestBegan(t *testing.T) {
	t.Parallel()
	at := func(clock string) time.Time {
		if clock == "" {
			return time.Time{}
		}
		out, err := time.Parse(time.RFC3339, "2026-03-01T"+clock+"Z")
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for name, tt := range map[string]struct {
		written, progress, touched, from, to string
		reason                               string
		share                                sources.Share
		want, how                            string
	}{
		"the template's writer":                    {written: "14:31:00", progress: "14:32:00", touched: "14:33:00", reason: complete, want: "14:31:00", how: "wrote the pod template"},
		"a writer of the deploy before":            {written: "14:01:01", progress: "14:32:00", reason: complete, want: "14:32:00", how: "Progressing"},
		"a writer after the end":                   {written: "15:00:00", progress: "14:32:00", reason: complete, want: "14:32:00", how: "Progressing"},
		"the controller was first":                 {progress: "14:32:00", touched: "14:31:30", reason: complete, want: "14:31:30", how: "the controller wrote the ReplicaSet"},
		"a condition of the rollout before":        {progress: "14:02:00", reason: complete, share: sources.Share{New: 0, All: 3}},
		"the same, seen":                           {progress: "14:02:00", reason: complete, share: sources.Share{New: 0, All: 3}, from: "14:30:00", to: "14:30:30", want: "14:30:00", how: "Seen between 14:30:00 and 14:30:30 UTC."},
		"seen, and the writer said":                {written: "14:30:10", progress: "14:30:20", from: "14:30:00", to: "14:30:30", want: "14:30:10", how: "wrote the pod template"},
		"seen, the writer was before":              {written: "14:29:00", progress: "14:30:20", from: "14:30:00", to: "14:30:30", want: "14:30:00", how: "Seen between"},
		"seen after a long pause":                  {from: "14:05:00", to: "15:30:00", progress: "15:00:00", want: "15:00:00", how: "firstpage looked at 14:05:00 before that"},
		"seen after a long pause, nothing else":    {from: "14:05:00", to: "15:30:00", want: "15:30:00", how: "firstpage first saw it"},
		"nothing":                                  {},
		"a writer, but nothing to hold it against": {written: "14:31:00"},
	} {
		w := &workload{kind: "Deployment", written: at(tt.written), writer: "helm", share: tt.share}
		w.progress = condition{Type: "Progressing", Reason: tt.reason, LastUpdateTime: stamp{at(tt.progress)}}
		r := &revision{kind: "ReplicaSet", number: 3, created: at("12:00:00"), touched: at(tt.touched)}
		before := &turn{&revision{created: at("14:01:00"), number: 2}, 2, true}
		got, ok := w.began(r, before, span{at(tt.from), at(tt.to)})
		if ok != (tt.want != "") || !got.at.Equal(at(tt.want)) || !strings.Contains(got.how, tt.how) {
			t.Errorf("%s: %v %s %q", name, ok, got.at.Format("15:04:05"), got.how)
		}
	}
}

// Nothing that a template says makes the reading of it fail.
func FuzzTemplate(f *testing.F) {
	f.Add([]byte(`{"spec":{"containers":[{"name":"a","image":"b:1","env":[{"name":"X","value":"s"}],"resources":{"limits":{"cpu":1}}}],"volumes":[{"name":"v","projected":{"sources":[{"secret":{"name":"s"}}]}}]}}`), []byte(`{}`))
	f.Add([]byte(`{"spec":{"containers":[{"name":"a","image":"b@sha256:1","envFrom":[{"secretRef":{"name":"s"}}],"resources":7}]}}`), []byte(`{"metadata":{"labels":{"a":"b"}}}`))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		x, y := readTemplate(json.RawMessage(a)), readTemplate(json.RawMessage(b))
		x.swaps(y)
		if d := x.differences(x); len(d) != 0 {
			t.Errorf("a template differs from itself: %q", d)
		}
		if there, back := x.differences(y), y.differences(x); len(there) != len(back) {
			t.Errorf("%q, and back %q", there, back)
		}
		main := x.main(&y, "a")
		versions(y.of(main.container), main.name)
	})
}
