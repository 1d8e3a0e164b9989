package prometheus

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/sourcetest"
)

// The reference: the same answer read by encoding/json.

type refAlert struct {
	Labels          map[string]string `json:"labels"`
	Annotations     map[string]string `json:"annotations"`
	State           string            `json:"state"`
	ActiveAt        string            `json:"activeAt"`
	KeepFiringSince string            `json:"keepFiringSince"`
	Value           refValue          `json:"value"`
}

// refValue takes a number as text or bare, and is NaN for the rest.
type refValue struct {
	set bool
	v   float64
}

func (r *refValue) UnmarshalJSON(b []byte) error {
	r.set, r.v = true, math.NaN()
	var text string
	var num json.Number
	switch {
	case bytes.Equal(b, []byte("null")):
	case json.Unmarshal(b, &text) == nil:
		r.v = parseValue(text)
	case json.Unmarshal(b, &num) == nil:
		r.v = parseValue(num.String())
	}
	return nil
}

// refList tells a missing list from an empty one.
type refList struct {
	set  bool
	list []refAlert
}

func (r *refList) UnmarshalJSON(b []byte) error {
	r.set, r.list = true, nil
	return json.Unmarshal(b, &r.list)
}

type refDoc struct {
	Status string `json:"status"`
	Data   struct {
		Alerts refList `json:"alerts"`
	} `json:"data"`
	ErrorType string   `json:"errorType"`
	Error     string   `json:"error"`
	Warnings  []string `json:"warnings"`
}

func refAlerts(body []byte, cluster string) ([]sources.Alert, error) {
	var doc refDoc
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, err
	}
	if doc.Status != "success" || !doc.Data.Alerts.set {
		return nil, errors.New("no success or no alerts")
	}
	var out []sources.Alert
	for _, r := range doc.Data.Alerts.list {
		if r.State != "firing" && r.State != "pending" {
			continue
		}
		a := sources.Alert{Cluster: cluster, Labels: sources.NewLabels(r.Labels), Annotations: sources.NewLabels(r.Annotations),
			State: sources.State(r.State), ActiveAt: parseTime(r.ActiveAt), KeepFiringSince: parseTime(r.KeepFiringSince), Value: r.Value.v}
		if !r.Value.set {
			a.Value = math.NaN()
		}
		a.ID = sources.NewAlertID(cluster, a.Labels)
		out = append(out, a)
	}
	return out, nil
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateNaNs(), cmp.Comparer(func(a, b safe.Value) bool { return a == b })); d != "" {
		t.Errorf("decoded differently (-encoding/json +own):\n%s", d)
	}
}

// repeated reports whether an object of the document has a name twice (without
// regard to case). encoding/json then merges the values, we take the last; no
// server sends that.
func repeated(body []byte) bool {
	type level struct {
		names map[string]bool
		key   bool // a name comes next
	}
	var stack []level
	dec := json.NewDecoder(bytes.NewReader(body))
	for {
		tok, err := dec.Token()
		if err != nil {
			return false
		}
		top := len(stack) - 1
		if s, ok := tok.(string); ok && top >= 0 && stack[top].names != nil && stack[top].key {
			stack[top].key = false
			for n := range stack[top].names {
				if strings.EqualFold(n, s) {
					return true
				}
			}
			stack[top].names[s] = true
			continue
		}
		if top >= 0 {
			stack[top].key = true
		}
		switch tok {
		case json.Delim('{'):
			stack = append(stack, level{map[string]bool{}, true})
		case json.Delim('['):
			stack = append(stack, level{})
		case json.Delim('}'), json.Delim(']'):
			stack = stack[:top]
		}
	}
}

func seeds() []string {
	wrap := func(alert string) string {
		return `{"status":"success","data":{"alerts":[` + alert + `]}}`
	}
	return []string{
		wrap(``),
		wrap(`{"labels":{"alertname":"A","z":"1","b":"2"},"annotations":{"summary":"s"},"state":"firing","activeAt":"2026-01-02T03:04:05.123456789Z","value":"1.5e+00"}`),
		wrap(`{"value":"NaN","activeAt":"2026-01-02T03:04:05+02:00","keepFiringSince":"2026-01-02T03:05:05Z","state":"pending","labels":{}},{"state":"firing","value":"+Inf"},null,{"state":"inactive"}`),
		wrap(`{"labels":{"a":"\u00e9\ud83d\ude00\ud83d\u0041\udc00\\\/\b\f\n\r\t\"","b":null,"c":"é` + "\xff\xe2\x28" + `"},"state":"firing","value":1e400}`),
		wrap(`{"LABELS":{"a":"b"},"State":"firing","ſtate":"pending","value":null,"activeAt":null}`),
		wrap(`{"x":[1,-0.5e+3,{"y":[[]]},true,false,null,"s"],"state":"firing","value":[1]}`),
		" {\t\"data\" : {\"more\":1 , \"alerts\" : null } ,\r\n \"status\":\"success\", \"warnings\":[\"w\"] } ",
		`{"status":"success"}`, `{"status":"success","data":null}`, `{"status":"success","data":{}}`, `{}`, `null`, `[]`, ``, ` `,
		`{"status":"error","errorType":"bad_data","error":"no"}`,
		`{"status":"success","data":{"alerts":[]}} x`, `{"status":"success","data":{"alerts":[{]}}`,
		wrap(`{"labels":[],"state":"firing"}`), wrap(`{"labels":{"a":1},"state":"firing"}`), wrap(`{"state":1}`), wrap(`1`),
		wrap(`{"state":"fir` + "\x01" + `ing"}`), wrap(`{"a":01}`), wrap(`{"a":1.}`), wrap(`{"a":nul}`), wrap(`{"a":"\x"}`), wrap(`{"a":"\u12g4"}`), wrap(`{"a":-}`),
	}
}

