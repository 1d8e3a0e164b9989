package runbook_test

import (
	"testing"
)

func TestSessions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ lang, code, want string }{
		{"console", "$ a\nout\n$ b\n", "a\nb"},
		{"bash", "  $ a\n  # why\n  $ b", "a\n  # why\nb"},
		{"console", "user@host:~$ a\nout\n[root@host ~]# b\nsh-5.1# c\nbash-5.1$ d", "a\nb\nc\nd"},
		{"powershell", "PS C:\\Users> Get-Pod\nout\n", "Get-Pod"},
		// Lines that go on.
		{"console", "$ a \\\n> b \\\n  c\nout", "a \\\nb \\\n  c"},
		{"console", "$ a |\n> b\nout", "a |\nb"},
		{"console", "$ oc patch -p '{\n  \"x\": 1\n}'\nout", "oc patch -p '{\n  \"x\": 1\n}'"},
		{"console", "$ cat <<EOF | oc apply -f -\na: b\nEOF\nout\n$ c", "cat <<EOF | oc apply -f -\na: b\nEOF\nc"},
		{"console", "$ for i in 1 2\ndo\n  x $i\ndone\nout", "for i in 1 2\ndo\n  x $i\ndone"},
		{"console", "$ x $(\n  y\n)\nout", "x $(\n  y\n)"},
		// A quote that never ends is an apostrophe, not a line that goes on.
		{"console", "$ echo it's\nout\nout\n$ b", "echo it's\nb"},
		{"console", "$ x \\\n  y'\nout", "x \\\n  y'"},
		// "# " is root's prompt in a session, and a comment anywhere else.
		{"console", "# systemctl restart kubelet\nout\n# journalctl -u kubelet", "systemctl restart kubelet\njournalctl -u kubelet"},
		{"bash", "# systemctl restart kubelet\nout", "# systemctl restart kubelet\nout"},
		{"console", "# Restart it\nkubectl get pods", "# Restart it\nkubectl get pods"},
		{"console", "# restart it\nkubectl get pods", "# restart it\nkubectl get pods"},
		{"console", "$ oc rsh x\n# chroot /host", "oc rsh x\n# chroot /host"},
		// Without a prompt all of it was written to be run.
		{"bash", "a\n\nb > c\n> d\n", "a\n\nb > c\n> d"},
		{"yaml", "$ a\nb", "$ a\nb"},
		{"", "$ a\nb", "a"},
		{"", "a\nb", "a\nb"},
	} {
		if got := block(c.lang, c.code).Script(); got != c.want {
			t.Errorf("%s %q: got %q, want %q", c.lang, c.code, got, c.want)
		}
	}
}
