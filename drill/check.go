package drill

import (
	"fmt"
	"maps"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/firstpage-oncall/firstpage/drill/engine"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// checker finds everything that is wrong in one scenario.
type checker struct {
	file    string
	root    *yaml.Node
	s       *Scenario
	actions map[string]bool
	commits map[string]bool
	errs    []error
}

// at is a way from the root of the document: keys and indices.
type at []any

func (a at) with(more ...any) at { return append(slices.Clone(a), more...) }

func (a at) String() string {
	var b strings.Builder
	for _, x := range a {
		if i, ok := x.(int); ok {
			b.WriteString("[" + strconv.Itoa(i) + "]")
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		fmt.Fprint(&b, x)
	}
	return b.String()
}

// fail reports a fault at a place. The remedy may be empty.
func (c *checker) fail(where at, remedy, format string, args ...any) {
	n := c.root
	for _, step := range where {
		if next := child(n, step); next != nil {
			n = next
		}
	}
	text := fmt.Sprintf("%s:%d:%d: ", c.file, n.Line, n.Column)
	if len(where) > 0 {
		text += where.String() + ": "
	}
	text += fmt.Sprintf(format, args...)
	if remedy != "" {
		text += ": " + remedy
	}
	c.errs = append(c.errs, fmt.Errorf("%s", safe.Text(text)))
}

// child is the value of a key, or an entry of a list; nil: it is not there.
func child(n *yaml.Node, step any) *yaml.Node {
	for n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	switch x := step.(type) {
	case int:
		if n.Kind == yaml.SequenceNode && x < len(n.Content) {
			return n.Content[x]
		}
	case string:
		for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == x {
				return n.Content[i+1]
			}
		}
	}
	return nil
}

// The bounds of a scenario. The store's own bound is what a session holds.
const (
	maxHistory = 14 * 24 * time.Hour
	minStep    = time.Second
	maxStep    = time.Minute
)

// MaxSpeed is the fastest that a scenario's clock may go: at a step of 5 s that
// is twelve samples of every series a second.
const MaxSpeed = 60

func (c *checker) check() {
	s := c.s
	if s.Title == "" {
		c.fail(nil, "say in a few words what is wrong", "title is missing")
	}
	if len(s.Targets) == 0 && len(s.Series) == 0 {
		c.fail(nil, "", "neither targets nor series: there is nothing to play")
	}
	c.clock()
	for i, a := range s.Actions {
		c.action(at{"actions", i}, a)
	}
	if s.Code != nil {
		c.repository(at{"repository"}, s.Code)
	}
	for i, t := range s.Targets {
		c.target(at{"targets", i}, t)
	}
	for i, r := range s.Series {
		c.recorded(at{"series", i}, r)
	}
	for i, ch := range s.Changes {
		w := at{"changes", i}
		c.begins(w, ch.At, ch.On)
		if ch.Service == "" {
			c.fail(w, "", "service is missing")
		}
		if ch.Kind != "" && !slices.Contains(sources.ChangeTypes(), sources.ChangeType(ch.Kind)) {
			c.fail(w.with("kind"), "allowed: "+changeKinds(), "%q is no kind of change", ch.Kind)
		}
		c.commit(w.with("commit"), ch.Commit)
		c.commit(w.with("from_commit"), ch.FromID)
	}
	if b := s.Others; b != nil && (len(b.Services) == 0 || b.PerHour <= 0 || b.PerHour > 1000) {
		c.fail(at{"background"}, "", "needs services, and per_hour between 0 and 1000")
	}
	for i, r := range s.OnCall {
		if r.Team == "" || len(r.People) == 0 {
			c.fail(at{"oncall", i}, "", "team or people is missing")
		}
		if strings.ContainsAny(r.Team+strings.Join(r.People, ""), "\r\n\\;,/") {
			c.fail(at{"oncall", i}, "", "team and people are plain names")
		}
	}
	for i, h := range s.Guide {
		if h.Text == "" || h.Short == "" {
			c.fail(at{"guide", i}, "a small screen has room for the short one only", "text or short is missing")
		}
		if h.Step < 0 {
			c.fail(at{"guide", i, "step"}, "steps of the runbook are counted from 1", "%d is no step", h.Step)
		}
	}
	if len(s.Guide) > 0 && s.Page == "" {
		c.fail(nil, "name the alert that the guide is about", "page is missing")
	}
}

func changeKinds() string {
	var out []string
	for _, k := range sources.ChangeTypes() {
		out = append(out, string(k))
	}
	return strings.Join(out, ", ")
}

func (c *checker) clock() {
	k := &c.s.Clock
	if d := k.History.d(); d < time.Minute || d > maxHistory {
		c.fail(at{"clock", "history"}, "", "%v is not between 1m and %v", d, maxHistory)
	}
	if d := k.Step.d(); d < minStep || d > maxStep || d%time.Second != 0 {
		c.fail(at{"clock", "step"}, "", "%v is not whole seconds between %v and %v", d, minStep, maxStep)
		k.Step = Span(5 * time.Second)
	}
	if k.Fine.d() < 0 {
		c.fail(at{"clock", "fine"}, "", "it is how long, not when: no minus")
	}
	if !(k.Speed > 0 && k.Speed <= MaxSpeed) {
		c.fail(at{"clock", "speed"}, "", "%v is not above 0 and at most %d", k.Speed, MaxSpeed)
	}
}

func (c *checker) action(w at, a Action) {
	if a.Name != "" && c.actions[a.Name] {
		c.fail(w.with("name"), "one action may have several commands", "%q is there twice", a.Name)
	}
	c.actions[a.Name] = true
	if len(a.Commands) == 0 {
		c.fail(w, "", "commands is missing: what does the responder type?")
	}
	for i, text := range a.Commands {
		if _, err := parsePattern(text); err != nil {
			c.fail(w.with("commands", i), "", "%v", err)
		}
	}
}

// begins checks that something starts at a moment or with an action, not both.
func (c *checker) begins(w at, moment *Span, action string) {
	switch {
	case moment == nil && action == "":
		c.fail(w, "add at: MOMENT or on: ACTION", "it never begins")
	case moment != nil && action != "":
		c.fail(w, "take one of them out", "it begins at a moment and on an action")
	}
	c.named(w.with("on"), action)
}

func (c *checker) named(w at, action string) {
	if action == "" || c.actions[action] {
		return
	}
	var names []string
	for n := range c.actions {
		if n != "" {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	c.fail(w, "there are: "+strings.Join(names, ", "), "no action is called %q", action)
}

func (c *checker) commit(w at, id string) {
	if id != "" && !c.commits[id] {
		c.fail(w, "give a commit under repository that id", "no commit has the id %q", id)
	}
}

func (c *checker) repository(w at, r *Repository) {
	if r.Name == "" || r.Name != path.Base(r.Name) || strings.HasPrefix(r.Name, ".") {
		c.fail(w.with("name"), "it becomes a folder's name", "%q cannot be one", r.Name)
	}
	if !strings.HasPrefix(r.Remote, "https://") {
		c.fail(w.with("remote"), "write https://github.com/OWNER/NAME", "%q is no https address", r.Remote)
	}
	if r.Branch == "" {
		r.Branch = "main"
	}
	if len(r.Commits) == 0 {
		c.fail(w, "", "commits is missing")
	}
	for i, k := range r.Commits {
		kw := w.with("commits", i)
		if k.ID == "" || c.commits[k.ID] {
			c.fail(kw.with("id"), "give each commit an id of its own", "%q is missing or there twice", k.ID)
		}
		c.commits[k.ID] = true
		if i > 0 && k.At.d() < r.Commits[i-1].At.d() {
			c.fail(kw.with("at"), "oldest first", "this commit is older than the one before")
		}
		if name, rest, ok := strings.Cut(k.Author, " <"); !ok || name == "" || !strings.HasSuffix(rest, ">") {
			c.fail(kw.with("author"), "", "want Name <address>, got %q", k.Author)
		}
		for _, to := range slices.Sorted(maps.Keys(k.Put)) {
			from := k.Put[to]
			if !clean(to) || !clean(from) {
				c.fail(kw.with("put", to), "write paths without .. and a slash before", "%q and %q are not inside", to, from)
			} else if !hasFiles(c.s.Files, from) {
				c.fail(kw.with("put", to), "", "the scenario has no files at %s", from)
			}
		}
		for _, f := range slices.Sorted(maps.Keys(k.Files)) {
			if !clean(f) {
				c.fail(kw.with("files", f), "", "%q is no path inside", f)
			}
		}
	}
}

// clean reports whether a path stays inside its folder, with slashes.
func clean(p string) bool {
	return p != "" && p == path.Clean(p) && !path.IsAbs(p) && p != ".." && !strings.HasPrefix(p, "../") &&
		p != ".git" && !strings.HasPrefix(p, ".git/") && !strings.ContainsAny(p, "\\:\"\n\x00")
}

func (c *checker) target(w at, t Target) {
	if t.Job == "" {
		c.fail(w, "", "job is missing")
	}
	if len(t.Instances) == 0 {
		c.fail(w, "", "instances is missing")
	}
	c.commit(w.with("commit"), t.Commit)
	for i, r := range t.Rollouts {
		rw := w.with("rollouts", i)
		c.begins(rw, r.At, r.On)
		c.commit(rw.with("commit"), r.Commit)
		if r.Version == "" || t.Version == "" {
			c.fail(rw, "", "a rollout needs a version, here and to begin with")
		}
		if r.Every.d() < 0 {
			c.fail(rw.with("every"), "", "it is how long, not when: no minus")
		}
	}
	for i, m := range t.Metrics {
		mw := w.with("metrics", i)
		if !sources.LegacyName(strings.ReplaceAll(m.Name, ":", "_")) {
			c.fail(mw.with("name"), "letters, digits, _ and :", "%q is no metric's name", m.Name)
		} else if _, err := engine.ParseSeries(seriesText(m.Name, m.Labels), "0", time.Time{}, time.Minute); err != nil {
			c.fail(mw, "", "not a series: %v", err)
		}
		c.generator(mw, m.Generator, t.Version != "")
	}
}

func (c *checker) recorded(w at, r Recorded) {
	if _, err := engine.ParseSeries(r.Series, "0", time.Time{}, time.Minute); err != nil {
		c.fail(w.with("series"), `write it like up{job="node"}`, "not a series: %v", err)
		return
	}
	if r.Values == "" {
		c.generator(w, r.Generator, false)
		return
	}
	if r.Rate != nil || r.Value != nil || r.Moment != nil || len(r.When) > 0 {
		c.fail(w, "take one of them out", "values and a generator")
	}
	if _, err := engine.ParseSeries(r.Series, r.Values, time.Time{}, time.Minute); err != nil {
		c.fail(w.with("values"), "write promtool's notation, such as 0+1x60 stale", "%v", err)
	}
	if r.Interval.d() < 0 {
		c.fail(w.with("interval"), "", "no minus")
	}
}

func (c *checker) generator(w at, g Generator, versions bool) {
	if count(g.Rate != nil, g.Value != nil, g.Moment != nil) != 1 {
		c.fail(w, "rate: for a counter, value: for a gauge, moment: for a time", "want rate, value or moment, one of them")
		return
	}
	if g.Noise < 0 || g.Noise > 1 || g.Rate != nil && !(*g.Rate >= 0 && *g.Rate < math.MaxInt32) {
		c.fail(w, "", "noise must be from 0 to 1 and a rate not negative")
	}
	for i, k := range g.When {
		kw := w.with("when", i)
		switch {
		case k.Version == "" && k.At == nil && k.On == "":
			c.fail(kw, "add version:, at: or on:", "it never holds")
		case k.Version != "" && !versions:
			c.fail(kw.with("version"), "", "this has no version to depend on")
		}
		c.named(kw.with("on"), k.On)
		c.named(kw.with("off"), k.Off)
		if count(k.Rate != nil, k.Value != nil, k.Gone) != 1 || k.Rate != nil && g.Rate == nil || k.Value != nil && g.Value == nil {
			c.fail(kw, "of the same sort as the value before it", "want one of rate, value, gone: true")
		}
		if k.After.d() < 0 || k.Over.d() < 0 {
			c.fail(kw, "", "after and over are how long, not when: no minus")
		}
	}
}

func count(set ...bool) int {
	n := 0
	for _, s := range set {
		if s {
			n++
		}
	}
	return n
}

// seriesText is a series in PromQL's notation.
func seriesText(name string, ls map[string]string) string {
	var parts []string
	for n, v := range ls {
		parts = append(parts, n+"="+strconv.Quote(v))
	}
	slices.Sort(parts)
	return name + "{" + strings.Join(parts, ",") + "}"
}
