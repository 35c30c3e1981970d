package models_test

import (
	"crypto/rand"
	"testing"
	"time"

	"countersign/models"
	"countersign/models/document"
	"countersign/oauth"
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
	if document.NoEnd.String() != models.NoExpiry {
		t.Errorf("%q is stored as %q", document.NoEnd, models.NoExpiry)
	}
}

// Package document imports nothing of ours, and yet knows our codes and proofs from documents.
func TestOurCodesAreNoDocuments(t *testing.T) {
	code, err := oauth.NewUserCode(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for scan, want := range map[string]document.Kind{
		code.Display(): document.IsUserCode, oauth.PresencePrefix + "MV4UUQ2HMF3WC43V": document.IsPresenceProof,
	} {
		if _, problems := document.Parse(scan, time.Unix(0, 0)); len(problems) != 1 || problems[0].Kind != want {
			t.Errorf("%s was taken for %v", want, problems)
		}
	}
}
