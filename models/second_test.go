package models_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"
)

// seconded is a proofed visit whose approval needs a second person.
type seconded struct {
	*modelstest.Env
	account, session, visit string
}

func beginSeconded(t *testing.T, dialect string, policy models.Policy, card models.DocumentCheck) seconded {
	t.Helper()
	env := modelstest.Open(t, modelstest.Migrated(t, dialect), policy)
	s := seconded{Env: env, account: env.Account(t, "ada@example.com"), session: env.Operator(t, "first")}
	codes := env.Request(t, env.Client(t), "ada@example.com")
	if _, err := env.Match(env.Context, s.session, s.account, codes.UserCode); err != nil {
		t.Fatal(err)
	}
	s.visit = codes.DeviceAuthorizationID
	s.proof(t, card)
	return s
}

func (s seconded) proof(t *testing.T, card models.DocumentCheck) {
	t.Helper()
	if err := s.Proof(s.Context, s.session, s.visit, card); err != nil {
		t.Fatal(err)
	}
}

func (s seconded) approve() error {
	_, err := s.ApproveShown(s.session, s.visit)
	return err
}

func (s seconded) ask(t *testing.T) string {
	t.Helper()
	if err := s.AskSecondApproval(s.Context, s.session, s.visit); err != nil {
		t.Fatal(err)
	}
	waiting, err := s.WaitingSecondApprovals(s.Context, models.Session{})
	if err != nil || len(waiting) != 1 {
		t.Fatalf("%d wait, %v", len(waiting), err)
	}
	return waiting[0].ID
}

// look opens the record of a question to a session.
func (s seconded) look(t *testing.T, session, asked string) {
	t.Helper()
	if err := s.LookSecondApproval(s.Context, session, asked); err != nil {
		t.Fatal(err)
	}
}

// asks is ask, and the session has looked.
func (s seconded) asks(t *testing.T, session string) string {
	t.Helper()
	asked := s.ask(t)
	s.look(t, session, asked)
	return asked
}

func marriedCard() models.DocumentCheck {
	card := modelstest.Card()
	card.NameResult, card.NameReason = models.Differs, "changed name"
	return card
}

// docs/decisions/0019-second-person.md, docs/protocol.md §6 rogue-operator: where policy says so, nobody approves alone. The second
// is somebody else, about this very check, once.
func TestSecondPerson(t *testing.T) {
	policy := models.Policy{TwoPersonScopes: oauth.Scope{"account.read"}}
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			s := beginSeconded(t, dialect, policy, modelstest.Card())
			last := s.LastEvent(t)
			if err := s.approve(); !errors.Is(err, models.ErrSecondApprovalRequired) {
				t.Fatalf("alone: %v", err)
			}
			asked := s.ask(t)
			if err := s.AskSecondApproval(s.Context, s.session, s.visit); err != nil {
				t.Errorf("asking again: %v", err)
			}
			if err := s.approve(); !errors.Is(err, models.ErrSecondApprovalRequired) {
				t.Errorf("while it waits: %v", err)
			}
			super := s.SignIn(t, "super", []models.Role{models.Supervisor})
			for name, c := range map[string]struct {
				session string
				want    error
			}{
				"the same person, another session": {s.Operator(t, "first"), models.ErrSamePerson},
				"the own account":                  {s.SignIn(t, "ada", []models.Role{models.Supervisor}, "ada@example.com"), models.ErrOwnAccount},
				"an administrator":                 {s.SignIn(t, "admin", []models.Role{models.Administrator}), models.ErrNotAllowed},
				"unseen":                           {super, models.ErrNotLooked},
			} {
				if err := s.GiveSecondApprovalShown(c.session, asked); !errors.Is(err, c.want) {
					t.Errorf("%s: %v, want %v", name, err, c.want)
				}
			}
			if err := s.ReturnSecondApproval(s.Context, super, asked, "look again"); !errors.Is(err, models.ErrNotLooked) {
				t.Errorf("returned unseen: %v", err)
			}
			s.look(t, super, asked)
			s.look(t, super, asked)
			other := s.SignIn(t, "super", []models.Role{models.Supervisor})
			if err := s.GiveSecondApprovalShown(other, asked); !errors.Is(err, models.ErrNotLooked) {
				t.Errorf("looked at in another session: %v", err)
			}
			if err := s.GiveSecondApprovalShown(super, asked); err != nil {
				t.Fatal(err)
			}
			if err := s.ReturnSecondApproval(s.Context, s.Operator(t, "third"), asked, "look again"); !errors.Is(err, models.ErrSecondApprovalOver) {
				t.Errorf("a second answer: %v", err)
			}
			if err := s.approve(); err != nil {
				t.Fatal(err)
			}
			want := []audit.Type{audit.SecondApprovalAsked, audit.SecondApprovalOpened, audit.SecondApprovalGiven, audit.DeviceBindingApproved}
			got := slices.DeleteFunc(s.Events(t, last), func(e audit.Type) bool { return !slices.Contains(want, e) })
			if !slices.Equal(got, want) {
				t.Errorf("events %v", got)
			}
			view, err := s.SecondApproval(s.Context, asked)
			if err != nil || view.AskedBy != "Staff first" || view.AnsweredBy != "Staff super" || view.Stands {
				t.Errorf("%+v, %v", view, err)
			}
		})
	}
}

