package main

import "strings"

// asciiOnly reports whether the environment says that the terminal's characters
// are not UTF-8. Where it says nothing they are: nearly every terminal's are, and
// Windows names no locale here.
func asciiOnly(getenv func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} { // the first that is set counts, as POSIX says
		if v := getenv(name); v != "" {
			v = strings.ToLower(v)
			return !strings.Contains(v, "utf-8") && !strings.Contains(v, "utf8")
		}
	}
	return false
}
