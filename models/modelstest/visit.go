package modelstest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/spelling"
	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

// Address is where everybody in these tests comes from.
const Address = "192.0.2.7"

// Scope is what the server knows.
func Scope() oauth.Scope { return oauth.Scope{"account.read", "account.write"} }

// Account imports one active account and returns its identifier in the database.
func (e *Env) Account(t *testing.T, identifiers ...string) string {
	t.Helper()
	e.Import(t, models.AccountActive, identifiers...)
	return e.AccountID(t, identifiers[0])
}

// Import imports one account with a status.
func (e *Env) Import(t *testing.T, status string, identifiers ...string) {
	t.Helper()
	_, err := e.ImportAccounts(e.Context, []models.ImportedAccount{{
		Line: 2, Identifiers: identifiers, FullName: "Account Holder", DateOfBirth: "1980-02-29",
		Contact: "contact." + identifiers[0], Status: status,
	}}, audit.Actor{System: "command"})
	if err != nil {
		t.Fatal(err)
	}
}

// AccountID finds an account's identifier in the database by what people call it.
func (e *Env) AccountID(t *testing.T, identifier string) string {
	t.Helper()
	var id string
	err := e.Reader().Raw("SELECT account_id FROM account_identifiers WHERE key = ?", spelling.Key(identifier)).Scan(&id).Error
	if err != nil || id == "" {
		t.Fatalf("account %q: %q, %v", identifier, id, err)
	}
	return id
}

// CounterID makes a counter and returns its identifier.
func (e *Env) CounterID(t *testing.T, name string) string {
	t.Helper()
	counter, err := e.AddCounter(e.Context, models.NewCounter{Name: name, TimeZone: "Europe/Berlin"})
	if err != nil {
		t.Fatal(err)
	}
	return counter.ID
}

// Operator signs an operator in who works at a counter of their own, and returns the
// session.
func (e *Env) Operator(t *testing.T, subject string, identifiers ...string) string {
	t.Helper()
	session := e.SignIn(t, subject, []models.Role{models.Operator}, identifiers...)
	counter := e.CounterID(t, fmt.Sprintf("Counter of %s %s", subject, session[:6]))
	if err := e.OpenCounter(e.Context, session, counter, netip.MustParseAddr(Address)); err != nil {
		t.Fatal(err)
	}
	return session
}

// SignIn signs somebody of the staff in and returns the session's identifier.
func (e *Env) SignIn(t *testing.T, subject string, roles []models.Role, identifiers ...string) string {
	t.Helper()
	token, err := e.StartSession(e.Context, e.SignInBegun(t), models.Identity{
		Issuer: "https://staff.example", Subject: subject, Name: "Staff " + subject,
		Identifiers: identifiers, Roles: roles, AuthenticatedAt: e.Clock.Now(),
	}, "", Address)
	if err != nil {
		t.Fatal(err)
	}
	session, err := e.Session(e.Context, token)
	if err != nil {
		t.Fatal(err)
	}
	return session.ID
}

// SignInBegun is a sign-in on its way, good for one session.
func (e *Env) SignInBegun(t testing.TB) models.SignIn {
	t.Helper()
	signIn, _, err := e.BeginSignIn("/", "")
	if err != nil {
		t.Fatal(err)
	}
	return signIn
}

// Client registers a phone with a new key.
func (e *Env) Client(t *testing.T) models.Client {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	client, err := e.RegisterClient(e.Context, Registration(key))
	if err != nil {
		t.Fatal(err)
	}
	return client.Client
}

// Registration is what a phone with this key registers.
func Registration(key *ecdsa.PrivateKey) models.Registration {
	return models.Registration{ServerScope: Scope(), Address: Address, Metadata: oauth.ClientMetadata{
		ClientName: "Test app", SoftwareID: "test-app", SoftwareVersion: "1",
		GrantTypes: []string{oauth.GrantTypeDeviceCode, oauth.GrantTypeRefreshToken},
		JWKS:       &jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), Algorithm: "ES256"}}},
	}}
}