// The second person looked at one check of one card: after another, or when the claim has
// run out, they must look again.
func TestSecondPersonIsAboutOneProofing(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		s := beginSeconded(t, dialect, models.Policy{}, marriedCard())
		super := s.SignIn(t, "super", []models.Role{models.Supervisor})
		first := s.asks(t, super)
		if err := s.GiveSecondApprovalShown(super, first); err != nil {
			t.Fatal(err)
		}
		s.proof(t, marriedCard())
		if err := s.approve(); !errors.Is(err, models.ErrSecondApprovalRequired) {
			t.Errorf("after another check: %v", err)
		}
		second := s.ask(t)
		s.Clock.Advance(models.DefaultPolicy().ClaimLength)
		if waiting, err := s.WaitingSecondApprovals(s.Context, models.Session{}); err != nil || len(waiting) != 0 {
			t.Errorf("%d wait for a visit that is over, %v", len(waiting), err)
		}
		if err := s.GiveSecondApprovalShown(super, second); !errors.Is(err, models.ErrSecondApprovalOver) {
			t.Errorf("after the claim: %v", err)
		}
	}
}

// A name that differs is approved on for a reason and with a second person, never without
// either; a date of birth that differs never.
func TestDifferingName(t *testing.T) {
	differs := func(change func(*models.DocumentCheck)) models.DocumentCheck {
		card := marriedCard()
		change(&card)
		return card
	}
	for name, card := range map[string]models.DocumentCheck{
		"no reason":               differs(func(c *models.DocumentCheck) { c.NameReason = "" }),
		"an invented reason":      differs(func(c *models.DocumentCheck) { c.NameReason = "looks fine" }),
		"date of birth as well":   differs(func(c *models.DocumentCheck) { c.BirthDateResult = models.Differs }),
		"date of birth, no asked": differs(func(c *models.DocumentCheck) { c.NameResult, c.BirthDateResult = models.Matches, models.Differs }),
	} {
		t.Run(name, func(t *testing.T) {
			s := beginSeconded(t, "sqlite", models.Policy{}, card)
			if err := s.AskSecondApproval(s.Context, s.session, s.visit); !errors.Is(err, models.ErrDetailsDiffer) {
				t.Errorf("asking: %v", err)
			}
			if err := s.approve(); !errors.Is(err, models.ErrDetailsDiffer) {
				t.Errorf("approving: %v", err)
			}
		})
	}
	s := beginSeconded(t, "sqlite", models.Policy{}, marriedCard())
	if err := s.approve(); !errors.Is(err, models.ErrSecondApprovalRequired) {
		t.Errorf("with a reason, alone: %v", err)
	}
	super := s.SignIn(t, "super", []models.Role{models.Supervisor})
	if err := s.ReturnSecondApproval(s.Context, super, s.asks(t, super), "wrong person"); err != nil {
		t.Fatal(err)
	}
	if err := s.approve(); !errors.Is(err, models.ErrSecondApprovalRequired) {
		t.Errorf("returned: %v", err)
	}
	if err := s.GiveSecondApprovalShown(super, s.asks(t, super)); err != nil {
		t.Fatal(err)
	}
	if err := s.approve(); err != nil {
		t.Errorf("with a second person: %v", err)
	}
}

