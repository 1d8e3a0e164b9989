package drill

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const goodRules = "groups: [{name: g, rules: [{alert: A, expr: up == 0}]}]\n"

func load(files map[string]string) error {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	_, err := Load(m, "x")
	return err
}

func TestBuiltInScenariosAreSound(t *testing.T) {
	t.Parallel()
	if len(Names()) == 0 {
		t.Fatal("no scenario is built in")
	}
	for _, name := range Names() {
		s := open(t, name)
		if s.Story == "" || len(s.Guide) == 0 || s.Code == nil || len(s.Services) == 0 {
			t.Errorf("%s lacks a story, a guide, a repository or services", name)
		}
	}
}

// Everything that is wrong is said at once, each with its place and what to do.
func TestProblemsAreNamed(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		scenario string
		want     []string // the whole error, line by line
	}{
		"unknown key": {"title: x\nserie: []\n", []string{
			`x/scenario.yaml:2:1: unknown key "serie": docs/drills.md lists the keys`}},
		"not a span": {"title: x\nclock: {history: soon}\n", []string{
			`x/scenario.yaml:2:18: "soon" is no span of time: write it like 90s, -8m or 2d`}},
		"not YAML": {"title: [\n", []string{"x/scenario.yaml:2:1: did not find expected node content"}},
		"nothing to play": {"story: y\n", []string{
			"x/scenario.yaml:1:1: title is missing: say in a few words what is wrong",
			"x/scenario.yaml:1:1: neither targets nor series: there is nothing to play"}},
		"clock": {"title: x\nclock: {history: 1s, step: 90s, speed: 0}\nseries: [{series: up, value: 1}]\n", []string{
			"x/scenario.yaml:2:18: clock.history: 1s is not between 1m and 336h0m0s",
			"x/scenario.yaml:2:28: clock.step: 1m30s is not whole seconds between 1s and 1m0s",
			"x/scenario.yaml:2:40: clock.speed: 0 is not above 0 and at most 60"}},
		"series": {`title: x
series:
  - {series: "up{", value: 1}
  - {series: up, values: "1 +2+"}
  - {series: up, values: "1x2", rate: 2}
  - {series: up}
  - {series: up, value: 1, when: [{value: 2}, {at: 1m, rate: 2}, {on: heel, value: 3}]}
actions: [{name: heal, commands: [make it so]}]
`, []string{
			`x/scenario.yaml:3:14: series[0].series: not a series: 1:5: parse error: unexpected character inside braces: '0': write it like up{job="node"}`,
			`x/scenario.yaml:4:26: series[1].values: 1:9: parse error: unexpected end of input in series values: write promtool's notation, such as 0+1x60 stale`,
			"x/scenario.yaml:5:5: series[2]: values and a generator: take one of them out",
			"x/scenario.yaml:6:5: series[3]: want rate, value or moment, one of them: rate: for a counter, value: for a gauge, moment: for a time",
			"x/scenario.yaml:7:35: series[4].when[0]: it never holds: add version:, at: or on:",
			"x/scenario.yaml:7:47: series[4].when[1]: want one of rate, value, gone: true: of the same sort as the value before it",
			`x/scenario.yaml:7:71: series[4].when[2].on: no action is called "heel": there are: heal`}},
		"targets": {`title: x
targets:
  - job: a
    rollouts: [{version: 2}, {at: 1m, on: nobody, version: "2"}]
    commit: c9
    metrics: [{name: "bad name", rate: 1}, {name: m, rate: 1, when: [{version: "1", rate: 2}]}]
`, []string{
			"x/scenario.yaml:3:5: targets[0]: instances is missing",
			`x/scenario.yaml:5:13: targets[0].commit: no commit has the id "c9": give a commit under repository that id`,
			"x/scenario.yaml:4:16: targets[0].rollouts[0]: it never begins: add at: MOMENT or on: ACTION",
			"x/scenario.yaml:4:16: targets[0].rollouts[0]: a rollout needs a version, here and to begin with",
			"x/scenario.yaml:4:30: targets[0].rollouts[1]: it begins at a moment and on an action: take one of them out",
			`x/scenario.yaml:4:43: targets[0].rollouts[1].on: no action is called "nobody": there are: `,
			"x/scenario.yaml:4:30: targets[0].rollouts[1]: a rollout needs a version, here and to begin with",
			`x/scenario.yaml:6:22: targets[0].metrics[0].name: "bad name" is no metric's name: letters, digits, _ and :`,
			"x/scenario.yaml:6:80: targets[0].metrics[1].when[0].version: this has no version to depend on"}},
		"actions": {"title: x\nseries: [{series: up, value: 1}]\nactions: [{name: a}, {name: a, commands: ['kubectl [-n shop rollout', '[sudo] x']}]\n", []string{
			"x/scenario.yaml:3:11: actions[0]: commands is missing: what does the responder type?",
			`x/scenario.yaml:3:29: actions[1].name: "a" is there twice: one action may have several commands`,
			`x/scenario.yaml:3:43: actions[1].commands[0]: "kubectl [-n shop rollout": a bracket is not closed`,
			`x/scenario.yaml:3:71: actions[1].commands[1]: "[sudo] x": a command begins with its program`}},
		"repository": {`title: x
series: [{series: up, value: 1}]
repository:
  name: ../up
  remote: git@github.com:a/b
  commits:
    - {id: a, at: -1d, author: Ada, files: {../x: "1", .git/config: "2"}}
    - {id: a, at: -2d, author: Ada <a@b>, put: {docs: nowhere, /etc: runbooks}}
`, []string{
			`x/scenario.yaml:4:9: repository.name: "../up" cannot be one: it becomes a folder's name`,
			`x/scenario.yaml:5:11: repository.remote: "git@github.com:a/b" is no https address: write https://github.com/OWNER/NAME`,
			`x/scenario.yaml:7:32: repository.commits[0].author: want Name <address>, got "Ada"`,
			`x/scenario.yaml:7:51: repository.commits[0].files.../x: "../x" is no path inside`,
			`x/scenario.yaml:7:69: repository.commits[0].files..git/config: ".git/config" is no path inside`,
			`x/scenario.yaml:8:12: repository.commits[1].id: "a" is missing or there twice: give each commit an id of its own`,
			`x/scenario.yaml:8:19: repository.commits[1].at: this commit is older than the one before: oldest first`,
			`x/scenario.yaml:8:70: repository.commits[1].put./etc: "/etc" and "runbooks" are not inside: write paths without .. and a slash before`,
			`x/scenario.yaml:8:55: repository.commits[1].put.docs: the scenario has no files at nowhere`}},
		"changes": {"title: x\nseries: [{series: up, value: 1}]\nchanges: [{at: 1m, kind: deployed}]\nguide: [{until: run}]\nbackground: {services: [a]}\n", []string{
			"x/scenario.yaml:3:11: changes[0]: service is missing",
			`x/scenario.yaml:3:26: changes[0].kind: "deployed" is no kind of change: allowed: deploy, rollback, config, flag, infra, scale, restart`,
			"x/scenario.yaml:5:13: background: needs services, and per_hour between 0 and 1000",
			"x/scenario.yaml:4:9: guide[0]: text or short is missing: a small screen has room for the short one only",
			"x/scenario.yaml:1:1: page is missing: name the alert that the guide is about"}},
		"hostile": {"title: x\nseries: [{series: up, value: 1}]\nchanges: [{at: 1m, service: a, kind: \"\\e]52;c;x\\a\"}]\n", []string{
			`x/scenario.yaml:3:38: changes[0].kind: "\x1b]52;c;x\a" is no kind of change: allowed: deploy, rollback, config, flag, infra, scale, restart`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := load(map[string]string{"scenario.yaml": tc.scenario, "rules.yaml": goodRules, "runbooks/a.md": "# A"})
			if err == nil {
				t.Fatal("accepted")
			}
			if d := cmp.Diff(tc.want, strings.Split(err.Error(), "\n")); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestFilesOfAScenarioAreNamed(t *testing.T) {
	t.Parallel()
	const scenario = "title: x\nseries: [{series: up, value: 1}]\n"
	for name, tc := range map[string]struct {
		files map[string]string
		want  string
	}{
		"no scenario": {map[string]string{"rules.yaml": goodRules}, "x/scenario.yaml: no such file"},
		"no rules":    {map[string]string{"scenario.yaml": scenario}, "x: no rules*.yaml: without rules nothing fires"},
		"bad rules": {map[string]string{"scenario.yaml": scenario, "rules.yaml": "groups: [{name: g, rules: [{alert: A, expr: up ==}]}]\n"},
			"x/rules.yaml: 1:45: group \"g\", rule 1, \"A\": could not parse expression: 1:6: parse error: unexpected end of input"},
		"too large": {map[string]string{"scenario.yaml": scenario, "rules.yaml": strings.Repeat(" ", maxFile+1)}, "x/rules.yaml: 4194305 bytes, more than 4194304"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := load(tc.files); err == nil || !strings.HasPrefix(err.Error(), tc.want) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
	if _, err := Open("no-such"); err == nil || !strings.Contains(err.Error(), "built in are checkout-deploy") {
		t.Errorf("an unknown name: %v", err)
	}
	if _, err := Open("load.go"); err == nil || !strings.Contains(err.Error(), "is a file, want the folder") {
		t.Errorf("a file: %v", err)
	}
	if _, err := Open("scenarios/checkout-deploy"); err != nil {
		t.Errorf("a folder: %v", err)
	}
}

func TestCommands(t *testing.T) {
	t.Parallel()
	p, err := parsePattern("kubectl [--context prod-eu] [-n shop] rollout undo deploy/checkout")
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]bool{
		"kubectl rollout undo deploy/checkout":                           true,
		"kubectl --context prod-eu -n shop rollout undo deploy/checkout": true,
		"kubectl  -n   'shop' rollout undo \"deploy/checkout\"":          true,
		"kubectl -n shop --context prod-eu rollout undo deploy/checkout": false, // another order is not what the runbook says
		"kubectl rollout undo deploy/payments":                           false,
		"kubectl rollout undo deploy/checkout --dry-run=client":          false,
		"kubectl rollout undo deploy/checkout; rm -rf /":                 false,
		"kubectl rollout undo deploy/checkout && true":                   false,
		"kubectl rollout undo":                                           false,
		"kubectl --context prod-us -n shop rollout undo deploy/checkout": false,
		"kubectl --context prod-eu rollout undo deploy/checkout":         true,
		"sudo kubectl rollout undo deploy/checkout":                      false,
		"kubectl rollout undo deploy/checkout 'not closed":               false,
	} {
		words, err := splitWords(line)
		if got := err == nil && p.matches(words); got != want {
			t.Errorf("%s: %v, want %v", line, got, want)
		}
	}
	got := commandLines("# look first\n$ kubectl get \\\n    pods\n\n  kubectl rollout status deploy/a\r\n")
	if d := cmp.Diff([]string{"kubectl get pods", "kubectl rollout status deploy/a"}, got); d != "" {
		t.Error(d)
	}
}
