package sources_test

import (
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

func TestJobName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"checkout": "checkout", "shop/checkout": "checkout", "a/b/c": "c", "shop/": "shop/", "/checkout": "/checkout", "": "",
	} {
		if got := sources.JobName(in); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}

func TestLegacyName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{"job": true, "_x9": true, "9x": false, "a.b": false, "": false, "größe": false, "a:b": false} {
		if sources.LegacyName(in) != want {
			t.Errorf("%q: want %v", in, want)
		}
	}
}

func TestShortRevision(t *testing.T) {
	t.Parallel()
	whole := strings.Repeat("0a1b2c3d", 5)
	for in, want := range map[string]string{whole: "0a1b2c3", whole + "ff": whole + "ff", "v1.2.3": "v1.2.3", "": "", strings.Repeat("z", 40): strings.Repeat("z", 40)} {
		if got := sources.ShortRevision(in); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, parts := range [][]string{nil, {""}, {"ab"}, {"a", "b"}, {"", "ab"}, {"ab", ""}} {
		d := sources.Digest(parts...)
		if len(d) != 16 || seen[d] {
			t.Errorf("%q gives %q: not of 16 digits, or not its own", parts, d)
		}
		seen[d] = true
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for in, want := range map[time.Duration]string{
		0: "0 s", -40 * time.Second: "40 s", 59*time.Second + 700*time.Millisecond: "1 min", 90 * time.Second: "2 min",
		119 * time.Minute: "119 min", 150 * time.Minute: "3 h", 47 * time.Hour: "47 h", 60 * time.Hour: "3 d",
	} {
		if got := sources.Span(in); got != want {
			t.Errorf("%v is %q, want %q", in, got, want)
		}
	}
}

func TestAdopt(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 13, 0, 0, 0, time.UTC)
	c := sources.Change{ID: "1", Kind: sources.Deploy, StartedAt: at, State: sources.Running}
	c.Adopt(sources.Change{ID: "2", Kind: sources.Rollback, StartedAt: at.Add(-time.Minute), FinishedAt: at.Add(time.Minute),
		State: sources.Done, Cluster: "eu", Share: sources.Share{New: 1, All: 2}})
	want := sources.Change{ID: "1", Kind: sources.Deploy, StartedAt: at.Add(-time.Minute), FinishedAt: at.Add(time.Minute),
		State: sources.Running, Cluster: "eu", Share: sources.Share{New: 1, All: 2}}
	if c.ID != want.ID || c.Kind != want.Kind || c.State != want.State || c.Cluster != want.Cluster || c.Share != want.Share ||
		!c.StartedAt.Equal(want.StartedAt) || !c.FinishedAt.Equal(want.FinishedAt) {
		t.Errorf("got %+v, want %+v", c, want)
	}
}
