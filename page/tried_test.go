package page

import "testing"

func TestTriedWords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tried []string
		want  string
	}{
		"cart": {[]string{`pod=~"cart-[a-z0-9]{5}"`, `job="cart"`, `service="cart"`, `app="cart"`}, `the pod is of cart or job, service or app is "cart"`},
		"web":  {[]string{`job="shop-web"`, `service="web"`}, `job="shop-web" or service is "web"`},
		"":     {[]string{`instance="eu-1:9100"`}, `instance="eu-1:9100"`},
	} {
		if got := triedWords(c.tried, name); got != c.want {
			t.Errorf("%q: %s, want %s", name, got, c.want)
		}
	}
}
