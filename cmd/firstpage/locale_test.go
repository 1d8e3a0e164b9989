package main

import "testing"

func TestASCIIOnly(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		all, ctype, lang string
		want             bool
	}{
		{"", "", "", false},
		{"", "", "en_US.UTF-8", false},
		{"", "", "de_DE.utf8", false},
		{"", "", "C", true},
		{"C", "", "en_US.UTF-8", true},
		{"C.UTF-8", "POSIX", "C", false},
		{"", "de_DE.ISO-8859-1", "en_US.UTF-8", true},
	} {
		env := map[string]string{"LC_ALL": tc.all, "LC_CTYPE": tc.ctype, "LANG": tc.lang}
		if got := asciiOnly(func(k string) string { return env[k] }); got != tc.want {
			t.Errorf("%v: %t", env, got)
		}
	}
}
