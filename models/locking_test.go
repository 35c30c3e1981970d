package models_test

import (
	"testing"

	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"
)

// Rows are held in one order, and all of them before the trail (write.go): writes that end
// several rows at the same moment wait for each other, and PostgreSQL finds no deadlock,
// which a retry would hide for a second.
func TestEndingSeveralRowsDoesNotDeadlock(t *testing.T) {
	for name, round := range map[string]func(t *testing.T, v *visit) []func() error{
		"suspicions about siblings": func(t *testing.T, v *visit) []func() error {
			second := v.Request(t, v.client, "ada@example.com")
			return []func() error{v.suspicious(v.operator, v.codes), v.suspicious(v.other, second), v.disabled}
		},
		"a suspicion and a phone with a binding that asks on": func(t *testing.T, v *visit) []func() error {
			v.to(t, models.Approved)
			approved := v.codes
			second, third := v.Request(t, v.client, "ada@example.com"), v.Request(t, v.client, "ada@example.com")
			v.Request(t, v.client, "ada@example.com")
			return []func() error{v.suspicious(v.operator, third), v.suspicious(v.other, second), v.redeemed(approved), v.requested, v.requested}
		},
		"not me": func(t *testing.T, v *visit) []func() error {
			link := v.link(t)
			v.to(t, models.Approved)
			return []func() error{
				func() error { _, err := v.Repudiate(v.Context, link, modelstest.Address); return err },
				v.redeemed(v.codes), v.disabled,
				func() error {
					return v.Recall(v.Context, v.supervisor, v.codes.DeviceAuthorizationID, "operator_error")
				},
			}
		},
		"an app that loses its scope": func(t *testing.T, v *visit) []func() error {
			v.to(t, models.Proofed)
			none := oauth.Scope{}
			return []func() error{
				func() error { return v.do("approve", v.operator) }, v.requested,
				func() error {
					_, err := v.ChangeSoftware(v.Context, models.SoftwareChange{SoftwareID: "test-app", Scope: &none})
					return err
				},
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			telling(t, func(t *testing.T, v *visit) {
				scope := modelstest.Scope()
				_, err := v.AddSoftware(v.Context, models.NewSoftware{Publisher: "P", SoftwareID: "test-app", Name: "App", Scope: scope})
				if err != nil {
					t.Fatal(err)
				}
				count := deadlocks(t, v.Env)
				for range races {
					if _, err := v.ChangeSoftware(v.Context, models.SoftwareChange{SoftwareID: "test-app", Scope: &scope}); err != nil {
						t.Fatal(err)
					}
					v.client = v.Client(t)
					v.codes = v.Request(t, v.client, "ada@example.com")
					atOnce(round(t, v)...) // the second is refused
				}
				if got := count.Load(); got != 0 {
					t.Errorf("%d deadlocks", got)
				}
			})
		})
	}
}

func (v *visit) suspicious(session string, codes models.IssuedCodes) func() error {
	return func() error {
		return v.Decline(v.Context, session, codes.DeviceAuthorizationID, term.DeclineSuspicious)
	}
}

func (v *visit) redeemed(codes models.IssuedCodes) func() error {
	return func() error { _, err := v.Redeem(v.Context, modelstest.Redemption(v.client, codes)); return err }
}

func (v *visit) disabled() error { return v.DisableClient(v.Context, v.client.ID) }

func (v *visit) requested() error {
	_, err := v.RequestDeviceAuthorization(v.Context, models.DeviceAuthorizationRequest{
		Client: v.client, LoginHint: "ada@example.com", Scope: oauth.Scope{"account.read"}, Thumbprint: modelstest.Thumbprint,
		Address: modelstest.Address,
	})
	return err
}