func FuzzDecodeAlerts(f *testing.F) {
	for _, s := range seeds() {
		f.Add([]byte(s))
		f.Add([]byte(s[:len(s)/2]))
	}
	f.Fuzz(func(t *testing.T, body []byte) { differential(t, body) })
}

// differential compares the decoder with encoding/json on any bytes.
func differential(t *testing.T, body []byte) {
	t.Helper()
	twice := json.Valid(body) && repeated(body)
	if twice {
		_, _, _ = decodeAlerts(body, "c") // must not panic
		return
	}
	want, werr := refAlerts(body, "c")
	got, _, err := decodeAlerts(body, "c")
	if (err == nil) != (werr == nil) {
		t.Fatalf("own: %v, encoding/json: %v", err, werr)
	}
	if err != nil {
		var e *sources.Error
		if !errors.As(err, &e) || e.Kind == "" {
			t.Errorf("error %v (%T)", err, err)
		}
		sourcetest.NoControls(t, err.Error())
		return
	}
	same(t, got, want)
	sourcetest.CheckAlerts(t, got, "c")
}

// Every prefix and every damaged byte of a good answer: what encoding/json
// says of them.
func TestDamagedAlerts(t *testing.T) {
	t.Parallel()
	good := []byte(seeds()[3])
	for i := range good {
		differential(t, good[:i])
		for _, c := range []byte{0, '"', '\\', '{', ']', ',', 'x', 0x80, ' '} {
			b := bytes.Clone(good)
			b[i] = c
			differential(t, b)
		}
	}
	_, _, err := decodeAlerts(good[:len(good)-20], "c")
	if !sources.IsKind(err, sources.BadResponse) || !strings.Contains(err.Error(), "ends in the middle") {
		t.Errorf("truncated: %v", err)
	}
}

// storm is an answer with n alerts of a few rules, in the shape of a server's.
func storm(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"status":"success","data":{"alerts":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"labels":{"alertname":"KubePodCrashLooping%d","cluster":"prod-eu","container":"app","instance":"10.0.%d.%d:8080","job":"kube-state-metrics","namespace":"team-%d","pod":"checkout-7d9c5b6f4-%05d","reason":"CrashLoopBackOff","severity":"warning","uid":"%08x-1111-2222"},`+
			`"annotations":{"description":"Pod team-%d/checkout-7d9c5b6f4-%05d (app) is in waiting state (reason: \"CrashLoopBackOff\").","runbook_url":"https://runbooks.prometheus-operator.dev/runbooks/kubernetes/kubepodcrashlooping","summary":"Pod is crash looping."},`+
			`"state":"firing","activeAt":"2026-11-22T18:%02d:%02d.123456789Z","value":"%de+00"}`,
			i/1000, i/256%256, i%256, i%40, i, i, i%40, i, i/600%60, i/10%60, i%9)
	}
	b.WriteString(`]}}`)
	return b.Bytes()
}

// BenchmarkDecodeAlerts compares with encoding/json into maps and strings,
// which is less than what the own decoder does (sorted labels, times, IDs).
// Both run in turn, so that a noisy machine hits both. The bar is 0.5.
func BenchmarkDecodeAlerts(b *testing.B) {
	body := storm(10_000)
	b.SetBytes(int64(len(body)))
	var own, ref time.Duration
	for b.Loop() {
		start := time.Now()
		got, _, err := decodeAlerts(body, "c")
		own += time.Since(start)
		if err != nil || len(got) != 10_000 {
			b.Fatal(len(got), err)
		}
		start = time.Now()
		var d refPlain
		err = json.Unmarshal(body, &d)
		ref += time.Since(start)
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(own.Seconds()*1000/float64(b.N), "own-ms")
	b.ReportMetric(ref.Seconds()*1000/float64(b.N), "json-ms")
	b.ReportMetric(float64(own)/float64(ref), "own/json")
}

type refPlain struct {
	Status string `json:"status"`
	Data   struct {
		Alerts []struct {
			Labels          map[string]string `json:"labels"`
			Annotations     map[string]string `json:"annotations"`
			State           string            `json:"state"`
			ActiveAt        string            `json:"activeAt"`
			KeepFiringSince string            `json:"keepFiringSince"`
			Value           string            `json:"value"`
		} `json:"alerts"`
	} `json:"data"`
}

// Nesting ends where it ends for encoding/json.
func TestDepth(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 1000, maxDepth - 5, maxDepth - 4, maxDepth - 3, maxDepth, 100_000} {
		for _, c := range []string{"[]", "{}"} {
			open, shut := c[:1], c[1:]
			if c == "{}" {
				open = `{"x":`
			}
			doc := fmt.Sprintf(`{"status":"success","data":{"x":%s1%s,"alerts":[]}}`, strings.Repeat(open, n), strings.Repeat(shut, n))
			_, werr := refAlerts([]byte(doc), "c")
			if _, _, err := decodeAlerts([]byte(doc), "c"); (err == nil) != (werr == nil) {
				t.Errorf("%d levels of %s: own %v, encoding/json %v", n, c, err, werr)
			}
			if _, _, err := decodeAlerts([]byte(doc[:len(doc)/2]), "c"); err == nil {
				t.Errorf("%d levels of %s, cut: no error", n, c)
			}
		}
	}
}

func TestStorm(t *testing.T) {
	t.Parallel()
	differential(t, storm(300))
}
