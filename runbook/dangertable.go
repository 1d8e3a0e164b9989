package runbook

// rule says which commands of some tools change things. Lists are separated by
// "|". A new tool is a new row.
type rule struct {
	tools string // names of programs
	// when lists subcommands, as the words they begin with: "rollout undo".
	// Empty, with has empty too: the program itself.
	when string
	// has lists words that may stand anywhere; "x*" is a beginning. A word
	// counts with what follows it after a dash, so that "delete" is
	// delete-stack too.
	has string
	// reads lists subcommands that are never meant, unless lists words that
	// make a command harmless. Both are as in when and has.
	reads, unless string
	why           string
}

const (
	clusterTools   = "kubectl|oc|kubecolor"
	containerTools = "docker|podman|nerdctl|crictl|ctr"

	// clusterReads are what a cluster's tools only show. Nothing of them is ever
	// marked, whatever its arguments are called.
	clusterReads = "get|describe|logs|log|top|explain|status|api-resources|api-versions|version|cluster-info|auth|wait|diff|events|port-forward|proxy|config|completion|options|plugin|whoami|login|logout|project|projects|observe|extract|rollout status|rollout history|adm top|adm inspect|adm must-gather|adm node-logs|create token|kustomize|help"

	// verbs change things in the tools that name their commands so.
	verbs = "delete|remove|rm|drop|destroy|terminate|kill|stop|start|restart|reboot|reset|restore|update|upgrade|modify|create|put|set|unset|add|attach|detach|enable|disable|resize|scale|patch|apply|replace|promote|demote|failover|switchover|fence|rollback|undo|abort|retry|resync|sync|cordon|drain|purge|flush|revoke|grant|rotate|pause|unpause|resume|suspend|deploy|migrate|move|evict|invoke|import|write|publish|release|register|deregister|associate|disassociate|cancel|compact|defrag|truncate|edit|reload|decommission|rebalance|reassign|repair|cleanup|reinit|mv|out|in|fail"
)

