// Package web is the one HTTP client: who may see credentials, how long an
// answer may take, how large it may be, where a redirect may lead, and what an
// error means in plain words.
//
// Imported by sources/x and runbook/resolve. It imports sources (for the error
// kinds), internal/proc (for token_command) and internal/safe; never tui or
// config. A [Client] is safe for concurrent use. It starts no goroutine of its
// own; idle connections are closed by Close.
//
// A client that speaks JSON asks with Do and Request.JSON. Prometheus' API
// client takes HTTP for its transport, with Start around each exchange and
// Fail and Check for what came of it.
package web
