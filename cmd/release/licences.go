package main

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// licencesHead begins the file of licences, and is Debian's file copyright, which may not have the texts (Debian Policy §12.5).
const licencesHead = `Countersign is linked of the works that the file LICENSES names, each under its own licence, whose text stands there.
Countersign's own licence is the file LICENSE beside its sources; where there is none, none is given.
SQLite is in the public domain: https://sqlite.org/copyright.html
The GNU C Library is under the GNU Lesser General Public License, version 2.1 or later; on Debian its text is
/usr/share/common-licenses/LGPL-2.1. Whoever wants to link another one builds the sources of this commit.
On Debian the text of the Apache License, version 2.0, is /usr/share/common-licenses/Apache-2.0.
`

// licencesOf collects the texts of the licences of all that is linked into a program, with those of the scripts that it serves.
// A module without one is an error.
func licencesOf(ctx context.Context, clone, program string) ([]byte, error) {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return nil, err
	}
	folders, err := moduleFolders(ctx, clone)
	if err != nil {
		return nil, err
	}
	toolchain, err := capture(ctx, clone, "go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	out := bytes.NewBufferString(licencesHead)
	if err := appendLicences(out, "Go's standard library "+info.GoVersion, os.DirFS(toolchain), "."); err != nil {
		return nil, err
	}
	for _, one := range info.Deps {
		if err := appendLicences(out, one.Path+" "+one.Version, os.DirFS(folders[one.Path]), "."); err != nil {
			return nil, err
		}
	}
	err = appendLicences(out, "htmx and qrcode-generator, scripts of its pages", os.DirFS(clone), "static/vendor")
	return out.Bytes(), err
}

// moduleFolders are where the sources of the modules lie.
func moduleFolders(ctx context.Context, clone string) (map[string]string, error) {
	lines, err := capture(ctx, clone, "go", "list", "-m", "-f", "{{.Path}}\t{{.Dir}}", "all")
	if err != nil {
		return nil, err
	}
	folders := map[string]string{}
	for line := range strings.SplitSeq(lines, "\n") {
		name, folder, _ := strings.Cut(line, "\t")
		folders[name] = folder
	}
	return folders, nil
}

// appendLicences appends the licences of a folder of a work.
func appendLicences(out *bytes.Buffer, work string, tree fs.FS, folder string) error {
	files, err := fs.ReadDir(tree, folder)
	if err != nil {
		return fmt.Errorf("licences of %s: %w", work, err)
	}
	found := 0
	for _, file := range files {
		if file.IsDir() || !isLicence(file.Name()) {
			continue
		}
		text, err := fs.ReadFile(tree, path.Join(folder, file.Name()))
		if err != nil {
			return err
		}
		found++
		_, _ = fmt.Fprintf(out, "\n%s\n%s (%s)\n\n%s\n", strings.Repeat("=", 80), work, file.Name(), bytes.TrimSpace(text))
	}
	if found == 0 {
		return errors.New("no file with a licence in " + work)
	}
	return nil
}

// isLicence knows the names that such files have.
func isLicence(name string) bool {
	upper := strings.ToUpper(name)
	return slices.ContainsFunc([]string{"LICENSE", "LICENCE", "COPYING", "NOTICE", "PATENTS"}, func(word string) bool {
		return strings.Contains(upper, word)
	}) && !strings.HasSuffix(upper, ".GO") && filepath.Ext(upper) != ".HEADER"
}
