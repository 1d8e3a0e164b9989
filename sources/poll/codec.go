package poll

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// The stored form of a snapshot: a line that names the format and the shape of
// the types, then the value. JSON is not used because it cannot hold NaN nor
// bytes that are not UTF-8, and because the file is read before the first
// frame. A snapshot of another shape is refused: it is a cache, and half
// understood data must not be shown as an alert.
const (
	codecName = "firstpage-snapshot 1 "
	// MaxBytes bounds a stored snapshot: the cap of what the sources may send.
	MaxBytes = 64 << 20
)

// Encode turns a snapshot into bytes that [Decode] turns back. It is lossless
// but for the causes of errors (Error.Err) and for time zones: times come back
// in UTC. It fails with kind TooLarge beyond MaxBytes.
func Encode(s sources.Snapshot) ([]byte, error) {
	w := writer{index: map[string]uint64{}, layouts: layouts{}}
	w.buf = append(w.buf, codecName+shape()+"\n"...)
	w.value(reflect.ValueOf(s))
	if len(w.buf) > MaxBytes {
		return nil, sources.Errorf(sources.TooLarge, "a snapshot of %d bytes, more than %d", len(w.buf), MaxBytes)
	}
	return w.buf, nil
}

// Decode turns bytes of [Encode] back. It fails with kind BadResponse if they
// are damaged or were written by a version with other types, and with TooLarge
// beyond MaxBytes. Any input is safe.
func Decode(b []byte) (sources.Snapshot, error) {
	var s sources.Snapshot
	if len(b) > MaxBytes {
		return s, sources.Errorf(sources.TooLarge, "a snapshot of %d bytes, more than %d", len(b), MaxBytes)
	}
	head, body, _ := strings.Cut(string(b), "\n")
	switch {
	case !strings.HasPrefix(head, codecName):
		return s, sources.Errorf(sources.BadResponse, "not a stored snapshot")
	case head != codecName+shape():
		return s, sources.Errorf(sources.BadResponse, "a snapshot stored by another version")
	}
	r := reader{rest: body, layouts: layouts{}}
	r.value(reflect.ValueOf(&s).Elem())
	if r.err == nil && r.rest != "" {
		r.err = errDamaged
	}
	if r.err != nil {
		return sources.Snapshot{}, &sources.Error{Kind: sources.BadResponse, Detail: safe.Outside(r.err.Error()), Err: r.err}
	}
	return s, nil
}

var errDamaged = errors.New("the stored snapshot is damaged")

// shape is a hash over names and types of everything that is stored.
func shape() string {
	h := fnv.New64a()
	seen, layouts := map[reflect.Type]bool{}, layouts{}
	var walk func(reflect.Type)
	walk = func(t reflect.Type) {
		h.Write(fmt.Appendf(nil, "%s %s;", t.Kind(), t))
		if seen[t] || t == valueType || t == timeType {
			return
		}
		seen[t] = true
		switch t.Kind() {
		case reflect.Struct:
			for _, f := range layouts.fields(t) {
				h.Write([]byte(t.Field(f).Name + ":"))
				walk(t.Field(f).Type)
			}
		case reflect.Slice, reflect.Pointer:
			walk(t.Elem())
		}
	}
	walk(reflect.TypeFor[sources.Snapshot]())
	return strconv.FormatUint(h.Sum64(), 16)
}

var (
	valueType  = reflect.TypeFor[safe.Value]()
	labelsType = reflect.TypeFor[sources.Labels]()
	timeType   = reflect.TypeFor[time.Time]()
)

// layouts remembers the fields of a type that are stored: there are few types
// and 10,000 alerts. Interfaces (causes of errors) are not stored.
type layouts map[reflect.Type][]int

func (l layouts) fields(t reflect.Type) []int {
	out, ok := l[t]
	if !ok {
		for i := range t.NumField() {
			if t.Field(i).Type.Kind() != reflect.Interface {
				out = append(out, i)
			}
		}
		l[t] = out
	}
	return out
}

type writer struct {
	buf     []byte
	index   map[string]uint64 // of texts written before, from 1
	layouts layouts
}

func (w *writer) uint(n uint64) { w.buf = binary.AppendUvarint(w.buf, n) }
func (w *writer) int(n int64)   { w.buf = binary.AppendVarint(w.buf, n) }

// text writes a text once, later only its number: labels repeat a lot.
func (w *writer) text(s string) {
	if i, ok := w.index[s]; ok {
		w.uint(i)
		return
	}
	w.index[s] = uint64(len(w.index) + 1)
	w.uint(0)
	w.uint(uint64(len(s)))
	w.buf = append(w.buf, s...)
}

func (w *writer) value(v reflect.Value) {
	switch v.Type() {
	case valueType:
		w.text(v.Interface().(safe.Value).Raw())
		return
	case timeType:
		w.time(v.Interface().(time.Time))
		return
	case labelsType: // most of a snapshot: as the general way does, but quickly
		ls := v.Interface().(sources.Labels)
		w.uint(uint64(len(ls)))
		for _, l := range ls {
			w.text(l.Name.Raw())
			w.text(l.Value.Raw())
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for _, i := range w.layouts.fields(v.Type()) {
			w.value(v.Field(i))
		}
	case reflect.Slice:
		w.uint(uint64(v.Len()))
		for i := range v.Len() {
			w.value(v.Index(i))
		}
	case reflect.Pointer:
		if v.IsNil() {
			w.uint(0)
			return
		}
		w.uint(1)
		w.value(v.Elem())
	case reflect.String:
		w.text(v.String())
	case reflect.Int, reflect.Int64:
		w.int(v.Int())
	case reflect.Uint64:
		w.uint(v.Uint())
	case reflect.Float64:
		w.buf = binary.BigEndian.AppendUint64(w.buf, math.Float64bits(v.Float()))
	case reflect.Bool:
		n := uint64(0)
		if v.Bool() {
			n = 1
		}
		w.uint(n)
	default:
		panic("poll: cannot store " + v.Type().String())
	}
}

// time writes 0 for the zero time, else 1, seconds and nanoseconds.
func (w *writer) time(t time.Time) {
	if t.IsZero() {
		w.uint(0)
		return
	}
	w.uint(1)
	w.int(t.Unix())
	w.uint(uint64(t.Nanosecond()))
}