var rules = []rule{
	// Kubernetes and what stands on it.
	{tools: clusterTools, when: "delete", why: "deletes objects"},
	{tools: clusterTools, when: "scale|autoscale|idle", why: "changes how many run"},
	{tools: clusterTools, when: "drain|adm drain", why: "moves everything off a node"},
	{tools: clusterTools, when: "cordon|uncordon|adm cordon|adm uncordon|taint|adm taint", why: "changes where pods may run"},
	{tools: clusterTools, when: "rollout undo|rollout restart|rollout pause|rollout resume|rollout cancel|rollout retry|rollout latest|rollback", why: "changes what runs"},
	{tools: clusterTools, when: "apply|create|replace|patch|edit|set|label|annotate|expose|run|new-app|new-project|new-build|import-image|start-build|tag", why: "changes objects"},
	{tools: clusterTools, when: "certificate approve|certificate deny|adm certificate|adm policy|policy|adm groups|adm release|adm migrate|adm prune", why: "changes who may do what"},
	{tools: clusterTools, when: "adm upgrade", has: "--to*|--force|--clear*|--allow*", why: "upgrades the cluster"},
	{tools: clusterTools, when: "cp", why: "copies files into or out of a container"},
	{tools: clusterTools, when: "attach", why: RunsInside},
	{tools: clusterTools, has: verbs, reads: "exec|rsh|debug|adm upgrade", why: "changes things by a plugin"},
	{tools: "helm", when: "install|upgrade|rollback|uninstall|delete|del|test", why: "changes a release"},
	{tools: "argocd", when: "app sync|app rollback|app delete|app set|app unset|app create|app edit|app patch|app patch-resource|app delete-resource|app terminate-op|app actions run|appset|cluster add|cluster rm|cluster set|proj create|proj delete|proj set|repo add|repo rm", why: "changes an application"},
	{tools: "flux", when: "suspend|resume|reconcile|delete|create|install|uninstall|bootstrap", why: "changes what Flux does"},
	{tools: "virtctl", when: "start|stop|restart|pause|unpause|soft-reboot|reset|migrate|migrate-cancel|addvolume|removevolume|image-upload|expose|create", why: "changes a virtual machine"},
	{tools: "virtctl", when: "ssh|console|vnc", why: RunsInside},
	{tools: "istioctl|linkerd|cilium|calicoctl|velero|rook-ceph|odf|subctl|clusterctl|kubeadm|eksctl|rosa|k3s|talosctl|kops|patronictl|cmctl", has: verbs, reads: "get|list|describe|status|version|alpha certs", why: "changes the cluster"},

	// Containers and machines.
	{tools: containerTools, when: "rm|rmi|rmp|stop|stopp|kill|restart|start|run|create|pause|unpause|update|rename|load|import|commit|push|system prune|image prune|container prune|volume rm|volume prune|network rm|network prune|compose up|compose down|compose restart|compose stop|compose start|compose rm|compose kill|stack deploy|stack rm|service update|service scale|service rm|node update", why: "changes containers"},
	{tools: "docker-compose|podman-compose", when: "up|down|restart|stop|start|rm|kill|scale|run", why: "changes containers"},
	{tools: "systemctl", when: "start|stop|restart|reload|try-restart|reload-or-restart|enable|disable|mask|unmask|kill|isolate|reset-failed|daemon-reload|daemon-reexec|set-property|set-default|edit|revert|reboot|poweroff|halt|kexec|rescue|emergency|suspend|hibernate", why: "changes a service"},
	{tools: "service|rc-service|initctl|supervisorctl|monit|sv|gitlab-ctl|pm2|apachectl|nginx", has: "start|stop|restart|reload|reopen|force-reload|hup|reconfigure|-s", why: "changes a service"},
	{tools: "rm|rmdir|unlink|shred|truncate|srm", why: "removes files"},
	{tools: "mv|chmod|chown|chattr|setfacl|install|rsync|patch", unless: "--dry-run|--help|--version", why: "changes files"},
	{tools: "sed|perl|yq", has: "-i*|--in-place*|-pi*", why: "changes files"},
	{tools: "dd|mkfs*|fdisk|sfdisk|parted|wipefs|fsck*|resize2fs|xfs_growfs|xfs_repair|tune2fs|mkswap|blkdiscard|growpart", unless: "-l|--list|-n", why: "changes a disk"},
	{tools: "lvremove|lvextend|lvresize|lvreduce|lvcreate|vgremove|vgextend|vgreduce|pvremove|pvcreate|pvmove|mdadm|zpool|zfs|cryptsetup|swapon|swapoff|umount|losetup", unless: "list|get|status|--detail|-D|--show|-a", why: "changes a disk"},
	{tools: "mount", has: "-o|-t|-a|--bind|/*", why: "changes what is mounted"},
	{tools: "kill|pkill|killall|skill", unless: "-0|-l|-L", why: "ends processes"},
	{tools: "fuser", has: "-k*|--kill", why: "ends processes"},
	{tools: "reboot|shutdown|halt|poweroff|telinit|init|kexec|ipmitool|racadm", unless: "sdr|sensor|sel|--help|-c", why: "stops a machine"},
	{tools: "iptables|ip6tables|nft|ufw|firewall-cmd|ipset|ebtables|iptables-restore", unless: "-L*|-S*|--list*|list|status|-C|--state|--get*|-nL*|-nvL*|-vnL*", why: "changes the firewall"},
	{tools: "ip|tc|bridge|nmcli|ovs-vsctl|ovn-nbctl|ovn-sbctl|ifconfig|route|brctl", has: "add|del|delete|set|flush|replace|change|up|down|modify|destroy|remove|clear|*-add|*-del|*-destroy", why: "changes the network"},
	{tools: "ethtool", has: "-s|-K|-G|-L|-C|-A|-r", why: "changes the network"},
	{tools: "ifup|ifdown|netplan|dhclient|modprobe|rmmod|insmod|setenforce|update-ca-certificates|ldconfig|visudo|passwd|useradd|usermod|userdel|groupadd|chpasswd", why: "changes the machine"},
	{tools: "sysctl", has: "-w|-p|--write|--system|*=*", why: "changes the kernel"},
	{tools: "crontab", unless: "-l", why: "changes what runs by schedule"},
	{tools: "journalctl", has: "--vacuum*|--rotate|--flush", why: "removes logs"},
	{tools: "dmesg", has: "-c|-C|--clear", why: "removes logs"},
	{tools: "apt|apt-get|yum|dnf|microdnf|apk|zypper|pip|pip3|npm|gem|snap|dpkg|rpm|rpm-ostree|brew", has: "install|remove|purge|upgrade|dist-upgrade|full-upgrade|autoremove|update|downgrade|reinstall|add|del|erase|rollback|rebase|override|cleanup|-i|-U|-e|-Uvh|-ivh", why: "changes packages"},
	{tools: "virsh|xl|qm|pct|VBoxManage|vboxmanage", has: "start|shutdown|reboot|destroy|undefine|reset|suspend|resume|migrate|define|create|stop|set*|attach*|detach*|qemu-agent-command", why: "changes a virtual machine"},
	{tools: "puppet|chef-client|salt|salt-call|knife|cfagent", why: "changes machines", unless: "--noop|--why-run|test.ping|--version|list|show"},

	// Clouds, infrastructure as code, delivery.
	{tools: "aws|gcloud|az|gsutil|bq|azcopy|s3cmd|s5cmd|mc|doctl|hcloud|linode-cli|oci|ibmcloud|openstack|nova|neutron|cinder|aliyun|scw|exo|heroku|flyctl|fly|cf|eb", has: verbs + "|cp|rb|mb|run-instances|assume|scp|ssh|send|execute|change|reserve|copy|confirm|approve|reject", why: "changes the cloud"},
	{tools: "terraform|tofu|terragrunt|pulumi|cdk|cdktf", when: "apply|destroy|import|taint|untaint|state rm|state mv|state push|state replace-provider|force-unlock|up|deploy|refresh|run-all|cancel", why: "changes infrastructure"},
	{tools: "ansible|ansible-playbook|ansible-pull|pyinfra|fab|cap", unless: "--check|-C|--list-hosts|--list-tasks|--syntax-check|--version", why: "changes machines"},
	{tools: "nomad|consul|vault|waypoint|boundary|serf", has: verbs + "|run|leave|force-leave|kv put|kv delete|operator|seal|unseal|renew|write|eval", reads: "status|job status|node status|alloc status|members|kv get|read|list|info|monitor|version|operator raft list-peers", why: "changes a cluster"},
	{tools: "git", when: "push", why: "publishes changes"},
	{tools: "gh|glab|jenkins-cli|circleci|buildkite-agent|spin|octo|launchctl|ldcli", has: verbs + "|merge|run|rerun|trigger|close", reads: "run list|run view|pr list|pr view", why: "changes what is delivered"},

	// Stores and queues.
	{tools: "etcdctl", when: "put|del|defrag|compact|compaction|txn|member add|member remove|member update|member promote|move-leader|snapshot restore|alarm disarm|lease revoke|lease grant|auth|user|role|make-mirror|downgrade", reads: "auth status|user list|role list|user get|role get", why: "changes etcd"},
	{tools: "ceph|rbd|rados|radosgw-admin|cephadm", has: verbs + "|reweight|set-quota|lost|scrub|deep-scrub|injectargs|cppool|feature|trash|mksnap|zap", reads: "status|-s|health|df|osd tree|osd df|osd dump|osd stat|osd perf|osd pool ls|osd pool get|osd pool stats|mon stat|mon dump|pg stat|pg dump|fs status|fs ls|mds stat|ls|info|list|du", why: "changes storage"},
	{tools: "redis-cli|valkey-cli|keydb-cli", has: "flushall|flushdb|del|unlink|set|setex|expire|rename|hset|hdel|lpush|rpush|lpop|rpop|ltrim|sadd|srem|zadd|zrem|incr|failover|shutdown|slaveof|replicaof|restore|migrate|debug|eval|bgrewriteaof|bgsave|save|resetstat|rewrite|kill|reset|forget|meet|addslots|delslots|setslot|replicate|fix|reshard|rebalance", reads: "get|info|ping|keys|scan|ttl|llen|config get|cluster info|cluster nodes|slowlog get|client list|memory|dbsize|monitor|latency|type|exists", why: "changes data"},
	{tools: "rabbitmqctl|rabbitmqadmin|rabbitmq-queues|rabbitmq-plugins", has: verbs + "|forget_cluster_node|stop_app|start_app|force_boot|purge_queue|delete_queue|set_policy|clear_policy|close_connection|close_all_connections|force_reset|join_cluster|declare|rebalance", why: "changes the queues"},
	{tools: "kafka-topics*|kafka-configs*|kafka-consumer-groups*|kafka-reassign-partitions*|kafka-leader-election*|kafka-delete-records*|kafka-acls*|kafka-console-producer*|kafka-server-stop*|kafka-preferred-replica-election*|zookeeper-shell*|kafka-streams-application-reset*", unless: "--list|--describe|--version|--help|--verify|--generate", why: "changes the queues"},
	{tools: "rpk|kcat|kafkacat|nats|pulsar-admin", has: verbs + "|produce|-P|purge|trim-prefix|pub", why: "changes the queues"},
	{tools: "nodetool", when: "drain|decommission|removenode|assassinate|repair|cleanup|compact|flush|stop|stopdaemon|rebuild|move|disable*|enable*|set*|scrub|truncatehints|invalidate*", why: "changes the database"},
	{tools: "pg_ctl|pg_ctlcluster|pg_rewind|pg_resetwal|pg_restore|dropdb|createdb|dropuser|createuser|vacuumdb|reindexdb|pg_repack|repmgr|mysqladmin|mysqlimport|mongorestore|mongoimport|pg_drop_replication_slot|pt-kill|pt-online-schema-change|gh-ost|orchestrator-client", unless: "status|ping|processlist|extended-status|variables|--version|--help|--list|-l|--noexecute|-N", why: "changes the database"},
	{tools: "influx|clickhouse-backup|elasticsearch-*|opensearch-*|curator|snapshotter", has: verbs, why: "changes the database"},

	// Watching itself.
	{tools: "amtool", when: "silence add|silence expire|silence update|silence import", why: "changes silences"},
}

