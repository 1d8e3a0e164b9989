package web

import "testing"

func TestMaskTokens(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"please log in": "please log in",
		"error: token sha256~AbC123dEf456GhI789 expired":            "error: token *** expired",
		"Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.c2lnMQ":           "Bearer ***",
		"open https://login.example.com/device?code=ABCD-1234-EFGH": "open https://login.example.com/device?code=ABCD-1234-EFGH",
		"authenticationfailurewithoutdigits":                        "authenticationfailurewithoutdigits",
	} {
		if got := maskTokens(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
