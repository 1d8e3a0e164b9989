package e2e

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var castFile = flag.String("cast", "", "record the demo into this asciicast `file`")

// The recording in the README: make recording.
const castW, castH = 120, 36

// TestRecordDemo plays the demo as a newcomer would and writes what the
// terminal showed. It runs only when a file is named.
func TestRecordDemo(t *testing.T) {
	if *castFile == "" {
		t.Skip("no -cast file is named")
	}
	h, _ := demoHome(t)
	x := h.demo(t, castW, castH, "--speed", "4", "--theme", "dark")
	x.waitFor("LIKELY", "GUIDE 1/5", "instances")
	from := time.Now()
	look := func(d time.Duration) { time.Sleep(d) } // for the reader of the recording
	look(4 * time.Second)
	x.send(".")
	x.waitFor("GUIDE 2/5")
	look(3500 * time.Millisecond)
	x.send("x")
	x.waitFor("Nothing has been done yet")
	look(3500 * time.Millisecond)
	x.send("y")
	x.waitFor("rolled back")
	look(2500 * time.Millisecond)
	x.send("\x1b")
	x.waitFor("RESOLVED")
	look(4 * time.Second)
	if err := os.WriteFile(*castFile, x.cast(t, from), 0o644); err != nil {
		t.Fatal(err)
	}
}

// cast is what was written as asciicast v2; what came before from is there at
// once.
func (x *terminal) cast(t *testing.T, from time.Time) []byte {
	t.Helper()
	x.mu.Lock()
	defer x.mu.Unlock()
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	put := func(v any) {
		if err := enc.Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	put(map[string]any{"version": 2, "width": x.w, "height": x.h, "title": "firstpage demo"})
	raw, done := x.raw.Bytes(), 0
	for i, w := range x.log {
		end := w.size
		for end > done && !utf8.Valid(raw[done:end]) { // a rune in two pieces
			end--
		}
		if end == done || i+1 < len(x.log) && x.log[i+1].at.Before(from) {
			continue
		}
		put([]any{max(0, w.at.Sub(from).Seconds()), "o", strings.ToValidUTF8(string(raw[done:end]), "")})
		done = end
	}
	return out.Bytes()
}
