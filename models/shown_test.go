package models_test

import (
	"errors"
	"slices"
	"testing"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

// docs/protocol.md §6 changed-meanwhile: an approval and a change at the same moment, in two
// processes. Where the change came first nothing is approved; where the approval did, it
// rests on what was shown.
func TestApprovalRacesAChange(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v, name := newVisit(t, env), "A"
		key := newKey(t)
		registered, err := env.RegisterClient(env.Context, modelstest.Registration(key))
		if err != nil {
			t.Fatal(err)
		}
		changes := map[audit.Type]func() error{
			audit.ClientUpdated: func() error {
				registration := modelstest.Registration(key)
				registration.Metadata.ClientName = name
				_, err := env.ReplaceClient(env.Context, registered.ID, registered.RegistrationToken, registration)
				return err
			},
			audit.AccountsImported: func() error {
				_, err := env.ImportAccounts(env.Context, []models.ImportedAccount{{
					Line: 2, Identifiers: []string{"ada@example.com"}, FullName: name, DateOfBirth: "1980-02-29", Status: models.AccountActive,
				}}, audit.Actor{System: "command"})
				return err
			},
		}
		for kind, change := range changes {
			for range races {
				name += "a"
				v.codes = env.Request(t, registered.Client, "ada@example.com")
				v.to(t, models.Proofed)
				before := env.LastEvent(t)
				shown, err := env.Shown(env.Context, v.codes.DeviceAuthorizationID)
				if err != nil {
					t.Fatal(err)
				}
				errs := atOnce(change, func() error {
					_, err := env.Store.Approve(env.Context, v.operator, v.codes.DeviceAuthorizationID, shown)
					return err
				})
				events := env.Events(t, before)
				changed, approved := slices.Index(events, kind), slices.Index(events, audit.DeviceBindingApproved)
				var refused *models.ChangedError
				switch {
				case errs[0] != nil:
					t.Fatal(errs[0])
				case errs[1] == nil && approved > changed:
					t.Fatalf("approved what had changed: %v", events)
				case errs[1] != nil && (!errors.As(errs[1], &refused) || approved >= 0 || len(refused.Changes) == 0):
					t.Fatalf("%v, events %v", errs[1], events)
				}
			}
		}
	})
}
