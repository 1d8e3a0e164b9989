package runbook

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUndos(t *testing.T) {
	t.Parallel()
	const page = "# Checkout\n\n## ErrorBudgetBurn\n\n1. Look.\n\n   ```bash\n   kubectl -n shop rollout history deploy/checkout\n   ```\n\n" +
		"2. Go back.\n\n   ```bash\n   kubectl -n shop rollout undo deploy/checkout\n   ```\n\n"
	for _, tc := range []struct {
		name, text string
		want       []string // first lines
	}{
		{"a command says it", page, []string{"kubectl -n shop rollout undo deploy/checkout"}},
		{"the section's own first", "# X\n\n## Other\n\n```sh\nhelm rollback other\n```\n\n## ErrorBudgetBurn\n\n```sh\nhelm rollback checkout 3\n```\n",
			[]string{"helm rollback checkout 3", "helm rollback other"}},
		{"the command before the heading", "# X\n\n## ErrorBudgetBurn\n\n### Roll back\n\n```sh\n./deploy.sh checkout --to previous\n```\n\n### Or\n\n```sh\nargocd app rollback checkout\n```\n",
			[]string{"argocd app rollback checkout", "./deploy.sh checkout --to previous"}},
		{"a step says it", "# X\n\n## ErrorBudgetBurn\n\n- [ ] Revert the deploy:\n\n  ```bash\n  deployctl promote checkout previous\n  ```\n",
			[]string{"deployctl promote checkout previous"}},
		{"a heading two above", "# X\n\n## Rolling back\n\n### Kubernetes\n\n```bash\nkubectl set image deploy/checkout app=old\n```\n", []string{"kubectl set image deploy/checkout app=old"}},
		{"scripts and tasks", "# X\n\n```bash\ncd deploy && make rollback\n```\n\n```bash\ncap production deploy:rollback\n```\n\n```bash\nsudo ./rollback.sh\n```\n\n```bash\ngit revert HEAD\n```\n\n```bash\n./deploy --rollback\n```\n",
			[]string{"cd deploy && make rollback", "cap production deploy:rollback", "sudo ./rollback.sh", "git revert HEAD", "./deploy --rollback"}},
		{"no language, but a tool that is known", "# X\n\n```\n$ kubectl rollout undo deploy/x\n```\n", []string{"$ kubectl rollout undo deploy/x"}},
		{"no language and no tool", "# X\n\n```\nrollback done in 3 s\n```\n", nil},
		{"only shown", "# X\n\n## Rollback\n\n```bash\nkubectl rollout history deploy/x\n```\n\n```bash\ngrep rollback app.log\n```\n\n```bash\necho rollback\n```\n\n```bash\nkubectl get events | grep undo\n```\n", nil},
		{"a dry run", "# X\n\n```bash\nkubectl rollout undo deploy/x --dry-run=server\n```\n", nil},
		{"not meant", "# Rollback failed\n\n```bash\n./fix.sh\n```\n\n## Do not roll back\n\n```bash\n./fix.sh\n```\n\n## If the rollback is stuck\n\n```bash\n./fix.sh\n```\n", nil},
		{"a flag of another kind", "# X\n\n```bash\nhelm upgrade x --rollback-on-failure\n```\n", nil},
		{"SQL", "# X\n\n```sql\nROLLBACK;\n```\n", nil},
		{"nothing", "", nil},
	} {
		d := Parse([]byte(tc.text), Where{Path: "x.md"})
		var got []string
		for _, u := range d.Undos(d.Place("errorbudgetburn", "ErrorBudgetBurn")) {
			first, _, _ := strings.Cut(string(d.Codes()[u.Code].Code), "\n")
			got = append(got, first)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s: %s", tc.name, diff)
		}
	}
	d := Parse([]byte(page), Where{})
	if u := d.Undos(Pos{}); len(u) != 1 || u[0].Heading != "ErrorBudgetBurn" {
		t.Errorf("%+v", u)
	}
}

// The public runbooks are about clusters and say nowhere how to take a deploy
// back, though some speak of it: whatever is found in them is wrong, and a wrong
// one is a command that someone might paste.
func TestUndosCorpus(t *testing.T) {
	t.Parallel()
	files := corpus(t)
	var got []string
	for _, path := range slices.Sorted(maps.Keys(files)) {
		d := Parse(files[path], Where{Path: path})
		for _, u := range d.Undos(Pos{}) {
			got = append(got, path+": "+u.Heading+": "+strings.TrimSpace(string(d.Codes()[u.Code].Code)))
		}
	}
	if len(got) > 0 {
		t.Errorf("%d: %s", len(got), strings.Join(got, "\n"))
	}
}
