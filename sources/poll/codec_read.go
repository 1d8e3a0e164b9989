package poll

import (
	"encoding/binary"
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// reader reads what writer wrote, and any other bytes without harm.
type reader struct {
	rest    string
	texts   []string
	err     error
	layouts layouts
	slab    sources.Labels // its spare room is for the next sets
}

func (r *reader) fail() { r.rest, r.err = "", errDamaged }

func (r *reader) uint() uint64 {
	var n uint64
	for shift := 0; shift < 64 && r.rest != ""; shift += 7 {
		c := r.rest[0]
		r.rest = r.rest[1:]
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return n
		}
	}
	r.fail()
	return 0
}

func (r *reader) int() int64 {
	u := r.uint()
	n := int64(u >> 1)
	if u&1 != 0 {
		n = ^n
	}
	return n
}

func (r *reader) take(n uint64) string {
	if n > uint64(len(r.rest)) {
		r.fail()
		return ""
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

func (r *reader) text() string {
	switch i := r.uint(); {
	case i > uint64(len(r.texts)):
		r.fail()
		return ""
	case i > 0:
		return r.texts[i-1]
	}
	// A copy: a short label must not keep the whole file in memory.
	s := strings.Clone(r.take(r.uint()))
	if r.err == nil {
		r.texts = append(r.texts, s)
	}
	return s
}

func (r *reader) value(v reflect.Value) {
	if r.err != nil {
		return
	}
	switch v.Type() {
	case valueType:
		*v.Addr().Interface().(*safe.Value) = safe.Outside(r.text())
		return
	case timeType:
		if r.uint() != 0 {
			sec := r.int()
			*v.Addr().Interface().(*time.Time) = time.Unix(sec, int64(r.uint()%1e9)).UTC()
		}
		return
	case labelsType:
		*v.Addr().Interface().(*sources.Labels) = r.labels()
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for _, i := range r.layouts.fields(v.Type()) {
			r.value(v.Field(i))
		}
	case reflect.Slice:
		r.slice(v)
	case reflect.Pointer:
		if r.uint() != 0 {
			v.Set(reflect.New(v.Type().Elem()))
			r.value(v.Elem())
		}
	case reflect.String:
		v.SetString(r.text())
	case reflect.Int, reflect.Int64:
		v.SetInt(r.int())
	case reflect.Uint64:
		v.SetUint(r.uint())
	case reflect.Float64:
		if b := r.take(8); len(b) == 8 {
			v.SetFloat(math.Float64frombits(binary.BigEndian.Uint64([]byte(b))))
		}
	case reflect.Bool:
		v.SetBool(r.uint() != 0)
	}
}

// labels reads one set into the slab if it fits, else into its own memory,
// which grows with what was read, as slice does.
func (r *reader) labels() sources.Labels {
	n := r.uint()
	if n == 0 || n > uint64(len(r.rest)) {
		if n > 0 {
			r.fail()
		}
		return nil
	}
	if uint64(cap(r.slab)-len(r.slab)) < n {
		r.slab = make(sources.Labels, 0, 2048)
	}
	ls := r.slab[len(r.slab):]
	for range n {
		l := sources.Label{Name: safe.Outside(r.text()), Value: safe.Outside(r.text())}
		if r.err != nil {
			return nil
		}
		ls = append(ls, l)
	}
	if n <= uint64(cap(r.slab)-len(r.slab)) {
		r.slab = r.slab[:len(r.slab)+int(n)]
	}
	return ls[:n:n]
}

// slice trusts the length only as far as bytes follow: every element takes at
// least one. Memory grows with what was read, not with what was announced.
func (r *reader) slice(v reflect.Value) {
	n := r.uint()
	if n == 0 || n > uint64(len(r.rest)) {
		if n > 0 {
			r.fail()
		}
		return
	}
	for i := range int(n) {
		if i == v.Cap() {
			v.Grow(min(int(n)-i, max(i, 4096)))
		}
		v.SetLen(i + 1)
		if r.value(v.Index(i)); r.err != nil {
			return
		}
	}
}
