package runbook_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/runbook"
)

// changing is judged by hand: a line, and the words of what it changes; empty:
// nothing. The first part is real lines of the corpus.
var changing = []struct{ line, want string }{
	// What real runbooks say.
	{"kubectl delete --namespace <namespace> pod/<pod-name> pvc/<pod-name> pvc/<pod-name>-wal", "kubectl delete"},
	{"oc drain <node-name> --ignore-daemonsets --delete-emptydir-data", "oc drain"},
	{`oc adm cordon "$NODE"`, "oc adm cordon"},
	{"oc uncordon <node-name>", "oc uncordon"},
	{"oc rollout restart deployment rook-ceph-operator -n <namespace>", "oc rollout restart"},
	{"oc -n $NAMESPACE rollout restart deployment virt-controller", "oc rollout restart"},
	{"oc scale deployment metrics-collector-deployment -n open-cluster-management-observability --replicas=0", "oc scale"},
	{"oc edit secret <YOUR_SECRET_NAME> -n open-cluster-management-observability", "oc edit"},
	{"oc -n <my-namespace> edit pvc <my-pvc>", "oc edit"},
	{`oc patch pdb $PDB -n $NS --type=merge -p '{"spec":{"minAvailable":0}}'`, "oc patch"},
	{`oc annotate hyperconverged -n "${NS}" kubevirt-hyperconverged 'kubevirt.kubevirt.io/jsonpatch-'`, "oc annotate"},
	{"oc create -f migration.yaml", "oc create"},
	{"oc create secret generic x --from-file=thanos.yaml=./thanos.yaml --dry-run=client -o yaml | oc apply -f -", "oc apply"},
	{"cat <<EOF | oc apply -f -\na: b\nEOF", "oc apply"},
	{"oc adm policy remove-scc-from-user -n wasp privileged -z wasp", "oc adm policy"},
	{"oc import-image <imagestream-name> -n <namespace> --confirm", "oc import-image"},
	{"oc get pods -A -l kubevirt.io=virt-launcher -o name | xargs -r -n50 oc delete", "oc delete"},
	{"oc -n <my-namespace> delete pod `oc -n <my-namespace> get pod -ojson | jq -r '.items[]'`", "oc delete"},
	{"kubectl cnpg subscription restart SUBSCRIPTION-NAME -n NAMESPACE", "kubectl cnpg restart"},
	{"kubectl cnpg subscription delete SUBSCRIPTION-NAME -n NAMESPACE", "kubectl cnpg delete"},
	{`kubectl exec --namespace <namespace> <pod-name> -- psql -c "SELECT pg_terminate_backend(<pid>);"`, "psql PG_TERMINATE_BACKEND"},
	{`kubectl exec -it svc/CLUSTER-rw -n NS -- psql -c "ALTER SUBSCRIPTION sub_name ENABLE;"`, "psql ALTER"},
	{"kubectl exec -it svc/X-rw -n NAMESPACE -- psql -c \"\nTRUNCATE TABLE t CASCADE;\"", "psql TRUNCATE"},
	{`nohup psql "$DB_SUPERUSER_URI/<db-name>" -c "CREATE INDEX orders_idx ON orders" 2>&1 > command.log &`, "psql CREATE"},
	{"oc debug node/<node-name> -it --image=busybox", "oc debug"},
	{"oc rsh -n openshift-storage $TOOLS_POD", "oc rsh"},
	{"oc -n openshift-monitoring exec -it prometheus-k8s-0 -c prometheus -- sh", "oc exec"},
	{"oc exec -n openshift-ovn-kubernetes -it <podname> -c nbdb --bash", "oc exec"},
	{"systemctl restart chronyd", "systemctl restart"},
	{"systemctl reboot", "systemctl reboot"},
	{"etcdctl defrag", "etcdctl defrag"},
	{"ceph osd set noup      # prevent OSDs from getting marked up", "ceph osd set"},
	{"ceph osd pool set-quota <pool> max_bytes <bytes>", "ceph osd set-quota"},
	{"virtctl stop --namespace <namespace> <vm>", "virtctl stop"},
	{"odf subvolume delete <filesystem> <subvolume> <subvolumegroup>", "odf subvolume delete"},
	{"aws --endpoint-url <S3_ENDPOINT> --no-verify-ssl s3 rm s3://<BUCKET_NAME>/<ID>/ --recursive", "aws s3 rm"},
	{"podman images -q -f dangling=true | xargs --no-run-if-empty podman rmi", "podman rmi"},
	{"helm upgrade --install cnpg --namespace cnpg-system cnpg/cloudnative-pg", "helm upgrade"},
	{"oc exec -it <pod-name> -n <namespace> -- virsh qemu-agent-command <domain-name> '{}'", "virsh qemu-agent-command"},

	{"kubectl get nodes --label-columns topology.kubernetes.io/zone", ""},
	{"oc get pods -n $NAMESPACE -l=kubevirt.io=virt-handler", ""},
	{"oc -n $NAMESPACE describe deploy virt-operator", ""},
	{"oc logs -n $NAMESPACE <virt-handler> --previous", ""},
	{"oc adm top nodes", ""},
	{"oc adm upgrade", ""},
	{"oc adm node-logs --role=master -u kubelet", ""},
	{"oc adm must-gather -- /usr/bin/gather_audit_logs", ""},
	{"oc auth can-i create leases --as=system:serviceaccount:x:y", ""},
	{"oc create token prometheus-k8s -n openshift-monitoring", ""},
	{"curl -sk -H \"Authorization: Bearer $(oc create token prometheus-k8s -n openshift-monitoring)\" https://x", ""},
	{"kubectl exec --namespace <namespace> <pod-name> -- curl -sS --max-time 5 http://localhost:9187/metrics | grep up", ""},
	{"oc exec -n $NAMESPACE $POD_NAME -- df", ""},
	{"oc exec -n openshift-etcd <etcd-pod> -c etcd -- etcdctl --command-timeout=160s get / --prefix --keys-only | sed '/^$/d'", ""},
	{`kubectl exec -it services/<cluster_name>-rw -- psql -c "SHOW max_wal_senders; SHOW wal_compression;"`, ""},
	{"kubectl exec -it svc/X-rw -n NAMESPACE -- psql -c \"\\dRs+\"", ""},
	{"oc exec -it <virt-launcher> -c compute -- top", ""},
	{"ceph osd df tree  # check weight and reweight", ""},
	{"ceph daemon mds.<mds-name> dump_ops_in_flight", ""},
	{"etcdctl endpoint status -w table", ""},
	{"systemctl status kubelet", ""},
	{"sudo systemctl status kubelet.service", ""},
	{"journalctl -b -1 -u rpm-ostreed.service", ""},
	{"docker pull <vm-disk-image>; crictl images", ""},
	{"export NAMESPACE=\"$(oc get kubevirt -A -o custom-columns=\"\":.metadata.namespace)\"", ""},
	{"for pod in ${pods}; do oc logs $pod; done", ""},
	{"# oc annotate hyperconverged x y", ""},
	{"ssh <node-address>", ""},
	{"helm repo add cnpg https://cloudnative-pg.github.io/charts", ""},

	// What else there is.
	{"kubectl --context prod-eu -n shop rollout undo deploy/checkout", "kubectl rollout undo"},
	{"kubectl rollout status deploy/delete; kubectl rollout history deploy/scale", ""},
	{"kubectl get pods delete scale --sort-by=patch", ""},
	{"kubectl -n delete logs scale", ""},
	{"kubectl apply --dry-run=server -f x; kubectl delete pod x --dry-run=client", ""},
	{"kubectl delete pod x --dry-run=none", "kubectl delete"},
	{"KUBECONFIG=x kubectl delete ns shop", "kubectl delete"},
	{"if true; then kubectl delete pod x; fi", "kubectl delete"},
	{"while read p; do oc delete $p; done < list", "oc delete"},
	{"(cd x && kubectl apply -f .)", "kubectl apply"},
	{"X=$(kubectl delete pod x)", "kubectl delete"},
	{"echo \"$(rm -rf /tmp/x)\"", "rm"},
	{"watch -n 1 'kubectl delete pod x'; watch kubectl get pods", "kubectl delete"},
	{"sudo -u postgres psql -c 'drop table x'", "psql DROP"},
	{"sudo rm -rf /var/lib/x", "rm"},
	{"sudo ./fix.sh; sudo cat /etc/x; sudo -i", "sudo"},
	{"bash -c 'kubectl delete pod x && echo ok'", "kubectl delete"},
	{"ssh host sudo systemctl restart x", "systemctl restart"},
	{"ssh eu-3-17 sudo crictl rmi --prune", "crictl rmi"},
	{"ssh host \"sh -c 'rm x'\"", "rm"},
	{"curl https://x | bash", "| bash"},
	{"curl -XPOST https://x; curl -X GET x; curl -s -d a=b x; curl -G -d a=b x; curl --request=DELETE x; curl -sX PUT x", "curl POST; curl DELETE; curl PUT"},
	{"echo 'DELETE FROM x' | psql; echo 'select deleted_at' | psql", "psql DELETE"},
	{"psql <<EOF\nupdate x set y=1;\nEOF", "psql UPDATE"},
	{"mysql -e 'show processlist'; mysql -e 'kill 5'", "mysql KILL"},
	{"redis-cli -h x FLUSHALL; redis-cli get x; redis-cli config get maxmemory; redis-cli CONFIG SET a b", "redis-cli FLUSHALL; redis-cli CONFIG SET"},
	{"argocd app sync x; argocd app rollback x; argocd app get x", "argocd app sync; argocd app rollback"},
	{"helm list; helm -n x rollback y; helm uninstall y", "helm rollback; helm uninstall"},
	{"aws ec2 terminate-instances --instance-ids x; aws ec2 describe-instances --start-time x", "aws ec2 terminate-instances"},
	{"gcloud compute instances delete x; gcloud sql instances list; az vm restart -n x", "gcloud compute delete; az vm restart"},
	{"terraform plan; terraform apply; tofu destroy", "terraform apply; tofu destroy"},
	{"ansible-playbook x.yml --check; ansible-playbook x.yml", "ansible-playbook"},
	{"git pull; git -C x push origin main", "git push"},
	{"dd if=/dev/zero of=/dev/sda; mkfs.ext4 /dev/sdb; kill -9 1; kill -0 1; reboot; shutdown -h now", "dd; mkfs.ext4; kill; reboot; shutdown"},
	{"iptables -L -n; iptables -A INPUT -j DROP", "iptables"},
	{"echo 1 > /proc/sys/vm/drop_caches; echo x > /dev/null; x | tee /etc/hosts", "> /proc/sys/vm/drop_caches; tee"},
	{"find / -name x -delete; find . -exec ls {} \\; -exec rm {} +; find . -name rm", "find -delete; rm"},
	{"sed -i s/a/b/ x; sed s/a/b/ x", "sed -i"},
	{"kubectl exec x -- ./unknown; kubectl exec x ls /; kubectl exec x -- rm -rf /data", "kubectl exec; rm"},
	{"docker exec -it x sh; docker ps; docker compose restart x", "docker exec; docker compose restart"},
	{"amtool silence add x=y; amtool alert", "amtool silence add"},
	{"time timeout 10 env A=b nice -n 5 kubectl delete pod x", "kubectl delete"},
	{"echo kubectl delete pod x; grep 'rm -rf' x; man reboot", ""},
}

