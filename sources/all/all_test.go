package all

import (
	"reflect"
	"testing"
)

func TestKindsAreDocumented(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, k := range Kinds() {
		if k.Name == "" || k.Summary == "" || k.Open == nil || seen[k.Name] {
			t.Errorf("kind %q: summary %q", k.Name, k.Summary)
		}
		seen[k.Name] = true
		o := reflect.TypeOf(k.Options())
		if o.Kind() != reflect.Pointer || o.Elem().Kind() != reflect.Struct {
			t.Errorf("%s: options are %v, want a pointer to a struct", k.Name, o)
			continue
		}
		for i := range o.Elem().NumField() {
			f := o.Elem().Field(i)
			if f.Tag.Get("yaml") == "" || f.Tag.Get("doc") == "" {
				t.Errorf("%s: field %s lacks a yaml or doc tag", k.Name, f.Name)
			}
		}
		if k.Options() == k.Options() {
			t.Errorf("%s: options are shared", k.Name)
		}
	}
	if !seen["events"] || !seen["prometheus"] {
		t.Errorf("kinds: %v", seen)
	}
}
