// Package resolve finds the text behind a runbook reference: the ladder from
// the checkout that a link names over its page in the network and the last good
// copy of that down to the alert's name in any checkout and the catalog's
// default. Every answer says where the text came from and what was tried before.
//
// Imported by cmd, which wires it to page as a runbook.Resolver. It must not
// import sources/x, Glamour or anything of tui. Files of a checkout are read
// through os.Root, so that neither a link nor a symbolic link leads out of it;
// the git directory beside it is read the same way. A link decides nothing but
// which file is looked for. The network is asked by Fetch and Prefetch alone,
// through internal/web, and only hosts that the configuration or the user has
// allowed; no link decides where credentials go.
//
// A Resolver is safe for concurrent use. It does no I/O until it is asked; the
// index of a checkout is built at first use and refreshed in the background.
package resolve
