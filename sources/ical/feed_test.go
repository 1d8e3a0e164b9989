package ical

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/state"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/sourcetest"
)

// secret is what makes the address of a feed one.
const secret = "s3cr3t-f33d-t0k3n"

func TestConformance(t *testing.T) {
	sourcetest.HTTP(t, sourcetest.HTTPSuite{
		Secret: secret,
		Open: func(t testing.TB, url string) sourcetest.Call {
			s, err := Open(Options{Team: "payments", At: url + "/basic.ics?key=" + secret, Local: time.UTC})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(s.from.(*feed).client.Close)
			return func(ctx context.Context) error {
				_, err := s.Shifts(ctx)
				return err
			}
		},
		Good: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(calendar(vevent("DTSTART:20261125T080000Z\nDURATION:PT1H\nSUMMARY:Ada"))))
		}),
	})
}

// double is a server of feeds that can fail.
type double struct {
	*httptest.Server
	text  atomic.Value
	fails atomic.Bool
	asked atomic.Int64
	had   atomic.Int64 // answers of "not modified"
}

func newDouble(t *testing.T, text string) *double {
	d := &double{}
	d.text.Store(text)
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.asked.Add(1)
		body := d.text.Load().(string)
		tag := fmt.Sprintf(`"%d"`, len(body))
		switch {
		case d.fails.Load():
			http.Error(w, "no such feed: "+r.URL.String(), http.StatusInternalServerError)
		case r.Header.Get("If-None-Match") == tag:
			d.had.Add(1)
			w.WriteHeader(http.StatusNotModified)
		default:
			w.Header().Set("ETag", tag)
			_, _ = w.Write([]byte(body))
		}
	}))
	t.Cleanup(d.Close)
	return d
}

func (d *double) open(t *testing.T, dir state.Dir, now *time.Time) *Source {
	t.Helper()
	s, err := Open(Options{Team: "payments", At: d.URL + "/feeds/" + secret + ".ics?token=" + secret, Local: time.UTC,
		Cache: dir, Now: func() time.Time { return *now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.from.(*feed).client.Close)
	return s
}

// A feed that fails is not lost: what it said last is there with its age, in this
// run and after a new start; and nothing that is shown or kept has its address.
func TestFeedThatFails(t *testing.T) {
	t.Parallel()
	dir, err := state.Open(filepath.Join(t.TempDir(), "ical"))
	if err != nil {
		t.Fatal(err)
	}
	d := newDouble(t, calendar(vevent("DTSTART;TZID=Europe/Berlin:20261123T090000\nDURATION:P1W\nSUMMARY:Ada")))
	begin := at(t, "11-25 12:00")
	now := begin
	s := d.open(t, dir, &now)
	look := func(s *Source, asOf time.Time) error {
		t.Helper()
		got, err := s.Shifts(t.Context())
		if w := words(t, got.Items); w != "Ada Mon 23 Nov 09:00 - Mon 30 Nov 09:00" || !got.AsOf.Equal(asOf) {
			t.Errorf("%s, as of %v, want %v", w, got.AsOf, asOf)
		}
		return err
	}
	if err := look(s, begin); err != nil {
		t.Fatal(err)
	}
	now = begin.Add(time.Hour)
	if err := look(s, now); err != nil || d.had.Load() != 1 {
		t.Errorf("not modified: %v, %d", err, d.had.Load())
	}
	d.fails.Store(true)
	now = begin.Add(3 * time.Hour)
	sourceErr := look(s, begin.Add(time.Hour))
	var e *sources.Error
	if !errors.As(sourceErr, &e) || e.Kind != sources.Unavailable || e.URL != d.URL || e.Source != s.ID() {
		t.Errorf("500: %#v", sourceErr)
	}
	fresh := d.open(t, dir, &now) // another run
	freshErr := look(fresh, begin.Add(time.Hour))
	for _, err := range []error{sourceErr, freshErr} {
		doc, _ := json.Marshal(errors.Unwrap(err))
		all := fmt.Sprintf("%v %+v %#v %s", err, err, err, doc)
		if err == nil || strings.Contains(all, secret) {
			t.Errorf("no error, or one with the address: %s", all)
		}
	}
	d.fails.Store(false)
	if err := look(fresh, now); err != nil || d.had.Load() != 2 {
		t.Errorf("another run asks with what it has: %v, %d", err, d.had.Load())
	}
	d.text.Store("<html>moved</html>")
	if err := look(fresh, now); !sources.IsKind(err, sources.BadResponse) {
		t.Errorf("a web page: %v", err)
	}
	d.Close()
	if err := look(d.open(t, dir, &now), now); !sources.IsKind(err, sources.Unavailable) {
		t.Errorf("no network: %v", err)
	}
	noTrace(t, dir.Path(), secret)
}

// noTrace proves that no file below a folder has a text in its name or in itself,
// and that there is one at all.
func noTrace(t *testing.T, dir, text string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil || len(files) == 0 {
		t.Fatalf("nothing is kept: %v", err)
	}
	for _, f := range files {
		body, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil || strings.Contains(f.Name()+string(body), text) {
			t.Errorf("%s has the address, or %v", f.Name(), err)
		}
		if info, err := f.Info(); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %v", f.Name(), err)
		}
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	web := filepath.Join(dir, "page.html")
	if err := os.WriteFile(web, []byte("<html>\nSchedule\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		at   string
		kind sources.Kind
		want string
	}{
		{filepath.Join(dir, "missing.ics"), sources.NotFound, "missing.ics: no such file"},
		{dir, sources.Unavailable, "not a regular file"},
		{web, sources.BadResponse, `nothing in it begins one (line 1: not NAME:value: "<html>")`},
	} {
		s, err := Open(Options{Team: "payments", At: tc.at})
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Shifts(t.Context())
		if !sources.IsKind(err, tc.kind) || !strings.Contains(err.Error(), tc.want) || !strings.HasPrefix(err.Error(), "ical payments: ") || got.Items != nil {
			t.Errorf("%s: %v", tc.at, err)
		}
	}
	if _, err := Open(Options{Team: "payments", At: "https://:1/" + secret}); err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("a bad address: %v", err)
	}
	s, err := Open(Options{Team: "payments", At: "webcal://calendar.example.com/" + secret})
	if err != nil || s.Shown() != "https://calendar.example.com" {
		t.Errorf("webcal: %v, %v", s, err)
	}
}

// The window moves with the clock, also over a text that was read once.
func TestWindowMoves(t *testing.T) {
	t.Parallel()
	d := newDouble(t, calendar(vevent("DTSTART;TZID=Europe/Berlin:20261102T090000\nDURATION:P1W\nRRULE:FREQ=WEEKLY\nSUMMARY:Ada")))
	now := at(t, "11-25 12:00")
	s := d.open(t, state.Dir{}, &now)
	for _, want := range []string{"Ada Mon 23 Nov 09:00 - Mon 30 Nov 09:00", "Ada Mon 30 Nov 09:00 - Mon 7 Dec 09:00"} {
		got, err := s.Shifts(t.Context())
		if err != nil || first(words(t, got.Items), 1) != want {
			t.Errorf("%s, %v", words(t, got.Items), err)
		}
		if last := got.Items[len(got.Items)-1]; last.From.Sub(now) > ahead || last.From.Sub(now) < ahead-8*24*time.Hour {
			t.Errorf("the last is %v", last)
		}
		now = now.Add(7 * 24 * time.Hour)
	}
	if d.had.Load() != 1 {
		t.Errorf("asked %d times, %d not modified", d.asked.Load(), d.had.Load())
	}
}
