package runbook_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
)

func param(name, value string) runbook.Param {
	return runbook.Param{Name: safe.Outside(name), Value: safe.Outside(value)}
}

// shopAlert is what most tests know.
var shopAlert = runbook.NewValues(sources.NewLabels(map[string]string{
	"alertname": "KubePodCrashLooping", "namespace": "shop", "pod": "checkout-7d9", "node": "eu-3-17", "service": "checkout", "quoted": "it's a $HOME",
	"job_name": "nightly", "persistentvolumeclaim": "data-0",
}), "prod-eu", []runbook.Param{param("INSTALLATION", "gaia"), param("region", "")})

func block(lang, code string) runbook.CodeBlock {
	return runbook.CodeBlock{Lang: lang, Code: []byte(code)}
}

func TestFill(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ lang, code, want, missing string }{
		// The forms.
		{"bash", "kubectl -n <namespace> delete pod <pod name>", "kubectl -n shop delete pod checkout-7d9", ""},
		{"bash", "kubectl -n $NAMESPACE get ${POD_NAME} <pod-name> <POD>", "kubectl -n shop get checkout-7d9 checkout-7d9 checkout-7d9", ""},
		{"bash", "oc -n {{ $labels.namespace }} get {{.Labels.pod}} {{ .Labels.none }}", "oc -n shop get checkout-7d9 {{ .Labels.none }}", "none"},
		{"bash", "kubectl -n NAMESPACE get -l a=NAMESPACE pods | grep NAMESPACE", "kubectl -n shop get -l a=NAMESPACE pods | grep NAMESPACE", ""},
		{"bash", "oc get pods --namespace=NS", "oc get pods --namespace=shop", ""},
		{"bash", "head -n NAMESPACE x", "head -n NAMESPACE x", ""},
		{"bash", "NAMESPACE='<value of namespace label from alert>'", "NAMESPACE='shop'", ""},
		{"bash", "X=<namespace label from alert> Y=<alert namespace label>", "X=shop Y=shop", ""},
		{"bash", "kubectl describe pvc <pvc-name> node/<Node-name>", "kubectl describe pvc data-0 node/eu-3-17", ""},
		{"bash", "ls <job-name>; ls <job>", "ls nightly; ls <job>", "job"},
		{"bash", "gs login $INSTALLATION $region", "gs login gaia $region", "region"},
		// The cluster.
		{"bash", "kubectl --context <cluster> --context=<cluster_name> x", "kubectl --context prod-eu --context=prod-eu x", ""},
		{"bash", "kubectl get services/<cluster_name>-rw", "kubectl get services/<cluster_name>-rw", "cluster_name"},
		// What is none.
		{"bash", "cat <file; cat <<EOF; sort <(ls <pod>)\n<pod>\nEOF", "cat <file; cat <<EOF; sort <(ls checkout-7d9)\ncheckout-7d9\nEOF", ""},
		{"bash", "a <b >c; x <<< pod; echo <none> <br>", "a <b >c; x <<< pod; echo <none> <br>", ""},
		{"bash", "awk '{print $1, $namespace}' $1 $@ $? $$ $HOME ${namespace:-x}", "awk '{print $1, $namespace}' $1 $@ $? $$ $HOME ${namespace:-x}", ""},
		{"bash", "x '$NAMESPACE <namespace>' \"$NAMESPACE\"", "x '$NAMESPACE shop' \"shop\"", ""},
		{"bash", `x \$NAMESPACE "\$NAMESPACE" \<namespace\>`, `x \$NAMESPACE "\$NAMESPACE" \<namespace\>`, ""},
		{"bash", "# delete <pod>\nls # <pod>\necho a#<pod>", "# delete <pod>\nls # <pod>\necho a#checkout-7d9", ""},
		{"bash", "oc get -o template '{{range .items}}{{.metadata.name}}{{end}}'", "oc get -o template '{{range .items}}{{.metadata.name}}{{end}}'", ""},
		// Variables that are set.
		{"bash", "export NAMESPACE=x\necho $NAMESPACE $POD", "export NAMESPACE=x\necho $NAMESPACE checkout-7d9", ""},
		{"bash", "for pod in a b; do echo $pod $node; done; read -r node", "for pod in a b; do echo $pod $node; done; read -r node", ""},
		{"bash", "POD=$(oc get pod -n $NAMESPACE); oc logs $POD", "POD=$(oc get pod -n shop); oc logs $POD", ""},
		{"bash", "# NAMESPACE=x\n$ oc get -n $NAMESPACE pods", "# NAMESPACE=x\noc get -n shop pods", ""},
		// Heredocs.
		{"bash", "cat <<'EOF'\n$NAMESPACE <namespace>\nEOF", "cat <<'EOF'\n$NAMESPACE shop\nEOF", ""},
		{"bash", "cat <<-EOF | oc apply -f -\n\t$NAMESPACE <quoted>\n\tEOF\necho <quoted>", "cat <<-EOF | oc apply -f -\n\tshop <quoted>\n\tEOF\necho 'it'\\''s a $HOME'", "quoted"},
		// Quotes.
		{"bash", `x <quoted> "<quoted>" '<quoted>' a/<quoted>/b --x=<quoted> $(y "<quoted>")`, `x 'it'\''s a $HOME' ""'it'\''s a $HOME'"" 'it'\''s a $HOME' a/'it'\''s a $HOME'/b --x='it'\''s a $HOME' $(y ""'it'\''s a $HOME'"")`, ""},
		{"bash", `bash -c "ls <quoted>"; ssh h ls <quoted>; psql -c "select '<quoted>'"`, `bash -c "ls <quoted>"; ssh h ls <quoted>; psql -c "select '<quoted>'"`, "quoted quoted quoted"},
		{"bash", "<quoted> x; <pod> x; sudo <pod>", "<quoted> x; <pod> x; sudo checkout-7d9", "quoted pod"},
		{"bash", "echo `x <quoted>` $'<quoted>' ${X:-<quoted>} `y <pod>`", "echo `x <quoted>` $'<quoted>' ${X:-<quoted>} `y checkout-7d9`", "quoted quoted quoted"},
		{"bash", "echo 'never closed <quoted> <pod>", "echo 'never closed <quoted> checkout-7d9", "quoted"},
		// Other languages.
		{"yaml", "a: <namespace> # $NAMESPACE\nb: <quoted>", "a: shop # $NAMESPACE\nb: <quoted>", "quoted"},
		{"sql", "select * from x where ns = '<namespace>' and q = '<quoted>'", "select * from x where ns = 'shop' and q = '<quoted>'", "quoted"},
		{"html", "<pod>x</pod>", "<pod>x</pod>", ""},
		{"", "oc -n $NAMESPACE get <pod>", "oc -n shop get checkout-7d9", ""},
		{"promql", `up{namespace="<namespace>", pod=~"$POD-.*", q="<quoted>", r=~'<quoted>'} > 0 # <pod>`, `up{namespace="shop", pod=~"checkout-7d9-.*", q="it's a $HOME", r=~'it\'s a \\$HOME'} > 0 # <pod>`, ""},
		{"promql", `up{namespace=<namespace>} == <pod> and label_replace(x, "a", "<quoted>", "b", "<pod>")`, `up{namespace="shop"} == <pod> and label_replace(x, "a", "<quoted>", "b", "checkout-7d9")`, "pod quoted"},
		// Sessions.
		{"console", "$ oc -n <namespace> get pods\nNAME\ncheckout <none>\n$ oc get node/<node>\n", "oc -n shop get pods\noc get node/eu-3-17", ""},
	} {
		f := runbook.Fill(block(c.lang, c.code), shopAlert)
		var missing []string
		for _, g := range f.Missing {
			missing = append(missing, g.Name)
			if at := f.Text[g.Start:g.End]; !strings.Contains(at, g.Name) {
				t.Errorf("%q: the gap of %q is at %q", c.code, g.Name, at)
			}
		}
		if diff := cmp.Diff(c.want, f.Text); diff != "" {
			t.Errorf("%q: %s", c.code, diff)
		}
		if got := strings.Join(missing, " "); got != c.missing {
			t.Errorf("%q: missing %q, want %q", c.code, got, c.missing)
		}
		if f.Source != c.code {
			t.Errorf("%q: the source is %q", c.code, f.Source)
		}
	}
}