// sqlTools hand statements to a database. sqlWords are what changes something
// in a statement, of any dialect.
var (
	sqlTools   = []string{"psql", "mysql", "mariadb", "mycli", "pgcli", "sqlite3", "cockroach", "clickhouse-client", "clickhouse", "cqlsh", "sqlcmd", "sqlplus", "mongo", "mongosh", "gitlab-psql", "gitlab-rails", "trino", "presto", "vtctl", "usql"}
	sqlWords   = `(?i)\b(update|delete|drop|truncate|alter|insert|merge|create|grant|revoke|reindex|vacuum|refresh materialized|set global|reset (?:slave|replica|master)|(?:start|stop) (?:slave|replica)|kill|flush|optimize table|pg_terminate_backend|pg_cancel_backend|pg_reload_conf|pg_promote|pg_switch_wal|pg_drop_replication_slot|pg_create_[a-z_]+|pg_stat_reset[a-z_]*|pg_wal_replay_(?:pause|resume)|lo_unlink|remove|dropdatabase|deletemany|deleteone|updatemany|updateone|insertone|insertmany|shutdownserver|shutdown|killop|reconfig|stepdown)\b`
	sqlBlocks  = []string{"sql", "postgresql", "postgres", "pgsql", "plpgsql", "mysql", "psql", "cql", "plsql", "tsql"}
	sqlFileOpt = []string{"-f", "--file"}
)

