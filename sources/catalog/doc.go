// Package catalog says who is what: it turns files that describe services and
// teams into [sources.Service]s. It reads services.yaml (docs/services.md), the
// catalog-info.yaml of Backstage and the service-catalog.yml and teams.yml of
// GitLab, told apart by what is in them. In all of them everything but the name
// is optional; what is there twice, or names what is not there, is tolerated
// and noted with its place.
//
// cmd wires it by name, for services.catalog of the configuration. It must not
// import another source, the configuration or a judgement: which service an
// alert is about is for triage to say.
//
// A Source may be used by several goroutines at once.
package catalog
