package modelstest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"testing"
	"time"

	"countersign/models"
	"countersign/oauth"
)

// ClientOf registers a phone that runs this software, and gives its key.
func (e *Env) ClientOf(t *testing.T, softwareID string) (models.Client, crypto.Signer) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	registration := Registration(key)
	registration.Metadata.SoftwareID = softwareID
	client, err := e.RegisterClient(e.Context, registration)
	if err != nil {
		t.Fatal(err)
	}
	return client.Client, key
}

// Presence is what the phone's square says now, changed as the test wants.
func (e *Env) Presence(t *testing.T, key crypto.Signer, client models.Client, codes models.IssuedCodes,
	change ...func(*oauth.PresenceRequest)) oauth.PresenceProof {
	t.Helper()
	request := oauth.PresenceRequest{ClientID: client.ID, Issuer: Issuer, UserCode: codes.UserCode,
		ID: rand.Text(), IssuedAt: e.Clock.Now(), ExpiresAt: e.Clock.Now().Add(time.Minute)}
	for _, c := range change {
		c(&request)
	}
	proof, err := oauth.SignPresenceProof(key, request)
	if err != nil {
		t.Fatal(err)
	}
	read, err := oauth.ParsePresenceProof(proof.Travel()) // as the console does
	if err != nil {
		t.Fatal(err)
	}
	return read
}