// Thumbprint is the DPoP key of every test phone.
const Thumbprint = "0123456789012345678901234567890123456789012"

// Request asks for codes as a phone does.
func (e *Env) Request(t *testing.T, client models.Client, loginHint string) models.IssuedCodes {
	t.Helper()
	codes, err := e.RequestDeviceAuthorization(e.Context, models.DeviceAuthorizationRequest{
		Client: client, LoginHint: loginHint, Scope: oauth.Scope{"account.read"},
		Instance: oauth.Instance{Name: "My phone"}, Thumbprint: Thumbprint, Address: Address,
	})
	if err != nil {
		t.Fatal(err)
	}
	return codes
}

// Card is a card check in which everything is right.
func Card() models.DocumentCheck {
	return models.DocumentCheck{
		Type: "idcard", Issuer: "UTO", Expiry: "2031-01-01", Number: "D23145890",
		NameResult: models.Matches, BirthDateResult: models.Matches, PhotoMatches: true, DocumentHandled: true,
	}
}

// Approve takes a request through match, proof and approval in one session.
func (e *Env) Approve(t *testing.T, session, accountID string, codes models.IssuedCodes) models.Approval {
	t.Helper()
	if _, err := e.Match(e.Context, session, accountID, codes.UserCode); err != nil {
		t.Fatal(err)
	}
	if err := e.Proof(e.Context, session, codes.DeviceAuthorizationID, Card()); err != nil {
		t.Fatal(err)
	}
	approval, err := e.ApproveShown(session, codes.DeviceAuthorizationID)
	if err != nil {
		t.Fatal(err)
	}
	return approval
}

// ApproveShown approves what is shown now, as somebody does who opens the page and presses.
// Where there is nothing to show it asks all the same.
func (e *Env) ApproveShown(session, id string) (models.Approval, error) {
	shown, _ := e.Shown(e.Context, id)
	return e.Store.Approve(e.Context, session, id, shown)
}

// GiveSecondApprovalShown agrees to what is shown now.
func (e *Env) GiveSecondApprovalShown(session, secondID string) error {
	second, err := e.SecondApproval(e.Context, secondID)
	if err != nil {
		return err
	}
	shown, err := e.Shown(e.Context, second.DeviceAuthorizationID)
	if err != nil {
		return err
	}
	return e.GiveSecondApproval(e.Context, session, secondID, shown)
}

// Redemption is a phone's request for the tokens of its codes, with an assertion and a proof that nobody has used.
func Redemption(client models.Client, codes models.IssuedCodes) models.Redemption {
	until := time.Date(2099, 12, 31, 0, 0, 0, 0, time.UTC) // later than any test's clock
	return models.Redemption{ClientID: client.ID, DeviceCode: codes.DeviceCode, Thumbprint: Thumbprint,
		Audience: Issuer + "/api", Address: Address, Proofs: []models.UsedProof{
			{Kind: "assertion", Owner: client.ID, ID: rand.Text(), Until: until},
			{Kind: "dpop", Owner: Thumbprint, ID: rand.Text(), Until: until},
		}}
}

// Events lists the types of all events after the number, oldest first.
func (e *Env) Events(t *testing.T, after int64) []audit.Type {
	t.Helper()
	var types []audit.Type
	err := e.Reader().Raw("SELECT type FROM audit_events WHERE seq > ? ORDER BY seq", after).Scan(&types).Error
	if err != nil {
		t.Fatal(err)
	}
	return types
}

// LastEvent is the number of the newest event.
func (e *Env) LastEvent(t *testing.T) int64 {
	t.Helper()
	var seq int64
	if err := e.Reader().Raw("SELECT coalesce(max(seq), 0) FROM audit_events").Scan(&seq).Error; err != nil {
		t.Fatal(err)
	}
	return seq
}
