package handlerstest

import (
	"context"
	"net/http"
	"net/netip"
	"testing"

	"countersign/models"
	"countersign/oauth"
)

// Staff is somebody who is signed in.
type Staff struct {
	SessionID string
	Cookie    string // value of the session's cookie
	StaffID   string
}

// Operator signs an operator in and opens the counter.
func (s *Server) Operator(name string) Staff {
	s.t.Helper()
	staff := s.SignIn(models.Identity{Subject: name, Name: name, Roles: []models.Role{models.Operator}})
	if err := s.Store.OpenCounter(context.Background(), staff.SessionID, s.Counter.ID, netip.MustParseAddr("127.0.0.1")); err != nil {
		s.t.Fatal(err)
	}
	return staff
}

// Supervisor signs a supervisor in.
func (s *Server) Supervisor(name string) Staff {
	s.t.Helper()
	return s.SignIn(models.Identity{Subject: name, Name: name, Roles: []models.Role{models.Supervisor}})
}

// Administrator signs an administrator in.
func (s *Server) Administrator(name string) Staff {
	s.t.Helper()
	return s.SignIn(models.Identity{Subject: name, Name: name, Roles: []models.Role{models.Administrator}})
}

// SignIn makes a session without the organisation's provider.
func (s *Server) SignIn(who models.Identity) Staff {
	s.t.Helper()
	if who.Issuer == "" {
		who.Issuer = "https://staff.example"
	}
	who.AuthenticatedAt = s.Clock.Now()
	signIn, _, err := s.Store.BeginSignIn("/", "")
	if err != nil {
		s.t.Fatal(err)
	}
	cookie, err := s.Store.StartSession(context.Background(), signIn, who, "", "127.0.0.1")
	if err != nil {
		s.t.Fatal(err)
	}
	session, err := s.Store.Session(context.Background(), cookie)
	if err != nil {
		s.t.Fatal(err)
	}
	return Staff{session.ID, cookie, session.Staff.ID}
}

// AddTo puts the session's cookie on a request.
func (p Staff) AddTo(request *http.Request) {
	request.AddCookie(&http.Cookie{Name: "countersign", Value: p.Cookie})
}

// Proof returns a card that agrees with the account of Start.
func Proof() models.DocumentCheck {
	return models.DocumentCheck{
		Type: "idcard", Issuer: "DE", Expiry: "2031-01-31", Number: "L01X00T47",
		NameResult: models.Matches, BirthDateResult: models.Matches, PhotoMatches: true, DocumentHandled: true,
	}
}

// Match enters the user code for the account that Start made.
func (s *Server) Match(t testing.TB, operator Staff, userCode string) models.DeviceAuthorization {
	t.Helper()
	return s.MatchFor(t, operator, s.Account.ID, userCode)
}

// MatchFor enters the user code for an account.
func (s *Server) MatchFor(t testing.TB, operator Staff, accountID, userCode string) models.DeviceAuthorization {
	t.Helper()
	code, err := oauth.ParseUserCode(userCode)
	if err != nil {
		t.Fatal(err)
	}
	matched, err := s.Store.Match(context.Background(), operator.SessionID, accountID, code)
	if err != nil {
		t.Fatal(err)
	}
	return matched
}

// Approve returns a whole visit without its pages: match, proof, approve, by an operator who
// signs in for it.
func (s *Server) Approve(t testing.TB, userCode string) models.Approval {
	t.Helper()
	return s.ApproveFor(t, s.Operator("Olga Operator"), s.Account.ID, userCode)
}

// ApproveFor returns Approve by this operator for an account.
func (s *Server) ApproveFor(t testing.TB, operator Staff, accountID, userCode string) models.Approval {
	t.Helper()
	matched := s.MatchFor(t, operator, accountID, userCode)
	if err := s.Store.Proof(context.Background(), operator.SessionID, matched.ID, Proof()); err != nil {
		t.Fatal(err)
	}
	shown, err := s.Store.Shown(context.Background(), matched.ID)
	if err != nil {
		t.Fatal(err)
	}
	approval, err := s.Store.Approve(context.Background(), operator.SessionID, matched.ID, shown)
	if err != nil {
		t.Fatal(err)
	}
	return approval
}

// Decline declines the request of a user code.
func (s *Server) Decline(t testing.TB, userCode string) {
	t.Helper()
	operator := s.Operator("Olga Operator")
	matched := s.Match(t, operator, userCode)
	if err := s.Store.Decline(context.Background(), operator.SessionID, matched.ID, "customer_left"); err != nil {
		t.Fatal(err)
	}
}
