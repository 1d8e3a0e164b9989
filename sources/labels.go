package sources

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// Label is one name and value. Names are outside text too: Prometheus 3
// allows any UTF-8 in them.
type Label struct{ Name, Value safe.Value }

// Labels is a set of labels (or annotations), sorted by raw name, names
// unique. It is never changed after it was made.
type Labels []Label

// NewLabels makes a sorted set from a map. An empty map gives nil.
func NewLabels(m map[string]string) Labels {
	if len(m) == 0 {
		return nil
	}
	ls := make(Labels, 0, len(m))
	for n, v := range m {
		ls = append(ls, Label{safe.Outside(n), safe.Outside(v)})
	}
	slices.SortFunc(ls, func(a, b Label) int { return a.Name.Compare(b.Name) })
	return ls
}

// Get returns the value of a label and whether it is there. As in Prometheus,
// a label that is there but empty counts as absent.
func (ls Labels) Get(name string) (safe.Value, bool) {
	for _, l := range ls {
		if l.Name.Raw() == name {
			return l.Value, !l.Value.Empty()
		}
	}
	return safe.Value{}, false
}

// Value is Get without the report: the zero Value when the label is absent.
func (ls Labels) Value(name string) safe.Value {
	v, _ := ls.Get(name)
	return v
}

// Without returns the labels whose names are not listed. The result is new.
func (ls Labels) Without(names ...string) Labels {
	out := make(Labels, 0, len(ls))
	for _, l := range ls {
		if !slices.Contains(names, l.Name.Raw()) {
			out = append(out, l)
		}
	}
	return out
}

// Words are the labels as people write them, clean: name=value, joined by sep.
func (ls Labels) Words(sep string) string {
	parts := make([]string, len(ls))
	for i, l := range ls {
		parts[i] = l.Name.String() + "=" + l.Value.String()
	}
	return strings.Join(parts, sep)
}

// Minus returns the labels whose names are not in o. The result is new.
func (ls Labels) Minus(o Labels) Labels {
	out := make(Labels, 0, len(ls))
	for _, l := range ls {
		if !slices.ContainsFunc(o, func(x Label) bool { return x.Name == l.Name }) {
			out = append(out, l)
		}
	}
	return out
}

// Map returns the raw labels as a new map, for matchers and queries.
func (ls Labels) Map() map[string]string {
	m := make(map[string]string, len(ls))
	for _, l := range ls {
		m[l.Name.Raw()] = l.Value.Raw()
	}
	return m
}

// Equal reports whether both sets hold the same raw names and values.
func (ls Labels) Equal(o Labels) bool { return slices.Equal(ls, o) }

// Compare orders sets label by label, by raw name and then raw value.
func (ls Labels) Compare(o Labels) int {
	return slices.CompareFunc(ls, o, func(a, b Label) int {
		if c := a.Name.Compare(b.Name); c != 0 {
			return c
		}
		return a.Value.Compare(b.Value)
	})
}

// MarshalJSON writes one object, lossless and inert on a terminal.
func (ls Labels) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, l := range ls {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, v := range []safe.Value{l.Name, l.Value} {
			if j > 0 {
				b.WriteByte(':')
			}
			s, err := v.MarshalJSON()
			if err != nil {
				return nil, err
			}
			b.Write(s)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// UnmarshalJSON reads one object of strings.
func (ls *Labels) UnmarshalJSON(doc []byte) error {
	var m map[string]string
	if err := json.Unmarshal(doc, &m); err != nil {
		return err
	}
	*ls = NewLabels(m)
	return nil
}

// Fingerprint is Prometheus' own fingerprint of a label set
// (common/model.LabelSet.Fingerprint: 64-bit FNV-1a over name, 0xff, value,
// 0xff in name order), written as 16 hexadecimal digits as Alertmanager does.
func (ls Labels) Fingerprint() string {
	h := uint64(fnvOffset)
	for _, l := range ls {
		h = fnvAdd(fnvAdd(h, l.Name.Raw()), separator)
		h = fnvAdd(fnvAdd(h, l.Value.Raw()), separator)
	}
	return hex16(h)
}

// separator ends each part of a hash: it cannot occur in UTF-8.
const separator = "\xff"

// The constants of 64-bit FNV-1a. hash/fnv would cost one allocation for each
// string: two for each label of each alert of each refresh.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// Digest names what texts say together: 64-bit FNV-1a over them, each ended by
// a byte that UTF-8 has not, written as 16 hexadecimal digits.
func Digest(parts ...string) string {
	h := uint64(fnvOffset)
	for _, p := range parts {
		h = fnvAdd(fnvAdd(h, p), separator)
	}
	return hex16(h)
}

func fnvAdd(h uint64, s string) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * fnvPrime
	}
	return h
}

func hex16(u uint64) string {
	s := strconv.FormatUint(u, 16)
	return "0000000000000000"[:16-len(s)] + s
}
