// Package zones finds time zones by their IANA names, in data that is current.
//
// The program carries data of its own (zones.gz and VERSION, which .ci/zones makes), since package time prefers the
// system's files whatever their age, and governments change their clocks within weeks. The newest of both is used:
// the program's own, or the system's where its version is higher (system.go).
package zones

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed" // the data
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

var (
	//go:embed zones.gz
	packed []byte
	//go:embed VERSION
	versionFile string
)

// Source says which data is used.
type Source struct {
	Version  string    // of the IANA database, such as "2026f"
	Released time.Time // the day of its release, in UTC
	Folder   string    // of the system's files; "" is the program's own data
}

// Old reports whether the data is older than a year: several releases are missing then.
func (s Source) Old(now time.Time) bool { return now.After(s.Released.AddDate(1, 0, 0)) }

func (s Source) String() string {
	if s.Folder == "" {
		return s.Version
	}
	return s.Version + " of " + s.Folder
}

// Database finds zones in the newest data of this machine. It is safe for concurrent use.
type Database struct {
	source Source
	own    func() map[string][]byte
	read   sync.Map // name → *time.Location, what was found once
}

// Load finds a zone by its IANA name, such as "America/Vancouver", in the data of this process. Links ("US/Pacific")
// are zones too; "", "Local" and the database's own files are none. Error: no such zone.
func Load(name string) (*time.Location, error) { return current().Load(name) }

// Used says which data this process uses.
func Used() Source { return current().source }

// current is chosen once, as package time chooses its own, so that all moments of a process agree.
var current = sync.OnceValue(func() *Database { return Open(os.Getenv("ZONEINFO"), folders...) })

// Open chooses among the program's own data and the folders, the first of which counts that has a newer version.
// ZONEINFO may be "".
func Open(zoneinfo string, folders ...string) *Database {
	if zoneinfo != "" {
		folders = append([]string{zoneinfo}, folders...)
	}
	d := &Database{source: ownSource(), own: sync.OnceValue(unpack)}
	for _, folder := range folders {
		if source, ok := systemSource(folder, d.source); ok {
			d.source = source
			break
		}
	}
	return d
}

// Load is the function Load for this database.
func (d *Database) Load(name string) (*time.Location, error) {
	if name == "UTC" {
		return time.UTC, nil
	}
	if zone, ok := d.read.Load(name); ok {
		return zone.(*time.Location), nil
	}
	zone, err := d.parse(name)
	if err != nil {
		return nil, err
	}
	found, _ := d.read.LoadOrStore(name, zone)
	return found.(*time.Location), nil
}

// parse looks in the system's files first where they are used. A system may lack zones, as Debian does that has the
// links in a package of their own.
func (d *Database) parse(name string) (*time.Location, error) {
	if name == "" || name[0] < 'A' || name[0] > 'Z' { // posix, right, localtime
		return nil, fmt.Errorf("zones: no time zone %q", name)
	}
	if d.source.Folder != "" {
		if zone, err := systemZone(d.source.Folder, name); err == nil {
			return zone, nil
		}
	}
	file, ok := d.own()[name]
	if !ok {
		return nil, fmt.Errorf("zones: no time zone %q", name)
	}
	return time.LoadLocationFromTZData(name, file)
}

func ownSource() Source {
	fields := strings.Fields(versionFile)
	day, err := time.Parse(time.DateOnly, fields[1])
	if err != nil {
		panic("zones: VERSION: " + err.Error()) // it is part of the program, and a test reads it
	}
	return Source{Version: fields[0], Released: day}
}

// unpack reads zones.gz, whose form .ci/zones describes.
func unpack() map[string][]byte {
	zones := map[string][]byte{}
	gz, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic("zones: " + err.Error()) // it is part of the program, and a test reads it
	}
	for r := bufio.NewReader(gz); ; {
		line, err := r.ReadString('\n')
		if errors.Is(err, io.EOF) && line == "" {
			return zones
		}
		name, file, err := record(r, line, zones)
		if err != nil {
			panic("zones: " + err.Error())
		}
		zones[name] = file
	}
}

// record reads what follows one line of zones.gz: a file of its own, or nothing for a link.
func record(r io.Reader, line string, zones map[string][]byte) (name string, file []byte, err error) {
	name, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
	if other, link := strings.CutPrefix(rest, "= "); link {
		return name, zones[other], nil
	}
	var length int
	if _, err := fmt.Sscanf(rest, "%d", &length); err != nil {
		return "", nil, err
	}
	file = make([]byte, length)
	_, err = io.ReadFull(r, file)
	return name, file, err
}
