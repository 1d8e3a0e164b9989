package triage

import (
	"testing"

	"github.com/firstpage-oncall/firstpage/sources"
	catalogs "github.com/firstpage-oncall/firstpage/sources/catalog"
)

// labelSets are what alerts carry, with the service and the owner that a reader
// of the two public catalogs in testdata/corpus/catalog would name: Giant
// Swarm's, and Backstage's own examples. What is expected was written by hand
// from those files; the traps are those that real exporters and catalogs set.
var labelSets = []struct{ labels, service, owner string }{
	// service and app: the first label whose value is in a catalog, in any case.
	{"service=zot", "zot by catalog:service", "honeybadger by catalog"},
	{"service=cache app=zot", "zot by catalog:app", "honeybadger by catalog"},
	{"app=KONG-APP namespace=ingress", "kong-app by catalog:app", "cabbage by catalog"},
	{"app=cart team=team-atlas", "cart by app", "atlas by team"},
	{"app.kubernetes.io/name=backstage-demo", "backstage-demo by catalog:app.kubernetes.io/name", "backstage/maintainers by catalog"},
	{"component=policy-api app=gatekeeper", "policy-api by catalog:component", "shield by catalog"},
	// type counts only where a catalog has its value.
	{"type=vllm tier=sv stage=main", "vllm by catalog:type", "bumblebee by catalog"},
	{"type=ceph_default", "", ""},
	{"type=ceph_default namespace=rook-ceph support_group=storage", "rook-ceph by namespace", "storage by support_group"},
	{"type=api team=team-phoenix", "", "phoenix by team"},
	// OpenTelemetry: service.name under its two spellings, and in job.
	{"service_name=muster k8s_namespace_name=agents", "muster by catalog:service_name", "bumblebee by catalog"},
	{"service.name=muster k8s.namespace.name=agents", "muster by catalog:service.name", "bumblebee by catalog"},
	{"service_name=checkout service_namespace=shop", "checkout by service_name", ""},
	{"service_name=unknown_service:java k8s_deployment_name=www-artist", "www-artist by catalog:k8s_deployment_name", "a by catalog"},
	{"job=shop/checkout instance=10.0.0.7:8080", "checkout by job", ""},
	{"job=media/playback-order", "playback-order by catalog:job", "user:guest by catalog"},
	{"job=unknown_service:node-server k8s_namespace_name=releases", "releases by catalog:k8s_namespace_name", "phoenix by catalog"},
	{"job=otel-collector exported_job=audio/playback-order", "playback-order by catalog:exported_job", "user:guest by catalog"},
	// kube-state-metrics: job, service, pod and instance are its own.
	{"job=kube-state-metrics service=kube-state-metrics instance=10.0.0.9:8080 namespace=kube-system deployment=coredns-app", "coredns-app by catalog:deployment", "cabbage by catalog"},
	{"job=kube-state-metrics namespace=apps pod=dex-app-6f7d9c8b5-k2x4z container=dex", "dex-app by catalog:pod", "shield by catalog"},
	{"job=kube-state-metrics container=kube-state-metrics namespace=monitoring pod=kube-state-metrics-7d9f8c6b5d-x2x4z node=n1", "", ""},
	{"job=kube-state-metrics namespace=monitoring exported_namespace=zot service_name=kube-state-metrics", "zot by catalog:exported_namespace", "honeybadger by catalog"},
	{"job=kps-kube-state-metrics app=kube-state-metrics daemonset=falco-app", "falco-app by catalog:daemonset", "shield by catalog"},
	// node-exporter: a host, whatever its pod is called.
	{"job=node-exporter instance=10.0.0.1:9100 service=node-exporter pod=node-exporter-x2x4z namespace=monitoring", "", ""},
	{"job=integrations/node_exporter instance=db-1 type=valkey-app", "valkey-app by catalog:type", "planeteers by catalog"},
	{"job=node instance=db-1:9100 team=group:default/team-up", "", "up by team"},
	// Probes, kubelet and cadvisor, what is pushed, what watches hardware and clouds.
	{"job=blackbox service=blackbox instance=https://zot.example app=zot", "zot by catalog:app", "honeybadger by catalog"},
	{"job=blackbox-http instance=https://kong.example", "", ""},
	{"job=kubelet service=kubelet metrics_path=/metrics/cadvisor namespace=ai pod=vllm-0 container=vllm", "vllm by catalog:pod", "bumblebee by catalog"},
	{"job=pushgateway exported_job=releases", "releases by catalog:exported_job", "phoenix by catalog"},
	{"job=dcgm-exporter pod=dcgm-exporter-q2w4z exported_pod=vllm-7d9f8c6b5d-x2x4z exported_namespace=ai", "vllm by catalog:exported_pod", "bumblebee by catalog"},
	{"job=cloudwatch-exporter-app namespace=monitoring pod=cloudwatch-exporter-app-7d9f8c6b5d-x2x4z", "", ""},
	{"job=prometheus instance=localhost:9090", "", ""},
	// An exporter beside one service: that one, where a catalog has it.
	{"job=artists-db-exporter instance=db-2:9187", "artists-db by catalog:job", "a by catalog"},
	{"job=redis-exporter instance=db-2:9121 namespace=shop", "redis-exporter by job", ""},
	{"job=starboard-exporter namespace=security", "starboard-exporter by catalog:job", "shield by catalog"},
	// Names that the catalog has two and three times, and an owner that nobody filled in.
	{"deployment=karpenter-app namespace=kube-system", "karpenter-app by catalog:deployment", "phoenix by catalog"},
	{"statefulset=agentic-platform", "agentic-platform by catalog:statefulset", "bumblebee by catalog"},
	{"namespace=azure-aks-extras squad=team-rocket", "azure-aks-extras by catalog:namespace", "rocket by squad"},
	{"cluster=athena namespace=nobody", "athena by catalog:cluster", "shield by catalog"},
	// Nothing names a service.
	{"severity=critical", "", ""},
}

func TestServiceOfLabelSets(t *testing.T) {
	t.Parallel()
	if len(labelSets) < 40 {
		t.Fatalf("%d label sets", len(labelSets))
	}
	const corpus = "../testdata/corpus/catalog/"
	items, err := catalogs.Open([]string{corpus + "giantswarm-backstage-catalogs", corpus + "backstage-examples/*.yaml", corpus + "backstage-demo/catalog-info.yaml"}).Services(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range labelSets {
		a := alert("A", sources.Firing, 1, tc.labels)
		s := snapshot(a)
		s.Services = catalogOf(items...)
		it, ok := Build(s, Defaults(), noon).Item(a.ID)
		if !ok {
			t.Fatal(tc.labels)
		}
		checkFound(t, it, tc.labels, tc.service, tc.owner)
	}
}
