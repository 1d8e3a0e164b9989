package main

import (
	"slices"
	"testing"

	"github.com/firstpage-oncall/firstpage/config"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

func TestUnseenKindsOfChange(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		kinds []string
		want  []sources.ChangeType
		words string
	}{
		{nil, []sources.ChangeType{sources.Config, sources.Flag}, "Configuration and flags are not connected: their changes cannot be ruled out."},
		{[]string{"git", "github"}, []sources.ChangeType{sources.Config, sources.Flag}, "Configuration and flags are not connected: their changes cannot be ruled out."},
		{[]string{"kubernetes"}, []sources.ChangeType{sources.Flag}, "Flags are not connected: a change of one cannot be ruled out."},
		{[]string{"events"}, nil, ""},
	} {
		cfg := &config.Config{}
		for _, k := range tc.kinds {
			cfg.Changes = append(cfg.Changes, config.Change{Kind: k})
		}
		got := unseen(cfg)
		if !slices.Equal(got, tc.want) {
			t.Errorf("%v: %v, want %v", tc.kinds, got, tc.want)
		}
		if words := page.UnseenWords(triage.Ranking{Unseen: got}); words != tc.words {
			t.Errorf("%v: %q", tc.kinds, words)
		}
	}
}
