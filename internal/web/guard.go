package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/prometheus/common/config"
)

// errRefused is a connection that was not made because of where it leads.
type errRefused struct{ what string }

func (e errRefused) Error() string { return e.what }

var (
	errLinkLocal = errRefused{"link-local addresses are not opened"}
	errLoopback  = errRefused{"addresses of this machine itself are not opened"}
)

// guard refuses addresses after the name was resolved, so that a name cannot
// stand for one, and with every redirect.
type guard struct {
	linkLocal, loopback bool
	proxies             []string      // host:port of configured proxies: they may be anywhere
	resolver            *net.Resolver // nil: the system's
}

func (g guard) any() bool { return g.linkLocal || g.loopback }

// machineData are the addresses beyond the link-local ones under which clouds
// give a machine its credentials: AWS, Google, Alibaba, Oracle.
var machineData = []netip.Addr{
	netip.MustParseAddr("fd00:ec2::254"), netip.MustParseAddr("fd20:ce::254"),
	netip.MustParseAddr("100.100.100.200"), netip.MustParseAddr("192.0.0.192"),
}

// check says whether an address may be connected to.
func (g guard) check(ip netip.Addr) error {
	ip = embedded(ip.WithZone(""))
	switch {
	case g.linkLocal && (ip.IsLinkLocalUnicast() || ip.IsMulticast() || slices.Contains(machineData, ip)):
		return errLinkLocal
	case g.loopback && (ip.IsLoopback() || ip.IsUnspecified()):
		return errLoopback
	}
	return nil
}

// embedded is the IPv4 address that an IPv6 address stands for (mapped, NAT64,
// 6to4), else the address itself.
func embedded(ip netip.Addr) netip.Addr {
	ip = ip.Unmap()
	if !ip.Is6() {
		return ip
	}
	b := ip.As16()
	switch {
	case netip.MustParsePrefix("64:ff9b::/96").Contains(ip):
		return netip.AddrFrom4([4]byte(b[12:16]))
	case netip.MustParsePrefix("2002::/16").Contains(ip):
		return netip.AddrFrom4([4]byte(b[2:6]))
	}
	return ip
}

// dial connects unless the guard refuses the address that a name stands for.
func (g guard) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	d := net.Dialer{Timeout: 30 * time.Second, Resolver: g.resolver}
	if !slices.Contains(g.proxies, addr) {
		d.Control = func(_, address string, _ syscall.RawConn) error {
			ap, err := netip.ParseAddrPort(address)
			if err != nil {
				return err
			}
			return g.check(ap.Addr())
		}
	}
	return d.DialContext(ctx, network, addr)
}

// proxies are the addresses of the proxies that a client may use.
func proxies(cfg config.HTTPClientConfig) []string {
	var out []string
	for _, scheme := range []string{"http", "https"} {
		u := cfg.ProxyURL.URL
		if u == nil {
			// The name is not asked for: only which proxy would be.
			u, _ = http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: scheme, Host: "proxied.invalid"}})
		}
		if u != nil {
			out = append(out, net.JoinHostPort(u.Hostname(), proxyPort(*u)))
		}
	}
	return out
}

func proxyPort(u url.URL) string {
	if strings.HasPrefix(u.Scheme, "socks5") && u.Port() == "" {
		return "1080"
	}
	return port(u)
}

// literals refuses requests whose host is itself a refused address, before a
// proxy would connect to it in our place.
type literals struct {
	guard
	next http.RoundTripper
}

func (l *literals) RoundTrip(req *http.Request) (*http.Response, error) {
	host := strings.TrimSuffix(strings.ToLower(req.URL.Hostname()), ".")
	err := error(nil)
	if ip, perr := netip.ParseAddr(host); perr == nil {
		err = l.check(ip)
	} else if l.loopback && (host == "localhost" || strings.HasSuffix(host, ".localhost")) {
		err = errLoopback
	}
	if err != nil {
		if req.Body != nil {
			err = errors.Join(err, req.Body.Close())
		}
		return nil, err
	}
	return l.next.RoundTrip(req)
}
