package alertmanager

import (
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// alertJSON is what is used of the API's gettableAlert.
type alertJSON struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	Fingerprint string            `json:"fingerprint"`
	StartsAt    time.Time         `json:"startsAt"`
	Receivers   []struct {
		Name safe.Value `json:"name"`
	} `json:"receivers"`
	Status struct {
		SilencedBy  []safe.Value `json:"silencedBy"`
		InhibitedBy []safe.Value `json:"inhibitedBy"`
	} `json:"status"`
}

func (a alertJSON) view() sources.AMView {
	v := sources.AMView{Labels: sources.NewLabels(a.Labels), Annotations: sources.NewLabels(a.Annotations), Fingerprint: safe.Text(a.Fingerprint),
		SilencedBy: a.Status.SilencedBy, InhibitedBy: a.Status.InhibitedBy, StartsAt: a.StartsAt.UTC()}
	for _, r := range a.Receivers {
		v.Receivers = append(v.Receivers, r.Name)
	}
	return v
}

// silenceJSON is what is used of the API's gettableSilence.
type silenceJSON struct {
	ID       safe.Value `json:"id"`
	Matchers []struct {
		Name    safe.Value `json:"name"`
		Value   safe.Value `json:"value"`
		IsRegex bool       `json:"isRegex"`
		IsEqual *bool      `json:"isEqual"` // absent before version 0.22: equal
	} `json:"matchers"`
	StartsAt  time.Time  `json:"startsAt"`
	EndsAt    time.Time  `json:"endsAt"`
	CreatedBy safe.Value `json:"createdBy"`
	Comment   safe.Value `json:"comment"`
	Status    struct {
		State safe.Value `json:"state"`
	} `json:"status"`
}

func (s silenceJSON) silence() sources.Silence {
	out := sources.Silence{ID: s.ID, StartsAt: s.StartsAt.UTC(), EndsAt: s.EndsAt.UTC(), CreatedBy: s.CreatedBy, Comment: s.Comment,
		State: s.Status.State.String()}
	for _, m := range s.Matchers {
		out.Matchers = append(out.Matchers, sources.Matcher{Name: m.Name, Value: m.Value, IsRegex: m.IsRegex, IsEqual: m.IsEqual == nil || *m.IsEqual})
	}
	return out
}
