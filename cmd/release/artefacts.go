package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"countersign/models"
)

// checksumsName is the file that `sha256sum --check` reads, and that is signed.
const checksumsName = "SHA256SUMS"

// made is what one build gave, of which the files are made.
type made struct {
	programs map[string][]byte // by name
	manual   []byte            // of countersign, for man(1)
	complete map[string][]byte // completion, by shell
	bill     []byte            // the bill of materials, as JSON
	licences []byte            // of all that is linked
	pages    []entry           // README.md, CHANGELOG.md, LICENSE if there is one, and docs
}

// once clones the commit into a folder, builds it for each processor, and makes the files. try is called with each folder of programs
// as soon as they are there, and may be nil.
func (b *builder) once(ctx context.Context, folder string, further []string,
	try func(context.Context, architecture, string) error,
) (files string, err error) {
	clone, files := filepath.Join(folder, "source"), filepath.Join(folder, "files")
	if err := errors.Join(os.MkdirAll(files, 0o750), b.clone(ctx, clone)); err != nil {
		return "", err
	}
	programs := map[string]string{}
	for _, a := range architectures {
		programs[a.name] = filepath.Join(folder, a.name)
		b.say("%s: build", a.name)
		if err := b.build(ctx, clone, a, programs[a.name], further); err != nil {
			return "", err
		}
		if try == nil {
			continue
		}
		if err := try(ctx, a, programs[a.name]); err != nil {
			return "", err
		}
	}
	for _, a := range architectures {
		if err := b.write(ctx, a, clone, programs, files); err != nil {
			return "", err
		}
	}
	return files, writeChecksums(files)
}

// write makes the three files of a processor.
func (b *builder) write(ctx context.Context, a architecture, clone string, programs map[string]string, into string) error {
	m, err := b.collect(ctx, a, clone, programs)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("countersign_%s_linux_%s", b.version.plain(), a.name)
	packed, err := archive(name, m.archived(), b.version.at)
	if err != nil {
		return err
	}
	installed, err := debianPackage(b.version, a.name, b.maintainer, m)
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(into, name+".tar.gz"), packed, 0o600),
		os.WriteFile(filepath.Join(into, name+".cdx.json"), m.bill, 0o600),
		os.WriteFile(filepath.Join(into, fmt.Sprintf("countersign_%s_%s.deb", b.version.debian(), a.name)), installed, 0o600))
}

// collect reads what was built. The manual page and the completion come from the program that this machine runs: they are the same for
// every processor.
func (b *builder) collect(ctx context.Context, a architecture, clone string, programs map[string]string) (m made, err error) {
	m.programs = map[string][]byte{}
	for _, name := range []string{serverProgram, verifyProgram} {
		if m.programs[name], err = os.ReadFile(filepath.Join(programs[a.name], name)); err != nil {
			return m, err
		}
	}
	if m.manual, err = printedBy(ctx, programs, "man"); err != nil {
		return m, err
	}
	m.complete = map[string][]byte{}
	for shell := range completions {
		if m.complete[shell], err = printedBy(ctx, programs, "completion", shell); err != nil {
			return m, err
		}
	}
	if m.pages, err = pagesOf(clone); err != nil {
		return m, err
	}
	library, err := libraryVersion(ctx, a)
	if err != nil {
		return m, err
	}
	number, source := models.SQLiteVersion()
	beside := linked{sqlite: number, sqliteSource: source, libraryPackage: a.library(), library: library}
	if m.bill, err = billOfMaterials(b.version, a.name, programs[a.name], beside); err != nil {
		return m, err
	}
	m.licences, err = licencesOf(ctx, clone, filepath.Join(programs[a.name], serverProgram))
	return m, err
}

// printedBy runs a command of the program that is for this machine, in an empty environment.
func printedBy(ctx context.Context, programs map[string]string, command ...string) ([]byte, error) {
	for _, a := range architectures {
		if !a.isNative() {
			continue
		}
		process := exec.CommandContext(ctx, filepath.Join(programs[a.name], serverProgram), command...)
		process.Env = []string{}
		return process.Output()
	}
	return nil, errors.New("a release is made on linux/amd64 or linux/arm64")
}

// pagesOf reads the pages of a clone that go with the programs: what has code in it stays.
func pagesOf(clone string) ([]entry, error) {
	var pages []entry
	tree := os.DirFS(clone)
	take := func(name string) error {
		content, err := fs.ReadFile(tree, name)
		if err == nil {
			pages = append(pages, entry{name: name, content: content, runs: name == commandPage})
		}
		return err
	}
	for _, name := range []string{"README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE"} {
		if err := take(name); err != nil && (name != "LICENSE" || !errors.Is(err, fs.ErrNotExist)) {
			return nil, err
		}
	}
	err := fs.WalkDir(tree, "docs", func(name string, found fs.DirEntry, err error) error {
		if err != nil || found.IsDir() || strings.HasSuffix(name, ".go") {
			return err
		}
		return take(name)
	})
	return pages, err
}

// writeChecksums writes SHA256SUMS of all files of a folder.
func writeChecksums(folder string) error {
	files, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	var lines strings.Builder
	for _, file := range files {
		content, err := os.ReadFile(filepath.Join(folder, file.Name()))
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(&lines, "%x  %s\n", sha256.Sum256(content), file.Name())
	}
	return os.WriteFile(filepath.Join(folder, checksumsName), []byte(lines.String()), 0o600)
}
