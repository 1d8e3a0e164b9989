package sources

import (
	"hash/fnv"
	"testing"

	"github.com/prometheus/common/model"
)

// The fingerprint is Prometheus' own, so that a link from elsewhere finds the
// alert, and the ID is 64-bit FNV-1a over it.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	for _, m := range []map[string]string{nil, {"alertname": "A"}, {"alertname": "Größe", "a": "", "z\x00": "1\xff", "pod": "x-7d9"}} {
		set := model.LabelSet{}
		for n, v := range m {
			set[model.LabelName(n)] = model.LabelValue(v)
		}
		ls := NewLabels(m)
		if got, want := ls.Fingerprint(), set.Fingerprint().String(); got != want {
			t.Errorf("%v: %s, want %s", m, got, want)
		}
		h := fnv.New64a()
		_, _ = h.Write([]byte("eu\x00" + ls.Fingerprint()))
		if got, want := NewAlertID("eu", ls), AlertID(hex16(h.Sum64())); got != want {
			t.Errorf("%v: ID %s, want %s", m, got, want)
		}
	}
}
