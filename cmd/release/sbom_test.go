package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"countersign/models"
)

// someLinked is what this test's own program has in it, too.
func someLinked() linked {
	number, source := models.SQLiteVersion()
	return linked{sqlite: number, sqliteSource: source, libraryPackage: "libc6-dev", library: "2.36-9+deb12u10"}
}

// programsOf is a folder in which this test's own program stands for both.
func programsOf(t *testing.T) string {
	t.Helper()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for _, name := range []string{serverProgram, verifyProgram} {
		if err := os.Symlink(own, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// The bill of materials names what is in the programs, as they say it themselves: modules with their sums, Go, SQLite, the C library,
// the scripts of the pages; and in which program each is.
func TestBillOfMaterials(t *testing.T) {
	folder := programsOf(t)
	v := version{name: "v1.2.3", commit: someCommit, at: someTime}
	text, err := billOfMaterials(v, runtime.GOARCH, folder, someLinked())
	if err != nil {
		t.Fatal(err)
	}
	if again, err := billOfMaterials(v, runtime.GOARCH, folder, someLinked()); err != nil || !bytes.Equal(text, again) {
		t.Errorf("it is not the same a second time: %v", err)
	}
	var b bill
	if err := json.Unmarshal(text, &b); err != nil {
		t.Fatal(err)
	}
	if b.Format != "CycloneDX" || b.Spec != "1.6" || b.Metadata.Timestamp != "2026-11-30T00:17:19Z" ||
		!regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(b.Serial) {
		t.Errorf("%s %s %s %s", b.Format, b.Spec, b.Metadata.Timestamp, b.Serial)
	}
	number, _ := models.SQLiteVersion()
	purls := map[string]component{}
	for _, c := range b.Components {
		purls[c.PURL] = c
	}
	for _, purl := range []string{"pkg:generic/sqlite@" + number, "pkg:deb/debian/libc6-dev@2.36-9%2Bdeb12u10", "pkg:npm/htmx.org@2.0.11",
		"pkg:golang/std@" + strings.TrimPrefix(runtime.Version(), "go")} {
		if purls[purl].Version == "" {
			t.Errorf("%s is not in it", purl)
		}
	}
	for _, name := range []string{"github.com/mattn/go-sqlite3", "gorm.io/gorm"} {
		if !slices.ContainsFunc(b.Components, func(c component) bool {
			return c.Name == name && strings.HasPrefix(c.Properties[0].Value, "h1:")
		}) {
			t.Errorf("the module %s is not in it with its sum", name)
		}
	}
	refersToItself(t, b)
}

// refersToItself checks what validators of CycloneDX check beside the shape: each reference is of one component.
func refersToItself(t *testing.T, b bill) {
	t.Helper()
	refs := []string{b.Metadata.Component.Ref}
	for _, c := range b.Components {
		if slices.Contains(refs, c.Ref) {
			t.Errorf("%s is there twice", c.Ref)
		}
		refs = append(refs, c.Ref)
	}
	var on []string
	for _, d := range b.Dependencies {
		on = append(append(on, d.Ref), d.On...)
	}
	for _, ref := range on {
		if !slices.Contains(refs, ref) {
			t.Errorf("%s is nothing", ref)
		}
	}
	if len(b.Dependencies) != 3 {
		t.Errorf("%d programs and releases depend on something", len(b.Dependencies))
	}
}

// A program that is not what the bill would say is refused.
func TestBillOfAnotherProgramIsRefused(t *testing.T) {
	folder, v := programsOf(t), version{name: "v1.2.3", at: someTime}
	if _, err := billOfMaterials(v, "riscv64", folder, someLinked()); err == nil || !strings.Contains(err.Error(), "not riscv64") {
		t.Error(err)
	}
	older := someLinked()
	older.sqliteSource = strings.Repeat("0", len(older.sqliteSource))
	if _, err := billOfMaterials(v, runtime.GOARCH, folder, older); err == nil || !strings.Contains(err.Error(), "does not have SQLite") {
		t.Error(err)
	}
}

// The scripts of the bill are those that the server serves.
func TestScriptsOfTheBill(t *testing.T) {
	page := fileOf(t, "static", "static.go")
	for _, one := range scripts {
		name := strings.TrimSuffix(one.Name, ".org")
		if !regexp.MustCompile(`vendor/` + name + `(\.min)?\.js +(?:\w+ )?` + regexp.QuoteMeta(one.Version) + ` `).MatchString(page) {
			t.Errorf("static does not have %s %s", name, one.Version)
		}
	}
}

// Each module that is linked has a licence, whose text goes with the program.
func TestLicences(t *testing.T) {
	text, err := licencesOf(t.Context(), filepath.Join("..", ".."), filepath.Join(programsOf(t), serverProgram))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		"SQLite is in the public domain", "\nGo's standard library go", "\ngithub.com/mattn/go-sqlite3 v", "\ngorm.io/gorm v",
		"htmx.LICENSE.txt", "qrcode-generator.LICENSE.txt", "THE SOFTWARE IS PROVIDED \"AS IS\"",
	} {
		if !bytes.Contains(text, []byte(part)) {
			t.Errorf("%q is not in it", part)
		}
	}
	var out bytes.Buffer
	tree := fstest.MapFS{"README.md": {Data: []byte("a")}, "licence.go": {Data: []byte("package licence")}}
	if err := appendLicences(&out, "a work", tree, "."); err == nil || !strings.Contains(err.Error(), "no file with a licence in a work") {
		t.Error(err)
	}
}