// wrapper is a program that runs the command in its arguments.
type wrapper struct {
	names  string
	valued string // its options that take the next word
	skip   int    // words of its own before the command
}

var wrappers = []wrapper{
	{names: "sudo|doas", valued: "-u|-g|-h|-p|-C|-T|-U|-r|-t|-D|-R|--user|--group|--host|--prompt|--chdir"},
	{names: "nohup|time|command|builtin|exec|setsid|chronic|unbuffer|caffeinate|proxychains"},
	{names: "nice|ionice|chrt|taskset|stdbuf|numactl", valued: "-n|-c|-p|-i|-o|-e|-N|-m"},
	{names: "timeout|flock|gosu|chroot|retry|strace|ltrace", valued: "-k|-s|--signal|-w|-p|-e|-o|-t|-d", skip: 1},
	{names: "env", valued: "-u|-C|--unset|--chdir"},
	{names: "xargs|parallel", valued: "-n|-I|-P|-L|-d|-s|-E|-a|-j|--max-args|--max-procs|--arg-file|--delimiter|--jobs|--replace"},
	{names: "watch", valued: "-n|--interval"},
	{names: "nsenter|unshare|systemd-run|ip-netns-exec|runuser|machinectl|toolbox|dumb-init|tini", valued: "-t|-u|-S|-G|--target|--unit|-p|--property"},
}

// readers are programs that change nothing, for what runs as root or inside of
// a container.
const readers = "ls|cat|zcat|less|more|head|tail|grep|egrep|fgrep|zgrep|rg|awk|gawk|cut|sort|uniq|wc|tr|jq|column|df|du|free|top|htop|atop|ps|pstree|pgrep|pidof|ss|netstat|lsof|iostat|vmstat|mpstat|pidstat|iotop|sar|uptime|date|hostname|id|whoami|groups|printenv|echo|printf|test|[|true|false|stat|file|find|which|type|pwd|cd|ping|ping6|arping|traceroute|tracepath|mtr|dig|nslookup|host|getent|nc|ncat|telnet|openssl|curl|wget|uname|lsblk|blkid|lscpu|lsmod|lspci|lsns|findmnt|tree|strings|md5sum|sha256sum|diff|cmp|nproc|sleep|seq|tcpdump|tshark|nvidia-smi|smartctl|chronyc|timedatectl|hostnamectl|loginctl|last|lastlog|w|who|history|xxd|hexdump|od|base64|arp|promtool|pg_isready|pg_controldata|pg_waldump|pg_lsclusters|pgbadger|logger|getenforce|sestatus|ausearch|pvs|vgs|lvs|pvdisplay|vgdisplay|lvdisplay|multipath|xfs_info|dumpe2fs|repquota|quota|perf|jstack|jmap|jcmd|jstat|gdb|py-spy|ulimit|set|export|read|return|exit|source|man|help|yes|basename|dirname|realpath|readlink|comm|paste|tac|nl|fold|expr|bc|let|umask|alias|wait|jobs|locale|cmctl|lsusb|dmidecode|ntpq|ntpstat|chage|rev|split|envsubst|kubectx|kubens|stern|k9s|mailq|postqueue|haproxy|varnishstat|varnishlog|iperf3"
