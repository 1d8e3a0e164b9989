package sources

import (
	"context"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// Service is one catalog entry. Every field but Name is optional.
type Service struct {
	Name        safe.Value
	Aliases     []safe.Value
	Team        safe.Value
	Tier        safe.Value
	Channel     safe.Value
	Repository  safe.Value
	Runbook     safe.Value // link
	Escalation  safe.Value
	DependsOn   []safe.Value
	Dashboards  []Link
	Logs        []Link
	Traces      []Link
	Links       []Link // that are none of these
	Description safe.Value
	Health      []HealthQuery // own queries, before what is detected
}

// HealthQuery is one signal of a service's health as its catalog asks for it.
type HealthQuery struct {
	Signal safe.Value // replaces the detected one of that name
	Title  safe.Value
	Query  safe.Value // PromQL that gives one series
	Unit   safe.Value // as in the JSON output: ratio, seconds, ...; may be empty
	Worse  safe.Value // up, down or empty: the direction that is bad
	Why    safe.Value // what it measures; may be empty
}

// Team is who owns services, as a catalog describes it. Every field but Name is
// optional.
type Team struct {
	Name       safe.Value
	Aliases    []safe.Value
	Channel    safe.Value
	Runbook    safe.Value // link
	Escalation safe.Value
	Dashboards []Link
	Links      []Link
}

// Catalog is a source of services and teams. If it is a [Noter], its notes are
// asked for after each successful call of Services.
type Catalog interface {
	// Services lists every service, each name once.
	Services(ctx context.Context) ([]Service, error)
	// Teams lists every team that is described, each name once.
	Teams(ctx context.Context) ([]Team, error)
}

// Link is a titled address. That of a dashboard may be a path on Grafana, which
// no catalog names: /dashboards?tag=x from its top, or a dashboard's uid.
type Link struct{ Title, URL safe.Value }

// Shift is one stretch of a schedule.
type Shift struct {
	Team, Person safe.Value
	Mail         safe.Value // the person's address; empty: the schedule has none
	From, To     time.Time  // To is exclusive
	Override     bool       // it holds in place of what is not one
}

// Shifts is what a schedule says.
type Shifts struct {
	Items []Shift   // sorted by From; nobody's are left out
	AsOf  time.Time // when this was said; zero: by this call
}

// Schedule is a source of shifts. If it is a [Noter], its notes are asked for
// after each call that gave shifts.
type Schedule interface {
	// Shifts lists the shifts from about a day before now to weeks after. With an
	// error there may be shifts all the same: those of an earlier answer, of the
	// moment AsOf.
	Shifts(ctx context.Context) (Shifts, error)
}
