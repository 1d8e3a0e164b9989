package triage

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	catalogs "github.com/firstpage-oncall/firstpage/sources/catalog"
)

// gitlabShape has the shape of GitLab's service-catalog.yml, in which services
// are the values of the label type.
const gitlabShape = `
services:
  - {name: api, label: "Service::API2", friendly_name: Our API, owner: reliability, technical: {dependencies: [{service: redis}]}}
  - {name: redis, tier: db, teams: [caches], technical:}
  - {name: monitoring, tier: inf, owner: observability, technical:}
  - {name: blackbox, tier: inf, owner: observability, technical:}
`

// realCatalogs are those of the corpus, and two small files.
func realCatalogs(t *testing.T) []sources.Feed[sources.Service] {
	t.Helper()
	const corpus = "../testdata/corpus/catalog/"
	dir := t.TempDir()
	for name, text := range map[string]string{
		"service-catalog.yml": gitlabShape,
		"services.yaml":       "services: [{name: checkout, aliases: [shop-checkout, co], team: team-payments, depends_on: [ledger-api]}, {name: ledger, aliases: [ledger-api]}]",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	items, err := catalogs.Open([]string{dir, corpus + "giantswarm-backstage-catalogs", corpus + "backstage-examples/*.yaml"}).Services(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return []sources.Feed[sources.Service]{{Source: sources.SourceID{Kind: "catalog"}, Items: items, AsOf: noon}}
}

// Whose an alert is, by the labels that real rules and exporters give it.
func TestServiceByRealCatalogs(t *testing.T) {
	t.Parallel()
	feeds := realCatalogs(t)
	for _, tc := range []struct{ labels, want, owner string }{
		// A value that is a name or an alias, in the order of the labels.
		{"service=checkout app=zot", "checkout by catalog:service", "payments by catalog"},
		{"service=nobody app=zot", "zot by catalog:app", "honeybadger by catalog"},
		{"app=SHOP-CHECKOUT", "checkout by catalog:app", "payments by catalog"},
		{"app_kubernetes_io_name=kyverno-app", "kyverno-app by catalog:app_kubernetes_io_name", "shield by catalog"},
		{"component=muster type=api", "muster by catalog:component", "bumblebee by catalog"},
		{"type=api tier=sv stage=main", "api by catalog:type", "reliability by catalog"},
		{"type=API2", "api by catalog:type", "reliability by catalog"},
		{"type=redis team=web", "redis by catalog:type", "caches by catalog"},
		{"type=ceph_default", "", ""},
		{"type=ceph_default namespace=rook", "rook by namespace", ""},
		{"deployment=karpenter-app namespace=kube-system", "karpenter-app by catalog:deployment", "phoenix by catalog"},
		{"statefulset=valkey-app namespace=db", "valkey-app by catalog:statefulset", "planeteers by catalog"},
		{"daemonset=co", "checkout by catalog:daemonset", "payments by catalog"},
		{"cronjob=nightly namespace=releases", "releases by catalog:namespace", "phoenix by catalog"},
		{"job=shop/ledger-api", "ledger by catalog:job", ""},
		{"job=artist-lookup", "artist-lookup by catalog:job", "a by catalog"},
		{"pod=playback-order-7d9f8c6b5d-x2x4z job=agents", "playback-order by catalog:pod", "user:guest by catalog"},
		{"namespace=checkout job=payments-http", "checkout by catalog:namespace", "payments by catalog"},
		{"cluster=athena namespace=nobody", "athena by catalog:cluster", "shield by catalog"},
		{"cluster=eu-1", "", ""},
		// No value is in a catalog.
		{"service=cart team=team-shop", "cart by service", "shop by team"},
		{"service=cart team={{$x}} owner=group:default/team-shop", "cart by service", "shop by owner"},
		{"app=cart support_group=compute", "cart by app", "compute by support_group"},
		{"deployment=cart namespace=shop squad=x", "cart by deployment", "x by squad"},
		{"alertname2=x", "", ""},
		// kube-state-metrics: its labels name itself, those of the object the thing.
		{"job=kube-state-metrics service=kube-state-metrics namespace=shop deployment=checkout", "checkout by catalog:deployment", "payments by catalog"},
		{"job=kube-state-metrics instance=10.0.0.1:8080 namespace=shop pod=checkout-7d9f8c6b5d-x2x4z container=app", "checkout by catalog:pod", "payments by catalog"},
		{"job=kube-state-metrics namespace=checkout job_name=x", "checkout by catalog:namespace", "payments by catalog"},
		{"job=kube-state-metrics namespace=monitoring pod=kube-state-metrics-7d9f8c6b5d-x2x4z node=n1", "", ""},
		{"job=kps-kube-state-metrics service=kps-kube-state-metrics namespace=monitoring pod=kps-kube-state-metrics-7d9f8c6b5d-x2x4z exported_namespace=shop exported_pod=checkout-7d9f8c6b5d-x2x4z", "checkout by catalog:exported_pod", "payments by catalog"},
		{"job=kube-state-metrics namespace=monitoring exported_namespace=checkout", "checkout by catalog:exported_namespace", "payments by catalog"},
		// node-exporter: a host. Where it runs is nobody's service.
		{"job=node-exporter instance=10.0.0.1:9100 namespace=monitoring pod=node-exporter-x2x4z service=node-exporter container=node-exporter", "", ""},
		{"job=node instance=db-1:9100 service=blackbox", "", ""},
		{"job=node instance=db-1:9100 type=redis", "redis by catalog:type", "caches by catalog"},
		// Probes, kubelet, cadvisor, and what passes on the metrics of others.
		{"job=blackbox instance=https://shop.example", "", ""},
		{"job=blackbox instance=https://shop.example app=checkout", "checkout by catalog:app", "payments by catalog"},
		{"job=kubelet service=kubelet namespace=shop pod=ledger-0 container=ledger", "ledger by catalog:pod", ""},
		{"job=kubelet metrics_path=/metrics/cadvisor service=kubelet namespace=shop pod=checkout-7d9f8c6b5d-x2x4z", "checkout by catalog:pod", "payments by catalog"},
		{"job=cadvisor instance=h:8080 namespace=monitoring", "monitoring by catalog:namespace", "observability by catalog"},
		{"job=pushgateway exported_job=ledger", "ledger by catalog:exported_job", ""},
		{"job=federate exported_job=node-exporter exported_instance=db:9100", "", ""},
		{"service=ingress-nginx-metrics namespace=ingress exported_service=checkout exported_namespace=shop", "checkout by catalog:exported_service", "payments by catalog"},
		{"job=prometheus instance=localhost:9090", "", ""},
	} {
		a := alert("A", sources.Firing, 1, tc.labels)
		s := snapshot(a)
		s.Services = feeds
		it, ok := Build(s, Defaults(), noon).Item(a.ID)
		if !ok {
			t.Fatal(tc.labels)
		}
		checkFound(t, it, tc.labels, tc.want, tc.owner)
	}
}

// checkFound holds an item's service and owner to "NAME by WHAT".
func checkFound(t *testing.T, it Item, labels, service, owner string) {
	t.Helper()
	say := func(f Found) string { return strings.TrimSuffix(f.Name.Raw()+" by "+f.By, " by ") }
	if got := say(it.Service); got != service {
		t.Errorf("%s: service %q, want %q", labels, got, service)
	}
	if got := say(it.Owner); got != owner {
		t.Errorf("%s: owner %q, want %q", labels, got, owner)
	}
}

// A change of what the page's service declares to call is a possible cause,
// under whichever name it is recorded.
func TestDependencyIsPossible(t *testing.T) {
	t.Parallel()
	a := alert("A", sources.Firing, 1, "app=shop-checkout namespace=shop")
	for _, name := range []string{"ledger", "LEDGER-API"} {
		s := snapshot(a)
		s.Services = realCatalogs(t)
		at := noon.Add(-8 * time.Minute)
		s.Changes = []sources.Feed[sources.Change]{{Source: sources.SourceID{Kind: "events", Name: "events"}, AsOf: noon, Tried: noon, Items: []sources.Change{
			{ID: "1", Kind: sources.Deploy, Service: safe.Outside(name), StartedAt: at},
			{ID: "2", Kind: sources.Deploy, Service: safe.Outside("search"), StartedAt: at},
		}}}
		b := Build(s, Defaults(), noon)
		it, _ := b.Item(a.ID)
		r := Rank(b, it, Onset{At: noon.Add(-5 * time.Minute)}, Evidence{})
		if len(r.Suspects) != 2 || r.Suspects[0].Service.Raw() != name || r.Suspects[0].Verdict != Possible || r.Suspects[0].Relation != "called by checkout" ||
			r.Suspects[1].Verdict != Unlikely || r.NoneFound {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
