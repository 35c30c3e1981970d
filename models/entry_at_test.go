package models_test

import (
	"errors"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"
)

// A backup of an earlier program is compared with what is there (countersign restore), and belongs to an issuer: its tokens are found
// where that program kept them.
func TestEntryOfAnEarlierProgram(t *testing.T) {
	database := modelstest.Connect(t, modelstest.Empty(t, "sqlite"))
	if err := database.MigrateTo(t.Context(), packedSince-1); err != nil {
		t.Fatal(err)
	}
	const token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUifQ.AAAA" // of {"alg":"ES256"}, {"iss":"https://id.example"}
	former := handMadeBefore(1, 1, token)
	if err := models.WriterForTest(database).Create(&former).Error; err != nil {
		t.Fatal(err)
	}
	look := func(when string) {
		t.Helper()
		entry, err := database.EntryAt(t.Context(), 1)
		if err != nil || entry.SET != token || entry.ID != former.ID || entry.Damaged() != nil {
			t.Errorf("%s: %+v, %v", when, entry, err)
		}
		if _, err := database.EntryAt(t.Context(), 2); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("%s, one that is not there: %v", when, err)
		}
		if err := database.CheckIssuer(t.Context(), "https://id.example"); err != nil {
			t.Errorf("%s, its issuer: %v", when, err)
		}
		if err := database.CheckIssuer(t.Context(), "https://other.example"); !errors.Is(err, models.ErrOtherIssuer) {
			t.Errorf("%s, another issuer: %v", when, err)
		}
	}
	look("as it was")
	if err := database.MigrateTo(t.Context(), packedSince); err != nil {
		t.Fatal(err)
	}
	look("brought up to date")
}
