package runbook

import (
	"slices"
	"strings"
)

// shellNames are programs that run a script.
var shellNames = []string{"sh", "bash", "zsh", "ksh", "dash", "ash", "fish"}

func wrapperOf(name string) *wrapper {
	for i := range wrappers {
		if among(wrappers[i].names, name) {
			return &wrappers[i]
		}
	}
	return nil
}

// wrapped judges the command behind sudo, xargs and the like. What runs as
// root and is not known to read only is marked.
func (j *judge) wrapped(w *wrapper, args []string, input string, piped bool, at, depth int) bool {
	name := base(args[0])
	rest := args[1:]
	for len(rest) > 0 && (strings.HasPrefix(rest[0], "-") || assigns(rest[0]) != "") {
		n := 1
		if among(w.valued, rest[0]) {
			n = 2
		}
		if rest[0] == "--" {
			rest = rest[1:]
			break
		}
		rest = rest[min(n, len(rest)):]
	}
	rest = rest[min(w.skip, len(rest)):]
	root := name == "sudo" || name == "doas"
	if name == "watch" && len(rest) == 1 {
		j.script(readScript(rest[0]), at, depth+1)
		return true
	}
	found := len(j.found)
	isKnown := len(rest) > 0 && j.command(rest, input, piped, at, depth+1)
	if root && !isKnown && len(j.found) == found && !slices.Contains(args, "-l") && !slices.Contains(args, "-v") {
		j.mark(name, "runs as root", at)
		return true
	}
	return isKnown
}

// shell judges bash -c and its like, and scripts that are piped into a shell.
func (j *judge) shell(args []string, piped bool, at, depth int) bool {
	for i, a := range args[1:] {
		if strings.HasPrefix(a, "-") && !strings.HasPrefix(a, "--") && strings.HasSuffix(a, "c") && i+2 < len(args) {
			j.script(readScript(args[i+2]), at, depth+1)
			return true
		}
	}
	if piped && len(operands(args[1:], false)) == 0 {
		j.mark("| "+base(args[0]), "runs what another command prints", at)
		return true
	}
	return false
}

// remote judges what ssh runs on another machine.
func (j *judge) remote(args []string, at, depth int) bool {
	rest := args[1:]
	for len(rest) > 0 && strings.HasPrefix(rest[0], "-") {
		n := 1
		if among("-i|-l|-p|-o|-F|-J|-b|-c|-D|-E|-L|-R|-W|-w|-S|-m", rest[0]) {
			n = 2
		}
		rest = rest[min(n, len(rest)):]
	}
	if len(rest) > 1 {
		j.script(readScript(strings.Join(rest[1:], " ")), at, depth+1)
	}
	return true
}

// inside is the command that a tool runs in a container; ok is false when it
// runs none.
func inside(name string, args []string) (inner []string, ok bool) {
	subs := operands(args[1:], true)
	own := 0 // words before the command: the subcommand and where
	switch {
	case len(subs) == 0:
		return nil, false
	case matches(clusterTools, name) && slices.Contains([]string{"exec", "rsh", "debug"}, subs[0]),
		matches(containerTools, name) && subs[0] == "exec":
		own = 2
	case matches(containerTools, name) && len(subs) > 1 && subs[0] == "compose" && subs[1] == "exec":
		own = 3
	case name == "docker-compose" && subs[0] == "exec":
		own = 2
	default:
		return nil, false
	}
	if i := slices.Index(args, "--"); i >= 0 {
		return args[i+1:], true
	}
	// Without -- the command is all from its first word on.
	for i := 1; i < len(args); i++ {
		switch {
		case strings.HasPrefix(args[i], "-") && among(valuedOptions, args[i]):
			i++
		case strings.HasPrefix(args[i], "-"):
		case own > 0:
			own--
		default:
			return args[i:], true
		}
	}
	return nil, true
}

// inside judges a command in a container: what it changes, and when it is a
// shell or not known, that it runs there at all.
func (j *judge) inside(name string, args, inner []string, input string, at, depth int) bool {
	found := len(j.found)
	if len(inner) > 0 && j.command(inner, input, false, at, depth+1) || len(j.found) > found {
		return true
	}
	word := operands(args[1:], true)[0]
	j.mark(name+" "+word, RunsInside, at)
	return true
}

// http marks requests that are no GET.
func (j *judge) http(name string, args []string, at int) {
	method, data, get := "", false, false
	for i, a := range args[1:] {
		next := ""
		if i+2 < len(args) {
			next = args[i+2]
		}
		option, value, joined := strings.Cut(a, "=")
		if !joined {
			value = next
		}
		switch {
		case a == "-X", option == "--request", option == "--method":
			method = value
		case strings.HasPrefix(a, "-X"):
			method = a[2:]
		case a == "-G", a == "--get":
			get = true
		case option == "--json", option == "--form", option == "--upload-file", strings.HasPrefix(option, "--data"), strings.HasPrefix(option, "--post-"), strings.HasPrefix(option, "--body-"),
			name == "curl" && (strings.HasPrefix(a, "-d") || strings.HasPrefix(a, "-F") || strings.HasPrefix(a, "-T")):
			data = true
		case !strings.HasPrefix(a, "--") && strings.HasPrefix(a, "-") && strings.HasSuffix(a, "X"):
			method = next // -sX POST
		}
	}
	if method == "" && data && !get {
		method = "POST"
	}
	switch method = strings.ToUpper(strings.Trim(method, `'"`)); method {
	case "", "GET", "HEAD", "OPTIONS":
	default:
		j.mark(name+" "+method, "sends a request that may change things", at)
	}
}

// finds marks find -delete, and judges the command of -exec.
func (j *judge) finds(args []string, at, depth int) bool {
	for i := 0; i < len(args); i++ {
		switch args[i] {
		case "-delete":
			j.mark("find -delete", "removes files", at)
		case "-exec", "-execdir", "-ok", "-okdir":
			inner := args[i+1:]
			if end := slices.IndexFunc(inner, func(a string) bool { return a == ";" || a == "+" }); end >= 0 {
				inner = inner[:end]
			}
			j.command(inner, "", false, at, depth+1)
			i += len(inner)
		}
	}
	return true
}

// sql marks what a database is told to change.
func (j *judge) sql(name string, args []string, input string, at int) {
	text := strings.Join(args[1:], "\n") + "\n" + input
	if m := sqlChanges().FindString(sqlComment.ReplaceAllString(text, "")); m != "" {
		j.mark(name+" "+strings.ToUpper(m), "changes data", at)
	} else if slices.ContainsFunc(args, func(a string) bool { return slices.Contains(sqlFileOpt, a) }) {
		j.mark(name+" -f", "runs a file of statements", at)
	}
}
