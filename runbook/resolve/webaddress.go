package resolve

// WebAddress is the https form of a git remote's address, without user and
// password; empty for a local path.
func WebAddress(remote string) string { return webAddress(remote) }
