package config_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/config"
	"github.com/firstpage-oncall/firstpage/internal/state"
)

func TestTrustStore(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state")
	dir, err := state.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	s := config.NewTrustStore(dir)
	if l, err := s.List(); err != nil || len(l) != 0 {
		t.Fatalf("%v %v", l, err)
	}
	now := time.Date(2026, 3, 9, 14, 0, 0, 5, time.UTC)
	a := config.Grant{Place: config.Place{File: "f", Line: 1, Column: 2}, Key: "k", Argv: []string{"curl", "--token=s3cret"}, Hash: "aa11"}
	b := config.Grant{Key: "l", Sends: []string{"$X"}, To: []string{"https://h"}, Hash: "ab22"}
	if err := s.Add(t.Context(), now, a, b, a); err != nil {
		t.Fatal(err)
	}
	l, err := s.List()
	if err != nil || len(l) != 2 || l[0].Hash != "ab22" || l[1].What != "runs curl --token=<secret>" || l[1].File != "f:1:2" {
		t.Fatalf("%+v %v", l, err)
	}
	if st, err := os.Stat(filepath.Join(path, "trust.json")); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", st, err)
	}
	gone, err := s.Forget(t.Context(), "aa")
	if err != nil || len(gone) != 1 || gone[0].Hash != "aa11" {
		t.Fatalf("%+v %v", gone, err)
	}
	if l, _ := s.List(); len(l) != 1 {
		t.Errorf("%+v", l)
	}

	// A damaged file trusts nothing, is kept aside and can be replaced.
	if err := os.WriteFile(filepath.Join(path, "trust.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if l, err := s.List(); err == nil || len(l) != 0 {
		t.Errorf("%+v %v", l, err)
	}
	if err := s.Add(t.Context(), now, a); err != nil {
		t.Fatal(err)
	}
	if l, err := s.List(); err != nil || len(l) != 1 {
		t.Errorf("%+v %v", l, err)
	}
}
