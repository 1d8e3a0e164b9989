package buildinfo

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
	"github.com/firstpage-oncall/firstpage/sources/sourcetest"
)

const (
	minute = time.Minute
	end    = 6 * time.Hour
)

// cluster is six hours of a Kubernetes without metrics of the services' own.
func cluster() *promtest.History {
	h := promtest.NewHistory(t0, 30*time.Second)
	// checkout is scaled by an autoscaler, deployed, and rolled back.
	h.ReplicaSet("shop", "checkout", "5d4f", "acme/checkout:1.41.0", 2, 0, 60*minute)
	h.ReplicaSet("shop", "checkout", "5d4f", "acme/checkout:1.41.0", 4, 60*minute, 120*minute)
	h.ReplicaSet("shop", "checkout", "5d4f", "acme/checkout:1.41.0", 0, 120*minute, 150*minute)
	h.ReplicaSet("shop", "checkout", "77b9", "acme/checkout:1.42.0", 4, 120*minute, 150*minute)
	h.ReplicaSet("shop", "checkout", "5d4f", "acme/checkout:1.41.0", 4, 150*minute, end)
	h.ReplicaSet("shop", "checkout", "77b9", "acme/checkout:1.42.0", 0, 150*minute, end)
	// mail gets another configuration: the same image in other pods.
	h.ReplicaSet("shop", "mail", "aa11", "acme/mail:7", 2, 0, 200*minute)
	h.ReplicaSet("shop", "mail", "aa11", "acme/mail:7", 0, 200*minute, end)
	h.ReplicaSet("shop", "mail", "bb22", "acme/mail:7", 2, 200*minute, end)
	h.Add("kube_replicaset_created", 200*minute, end, float64(t0.Add(200*minute-20*time.Second).Unix()), "namespace", "shop", "replicaset", "mail-bb22")
	// search has nothing but an evicted pod of old, and a gap.
	h.ReplicaSet("shop", "search", "cc33", "acme/search:3", 2, 0, 100*minute)
	h.ReplicaSet("shop", "search", "cc33", "acme/search:3", 2, 112*minute, end)
	h.Add("kube_pod_container_info", 0, end, 1, "namespace", "shop", "pod", "search-c000-x", "container", "search", "image_spec", "acme/search:2")
	h.Add("kube_pod_owner", 0, end, 1, "namespace", "shop", "pod", "search-c000-x", "owner_kind", "ReplicaSet", "owner_name", "search-c000")
	h.Add("kube_pod_status_phase", 0, end, 1, "namespace", "shop", "pod", "search-c000-x", "phase", "Failed")
	// db is a StatefulSet that gets an image, and then another revision of it.
	for _, pod := range []string{"db-0", "db-1"} {
		h.Pod("shop", pod, "StatefulSet", "db", "postgres", "postgres:16.1", 0, 240*minute)
		h.Pod("shop", pod, "StatefulSet", "db", "postgres", "postgres:16.2@sha256:0123456789abcdef", 240*minute, end)
	}
	for i, rev := range []string{"db-1a", "db-2b", "db-3c"} {
		h.Add("kube_statefulset_status_update_revision", []time.Duration{0, 240 * minute, 300 * minute}[i],
			[]time.Duration{240 * minute, 300 * minute, end}[i], 1, "namespace", "shop", "statefulset", "db", "revision", rev)
	}
	h.Add("kube_statefulset_labels", 0, end, 1, "namespace", "shop", "statefulset", "db", "label_app", "ledger")
	// log is a DaemonSet whose service has a name of its own.
	h.Pod("ops", "fluent-x1", "DaemonSet", "fluent", "fluent", "fluent:2", 0, 90*minute)
	h.Pod("ops", "fluent-x2", "DaemonSet", "fluent", "fluent", "fluent:3", 90*minute, end)
	h.Add(metricSetSize, 0, end, 1, "namespace", "ops", "daemonset", "fluent")
	h.Add("kube_daemonset_labels", 0, end, 1, "namespace", "ops", "daemonset", "fluent", "label_app", "logging")
	return h
}

var wantCluster = []string{
	"300.00 config shop/ledger > done 0/0; the images are the same: the configuration in the pods' template changed, or its pods were restarted",
	"240.00 deploy shop/ledger 16.1>16.2 done 2/2; Prometheus saw revision db-2b in place of db-1a",
	"199.67 config shop/mail > done 2/2; the images are the same: the configuration in the pods' template changed, or its pods were restarted",
	"150.00 rollback shop/checkout 1.42.0>1.41.0 done 4/4; 1.41.0 had run before 1.42.0; Prometheus saw ReplicaSet checkout-5d4f on 4 of 4 replicas",
	"120.00 deploy shop/checkout 1.41.0>1.42.0 done 0/4; Prometheus saw ReplicaSet checkout-77b9 on up to 4 of 4 replicas, now on none",
	" 90.00 deploy ops/logging 2>3 done 1/1",
}

func TestKubernetes(t *testing.T) {
	h := cluster()
	for i := range 2 { // its own metric says it too, later
		pod := []string{"c0", "c1"}[i]
		h.Add("checkout_build_info", 0, 121*minute, 1, "job", "checkout", "namespace", "shop", "instance", pod, "version", "1.41.0")
		h.Add("checkout_build_info", 121*minute, 152*minute, 1, "job", "checkout", "namespace", "shop", "instance", pod, "version", "1.42.0")
		h.Add("checkout_build_info", 152*minute, end, 1, "job", "checkout", "namespace", "shop", "instance", pod, "version", "1.41.0")
	}
	p := promtest.Start(t, promtest.Options{OpenMetrics: h.Text()})
	now := t0.Add(end - 10*time.Second)
	q := &server{url: p.URL}
	only := func(o *Options) { o.Watch = []string{watchImages, watchTemplates} }
	src := open(t, q, func() time.Time { return now }, only)
	got, err := src.Changes(t.Context(), now.Add(-end))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(wantCluster, lines(got)); d != "" {
		t.Error(d)
	}
	sourcetest.CheckChanges(t, got, now.Add(-end))
	if n := src.Notes(); len(n) != 0 {
		t.Errorf("notes: %v", n)
	}
	quiet(t, src, q, &now, got)

	t.Run("with metrics of its own", func(t *testing.T) {
		now = t0.Add(end - 10*time.Second)
		src := open(t, q, func() time.Time { return now })
		got, err := src.Changes(t.Context(), now.Add(-end))
		if err != nil {
			t.Fatal(err)
		}
		want := []string{
			"150.00 rollback shop/checkout 1.42.0>1.41.0 done 2/2; 1.41.0 had run before 1.42.0; " +
				"Prometheus saw image acme/checkout:1.41.0 in container checkout on 4 of 4 pods; Prometheus saw ReplicaSet checkout-5d4f on 4 of 4 replicas",
			"120.00 deploy shop/checkout 1.41.0>1.42.0 done 0/2; " +
				"Prometheus saw image acme/checkout:1.42.0 in container checkout on up to 4 of 8 pods, now on none; " +
				"Prometheus saw ReplicaSet checkout-77b9 on up to 4 of 4 replicas, now on none",
		}
		if d := cmp.Diff(want, lines(got)[3:5]); d != "" {
			t.Error(d)
		}
	})
	t.Run("refused regular expressions", func(t *testing.T) {
		src := open(t, &server{url: p.URL, refuse: true}, func() time.Time { return now }, only)
		got, err := src.Changes(t.Context(), now.Add(-end))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(wantCluster, lines(got)); d != "" {
			t.Error(d)
		}
	})
}
