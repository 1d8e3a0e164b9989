package triage

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

func TestMergeChanges(t *testing.T) {
	t.Parallel()
	v := safe.Outside
	base := change(60, sources.Deploy, "checkout", "1.41.0>1.42.0")
	with := func(f func(*sources.Change)) sources.Change {
		c := base
		c.Cluster = ""
		f(&c)
		return c
	}
	at := func(min int) func(*sources.Change) {
		return func(c *sources.Change) { c.StartedAt = noon.Add(-time.Duration(min) * time.Minute) }
	}
	for _, tc := range []struct {
		name string
		a, b sources.Change
		rows int
	}{
		{"same version", base, with(at(55)), 1},
		{"the other first", with(at(55)), base, 1},
		{"with a v", base, with(func(c *sources.Change) { c.Version = v("v1.42.0") }), 1},
		{"10 minutes", base, with(at(50)), 1},
		{"11 minutes", base, with(at(49)), 2},
		{"another service", base, with(func(c *sources.Change) { c.Service = v("cart") }), 2},
		{"service in other case", base, with(func(c *sources.Change) { c.Service = v("Checkout") }), 1},
		{"another version", base, with(func(c *sources.Change) { c.Version = v("1.43.0") }), 2},
		{"another cluster", base, with(func(c *sources.Change) { c.Cluster = "us" }), 2},
		{"another environment", with(func(c *sources.Change) { c.Env = v("prod") }), with(func(c *sources.Change) { c.Env = v("test") }), 2},
		{"rollback to the same version", base, with(func(c *sources.Change) { c.Kind = sources.Rollback }), 1},
		{"a flag with the same version", base, with(func(c *sources.Change) { c.Kind = sources.Flag }), 2},
		{"abbreviated revision", with(func(c *sources.Change) { c.Revision = v("8d41f2c") }), with(func(c *sources.Change) {
			c.Revision, c.Version = v("8d41f2c0aa17"), v("main")
		}), 1},
		{"another revision", with(func(c *sources.Change) { c.Revision = v("8d41f2c") }), with(func(c *sources.Change) { c.Revision = v("77aa012") }), 2},
		{"version is the revision", with(func(c *sources.Change) { c.Version = v("8d41f2c") }), with(func(c *sources.Change) {
			c.Version, c.Revision = v(""), v("8d41f2c0aa17")
		}), 1},
		{"nothing to compare", with(func(c *sources.Change) { c.Version = v("") }), with(func(c *sources.Change) { c.Version = v("") }), 2},
	} {
		got := mergeChanges([]sources.Feed[sources.Change]{changeFeed("prometheus", tc.a), changeFeed("git", tc.b)})
		if len(got) != tc.rows {
			t.Errorf("%s: %d rows, want %d: %v", tc.name, len(got), tc.rows, got)
		}
	}
	// One source speaks of different changes, however alike.
	if got := mergeChanges([]sources.Feed[sources.Change]{changeFeed("p", base, with(at(55)))}); len(got) != 2 {
		t.Errorf("one source: %v", got)
	}
}

func TestMergeJoins(t *testing.T) {
	t.Parallel()
	v := safe.Outside
	a := change(58, sources.Deploy, "checkout", "1.41.0>1.42.0")
	a.Evidence, a.Share = values("build_info says so"), sources.Share{New: 3, All: 3}
	b := change(60, sources.Rollback, "checkout", ">v1.42.0")
	b.Cluster, b.Author, b.URL, b.Evidence, b.FinishedAt = "", v("bo"), v("https://x"), values("tag v1.42.0", "build_info says so"), noon
	c := change(55, sources.Deploy, "checkout", ">1.42.0")
	c.Evidence = values("argo")
	got := mergeChanges([]sources.Feed[sources.Change]{changeFeed("prometheus", a), changeFeed("git", b), changeFeed("argo", c), changeFeed("x", change(5, sources.Flag, "z", "1>2"))})
	want := a
	want.Source = sources.SourceID{Kind: "prometheus", Name: "prometheus"}
	want.StartedAt, want.FinishedAt, want.Kind, want.Author, want.URL = b.StartedAt, noon, sources.Rollback, b.Author, b.URL
	want.Evidence = values("build_info says so", "tag v1.42.0", "argo", "Seen by prometheus, git and argo.")
	if len(got) != 2 || got[0].Kind != sources.Flag {
		t.Fatalf("%v", got)
	}
	if d := cmp.Diff(want, got[1], cmp.Comparer(func(x, y safe.Value) bool { return x == y })); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(values("build_info says so"), a.Evidence, cmp.Comparer(func(x, y safe.Value) bool { return x == y })); d != "" {
		t.Error("the snapshot's own evidence changed:", d)
	}
}

