package state

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestMain lets the test binary play the process that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("STATE_TEST_CHILD"); dir != "" {
		child(dir)
		return
	}
	os.Exit(m.Run())
}

type doc struct {
	N    int
	Text string
}

// child writes until it is killed and says after each write what is stored.
func child(path string) {
	d, err := Open(path)
	for n := 1; err == nil; n++ {
		big := doc{n, strings.Repeat(fmt.Sprint(n%10), 200_000)}
		if err = d.WriteFile("doc.json", 1, big); err == nil {
			err = d.Append(context.Background(), "log.ndjson", big)
		}
		fmt.Println(n)
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func open(t *testing.T) Dir {
	t.Helper()
	d, err := Open(filepath.Join(t.TempDir(), "a", "state"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestKilledWriter(t *testing.T) {
	t.Parallel()
	d := open(t)
	said := 0
	for round := range 8 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "STATE_TEST_CHILD="+d.Path())
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for range 3 + round {
			lines.Scan()
			said++
		}
		// The child is somewhere in its next write now.
		time.Sleep(time.Duration(round) * 700 * time.Microsecond)
		_ = cmd.Process.Kill()
		for lines.Scan() {
			said++
		}
		_ = cmd.Wait()

		var got doc
		if err := d.ReadFile("doc.json", 1, &got); err != nil {
			t.Fatalf("after kill %d: %v", round, err)
		}
		if got.Text != strings.Repeat(fmt.Sprint(got.N%10), 200_000) {
			t.Fatalf("after kill %d: a mixed file, n=%d", round, got.N)
		}
	}
	got, bad, err := d.ReadLines("log.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	// What a child said is stored; one more line of each may be.
	if len(got) < said || len(got) > said+8 || bad > 8 {
		t.Errorf("%d lines and %d torn ones, children said %d", len(got), bad, said)
	}
	if err := d.Append(t.Context(), "log.ndjson", doc{N: -1}); err != nil {
		t.Fatal(err)
	}
	after, _, err := d.ReadLines("log.ndjson")
	if err != nil || len(after) != len(got)+1 {
		t.Errorf("after a torn line: %d lines, want %d (%v)", len(after), len(got)+1, err)
	}
}

func TestTornLine(t *testing.T) {
	t.Parallel()
	d := open(t)
	if err := os.WriteFile(d.File("log"), []byte(`{"N":1}`+"\n"+`{"N":2,"Te`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := d.Append(t.Context(), "log", doc{N: 3, Text: "a\nb\u2028"}); err != nil {
		t.Fatal(err)
	}
	lines, bad, err := d.ReadLines("log")
	if err != nil || bad != 1 || len(lines) != 2 {
		t.Fatalf("%d lines, %d bad, %v", len(lines), bad, err)
	}
	var got doc
	if err := json.Unmarshal(lines[1], &got); err != nil || got.Text != "a\nb\u2028" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestReadFile(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body string
		why  string // empty: not moved
		is   error
	}{
		"good":        {`{"version":2,"data":{"N":1,"Text":"x"}}`, "", nil},
		"older":       {`{"version":1,"data":{"N":1}}`, "", ErrOlder},
		"newer":       {`{"version":3,"data":{"N":1}}`, "newer version (3, this one knows 2)", nil},
		"cut":         {`{"version":2,"data":{"N":1,"Te`, "damaged", nil},
		"empty":       {"", "damaged", nil},
		"zero bytes":  {"\x00\x00\x00\x00", "damaged", nil},
		"other JSON":  {`{"hello":1}`, "not a file of this program", nil},
		"wrong shape": {`{"version":2,"data":[1]}`, "damaged", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			if err := os.WriteFile(d.File("f.json"), []byte(tc.body), 0o600); err != nil {
				t.Fatal(err)
			}
			var got doc
			err := d.ReadFile("f.json", 2, &got)
			var bad *BadFile
			switch {
			case tc.why == "" && !errors.Is(err, tc.is):
				t.Fatalf("error %v, want %v", err, tc.is)
			case tc.why == "":
				return
			case !errors.As(err, &bad) || !strings.Contains(err.Error(), tc.why):
				t.Fatalf("error %v, want one with %q", err, tc.why)
			}
			if !strings.Contains(err.Error(), d.File("f.json.bad")) || !strings.Contains(err.Error(), d.File("f.json")+":") {
				t.Errorf("the error does not name the places: %v", err)
			}
			kept, rerr := os.ReadFile(bad.Moved)
			if rerr != nil || string(kept) != tc.body {
				t.Errorf("kept %q, %v", kept, rerr)
			}
			if err := d.ReadFile("f.json", 2, &got); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the bad file is still there: %v", err)
			}
		})
	}
}

func TestBadFilesAreNotLost(t *testing.T) {
	t.Parallel()
	d := open(t)
	var got doc
	for _, body := range []string{"one", "two", "three"} {
		if err := d.WriteBytes("f.json", []byte(body)); err != nil {
			t.Fatal(err)
		}
		if err := d.ReadFile("f.json", 1, &got); err == nil {
			t.Fatal("no error")
		}
	}
	for name, want := range map[string]string{"f.json.bad": "one", "f.json.bad.2": "two", "f.json.bad.3": "three"} {
		if b, err := d.ReadBytes(name); err != nil || string(b) != want {
			t.Errorf("%s holds %q, %v", name, b, err)
		}
	}
	if err := d.WriteFile("g.json", 1, got); err != nil {
		t.Fatal(err)
	}
	names, err := d.List("*")
	if diff := cmp.Diff([]string{"g.json"}, names); diff != "" || err != nil {
		t.Errorf("list: %s %v", diff, err)
	}
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	d := open(t)
	f, err := os.Create(d.File("f"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Truncate(MaxFile+1), f.Close()); err != nil {
		t.Fatal(err)
	}
	var bad *BadFile
	if _, err := d.ReadBytes("f"); !errors.As(err, &bad) || !strings.Contains(bad.Why, "too large") {
		t.Errorf("error %v", err)
	}
}

func TestModesAndNames(t *testing.T) {
	t.Parallel()
	d := open(t)
	if err := d.WriteFile("sub/f.json", 1, 1); err != nil {
		t.Fatal(err)
	}
	if err := d.Append(t.Context(), "sub/l", 1); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]fs.FileMode{d.Path(): 0o700, d.File("sub"): 0o700, d.File("sub/f.json"): 0o600, d.File("sub/l"): 0o600} {
		if st, err := os.Stat(path); err != nil || st.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, st.Mode(), err)
		}
	}
	for _, name := range []string{"", ".", "..", "../x", "/etc/passwd", "a/../../x"} {
		if err := d.WriteFile(name, 1, 1); err == nil {
			t.Errorf("%q was accepted", name)
		}
	}
	if err := errors.Join(d.Remove("sub/f.json"), d.Remove("sub/f.json")); err != nil {
		t.Errorf("remove: %v", err)
	}
	if err := (Dir{}).WriteFile("x", 1, 1); err == nil {
		t.Error("a directory that is not open was written to")
	}
}

func TestOldTemporaryFilesGo(t *testing.T) {
	t.Parallel()
	d := open(t)
	old, young := d.File("f.123.tmp"), d.File("f.456.tmp")
	for _, f := range []string{old, young} {
		if err := os.WriteFile(f, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	past := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(old, past, past); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(d.Path()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("old: %v", err)
	}
	if _, err := os.Stat(young); err != nil {
		t.Errorf("young: %v", err)
	}
}

func TestLock(t *testing.T) {
	t.Parallel()
	d := open(t)
	unlock, err := d.Lock(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := d.Lock(ctx, "x"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("second lock: %v", err)
	}
	unlock()
	again, err := d.Lock(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	again()
}

func TestAppendFromMany(t *testing.T) {
	t.Parallel()
	d := open(t)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for n := range 10 {
				if err := d.Append(t.Context(), "l", doc{g*100 + n, strings.Repeat("x", 5000)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if lines, bad, err := d.ReadLines("l"); err != nil || bad != 0 || len(lines) != 40 {
		t.Errorf("%d lines, %d bad, %v", len(lines), bad, err)
	}
}