func TestFillMarks(t *testing.T) {
	t.Parallel()
	f := runbook.Fill(block("bash", `kubectl --context <context> -n "$NAMESPACE" get <quoted> $INSTALLATION`), shopAlert)
	var got []string
	for _, m := range f.Marks {
		got = append(got, m.Name+" "+f.Text[m.Start:m.End]+" "+m.Value.Raw()+" "+m.Origin)
	}
	want := []string{"context prod-eu prod-eu cluster", "NAMESPACE shop shop namespace", `quoted 'it'\''s a $HOME' it's a $HOME quoted`, "INSTALLATION gaia gaia link"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFillValues(t *testing.T) {
	t.Parallel()
	fill := func(code string, labels map[string]string) (string, []runbook.Gap) {
		f := runbook.Fill(block("bash", code), runbook.NewValues(sources.NewLabels(labels), "", nil))
		return f.Text, f.Missing
	}
	for _, c := range []struct {
		code, want string
		labels     map[string]string
	}{
		// The exporter's own labels are not those of the thing.
		{"x <namespace> {{ $labels.namespace }} <value of namespace label from alert>", "x shop monitoring monitoring", map[string]string{"namespace": "monitoring", "exported_namespace": "shop"}},
		{"ssh <node>", "ssh eu-3-17", map[string]string{"job": "node-exporter", "instance": "eu-3-17:9100"}},
		{"ssh <node>", "ssh <node>", map[string]string{"job": "node-exporter", "instance": "10.0.0.1:9100"}},
		{"ssh <node>", "ssh <node>", map[string]string{"job": "kube-state-metrics", "instance": "ksm-0:8080"}},
		{"x <pod-name>", "x b", map[string]string{"pod": "a", "pod_name": "b"}},
		{"x <pod name>", "x <pod name>", map[string]string{"pod-name": "a", "pod_name": "b"}},
		{"x pod/<pod> <pod>", "x pod/--all <pod>", map[string]string{"pod": "--all"}},
		{"x <pod> {<pod>,b}", "x a,b {<pod>,b}", map[string]string{"pod": "a,b"}},
		{"x <pod>", "x <pod>", map[string]string{"pod": "a\x00b"}},
		{"x <name> $NAME <alert name label>", "x <name> $NAME vm-1", map[string]string{"name": "vm-1"}},
		{"x <pod>", "x <pod>", map[string]string{"pod": ""}},
	} {
		if got, gaps := fill(c.code, c.labels); got != c.want {
			t.Errorf("%q with %v: got %q, want %q (%v)", c.code, c.labels, got, c.want, gaps)
		}
	}
	if _, gaps := fill("x <pod>", map[string]string{"pod": "--all"}); len(gaps) != 1 || !strings.Contains(gaps[0].Why, "option") {
		t.Errorf("a value like an option: %v", gaps)
	}
}

// A variable that an earlier block sets belongs to the runbook.
func TestFillLeavesTheRunbooksOwnVariables(t *testing.T) {
	t.Parallel()
	src := "```bash\necho $POD\nexport NAMESPACE=$(oc get x)\n```\n\n- item\n\n  ```console\n  $ oc -n $NAMESPACE get $POD\n  out\n  ```\n\n```bash\necho $NAMESPACE\nPOD=x\n```\n"
	d := runbook.Parse([]byte(src), runbook.Where{})
	var got []string
	for _, c := range d.Codes() {
		f := runbook.Fill(c, shopAlert)
		for _, g := range f.Earlier {
			got = append(got, f.Text[g.Start:g.End]+" is set earlier")
		}
		got = append(got, f.Text)
	}
	want := []string{"echo checkout-7d9\nexport NAMESPACE=$(oc get x)", "$NAMESPACE is set earlier", "oc -n $NAMESPACE get checkout-7d9", "$NAMESPACE is set earlier", "echo $NAMESPACE\nPOD=x"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFillShowsWhatIsHidden(t *testing.T) {
	t.Parallel()
	f := runbook.Fill(block("console", "$ rm\u00a0a\u202e\x1b[0m\nout\u200b\n"), runbook.Values{})
	want := []runbook.Hidden{{At: 2, Rune: 0xa0}, {At: 5, Rune: 0x202e}, {At: 8, Rune: 0x1b},
		{At: 4, Rune: 0xa0, Source: true}, {At: 7, Rune: 0x202e, Source: true}, {At: 10, Rune: 0x1b, Source: true}, {At: 18, Rune: 0x200b, Source: true}}
	if diff := cmp.Diff(want, f.Hidden); diff != "" {
		t.Error(diff)
	}
	if f := runbook.Fill(block("bash", "echo héllo ✔️ 日本\tx\n"), runbook.Values{}); f.Hidden != nil {
		t.Errorf("ordinary text has hidden characters: %v", f.Hidden)
	}
}
