package kubernetes

import (
	"encoding/json"
	"time"
)

// stamp is a time as the API writes it: RFC 3339, whole seconds, UTC. What is
// no time is zero.
type stamp struct{ time.Time }

func (t *stamp) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) != nil {
		return nil // null, or something else that says no time
	}
	if at, err := time.Parse(time.RFC3339Nano, s); err == nil {
		t.Time = at.UTC()
	}
	return nil
}

// meta is what is read of an object's metadata.
type meta struct {
	Name              string            `json:"name"`
	Namespace         string            `json:"namespace"`
	UID               string            `json:"uid"`
	Labels            map[string]string `json:"labels"`
	Annotations       map[string]string `json:"annotations"`
	CreationTimestamp stamp             `json:"creationTimestamp"`
	Generation        int64             `json:"generation"`
	OwnerReferences   []struct {
		Kind       string `json:"kind"`
		Name       string `json:"name"`
		UID        string `json:"uid"`
		Controller bool   `json:"controller"`
	} `json:"ownerReferences"`
	ManagedFields []managed `json:"managedFields"`
}

// managed says which program last wrote which fields, and when.
type managed struct {
	Manager     string `json:"manager"`
	Operation   string `json:"operation"`
	Subresource string `json:"subresource"`
	Time        stamp  `json:"time"`
	Fields      struct {
		Spec struct {
			Template *struct{} `json:"f:template"`
			Replicas *struct{} `json:"f:replicas"`
		} `json:"f:spec"`
	} `json:"fieldsV1"`
}

// controllers is the program in which the controllers of Kubernetes run, the
// horizontal pod autoscaler among them.
const controllers = "kube-controller-manager"

// written is when a program that matches last wrote to the object, and which.
func (m *meta) written(match func(managed) bool) (time.Time, string) {
	var at time.Time
	var who string
	for _, f := range m.ManagedFields {
		if match(f) && f.Time.After(at) {
			at, who = f.Time.Time, f.Manager
		}
	}
	return at, who
}

// service is the name of the service by the labels, or the object's own.
func (m *meta) service(labels []string) string {
	for _, l := range labels {
		if v := m.Labels[l]; v != "" {
			return v
		}
	}
	return m.Name
}

type condition struct {
	Type               string `json:"type"`
	Status             string `json:"status"`
	Reason             string `json:"reason"`
	Message            string `json:"message"`
	LastUpdateTime     stamp  `json:"lastUpdateTime"`
	LastTransitionTime stamp  `json:"lastTransitionTime"`
}

func find(cs []condition, name string) condition {
	for _, c := range cs {
		if c.Type == name {
			return c
		}
	}
	return condition{}
}

// workloadObject is a Deployment, StatefulSet or DaemonSet (apps/v1).
type workloadObject struct {
	Metadata meta `json:"metadata"`
	Spec     struct {
		Replicas *int `json:"replicas"`
		Paused   bool `json:"paused"`
	} `json:"spec"`
	Status struct {
		ObservedGeneration int64       `json:"observedGeneration"`
		Replicas           int         `json:"replicas"`
		UpdatedReplicas    int         `json:"updatedReplicas"`
		AvailableReplicas  int         `json:"availableReplicas"`
		Conditions         []condition `json:"conditions"`
		// Of a DaemonSet.
		Desired   int `json:"desiredNumberScheduled"`
		Updated   int `json:"updatedNumberScheduled"`
		Available int `json:"numberAvailable"`
	} `json:"status"`
}

// replicaSetObject is one revision of a Deployment.
type replicaSetObject struct {
	Metadata meta `json:"metadata"`
	Spec     struct {
		Template json.RawMessage `json:"template"`
	} `json:"spec"`
}

// controllerRevisionObject is one revision of a StatefulSet or DaemonSet. Data
// is the patch that leads back to it: the whole template.
type controllerRevisionObject struct {
	Metadata meta  `json:"metadata"`
	Revision int64 `json:"revision"`
	Data     struct {
		Spec struct {
			Template json.RawMessage `json:"template"`
		} `json:"spec"`
	} `json:"data"`
}
