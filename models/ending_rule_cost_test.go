package models_test

import (
	"slices"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"
)

// What ends many requests takes the same statements, and writes the same, for one that waits and for 200.
func TestEndingManyTakesTheSameStatements(t *testing.T) {
	for name, end := range map[string]func(v *visit, token string) error{
		"decline as suspicious": func(v *visit, _ string) error { return v.suspicious(v.operator, v.codes)() },
		"end all that waits": func(v *visit, _ string) error {
			_, err := v.EndWaiting(v.Context, v.supervisor, v.account)
			return err
		},
		"delete the client": func(v *visit, token string) error {
			return v.DeleteClient(v.Context, v.client.ID, token, models.Stranger{Address: modelstest.Address})
		},
		"disable the client": func(v *visit, _ string) error { return v.disabled() },
	} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
				var want []string
				all := statements(t, env)
				for _, waiting := range []int{1, 200} {
					registered, err := env.RegisterClient(env.Context, modelstest.Registration(newKey(t)))
					if err != nil {
						t.Fatal(err)
					}
					v := newVisit(t, env)
					v.client = registered.Client
					v.codes = env.Request(t, v.client, "ada@example.com")
					copyRows(t, env, "device_authorizations", v.codes.DeviceAuthorizationID, waiting)
					*all = nil
					if err := end(v, registered.RegistrationToken); err != nil {
						t.Fatal(err)
					}
					if want != nil && !slices.Equal(*all, want) {
						t.Errorf("with one waiting %q\nwith 200 %q", want, *all)
					}
					want = slices.Clone(*all)
				}
				if len(want) < 5 {
					t.Errorf("statements %q", want)
				}
			})
		})
	}
}
