package zones

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// folders are where package time looks for the system's files.
var folders = []string{"/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ", "/etc/zoneinfo"}

// versionFiles say which version a folder has: tzdata.zi begins with "# version 2026f", +VERSION holds "2026f".
var versionFiles = []string{"tzdata.zi", "+VERSION"}

// Versions are a year and letters, so that their order is that of their texts: 2025b, 2026a, 2026z, 2026za.
var versionText = regexp.MustCompile(`^(20\d\d)[a-z]+`)

// largestZone bounds what is read of one file, in bytes: the largest zones have 4 KB.
const largestZone = 1 << 20

// systemSource reads the version of a folder; false when it does not say it, or is not newer than our own.
func systemSource(folder string, own Source) (Source, bool) {
	for _, name := range versionFiles {
		version, changed, err := readVersion(os.DirFS(folder), name)
		if err == nil && version > own.Version {
			return Source{Version: version, Released: released(version, changed, own.Released), Folder: folder}, true
		}
	}
	return Source{}, false
}

func readVersion(folder fs.FS, name string) (version string, changed time.Time, err error) {
	file, err := folder.Open(name)
	if err != nil {
		return "", time.Time{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", time.Time{}, err
	}
	line, err := bufio.NewReader(io.LimitReader(file, 100)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", time.Time{}, err
	}
	return versionText.FindString(strings.TrimPrefix(line, "# version ")), info.ModTime(), nil
}

// released is the day when the system's version file was made, which packages keep. Images often lose such times, so
// it lies between our own release, which is older, and the end of the year that gives the version its name.
func released(version string, changed, own time.Time) time.Time {
	year, _ := strconv.Atoi(version[:4])
	if end := time.Date(year, time.December, 31, 0, 0, 0, 0, time.UTC); changed.After(end) {
		changed = end
	}
	if changed.Before(own) {
		changed = own
	}
	return changed.UTC().Truncate(24 * time.Hour)
}

func systemZone(folder, name string) (*time.Location, error) {
	file, err := os.DirFS(folder).Open(name) // it refuses names that lead out of the folder
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, largestZone))
	if err != nil {
		return nil, err
	}
	return time.LoadLocationFromTZData(name, data)
}
