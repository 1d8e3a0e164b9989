package runbook_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/firstpage-oncall/firstpage/runbook"
)

func TestContext(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"kubectl --context prod-eu -n shop get pods":                           "kubectl prod-eu shop true",
		"kubectl get pods -nshop --context=prod-eu":                            "kubectl prod-eu shop true",
		"kubectl get pods -A":                                                  "kubectl  * false",
		"oc -n \"shop\" delete pod x":                                          "oc  shop false",
		"oc --server https://x:6443 get pods":                                  "oc https://x:6443  true",
		"helm --kube-context a rollback x":                                     "helm a  true",
		"helm upgrade x --namespace=y":                                         "helm  y false",
		"argocd --argocd-context a app sync x":                                 "argocd a  true",
		"kubectl --context a get x\nkubectl -n b get y":                        "kubectl  b false",
		"kubectl --context a get x\nkubectl --context b get y":                 "kubectl a  true",
		"ls; sudo -u x kubectl get pods | xargs -n1 kubectl --context a get y": "kubectl   false",
		"kubectl exec x -- kubectl --context a -n b get y":                     "kubectl   false",
		"kubectl --context <cluster> get x":                                    "kubectl <cluster>  true",
		"POD=$(oc get pod -n shop)":                                            "oc  shop false",
		"kubectl config use-context x; helm repo add a b; # kubectl get x":     "   false",
		"ls -n x":                        "   false",
		"$ oc get pods\noc output\n$ ls": "oc   false",
	} {
		tool, context, namespace, explicit := block("bash", code).Context()
		if got := fmt.Sprintf("%s %s %s %t", tool, context, namespace, explicit); got != want {
			t.Errorf("%q: got %q, want %q", code, got, want)
		}
	}
	f := runbook.Fill(block("bash", "kubectl --context <cluster> -n <namespace> get x"), shopAlert)
	if tool, context, namespace, explicit := f.Context(); tool != "kubectl" || context != "prod-eu" || namespace != "shop" || !explicit {
		t.Errorf("filled: %s %s %s %t", tool, context, namespace, explicit)
	}
	if tool, _, _, _ := block("yaml", "kubectl get x").Context(); tool != "" {
		t.Errorf("YAML speaks to a cluster by %s", tool)
	}
}

func TestAims(t *testing.T) {
	t.Parallel()
	f := runbook.Fill(block("bash", "kubectl --context a get x\nkubectl get y -n b\nhelm list --kube-context c\nkubectl --context a get z\nkubectl config view"), shopAlert)
	want := []runbook.Aim{{Tool: "kubectl", Context: "a"}, {Tool: "kubectl", Namespace: "b"}, {Tool: "helm", Context: "c"}}
	if got := f.Aims(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := runbook.Fill(block("yaml", "kubectl get x"), shopAlert).Aims(); got != nil {
		t.Errorf("YAML: %v", got)
	}
}

func TestQuery(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ lang, code, want string }{
		{"promql", "# errors\nsum(rate(x{a=\"#b\"}[5m])) # why\n  > 1\n", "sum(rate(x{a=\"#b\"}[5m]))\n  > 1"},
		{"promql", "# only words\n", ""},
		{"bash", "up", ""},
	} {
		got, ok := block(c.lang, c.code).Query()
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%q: got %q, %t", c.code, got, ok)
		}
	}
	f := runbook.Fill(block("promql", "up{namespace=\"<namespace>\"} # <pod>"), shopAlert)
	if got, ok := f.Query(); got != `up{namespace="shop"}` || !ok {
		t.Errorf("filled: %q, %t", got, ok)
	}
}

func TestQueryInLink(t *testing.T) {
	t.Parallel()
	expr := `sum(rate(x{a="b+c"}[5m])) > 1`
	quoted := `"sum(rate(x{a=\"b+c\"}[5m])) > 1"`
	explore := "https://grafana.example.com/explore?orgId=1&"
	for _, c := range []struct{ link, want string }{
		{"https://prometheus.example.com/graph?g0.range_input=1h&g0.expr=" + url.QueryEscape(expr) + "&g0.tab=0&g1.expr=up", expr},
		{"https://thanos.example.com/new/graph?g0.expr=up%7Ba%3D%22b%22%7D", `up{a="b"}`},
		{"/graph?g0.expr=up", "up"},
		{"https://x/#/graph?g0.expr=up", "up"},
		{explore + "left=" + url.QueryEscape(`["now-1h","now","Prometheus",{"expr":`+quoted+`,"refId":"A"}]`), expr},
		{explore + "left=" + url.QueryEscape(`{"datasource":"prom","queries":[{"refId":"A"},{"refId":"B","expr":`+quoted+`}],"range":{"from":"now-1h"}}`), expr},
		{explore + "schemaVersion=1&panes=" + url.QueryEscape(`{"7r2":{"datasource":"u1","queries":[{"refId":"A","expr":`+quoted+`,"datasource":{"type":"prometheus","uid":"u1"}}]}}`), expr},
		{explore + "panes=" + url.QueryEscape(`{"a":{"queries":[{"expr":"{app=\"x\"} |= \"y\"","datasource":{"type":"loki"}}]},"b":{"queries":[{"expr":"up"}]}}`), "up"},
		{explore + "left=" + url.QueryEscape(`["now-1h","now","Loki",{"expr":"{app=\"x\"}"}]`), ""},
		{explore + "left=" + url.QueryEscape(`{"datasource":"Loki","queries":[{"expr":"{app=\"x\"}"}]}`), ""},
		{explore + "panes=%7B", ""},
		{explore + "left=%zz&g0.expr=up", "up"},
		{"https://grafana.example.com/d/abc?var-x=y", ""},
		{"https://x/graph?g0.expr=", ""},
		{"javascript:graph?g0.expr=up", ""},
		{explore + "left=" + strings.Repeat("[", 30_000), ""},
		{"::", ""},
		{"", ""},
	} {
		got, ok := runbook.QueryInLink(c.link)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%s: got %q, %t, want %q", c.link, got, ok, c.want)
		}
	}
}
