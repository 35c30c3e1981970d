package models_test

import (
	"testing"

	"countersign/models"
	"countersign/models/document"
)

// What package document finds is stored as it is.
func TestVerdictsAreTheStoredWords(t *testing.T) {
	for verdict, stored := range map[document.Verdict]string{
		document.Matches: models.Matches, document.Differs: models.Differs, document.NotOnRecord: models.NotOnRecord,
	} {
		if string(verdict) != stored {
			t.Errorf("%q is stored as %q", verdict, stored)
		}
	}
}