// TestMergeMany: 20,000 changes of one service, each seen by two sources.
func TestMergeMany(t *testing.T) {
	t.Parallel()
	var cs []sources.Change
	for i := range 20000 {
		cs = append(cs, change(i, sources.Deploy, "checkout", fmt.Sprintf("%d>%d", i+1, i)))
	}
	got := mergeChanges([]sources.Feed[sources.Change]{changeFeed("a", cs...), changeFeed("b", cs...)})
	if len(got) != len(cs) {
		t.Errorf("%d rows, want %d", len(got), len(cs))
	}
	for i := 1; i < len(got); i++ {
		if got[i].StartedAt.After(got[i-1].StartedAt) {
			t.Fatal("not newest first")
		}
	}
}

// A tag is made before its deploy, by minutes or months, and sometimes after.
func TestMergeTags(t *testing.T) {
	t.Parallel()
	v := safe.Outside
	tag := func(min int, version string) sources.Change {
		c := change(min, sources.Deploy, "Checkout", ">"+version)
		c.Cluster, c.State, c.Revision, c.Title, c.Evidence = "", sources.Tagged, v("8d41f2c0aa17"), v("Out it goes"), values("tag "+version)
		return c
	}
	deploy := change(60, sources.Deploy, "checkout", "1.41.0>1.42.0")
	again := change(5, sources.Deploy, "checkout", "1.41.0>1.42.0")
	again.Revision = v("8d41f2c")
	deploy.Evidence = values("build_info says so")
	for _, min := range []int{59, 61, 75, 60 * 24 * 90, 1} {
		for _, feeds := range [][]sources.Feed[sources.Change]{
			{changeFeed("prometheus", deploy, again), changeFeed("git", tag(min+1, "1"), tag(min, "v1.42.0"))},
			{changeFeed("git", tag(min+1, "1"), tag(min, "v1.42.0")), changeFeed("prometheus", deploy, again)},
		} {
			got := mergeChanges(feeds)
			if len(got) != 2 {
				t.Errorf("tag %d min ago: %+v", min, got)
				continue
			}
			second, first := got[0], got[1]
			if !first.StartedAt.Equal(deploy.StartedAt) || first.State != sources.Done || first.Source.Name != "prometheus" || !second.StartedAt.Equal(again.StartedAt) {
				t.Errorf("tag %d min ago: %+v", min, got)
			}
			if first.Revision.Raw() != "8d41f2c0aa17" || !first.Title.Empty() || fmt.Sprint(first.Evidence) != "[build_info says so tag 1 tag v1.42.0]" {
				t.Errorf("tag %d min ago: %+v", min, first)
			}
		}
	}
	// What ran before a deploy was deployed, too.
	before := tag(61, "v1.41.0")
	before.Revision = v("77aa0120aa17")
	if got := mergeChanges([]sources.Feed[sources.Change]{changeFeed("git", before), changeFeed("prometheus", deploy)}); len(got) != 1 || got[0].FromRevision != before.Revision || !got[0].Revision.Empty() {
		t.Errorf("%+v", got)
	}
	// What nobody deployed stays, in its place.
	got := mergeChanges([]sources.Feed[sources.Change]{changeFeed("git", tag(90, "v1.43.0"), tag(30, "v1.44.0")), changeFeed("prometheus", deploy)})
	if len(got) != 3 || got[0].Version.Raw() != "v1.44.0" || got[1].State != sources.Done || got[2].Version.Raw() != "v1.43.0" {
		t.Errorf("%v", got)
	}
}
