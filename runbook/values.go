package runbook

import (
	"slices"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// Values is what is known about an alert that a runbook may ask for. The zero
// Values knows nothing. Immutable.
type Values struct {
	query, labels []value
	cluster       value
}

// value is one thing known.
type value struct {
	key    string // name in lower case with underscores
	name   string // as written
	value  string
	origin string
}

// OriginCluster and OriginLink are the origins of what is no label. A label's
// origin is its name.
const (
	OriginCluster = "cluster"
	OriginLink    = "link"
)

// NewValues makes values of an alert's labels, its cluster's name (empty: not
// known) and the query of its link. An empty value counts as not known.
func NewValues(labels sources.Labels, cluster string, query []Param) Values {
	var v Values
	for _, p := range query {
		if !p.Value.Empty() {
			v.query = append(v.query, value{key(p.Name.Raw()), p.Name.Raw(), p.Value.Raw(), OriginLink})
		}
	}
	for _, l := range labels {
		if !l.Value.Empty() {
			v.labels = append(v.labels, value{key(l.Name.Raw()), l.Name.Raw(), l.Value.Raw(), safe.Text(l.Name.Raw())})
		}
	}
	if cluster != "" {
		v.cluster = value{"cluster", "cluster", cluster, OriginCluster}
	}
	return v
}

// key is a name as it is compared: case, dashes, blanks and underscores alike.
func key(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '_' || r == '-' || r == ' ' }), "_")
}

// synonyms are names for one thing. Only what cannot be anything else is here:
// cluster_name is not, because database operators call their own that, nor is
// job_name, a label of its own beside job.
var synonyms = [][]string{
	{"namespace", "ns", "namespace_name", "kubernetes_namespace", "k8s_namespace"},
	{"pod", "pod_name", "podname"},
	{"node", "node_name", "nodename"},
	{"service", "svc", "service_name"},
	{"container", "container_name"},
	{"deployment", "deployment_name", "deploy"},
	{"statefulset", "statefulset_name", "sts"},
	{"daemonset", "daemonset_name", "ds"},
	{"persistentvolumeclaim", "persistentvolumeclaim_name", "pvc", "pvc_name"},
	{"persistentvolume", "persistentvolume_name", "pv", "pv_name"},
	{"horizontalpodautoscaler", "hpa", "hpa_name"},
	{"poddisruptionbudget", "pdb", "pdb_name"},
	{"mountpoint", "mount_point"},
	{"alertname", "alert_name"},
}

// contexts are the names of the cluster that a command speaks to.
var contexts = []string{"cluster", "context", "kube_context", "kubecontext", "kubernetes_context"}

// anything are names that say nothing: <name> is the name of whatever the
// sentence before it speaks of. Only the link, which was written for the
// runbook, fills them.
var anything = []string{"name", "id", "type", "kind", "value", "key"}

// find looks a placeholder's name up. why says why nothing may be put in
// although something is known; both empty: nothing is known. context: it is
// the argument of an option such as --context.
func (v Values) find(name string, exact, context bool) (found value, ok bool, why string) {
	name, said := labelIn(name)
	if exact || said {
		// The text speaks of the label itself.
		return one(v.labels, name, key(name))
	}
	k := key(name)
	if context {
		if f, ok, why := one(v.query, name, k); ok || why != "" {
			return f, ok, why
		}
		return v.cluster, v.cluster.value != "", ""
	}
	if slices.Contains(anything, k) {
		if f, ok, why := one(v.query, name, k); ok || why != "" {
			return f, ok, why
		}
		if _, ok, _ := one(v.labels, name, k); ok {
			return value{}, false, whyAnything
		}
		return value{}, false, ""
	}
	names := []string{k}
	for _, s := range synonyms {
		if slices.Contains(s, k) {
			names = append(names, s...)
		}
	}
	for _, n := range names {
		// The link's values are there for its runbook. exported_namespace is the
		// series' own where namespace is that of the exporter.
		for _, from := range []struct {
			set []value
			key string
		}{{v.query, n}, {v.labels, "exported_" + n}, {v.labels, n}} {
			if f, ok, why := one(from.set, name, from.key); ok || why != "" {
				return f, ok, why
			}
		}
	}
	if slices.Contains(contexts, k) && v.cluster.value != "" {
		return v.cluster, true, ""
	}
	if slices.Contains(names, "node") {
		return v.host()
	}
	return value{}, false, ""
}

// one is the value of a key. Two names that are alike here and have different
// values are no answer, unless one is spelled as the placeholder is.
func one(set []value, name, k string) (value, bool, string) {
	var found value
	for _, x := range set {
		switch {
		case x.key != k:
		case x.name == name:
			return x, true, ""
		case found.value != "" && found.value != x.value:
			return value{}, false, found.origin + " and " + x.origin + " differ"
		default:
			found = x
		}
	}
	return found, found.value != "", ""
}

// hostJobs are the jobs whose instance is the machine itself; that of any
// other exporter is a stranger's address.
var hostJobs = []string{"node_exporter", "node", "windows_exporter"}

// host is the machine in the instance label, when it has a name.
func (v Values) host() (value, bool, string) {
	job, _, _ := one(v.labels, "job", "job")
	instance, ok, _ := one(v.labels, "instance", "instance")
	if !ok || !slices.Contains(hostJobs, key(job.value)) {
		return value{}, false, ""
	}
	host, _, _ := strings.Cut(instance.value, ":")
	if strings.Trim(host, "0123456789.") == "" || strings.ContainsAny(instance.value, "[]") {
		return value{}, false, "" // an address is not the name of a node
	}
	instance.value = host
	return instance, true, ""
}

// labelIn is the label's name in "value of namespace label from alert" and its
// like, and whether the name is one of those.
func labelIn(name string) (string, bool) {
	words := strings.Fields(name)
	if !slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, "label") }) {
		return name, false
	}
	words = slices.DeleteFunc(words, func(w string) bool {
		return slices.Contains([]string{"value", "of", "the", "label", "from", "in", "alert", "alert's"}, strings.ToLower(w))
	})
	if len(words) != 1 {
		return name, false
	}
	return strings.Trim(words[0], `"'`), true
}

// environment are variables that a shell has by itself or that programs read.
var environment = []string{
	"HOME", "PATH", "USER", "LOGNAME", "SHELL", "PWD", "OLDPWD", "HOSTNAME", "LANG", "TERM", "TMPDIR", "EDITOR", "VISUAL", "PAGER",
	"IFS", "PS1", "PS4", "UID", "EUID", "PPID", "RANDOM", "SECONDS", "LINENO", "BASH", "BASHPID", "BASH_SOURCE", "BASH_VERSION",
	"FUNCNAME", "OPTARG", "OPTIND", "REPLY", "PIPESTATUS", "COLUMNS", "LINES", "OSTYPE", "MACHTYPE", "DISPLAY", "SSH_AUTH_SOCK",
	"KUBECONFIG", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "GOPATH", "EPOCHSECONDS",
	"XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR",
}

func isEnvironment(name string) bool {
	return slices.Contains(environment, name) || strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "LC_")
}
