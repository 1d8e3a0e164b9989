package drill

import (
	"context"
	"testing"
	"time"
)

func TestBuiltInScenariosStart(t *testing.T) {
	for _, name := range Names() {
		s, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		t0 := time.Now()
		x, err := Start(context.Background(), s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s started in %v", name, time.Since(t0))
		se, sa := x.engine.Stored()
		t.Log(se, sa, x.Note, x.Checkout)
		for _, a := range x.engine.Alerts() {
			t.Log(a.State, a.Labels, a.Value, a.ActiveAt, time.Since(a.ActiveAt))
		}
		t.Log(x.wrote)
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	}
}