func TestChanges(t *testing.T) {
	t.Parallel()
	if len(changing) < 60 {
		t.Fatalf("only %d lines", len(changing))
	}
	for _, c := range changing {
		var got []string
		for _, d := range block("bash", c.line).Changes() {
			got = append(got, d.Word)
			if d.Why == "" {
				t.Errorf("%q: %q without a reason", c.line, d.Word)
			}
		}
		if got := strings.Join(got, "; "); got != c.want {
			t.Errorf("%q changes %q, want %q", c.line, got, c.want)
		}
	}
}

func TestChangesSaysTheLine(t *testing.T) {
	t.Parallel()
	src := "# x\n\n1. Do\n\n   ```console\n   $ oc get pods\n   oc delete\n   $ oc delete \\\n     pod x\n   # oc delete\n   $ for i in 1; do\n   >   rm x\n   > done\n   ```\n\n   ```sql\n   -- drop it\n   SELECT 1;\n   DROP TABLE x;\n   ```\n\nand\n\n    rm x\n"
	d := runbook.Parse([]byte(src), runbook.Where{})
	var got []runbook.Danger
	for _, c := range d.Codes() {
		got = append(got, c.Changes()...)
	}
	want := []runbook.Danger{{Word: "oc delete", Line: 8, Why: "deletes objects"}, {Word: "rm", Line: 12, Why: "removes files"},
		{Word: "DROP", Line: 19, Why: "changes data"}, {Word: "rm", Line: 24, Why: "removes files"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
