package poll

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// fill gives every stored field below v a value of its own, so that a field
// that the codec forgets makes the round trip fail.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Type() {
	case valueType:
		v.Set(reflect.ValueOf(safe.Outside(fmt.Sprintf("v%d \x1b[2J \xff \u202e", *n))))
		return
	case timeType:
		v.Set(reflect.ValueOf(time.Date(2026, 1, 1, 0, 0, *n, *n, time.UTC)))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.String:
		v.SetString(fmt.Sprintf("s%d", *n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n) - 50)
	case reflect.Uint64:
		v.SetUint(uint64(*n))
	case reflect.Float64:
		v.SetFloat(float64(*n) + 0.1)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Interface:
	default:
		panic("the codec does not know " + v.Type().String())
	}
}

func TestCodecKeepsEveryField(t *testing.T) {
	t.Parallel()
	var want sources.Snapshot
	n := 0
	fill(reflect.ValueOf(&want).Elem(), &n)
	if n < 200 {
		t.Fatalf("only %d fields were filled", n)
	}
	b, err := Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(want, got) {
		t.Error("the snapshot came back different")
	}
}

func TestCodecOddValues(t *testing.T) {
	t.Parallel()
	far := time.Date(9999, 12, 31, 23, 59, 59, 999, time.UTC)
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), math.MaxFloat64} {
		in := sources.Snapshot{Clusters: []sources.Cluster{{Alerts: sources.Feed[sources.Alert]{
			Items: []sources.Alert{{Value: v, ActiveAt: far.In(time.FixedZone("x", 3600))}, {}}}}}}
		b, err := Encode(in)
		if err != nil {
			t.Fatal(err)
		}
		out, err := Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		got := out.Clusters[0].Alerts.Items[0]
		if math.Float64bits(got.Value) != math.Float64bits(v) {
			t.Errorf("value %v came back as %v", v, got.Value)
		}
		if got.ActiveAt != far {
			t.Errorf("time %v came back as %v", far, got.ActiveAt)
		}
		if !out.Clusters[0].Alerts.Items[1].ActiveAt.IsZero() {
			t.Error("a zero time came back as another")
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	good, err := Encode(large(3))
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(string(good), codecName+shape(), codecName+"0", 1)
	tests := map[string]struct {
		in   []byte
		want sources.Kind
	}{
		"nothing":       {nil, sources.BadResponse},
		"json":          {[]byte(`{"Seq":1}`), sources.BadResponse},
		"other version": {[]byte(other), sources.BadResponse},
		"cut":           {good[:len(good)-1], sources.BadResponse},
		"longer":        {append(good[:len(good):len(good)], 0), sources.BadResponse},
		"too large":     {make([]byte, MaxBytes+1), sources.TooLarge},
	}
	for name, tt := range tests {
		s, err := Decode(tt.in)
		if !sources.IsKind(err, tt.want) {
			t.Errorf("%s: got %v, want kind %s", name, err, tt.want)
		}
		if d := cmp.Diff(0, len(s.Clusters)); d != "" {
			t.Errorf("%s: something was returned beside the error", name)
		}
	}
}

func FuzzDecode(f *testing.F) {
	good, err := Encode(large(2))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)/2])
	head := codecName + shape() + "\n"
	f.Add([]byte(head + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Decode(b)
		if err != nil {
			return
		}
		again, err := Encode(s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(again); err != nil {
			t.Fatal(err)
		}
	})
}

// large is a snapshot of n alerts as a kube-prometheus server has them.
func large(n int) sources.Snapshot {
	t0 := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	items := make([]sources.Alert, n)
	for i := range items {
		ls := sources.NewLabels(map[string]string{
			"alertname": "KubePodCrashLooping", "severity": "warning", "namespace": fmt.Sprintf("ns-%d", i%40),
			"pod": fmt.Sprintf("checkout-7d9f-%d", i), "container": "app", "cluster": "prod-eu",
			"job": "kube-state-metrics", "instance": fmt.Sprintf("10.0.%d.%d:8080", i/250, i%250),
		})
		items[i] = sources.Alert{
			ID: sources.NewAlertID("prod-eu", ls), Cluster: "prod-eu", Labels: ls, State: sources.Firing, ActiveAt: t0, Value: 1,
			Annotations: sources.NewLabels(map[string]string{
				"description": fmt.Sprintf("Pod ns-%d/checkout-7d9f-%d (app) is restarting.", i%40, i),
				"runbook_url": "https://example.com/runbooks/kubepodcrashlooping",
			}),
		}
	}
	return sources.Snapshot{Seq: 7, Clusters: []sources.Cluster{{Name: "prod-eu", Alerts: sources.Feed[sources.Alert]{
		Source: sources.SourceID{Kind: "prometheus", Name: "prometheus", Cluster: "prod-eu"}, Items: items, AsOf: t0, Tried: t0,
	}}}}
}