// Where nothing asks for a second person nobody can be asked; an account can ask for one.
func TestSecondPersonOfAnAccount(t *testing.T) {
	s := beginSeconded(t, "sqlite", models.Policy{}, modelstest.Card())
	if err := s.AskSecondApproval(s.Context, s.session, s.visit); !errors.Is(err, models.ErrSecondApprovalNotNeeded) {
		t.Errorf("%v", err)
	}
	required := true
	_, err := s.ImportAccounts(s.Context, []models.ImportedAccount{{
		Line: 1, Identifiers: []string{"ada@example.com"}, FullName: "Account Holder", DateOfBirth: "1980-02-29", Status: models.AccountActive,
		TwoPersonRequired: &required,
	}}, audit.Actor{System: "command"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.approve(); !errors.Is(err, models.ErrSecondApprovalRequired) {
		t.Errorf("an account that needs two: %v", err)
	}
}

// Two people answer at once: one counts.
func TestTwoSecondPeopleAtOnce(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			s := beginSeconded(t, dialect, models.Policy{}, marriedCard())
			asked := s.ask(t)
			answers, supers := make([]error, 4), make([]string, 4)
			for i := range supers {
				supers[i] = s.SignIn(t, string(rune('a'+i)), []models.Role{models.Supervisor})
				s.look(t, supers[i], asked)
			}
			var group sync.WaitGroup
			for i := range answers {
				super := supers[i]
				group.Go(func() {
					if i%2 == 0 {
						answers[i] = s.GiveSecondApprovalShown(super, asked)
					} else {
						answers[i] = s.ReturnSecondApproval(context.Background(), super, asked, "look again")
					}
				})
			}
			group.Wait()
			counted := 0
			for _, err := range answers {
				if err == nil {
					counted++
				} else if !errors.Is(err, models.ErrSecondApprovalOver) {
					t.Error(err)
				}
			}
			if counted != 1 {
				t.Errorf("%d answers counted", counted)
			}
		})
	}
}

// An agreement is half of an approval, and held to the same sign-in; a return is not.
func TestSecondPersonStepsUp(t *testing.T) {
	policy := models.Policy{TwoPersonScopes: oauth.Scope{"account.read"}, StepUp: models.StepUp{MaxAge: 5 * time.Minute}}
	s := beginSeconded(t, "sqlite", policy, modelstest.Card())
	super := s.SignIn(t, "super", []models.Role{models.Supervisor})
	asked := s.asks(t, super)
	last := s.LastEvent(t)
	s.Clock.Advance(5 * time.Minute)
	if err := s.GiveSecondApprovalShown(super, asked); !errors.Is(err, models.ErrStepUp) || len(s.Events(t, last)) != 0 {
		t.Fatalf("with an old sign-in: %v, events %v", err, s.Events(t, last))
	}
	if view, err := s.SecondApproval(s.Context, asked); err != nil || view.Status != models.SecondApprovalWaiting {
		t.Errorf("it was answered: %+v, %v", view.Status, err)
	}
	if err := s.ReturnSecondApproval(s.Context, super, asked, term.ReturnLookAgain); err != nil {
		t.Errorf("returning: %v", err)
	}
	fresh := s.SignIn(t, "fresh", []models.Role{models.Supervisor})
	if err := s.GiveSecondApprovalShown(fresh, s.asks(t, fresh)); err != nil {
		t.Errorf("with a fresh sign-in: %v", err)
	}
}
