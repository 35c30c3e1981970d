package device_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"

	"github.com/go-jose/go-jose/v4"
)

// publish registers Example Bank with a key, and its app.
func publish(t *testing.T, s *handlerstest.Server) (sign func(handlerstest.Object) string) {
	t.Helper()
	key := handlerstest.NewKey()
	_, err := s.Store.SetPublisherKeys(t.Context(), models.NewPublisher{
		Name: "Example Bank", Keys: jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public()}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Store.AddSoftware(t.Context(), models.NewSoftware{
		Publisher: "Example Bank", SoftwareID: "example.pocketbank", Name: "Pocket Bank", Scope: oauth.Scope{"profile"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return func(changes handlerstest.Object) string { return s.Statement(key, changes) }
}

// RFC 7591 §2.3 and §3.2.1: the statement's values win, and it comes back as it
// was sent; reading the registration tells it too.
func TestStatementWins(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{Policy: models.Policy{Registration: models.RegistrationStated}})
	statement := publish(t, s)(handlerstest.Object{"client_name": "Pocket Bank, signed", "scope": "profile", "software_version": "9"})
	answer := s.Register(handlerstest.Metadata(handlerstest.NewKey()).With(handlerstest.Object{
		"software_statement": statement, "client_name": "Another", "scope": handlerstest.AllScopes(), "software_id": "someone.else",
	})).Succeeded(t, http.StatusCreated)
	for member, want := range map[string]string{
		"client_name": "Pocket Bank, signed", "scope": "profile", "software_id": "example.pocketbank", "software_version": "9",
		"software_statement": statement,
	} {
		if answer.String(member) != want {
			t.Errorf("%s is %q, want %q", member, answer.String(member), want)
		}
	}
}

// RFC 7591 §3.2.2: what each refusal is called. Nothing is registered.
func TestRefusedStatements(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{Policy: models.Policy{Registration: models.RegistrationStated}})
	sign := publish(t, s)
	if _, err := s.Store.AddSoftware(t.Context(), models.NewSoftware{Publisher: "Other Bank", SoftwareID: "other.app",
		Name: "Other"}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		statement any
		code      string
	}{
		"none at all":         {nil, oauth.ErrInvalidSoftwareStatement},
		"no JWT":              {"statement", oauth.ErrInvalidSoftwareStatement},
		"a number":            {1, oauth.ErrInvalidSoftwareStatement},
		"another key":         {s.Statement(handlerstest.NewKey(), nil), oauth.ErrInvalidSoftwareStatement},
		"expired":             {sign(handlerstest.Object{"exp": s.Clock.Now().Unix()}), oauth.ErrInvalidSoftwareStatement},
		"no exp":              {sign(handlerstest.Object{"exp": nil}), oauth.ErrInvalidSoftwareStatement},
		"for another server":  {sign(handlerstest.Object{"aud": "https://other.example"}), oauth.ErrInvalidSoftwareStatement},
		"of nobody":           {sign(handlerstest.Object{"iss": "Nobody"}), oauth.ErrUnapprovedSoftwareStatement},
		"without keys":        {sign(handlerstest.Object{"iss": "Other Bank"}), oauth.ErrUnapprovedSoftwareStatement},
		"of another's app":    {sign(handlerstest.Object{"software_id": "other.app"}), oauth.ErrUnapprovedSoftwareStatement},
		"of an app of nobody": {sign(handlerstest.Object{"software_id": "unknown.app"}), oauth.ErrUnapprovedSoftwareStatement},
		"with a hostile name": {sign(handlerstest.Object{"client_name": "Pocket\u202eknaB"}), oauth.ErrInvalidClientMetadata},
		"with a broken scope": {sign(handlerstest.Object{"scope": "a  b"}), oauth.ErrInvalidClientMetadata},
	} {
		t.Run(name, func(t *testing.T) {
			s.Unchanged(t, name, func() {
				refused(t, s.Register(handlerstest.Metadata(handlerstest.NewKey()).
					With(handlerstest.Object{"software_statement": c.statement})), c.code)
			})
		})
	}
}

// The console says "verified" only of what a publisher has signed; of an app that only
// sends a listed software_id it says just that.
func TestVerifiedIsSigned(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	sign := publish(t, s)
	operator := s.Operator("Olga Operator")
	show := func(metadata handlerstest.Object) *handlerstest.Page {
		key := handlerstest.NewKey()
		answer := s.Register(metadata.With(handlerstest.Object{"jwks": handlerstest.Metadata(key)["jwks"]})).Succeeded(t, http.StatusCreated)
		phone := s.PhoneOf(answer, key)
		visit := s.Match(t, operator, phone.Ask(nil).UserCode)
		if err := s.Store.Proof(t.Context(), operator.SessionID, visit.ID, handlerstest.Proof()); err != nil {
			t.Fatal(err)
		}
		return s.BrowserOf(t, operator).Get(views.DecidePath(visit.ID)).Wants(http.StatusOK, "")
	}
	plain := handlerstest.Metadata(handlerstest.NewKey())
	show(plain).Says("says it is from Example Bank, not verified").SaysNot("verified by its signature")
	show(plain.With(handlerstest.Object{"software_statement": sign(nil)})).Says("by Example Bank, verified").SaysNot("not verified")
	show(plain.With(handlerstest.Object{"software_id": "of.nobody"})).Says("From no registered publisher")
}

// RFC 7592 §2.2: a client that sends back what it was told, with its change, can
// update itself also when its statement has expired and the publisher has new keys. That
// statement serves no other client, and a different one is judged as ever.
func TestUpdateRepeatsItsStatement(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{Policy: models.Policy{Registration: models.RegistrationStated}})
	sign, key := publish(t, s), handlerstest.NewKey()
	statement := sign(handlerstest.Object{"presence_proof_required": true})
	answer := s.Register(handlerstest.Metadata(key).With(handlerstest.Object{"software_statement": statement})).
		Succeeded(t, http.StatusCreated)
	s.Clock.Advance(25 * time.Hour)
	_, err := s.Store.SetPublisherKeys(t.Context(), models.NewPublisher{
		Name: "Example Bank", Keys: jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: handlerstest.NewKey().Public()}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	back := answer.JSON
	for _, name := range []string{"registration_access_token", "registration_client_uri", "client_id_issued_at"} {
		back = back.With(handlerstest.Object{name: nil})
	}
	path := strings.TrimPrefix(answer.String("registration_client_uri"), s.Issuer)
	update := func(changes handlerstest.Object) handlerstest.Answer {
		return s.Manage(http.MethodPut, path, answer.String("registration_access_token"), back.With(changes))
	}
	updated := update(handlerstest.Object{"software_version": "10"}).Succeeded(t, http.StatusOK)
	if updated.String("software_statement") != statement || updated.String("software_version") != "10" {
		t.Errorf("updated to %s", updated.Text)
	}
	client, err := s.Store.Client(t.Context(), answer.String("client_id"))
	if err != nil || client.VerifiedPublisherID == nil || !client.PresenceRequired {
		t.Errorf("the client is now %+v, %v", client, err)
	}
	refused(t, s.Register(handlerstest.Metadata(handlerstest.NewKey()).With(handlerstest.Object{"software_statement": statement})),
		oauth.ErrInvalidSoftwareStatement)
	refused(t, update(handlerstest.Object{"software_statement": sign(nil)}), oauth.ErrInvalidSoftwareStatement)
	refused(t, update(handlerstest.Object{"software_statement": nil}), oauth.ErrInvalidSoftwareStatement)
}

// RFC 7592 §2.2: an update without the statement is no longer verified, and where
// a statement is required it is refused.
func TestStatementCanBeLost(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	sign, key := publish(t, s), handlerstest.NewKey()
	answer := s.Register(handlerstest.Metadata(key).With(handlerstest.Object{"software_statement": sign(nil)})).
		Succeeded(t, http.StatusCreated)
	path := strings.TrimPrefix(answer.String("registration_client_uri"), s.Issuer)
	update := handlerstest.Metadata(key).With(handlerstest.Object{"client_id": answer.String("client_id")})
	replaced := s.Manage(http.MethodPut, path, answer.String("registration_access_token"), update).Succeeded(t, http.StatusOK)
	client, err := s.Store.Client(t.Context(), answer.String("client_id"))
	if err != nil || client.VerifiedPublisherID != nil || replaced.JSON["software_statement"] != nil {
		t.Errorf("%v: verified by %v, answered %s", err, client.VerifiedPublisherID, replaced.Text)
	}
}

// RFC 7591 §3: without an initial access token 401 and a plain challenge, with a
// bad one invalid_token; nothing else of the request is looked at, and nothing changes.
func TestInitialAccessToken(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{Policy: models.Policy{Registration: models.RegistrationByToken}})
	make := func(lifetime time.Duration) string {
		_, token, err := s.Store.AddRegistrationToken(t.Context(), models.NewRegistrationToken{Lifetime: lifetime})
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	good, brief, key := make(24*time.Hour), make(time.Hour), handlerstest.NewKey()
	s.Clock.Advance(time.Hour)
	for name, token := range map[string]string{"none": "", "unknown": strings.Repeat("A", 43), "expired": brief} {
		s.Unchanged(t, name, func() {
			asksForToken(t, name, s.RegisterWith(handlerstest.Object{"nonsense": true}, token), token)
		})
	}
	// A refused registration does not use the token up.
	s.RegisterWith(handlerstest.Metadata(key).With(handlerstest.Object{"client_name": nil}), good).
		Refused(t, http.StatusBadRequest, oauth.ErrInvalidClientMetadata)
	s.RegisterWith(handlerstest.Metadata(key), good).Succeeded(t, http.StatusCreated)
	s.RegisterWith(handlerstest.Metadata(handlerstest.NewKey()), good).Refused(t, http.StatusUnauthorized, oauth.ErrInvalidToken)
}
