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
	Description safe.Value
}

// ServiceSource is a catalog of services. If it is a [Noter], its notes are asked
// for after each successful call.
type ServiceSource interface {
	// Services lists every service, each name once.
	Services(ctx context.Context) ([]Service, error)
}

// Link is a titled address.
type Link struct{ Title, URL safe.Value }

// Shift is one stretch of a schedule.
type Shift struct {
	Team, Person safe.Value
	From, To     time.Time // To is exclusive
	Override     bool
}
