package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"
)

// bill is a bill of materials of CycloneDX 1.6 (ECMA-424), as far as it is used here: what is in the programs, and in which of them.
type bill struct {
	Format       string       `json:"bomFormat"`
	Spec         string       `json:"specVersion"`
	Serial       string       `json:"serialNumber"`
	Version      int          `json:"version"`
	Metadata     billMetadata `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type billMetadata struct {
	Timestamp string    `json:"timestamp"`
	Component component `json:"component"`
}

// component is a program, a library, or a script in a program.
type component struct {
	Type       string     `json:"type"` // application, library
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version"`
	CPE        string     `json:"cpe,omitempty"`
	PURL       string     `json:"purl,omitempty"`
	Hashes     []hash     `json:"hashes,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"` // hexadecimal
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type dependency struct {
	Ref string   `json:"ref"`
	On  []string `json:"dependsOn,omitempty"`
}

// linked is what is in the server's program and no list of Go's modules has.
type linked struct {
	sqlite, sqliteSource    string // of the amalgamation in go-sqlite3: 3.51.0, and SQLITE_SOURCE_ID
	libraryPackage, library string // Debian's package of the C library, and its version
}

// scripts of the server’s pages, in static/vendor; a test compares them with the package comment there.
var scripts = []component{
	{Type: "library", Ref: "pkg:npm/htmx.org@2.0.11", Name: "htmx.org", Version: "2.0.11", PURL: "pkg:npm/htmx.org@2.0.11"},
	{Type: "library", Ref: "pkg:npm/qrcode-generator@2.0.4", Name: "qrcode-generator", Version: "2.0.4",
		PURL: "pkg:npm/qrcode-generator@2.0.4"},
}

// billOfMaterials reads the two programs in a folder, and says what is in them. It is the same for the same programs. A program that has
// another SQLite in it than beside says, or that is of another processor, is an error.
func billOfMaterials(v version, processor, programs string, beside linked) ([]byte, error) {
	b := bill{Format: "CycloneDX", Spec: "1.6", Version: 1}
	release := "countersign-release"
	b.Metadata = billMetadata{
		Timestamp: v.at.UTC().Format(time.RFC3339),
		Component: component{Type: "application", Ref: release, Name: "countersign", Version: v.name,
			Properties: []property{{"git:commit", v.commit}, {"platform", "linux/" + processor}}},
	}
	known, serial := map[string]bool{}, sha256.New()
	add := func(c component) string {
		if !known[c.Ref] {
			known[c.Ref] = true
			b.Components = append(b.Components, c)
		}
		return c.Ref
	}
	both := dependency{Ref: release}
	for _, name := range []string{serverProgram, verifyProgram} {
		program, parts, err := partsOf(filepath.Join(programs, name), processor, beside)
		if err != nil {
			return nil, err
		}
		program.Version = v.name
		both.On = append(both.On, add(program))
		_, _ = serial.Write([]byte(program.Hashes[0].Content))
		needs := dependency{Ref: program.Ref}
		for _, part := range parts {
			needs.On = append(needs.On, add(part))
		}
		b.Dependencies = append(b.Dependencies, needs)
	}
	b.Dependencies = append(b.Dependencies, both)
	b.Serial = serialNumber(serial.Sum(nil))
	text, err := json.MarshalIndent(b, "", "  ")
	return append(text, '\n'), err
}

// partsOf reads one program: itself, and what is in it.
func partsOf(path, processor string, beside linked) (program component, parts []component, err error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return component{}, nil, err
	}
	info, err := buildinfo.Read(bytes.NewReader(content))
	if err != nil {
		return component{}, nil, fmt.Errorf("%s: %w", path, err)
	}
	if got := settingOf(info, "GOARCH"); got != processor {
		return component{}, nil, fmt.Errorf("%s is a program for %s, not %s", path, got, processor)
	}
	sum, name := sha256.Sum256(content), filepath.Base(path)
	program = component{Type: "application", Ref: "program:" + name, Name: name,
		Hashes: []hash{{"SHA-256", hex.EncodeToString(sum[:])}}}
	parts = append(parts, standardLibrary(info.GoVersion))
	for _, one := range info.Deps {
		parts = append(parts, moduleComponent(one))
	}
	if name != serverProgram {
		return program, parts, nil
	}
	if !bytes.Contains(content, []byte(beside.sqliteSource)) {
		return component{}, nil, fmt.Errorf("%s does not have SQLite %s (%s) in it", path, beside.sqlite, beside.sqliteSource)
	}
	return program, append(append(parts, beside.components()...), scripts...), nil
}

func settingOf(info *debug.BuildInfo, key string) string {
	for _, setting := range info.Settings {
		if setting.Key == key {
			return setting.Value
		}
	}
	return ""
}

// standardLibrary is Go's own, whose faults are told under the name go.
func standardLibrary(goVersion string) component {
	number, _, _ := strings.Cut(strings.TrimPrefix(goVersion, "go"), " ")
	purl := "pkg:golang/std@" + number
	return component{Type: "library", Ref: purl, Name: "std", Version: number, PURL: purl,
		CPE: "cpe:2.3:a:golang:go:" + number + ":*:*:*:*:*:*:*"}
}

// moduleComponent is a module with the sum of go.sum. A module that is replaced is what replaces it.
func moduleComponent(m *debug.Module) component {
	if m.Replace != nil {
		m = m.Replace
	}
	purl := "pkg:golang/" + m.Path + "@" + strings.ReplaceAll(m.Version, "+", "%2B")
	return component{Type: "library", Ref: purl, Name: m.Path, Version: m.Version, PURL: purl, Properties: []property{{"go:sum", m.Sum}}}
}

// components are SQLite and the C library.
func (l linked) components() []component {
	sqlite, library := "pkg:generic/sqlite@"+l.sqlite, "pkg:deb/debian/"+l.libraryPackage+"@"+strings.ReplaceAll(l.library, "+", "%2B")
	upstream, _, _ := strings.Cut(l.library, "-")
	return []component{
		{Type: "library", Ref: sqlite, Name: "sqlite", Version: l.sqlite, PURL: sqlite,
			CPE:        "cpe:2.3:a:sqlite:sqlite:" + l.sqlite + ":*:*:*:*:*:*:*",
			Properties: []property{{"sqlite:source_id", l.sqliteSource}}},
		{Type: "library", Ref: library, Name: "glibc", Version: l.library, PURL: library,
			CPE: "cpe:2.3:a:gnu:glibc:" + upstream + ":*:*:*:*:*:*:*"},
	}
}

// serialNumber is a UUID that follows from what was made (RFC 9562 §5.8).
func serialNumber(sum []byte) string {
	id := bytes.Clone(sum[:16])
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", id[0:4], id[4:6], id[6:8], id[8:10], id[10:16])
}
