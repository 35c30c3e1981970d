package zones

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The zones that changed in 2026, with what older data says of 30 November: an hour less, Morocco an hour more.
var changed = []struct{ name, right string }{
	{"America/Vancouver", "-0700"}, {"America/Edmonton", "-0600"}, {"America/Winnipeg", "-0500"}, {"America/Havana", "-0400"},
	{"Africa/Casablanca", "+0000"}, {"Africa/El_Aaiun", "+0000"},
	{"US/Pacific", "-0800"}, {"Europe/Berlin", "+0100"}, {"Asia/Kathmandu", "+0545"}, {"UTC", "+0000"},
}

var november = time.Date(2026, time.November, 30, 12, 0, 0, 0, time.UTC)

func offset(t *testing.T, d *Database, name string) string {
	t.Helper()
	zone, err := d.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return november.In(zone).Format("-0700")
}

// docs/decisions/0034-time-zones.md: the clocks of November 2026, whatever the system's files say. The old copy is
// all zones as Berlin, so that any use of it shows.
func TestClocksOfNovember2026(t *testing.T) {
	t.Parallel()
	old := folder(t, "tzdata.zi", "# version 2025b\n# redo posix_only\n", november)
	for _, zone := range changed {
		for where, d := range map[string]*Database{"no system": Open(""), "ZONEINFO": Open(old), "system": Open("", "/nowhere", old)} {
			if got := offset(t, d, zone.name); got != zone.right {
				t.Errorf("%s, %s: %s, want %s", where, zone.name, got, zone.right)
			}
			if d.source.Folder != "" || d.source.Version != ownSource().Version {
				t.Errorf("%s: uses %s", where, d.source)
			}
		}
	}
}

// folder is a system's folder with a version file of that time, in which Vancouver and Winnipeg have Berlin's clock.
func folder(t *testing.T, file, version string, at time.Time) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "America"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		file: version, "America/Vancouver": string(unpack()["Europe/Berlin"]), "America/Winnipeg": string(unpack()["Europe/Berlin"]),
		"America/Damaged": "TZif", "localtime": string(unpack()["Europe/Berlin"]),
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestTheNewestIsUsed(t *testing.T) {
	t.Parallel()
	at := time.Date(2027, time.March, 3, 15, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		file, content, version string
	}{
		{"tzdata.zi", "# version 2027a\n# redo posix_only\n", "2027a"},
		{"+VERSION", "2027a\n", "2027a"},
		{"+VERSION", "2027za", "2027za"},
		{"tzdata.zi", "# version 2028b-dirty\n", "2028b"},
	} {
		dir := folder(t, c.file, c.content, at)
		for _, d := range []*Database{Open(dir), Open("", "/nowhere", dir), Open(folder(t, "+VERSION", "2020a", at), dir)} {
			if d.source.Version != c.version || d.source.Folder != dir || d.source.Released.Format(time.DateOnly) != "2027-03-03" {
				t.Errorf("%s %q: %+v", c.file, c.content, d.source)
			}
			if got := offset(t, d, "America/Vancouver"); got != "+0100" {
				t.Errorf("%s %q: the system's files are not read: %s", c.file, c.content, got)
			}
			if got := offset(t, d, "America/Havana"); got != "-0400" {
				t.Errorf("%s %q: a zone that the system lacks is not our own: %s", c.file, c.content, got)
			}
		}
	}
	for _, content := range []string{"# version unknown\n", "", "# version 2026f\n", "# version 1999z\n", "2026"} {
		if d := Open(folder(t, "tzdata.zi", content, at)); d.source.Folder != "" {
			t.Errorf("%q is taken for newer: %s", content, d.source)
		}
	}
}

// An image may have lost the times of its files.
func TestDayOfTheSystemsRelease(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ changed, want string }{
		{"1970-01-01", ownSource().Released.Format(time.DateOnly)}, {"2027-02-01", "2027-02-01"}, {"2031-05-01", "2027-12-31"},
	} {
		at, _ := time.Parse(time.DateOnly, c.changed)
		if got := Open(folder(t, "+VERSION", "2027b", at)).source.Released.Format(time.DateOnly); got != c.want {
			t.Errorf("a version file of %s: %s, want %s", c.changed, got, c.want)
		}
	}
}

func TestOldAfterAYear(t *testing.T) {
	t.Parallel()
	own := ownSource()
	if own.Old(own.Released.AddDate(1, 0, 0)) || !own.Old(own.Released.AddDate(1, 0, 0).Add(time.Second)) {
		t.Error("the data is old too early, or too late")
	}
}

func TestNoZones(t *testing.T) {
	t.Parallel()
	newer := folder(t, "+VERSION", "2027a", november)
	for _, name := range []string{
		"", "Local", "localtime", "posix/Europe/Berlin", "right/Europe/Berlin", "Europe", "Europe/", "America", "Nowhere/Here",
		"../America/Vancouver", "America/../America/Vancouver", "/usr/share/zoneinfo/Europe/Berlin", "America/Damaged", "+VERSION",
		"europe/berlin",
		`America\Vancouver`, "America/Vancouver\x00",
	} {
		for _, d := range []*Database{Open(""), Open(newer)} {
			if zone, err := d.Load(name); err == nil {
				t.Errorf("%q is %v", name, zone)
			}
		}
	}
}

// What .ci/zones made belongs together: every zone can be read, and the data is that of its version file.
func TestDataIsWhatItsVersionSays(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256(packed)
	fields := strings.Fields(versionFile)
	if len(fields) != 3 || fields[2] != hex.EncodeToString(sum[:]) || versionText.FindString(fields[0]) != fields[0] {
		t.Fatalf("VERSION holds %q, zones.gz is %x", versionFile, sum)
	}
	names := unpack()
	if len(names) < 590 {
		t.Errorf("only %d zones", len(names))
	}
	d := Open("")
	for name := range names {
		if zone, err := d.Load(name); err != nil || zone.String() != name {
			t.Errorf("%s: %v, %v", name, zone, err)
		}
	}
	if first, _ := d.Load("America/Havana"); first != must(d.Load("America/Havana")) {
		t.Error("a zone is read twice")
	}
}

func must(zone *time.Location, err error) *time.Location {
	if err != nil {
		panic(err)
	}
	return zone
}

// The process's own choice: ZONEINFO counts, as for package time.
func TestOfThisProcess(t *testing.T) {
	t.Parallel()
	if Used().Version < ownSource().Version {
		t.Errorf("%s is used, and the program has %s", Used(), ownSource())
	}
	if got := offset(t, current(), "America/Winnipeg"); got != "-0500" {
		t.Errorf("Winnipeg is at %s", got)
	}
}
