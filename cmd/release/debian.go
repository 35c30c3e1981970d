package main

import (
	"bytes"
	"crypto/md5" //nolint:gosec // what dpkg --verify compares: damage, no attack
	_ "embed"    // the scripts
	"fmt"
	"strings"
	"time"
)

// The scripts that dpkg runs (Debian Policy §6.5). None starts a server, and none deletes data.
var (
	//go:embed debian/postinst
	postinst []byte
	//go:embed debian/prerm
	prerm []byte
	//go:embed debian/postrm
	postrm []byte
)

// debianPackage makes the file that dpkg installs (deb(5)): an ar archive of the format's version, the control files, the files.
// It is made without dpkg-deb, since that compresses by whichever library the machine has.
func debianPackage(v version, processor, maintainer string, m made) ([]byte, error) {
	entries, err := m.installed(v, maintainer)
	if err != nil {
		return nil, err
	}
	data, err := archive(".", entries, v.at)
	if err != nil {
		return nil, err
	}
	control, err := archive(".", []entry{
		{name: "control", content: controlFile(v, processor, maintainer, entries)},
		{name: "conffiles", content: []byte(strings.Join(conffiles(entries), "\n") + "\n")},
		{name: "md5sums", content: sumsOf(entries)},
		{name: "postinst", content: postinst, runs: true},
		{name: "prerm", content: prerm, runs: true},
		{name: "postrm", content: postrm, runs: true},
	}, v.at)
	if err != nil {
		return nil, err
	}
	return ar(v.at, []entry{
		{name: "debian-binary", content: []byte("2.0\n")},
		{name: "control.tar.gz", content: control},
		{name: "data.tar.gz", content: data},
	}), nil
}

// controlFile says what the package is. systemd makes its user and runs its unit; 250 is where %d of the unit is known. procps
// has the kill(1) by which the unit reloads.
func controlFile(v version, processor, maintainer string, entries []entry) []byte {
	var kilobytes int
	for _, one := range entries {
		kilobytes += (len(one.content) + 1023) / 1024
	}
	return fmt.Appendf(nil, `Package: countersign
Version: %s
Architecture: %s
Maintainer: %s
Installed-Size: %d
Depends: systemd (>= 250), procps
Recommends: ca-certificates
Suggests: postgresql, nginx
Section: net
Priority: optional
Description: connect people's phones to their accounts at a staffed counter
 An OAuth 2.0 authorization server for the Device Authorization Grant
 (RFC 8628), the console of the counter's operators, and the audit trail of
 its supervisors, in one program. A person shows phone and ID card at a
 counter, and an operator countersigns: the phone is bound to the person's
 account.
 .
 The package starts nothing: /usr/share/doc/countersign/docs/systemd/README.md
 says what to set first.
`, v.debian(), processor, maintainer, kilobytes)
}

// debianChangelog has one entry: what changed stands in CHANGELOG.md beside it.
func debianChangelog(v version, maintainer string) []byte {
	return fmt.Appendf(nil, "countersign (%s) unstable; urgency=medium\n\n  * Commit %s.\n  * CHANGELOG.md says what changed.\n\n -- %s  %s\n",
		v.debian(), v.commit, maintainer, v.at.Format(time.RFC1123Z))
}

// sumsOf is what dpkg --verify compares. Conffiles are not in it.
func sumsOf(entries []entry) []byte {
	var lines bytes.Buffer
	for _, one := range sorted(entries) {
		if !strings.HasPrefix(one.name, "etc/") {
			_, _ = fmt.Fprintf(&lines, "%x  %s\n", md5.Sum(one.content), one.name) //nolint:gosec // see above
		}
	}
	return lines.Bytes()
}

// ar is ar(5) with the short names that a package has.
func ar(at time.Time, members []entry) []byte {
	out := bytes.NewBufferString("!<arch>\n")
	for _, one := range members {
		_, _ = fmt.Fprintf(out, "%-16s%-12d%-6d%-6d%-8s%-10d`\n", one.name, at.Unix(), 0, 0, "100644", len(one.content))
		_, _ = out.Write(one.content)
		if len(one.content)%2 == 1 {
			_ = out.WriteByte('\n')
		}
	}
	return out.Bytes()
}
