package models_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"countersign/models"
)

// docs/decisions/0034-time-zones.md: the clocks of counters in November 2026, also where the system's files are older.
// The files are read once a process, so that another one looks at the old copy, in which Vancouver has no zone at all.
func TestClocksOfCountersWithOldSystemFiles(t *testing.T) {
	const inside = "TEST_CLOCKS_OF_COUNTERS"
	if os.Getenv(inside) == "" {
		old := t.TempDir()
		if err := os.WriteFile(filepath.Join(old, "tzdata.zi"), []byte("# version 2025b\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
		again.Env = append(os.Environ(), inside+"=1", "ZONEINFO="+old)
		if out, err := again.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}
	noon := time.Date(2026, time.November, 30, 12, 0, 0, 0, time.UTC)
	for zone, want := range map[string]string{
		"America/Vancouver": "05:00 -0700", "America/Edmonton": "06:00 -0600", "America/Winnipeg": "07:00 -0500", "America/Havana": "08:00 -0400",
		"Africa/Casablanca": "12:00 +0000", "Africa/El_Aaiun": "12:00 +0000",
	} {
		if got := noon.In(models.Counter{TimeZone: zone}.Location()).Format("15:04 -0700"); got != want {
			t.Errorf("%s: %s, want %s", zone, got, want)
		}
		if wrong := models.CheckCounter(models.NewCounter{Name: "A", Address: "B", Hours: "C", TimeZone: zone}); len(wrong) > 0 {
			t.Errorf("%s is refused: %v", zone, wrong)
		}
	}
}
