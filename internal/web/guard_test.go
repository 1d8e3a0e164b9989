package web

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// nameServer answers every question for an IPv4 address with the next of a
// list, and the last for good.
func nameServer(t *testing.T, answers ...string) *net.Resolver {
	t.Helper()
	conn, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	var asked atomic.Int64
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			reply := dnsmessage.Message{Header: dnsmessage.Header{ID: m.ID, Response: true, Authoritative: true}, Questions: m.Questions}
			if q.Type == dnsmessage.TypeA {
				i := min(int(asked.Add(1)), len(answers)) - 1
				reply.Answers = []dnsmessage.Resource{{
					Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
					Body:   &dnsmessage.AResource{A: netip.MustParseAddr(answers[i]).As4()},
				}}
			}
			if b, err := reply.Pack(); err == nil {
				_, _ = conn.WriteTo(b, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// A name that stood for a harmless address a moment ago is judged by what it
// stands for when the connection is made.
func TestReboundName(t *testing.T) {
	t.Parallel()
	srv := server(t, nil)
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	g := guard{linkLocal: true, resolver: nameServer(t, "127.0.0.1", "169.254.169.254")}
	conn, err := g.dial(t.Context(), "tcp", "rebound.test.:"+port)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	if _, err = g.dial(t.Context(), "tcp", "rebound.test.:"+port); !errors.Is(err, errLinkLocal) {
		t.Errorf("link-local: %v", err)
	}
	g.loopback, g.resolver = true, nameServer(t, "127.0.0.1")
	if _, err = g.dial(t.Context(), "tcp", "rebound.test.:"+port); !errors.Is(err, errLoopback) {
		t.Errorf("this machine: %v", err)
	}
}
