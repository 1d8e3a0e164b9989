package main

import "runtime/debug"

// versionText is the linked version, else what the Go toolchain knows of the
// module and its revision.
func versionText() string {
	if version != "dev" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version
	}
	text := version
	if v := info.Main.Version; v != "" && v != "(devel)" {
		text = v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			text += " (" + s.Value[:12] + ")"
		}
	}
	return text
}
