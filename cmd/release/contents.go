package main

import (
	_ "embed" // the small files of the package
	"path"
	"strings"
)

// Pages of docs/systemd that are files of the service.
const (
	unitPage    = "docs/systemd/countersign.service"
	socketPage  = "docs/systemd/countersign.socket"
	commandPage = "docs/systemd/countersign-command"
)

// Where the package has its files. One below /etc is a conffile: dpkg asks before it replaces what was changed.
const (
	documents    = "usr/share/doc/countersign/"
	settingsFile = "etc/countersign/environment"
	usersFile    = "usr/lib/sysusers.d/countersign.conf"
)

// completions is where a shell looks for what packages bring, by shell.
var completions = map[string]string{
	"bash": "usr/share/bash-completion/completions/countersign",
	"zsh":  "usr/share/zsh/vendor-completions/_countersign",
	"fish": "usr/share/fish/vendor_completions.d/countersign.fish",
}

var (
	//go:embed debian/environment
	settingsTemplate []byte
	//go:embed debian/countersign.sysusers
	usersTemplate []byte
	//go:embed debian/countersign-verify.1
	verifyManual []byte
	//go:embed debian/countersign-command.8
	commandManual []byte
	//go:embed debian/lintian-overrides
	lintianOverrides []byte
)

// archived is what the archive holds, in one folder.
func (m made) archived() []entry {
	entries := []entry{
		{name: "countersign.1", content: m.manual},
		{name: "countersign-verify.1", content: verifyManual},
		{name: "countersign.cdx.json", content: m.bill},
		{name: "LICENSES", content: m.licences},
	}
	for name, content := range m.programs {
		entries = append(entries, entry{name: name, content: content, runs: true})
	}
	for shell, content := range m.complete {
		entries = append(entries, entry{name: "countersign." + shell + "-completion", content: content})
	}
	return append(entries, m.pages...)
}

// installed is what the package holds, by its path below the root. Pages are where their links lead to each other.
func (m made) installed(v version, maintainer string) ([]entry, error) {
	entries := []entry{
		{name: settingsFile, content: settingsTemplate},
		{name: usersFile, content: usersTemplate},
		{name: "usr/share/lintian/overrides/countersign", content: lintianOverrides},
		{name: documents + "copyright", content: []byte(licencesHead)},
		{name: documents + "countersign.cdx.json", content: m.bill},
	}
	for name, content := range m.programs {
		entries = append(entries, entry{name: "usr/bin/" + name, content: content, runs: true})
	}
	for shell, content := range m.complete {
		entries = append(entries, entry{name: completions[shell], content: content})
	}
	for _, page := range m.pages {
		switch page.name {
		case unitPage, socketPage:
			entries = append(entries, entry{name: "usr/lib/systemd/system/" + path.Base(page.name), content: page.content})
		case commandPage:
			entries = append(entries, entry{name: "usr/sbin/countersign-command", content: page.content, runs: true})
		default:
			entries = append(entries, entry{name: documents + page.name, content: page.content})
		}
	}
	for name, content := range map[string][]byte{
		"usr/share/man/man1/countersign.1.gz":         m.manual,
		"usr/share/man/man1/countersign-verify.1.gz":  verifyManual,
		"usr/share/man/man8/countersign-command.8.gz": commandManual,
		documents + "changelog.gz":                    debianChangelog(v, maintainer),
		documents + "LICENSES.gz":                     m.licences,
	} {
		squeezed, err := squeeze(content)
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry{name: name, content: squeezed})
	}
	return entries, nil
}

// conffiles are the paths of a package's files that belong to whoever runs it.
func conffiles(entries []entry) (paths []string) {
	for _, one := range entries {
		if strings.HasPrefix(one.name, "etc/") {
			paths = append(paths, "/"+one.name)
		}
	}
	return paths
}
