package tui

import (
	"testing"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

func TestServicesOpenFromAPageAndTheQuietScreen(t *testing.T) {
	row := triage.ServiceRow{Name: safe.Outside("search"), Team: safe.Outside("team-find"), Cluster: "prod-eu"}
	bad := page.ServiceHealth{AsOf: at, Health: triage.Health{Signals: []triage.Signal{{Name: "errors", Title: "errors", Verdict: "up", Worse: "up",
		Now: 0.1, HasNow: true, Before: 0.01, HasBefore: true, Unit: triage.Ratio}}}}
	known := func(r *rig) {
		r.app.Update(servicesMsg{page.Services{Rows: []triage.ServiceRow{row}, AsOf: at}})
		r.app.Update(sweptMsg{map[string]page.ServiceHealth{row.Key(): bad}, true})
	}
	f := &fleet{}
	withQuery := func(o *Options) { o.Assembler.Query = func(string) sources.Querier { return f } }

	quiet := newRig(t, 80, 24, withQuery)
	quiet.snapshot(snapshot())
	known(quiet)
	quiet.has("1 service: 1 down or worse (search)  (4)")
	quiet.key("4")
	quiet.has("Services", "> search", "worse", "10%")
	quiet.key("enter")
	quiet.has("Service: search", "Last changes", "team-find")
	quiet.key("esc")
	quiet.key("esc")
	quiet.has("Nothing is firing.")

	r := newRig(t, 120, 40, withQuery)
	r.snapshot(usual())
	r.key("S")
	known(r)
	r.has("Services", "> search")
	r.key("S")
	r.lacks("> search")
}
