package triage

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// ByHost is Found.By of a service, and of its owner, that no label names: the
// only one that has a job on the alert's host. It is no label's name.
const ByHost = "host:job"

// Guess reports whether it is a guess by the host, which has to be said wherever
// it is shown.
func (f Found) Guess() bool { return f.By == ByHost }

// Words are the name, clean, and that it is a guess where it is one: "perhaps
// checkout". Empty: not known.
func (f Found) Words() string {
	if f.Guess() {
		return "perhaps " + f.Name.String()
	}
	return f.Name.String()
}

// HostService is a service that has a job on a host.
type HostService struct {
	Name safe.Value // the catalog's, else the job's without what stands before its slash
	Job  safe.Value // as the series have it
	Team safe.Value // empty: no catalog knows it
}

// OnHost is what runs on the host of an alert that no label ties to a service.
type OnHost struct {
	Host     safe.Value    // without a port; empty: the alert names none
	Place    safe.Value    // that the services are of: the very instance, else the host
	Services []HostService // by name, exporters left out
}

// InstanceOf is the label value that says where the trouble is, and its host
// without scheme, port and path; empty where none does. The instance of
// kube-state-metrics is its own and says nothing.
func InstanceOf(it Item) (instance, host safe.Value) {
	v, own := it.Labels.Get(exported + "instance")
	if !own {
		v = it.Labels.Value("instance")
		job := sources.JobName(it.Labels.Value("job").Raw())
		if strings.Contains(strings.ToLower(job), "kube-state-metrics") {
			return safe.Value{}, safe.Value{}
		}
	}
	raw := v.Raw()
	if _, _, schemed := strings.Cut(raw, "://"); !schemed {
		raw = "//" + raw
	}
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || templated(v) {
		return safe.Value{}, safe.Value{}
	}
	return v, safe.Outside(withoutPort(u.Host))
}

// OnHost says which services the targets of a host belong to; seen are the job
// and the instance of each.
func (b *Board) OnHost(instance, host safe.Value, seen []sources.Labels) OnHost {
	j := newJudge(b.Snapshot, b.Prefs)
	var there, around []HostService
	for _, ls := range seen {
		job := ls.Value("job")
		if job.Empty() || j.exporterKind(job) != notExporter {
			continue
		}
		s := j.hostService(job)
		around = append(around, s)
		if ls.Value("instance") == instance {
			there = append(there, s)
		}
	}
	out := OnHost{Host: host, Place: host, Services: around}
	if len(there) > 0 {
		out.Place, out.Services = instance, there
	}
	slices.SortFunc(out.Services, func(x, y HostService) int { return cmp.Or(x.Name.Compare(y.Name), x.Job.Compare(y.Job)) })
	out.Services = slices.CompactFunc(out.Services, func(x, y HostService) bool { return x.Name == y.Name })
	return out
}

func (j *judge) hostService(job safe.Value) HostService {
	s := HostService{Name: jobName(job), Job: job}
	known, ok := j.catalog.find(s.Name.Raw())
	if !ok {
		known, ok = j.catalog.find(beside(s.Name.Raw()))
	}
	if ok {
		s.Name, s.Team = known.Name, Team(known.Team)
	}
	return s
}

// Guessed is the item with the one service of its host, and that one's owner,
// where no label says them; several are no answer.
func (h OnHost) Guessed(it Item) Item {
	if !it.Service.Name.Empty() || len(h.Services) != 1 {
		return it
	}
	s := h.Services[0]
	it.Service = Found{Name: s.Name, By: ByHost}
	if it.Owner.Name.Empty() && !s.Team.Empty() {
		it.Owner = Found{Name: s.Team, By: ByHost}
	}
	return it
}

// Unguessed is the item as its labels say it.
func Unguessed(it Item) Item {
	if it.Service.Guess() {
		it.Service = Found{}
	}
	if it.Owner.Guess() {
		it.Owner = Found{}
	}
	return it
}

// Remedy is what makes the service of an alert known the next time: lines to
// add, with NAME for the service.
type Remedy struct {
	Rule    string // below the alerting rule, YAML; empty: nothing is missing
	Catalog string // below services: of a catalog, YAML; empty: no label has a value that it could know
	Label   string // whose value Catalog knows, clean
}

// RemedyOf says what is missing for an alert whose labels name no service.
func RemedyOf(it Item) Remedy {
	if !Unguessed(it).Service.Name.Empty() {
		return Remedy{}
	}
	r := Remedy{Rule: "labels: {service: NAME}"}
	// It counts with a catalog only, and is the one such label that may be a service.
	if v, ok := it.Labels.Get("type"); ok && !templated(v) {
		r.Catalog, r.Label = "- {name: NAME, aliases: ["+yamlWord(v)+"]}", "type"
	}
	return r
}

// yamlWord is a value as it may stand in a YAML list on one line.
func yamlWord(v safe.Value) string {
	s := v.String()
	plain := s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./") == "" && (s[0]|0x20 >= 'a' && s[0]|0x20 <= 'z')
	if plain && !slices.Contains([]string{"true", "false", "null", "yes", "no", "on", "off"}, strings.ToLower(s)) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}
