package triage

import (
	"testing"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

func catalogOf(ss ...sources.Service) []sources.Feed[sources.Service] {
	return []sources.Feed[sources.Service]{{Source: sources.SourceID{Kind: "catalog"}, Items: ss, AsOf: noon}}
}

func TestService(t *testing.T) {
	t.Parallel()
	catalog := catalogOf(
		sources.Service{Name: safe.Outside("api"), Team: safe.Outside("group:default/team-edge")},
		sources.Service{Name: safe.Outside("Checkout"), Aliases: values("shop-checkout", "api"), Team: safe.Outside("payments")},
		sources.Service{Name: safe.Outside("kube-state-metrics"), Team: safe.Outside("infra")},
	)
	for _, tc := range []struct{ labels, rule, bare, by, known, knownBy string }{
		{labels: "service=cart app=x", bare: "cart", by: "service", known: "cart", knownBy: "service"},
		{labels: "service=nope app=shop-checkout", bare: "nope", by: "service", known: "Checkout", knownBy: "catalog:app"},
		{labels: "app=CHECKOUT", bare: "CHECKOUT", by: "app", known: "Checkout", knownBy: "catalog:app"},
		{labels: "type=api tier=sv", known: "api", knownBy: "catalog:type"},
		{labels: "type=ceph_default"},
		{labels: "cluster=eu-1"},
		{labels: "cronjob=nightly namespace=shop", bare: "nightly", by: "cronjob", known: "nightly", knownBy: "cronjob"},
		{labels: "job=kube-state-metrics service=kube-state-metrics instance=10.0.0.1:8080 namespace=shop deployment=search",
			bare: "search", by: "deployment", known: "search", knownBy: "deployment"},
		{labels: "job=kube-state-metrics namespace=shop pod=search-7d9f8c6b5d-x2x4z container=app",
			bare: "search", by: "pod", known: "search", knownBy: "pod"},
		{labels: "job=kube-state-metrics namespace=monitoring pod=kube-state-metrics-7d9f8c6b5d-x2x4z container=kube-state-metrics"}, // the series of a node has the exporter's pod and its namespace
		{labels: "job=ksm-main service=kps-kube-state-metrics namespace=shop", bare: "kps-kube-state-metrics", by: "service",
			known: "kps-kube-state-metrics", knownBy: "service"}, // the job is no exporter by name
		{labels: "job=kps-kube-state-metrics service=kps-kube-state-metrics namespace=shop", bare: "shop", by: "namespace", known: "shop", knownBy: "namespace"},
		{labels: "job=node-exporter instance=db-1:9100 pod=node-exporter-x2x4z"},
		{labels: "job=node-exporter instance=db-1:9100 pod=ne-x2x4z namespace=monitoring"},
		{labels: "job=node instance=db-1:9100"},
		{labels: "job=blackbox-http instance=https://x"},
		{labels: "job=kubelet namespace=shop pod=cart-0 service=kubelet", bare: "cart", by: "pod", known: "cart", knownBy: "pod"},
		{labels: "job=prometheus instance=localhost:9090"},
		{labels: "job=apiserver", bare: "apiserver", by: "job", known: "apiserver", knownBy: "job"},
		{labels: "job=mysqld-exporter instance=db:9104", bare: "mysqld-exporter", by: "job", known: "mysqld-exporter", knownBy: "job"},
		{labels: "job=shop/checkout pod=x-1", bare: "checkout", by: "job", known: "Checkout", knownBy: "catalog:job"},
		{labels: "pod=checkout-7d9f8c6b5d-x2x4z", bare: "checkout", by: "pod", known: "Checkout", knownBy: "catalog:pod"},
		{labels: "job=node-exporter service=checkout", rule: "a > 1"}, // the series' own service label: the exporter's
		{labels: "job=node-exporter", rule: `up{job="node-exporter"} == 0`, bare: "node-exporter", by: "job", known: "node-exporter", knownBy: "job"},
		{labels: "job=kube-state-metrics", rule: `absent(up{job="kube-state-metrics"} == 1)`,
			bare: "kube-state-metrics", by: "job", known: "kube-state-metrics", knownBy: "catalog:job"},
		{labels: "job=node-exporter service={{$x}} namespace=shop", bare: "shop", by: "namespace", known: "shop", knownBy: "namespace"},
	} {
		a := alert("A", sources.Firing, 1, tc.labels)
		s := snapshot(a)
		if tc.rule != "" {
			s.Clusters[0].Rules.Items = []sources.RuleGroup{{Rules: []sources.Rule{{Name: safe.Outside("A"), Query: safe.Outside(tc.rule)}}}}
		}
		check := func(kind, name, by string) {
			it, ok := Build(s, Defaults(), noon).Item(a.ID)
			if got := it.Service; !ok || got.Name.Raw() != name || got.By != by {
				t.Errorf("%s, %s: %q by %q, want %q by %q", tc.labels, kind, got.Name, got.By, name, by)
			}
		}
		check("no catalog", tc.bare, tc.by)
		s.Services = catalog
		check("catalog", tc.known, tc.knownBy)
	}
}

func TestServiceSetByRule(t *testing.T) {
	t.Parallel()
	a := alert("A", sources.Firing, 1, "job=node-exporter service=checkout instance=db:9100")
	s := snapshot(a)
	s.Clusters[0].Rules.Items = []sources.RuleGroup{{Rules: []sources.Rule{{Name: safe.Outside("A"), Query: safe.Outside("x > 1"), Labels: labelSet("service=checkout")}}}}
	if it, _ := Build(s, Defaults(), noon).Item(a.ID); it.Service != (Found{safe.Outside("checkout"), "service"}) {
		t.Errorf("service = %v", it.Service)
	}
	p := Defaults()
	p.ServiceLabels = []string{"type", "svc"}
	c := alert("C", sources.Firing, 1, "service=x exported_zone=eu")
	if it, _ := Build(snapshot(c), Prefs{ServiceLabels: []string{"exported_zone", "service"}}, noon).Item(c.ID); it.Service != (Found{safe.Outside("eu"), "exported_zone"}) {
		t.Errorf("a configured exported label: service = %v", it.Service)
	}
	b := alert("B", sources.Firing, 1, "type=api service=x")
	if it, _ := Build(snapshot(b), p, noon).Item(b.ID); it.Service != (Found{safe.Outside("api"), "type"}) {
		t.Errorf("a configured type label: service = %v", it.Service)
	}
}

func TestPodBase(t *testing.T) {
	t.Parallel()
	for pod, want := range map[string]string{
		"checkout-7d9f8c6b5d-x2x4z": "checkout", "shop-cart-5c689d88bb-q7zvf": "shop-cart", "api-68d5b7c4-abcde": "api-68d5b7c4-abcde",
		"api-1234567890-x2x4z": "api", "db-0": "db", "db-main-12": "db-main", "node-exporter-x2x4z": "node-exporter",
		"nightly-28123450-x2x4z": "nightly", "single": "single", "cart-worker": "cart-worker", "": "", "-": "-", "a-": "a-",
		"etcd-ip-10-0-1-2": "etcd-ip-10-0-1", "search-666666b7c-bcdfg": "search",
	} {
		if got := podBase(pod); got != want {
			t.Errorf("podBase(%q) = %q, want %q", pod, got, want)
		}
	}
}

func TestOwner(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"payments": "payments", "team-payments": "payments", "Team-Payments": "Payments", "group:default/team-payments": "payments",
		"group:payments": "payments", "group:team-payments": "payments", "default/payments": "payments", "team-": "team-", " atlas ": "atlas",
	} {
		if got := Team(safe.Outside(in)).Raw(); got != want {
			t.Errorf("Team(%q) = %q, want %q", in, got, want)
		}
	}
	a := alert("A", sources.Firing, 1, "service=api squad=team-x team={{x}}")
	s := snapshot(a)
	if it, _ := Build(s, Defaults(), noon).Item(a.ID); it.Owner != (Found{safe.Outside("x"), "squad"}) {
		t.Errorf("owner = %v", it.Owner)
	}
	s.Services = catalogOf(sources.Service{Name: safe.Outside("api")}, sources.Service{Name: safe.Outside("api"), Team: safe.Outside("group:default/team-edge")})
	b := Build(s, Defaults(), noon)
	if it, _ := b.Item(a.ID); it.Owner != (Found{safe.Outside("edge"), "catalog"}) {
		t.Errorf("owner = %v", it.Owner)
	}
	if svc, ok := b.Catalog(safe.Outside("API")); !ok || svc.Name.Raw() != "api" {
		t.Errorf("Catalog = %v %v", svc, ok)
	}
}

func TestInstanceOf(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"db-1:9100": "db-1", "db-1": "db-1", "https://shop.example.com/health": "shop.example.com", "http://db-1:80/x": "db-1",
		"[fd00::1]:9100": "[fd00::1]", "fd00::1": "fd00::1", "a b": "", "{{ $labels.x }}": "",
	} {
		_, host := InstanceOf(Item{Alert: sources.Alert{Labels: sources.NewLabels(map[string]string{"instance": in})}})
		if host.Raw() != want {
			t.Errorf("%s is on %q, want %q", in, host.Raw(), want)
		}
	}
}
