package models_test

import (
	"errors"
	"fmt"
	"testing"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
)

// An account is erased while its devices are connected and its record is changed: whoever comes first, afterwards it is closed,
// nothing of it lives, the trail and the rows agree, and nobody waited for the other for ever.
func TestErasureRacesAVisit(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		count := deadlocks(t, env)
		for i := range races {
			v := newErasing(t, env, fmt.Sprintf("holder%d@example.com", i))
			approved := v.codes
			v.codes = env.Request(t, v.client, v.identifier)
			v.to(t, models.Proofed)
			errs := atOnce(
				func() error { return env.EraseAccount(env.Context, v.account, term.ErasureRequested) },
				func() error { return v.do("approve", v.operator) },
				v.redeemed(approved),
				v.imported,
				func() error { _, err := v.RevokeAll(v.Context, v.supervisor, v.account, "other"); return err },
			)
			if errors.Is(errs[0], models.ErrImportUnderWay) {
				errs[0] = env.EraseAccount(env.Context, v.account, term.ErasureRequested)
			}
			if errs[0] != nil || errs[3] != nil {
				t.Fatal(errs)
			}
			v.wantErased(t)
		}
		if got := count.Load(); got != 0 {
			t.Errorf("%d deadlocks", got)
		}
		if problems := problemsOf(t, env); len(problems) > 0 {
			t.Errorf("the verifier says %v", problems)
		}
	})
}

// erasing is a visit of somebody who is about to be erased.
type erasing struct {
	*visit
	identifier string
}

// newErasing has one device that is connected, and one that may be redeemed.
func newErasing(t *testing.T, env *modelstest.Env, identifier string) *erasing {
	t.Helper()
	e := &erasing{&visit{Env: env, account: env.Account(t, identifier)}, identifier}
	e.signIn(t)
	for _, state := range []models.State{models.Redeemed, models.Approved} {
		e.client = env.Client(t)
		e.codes = env.Request(t, e.client, identifier)
		e.to(t, state)
	}
	return e
}

// imported is a file that has the person as active, under another name.
func (e *erasing) imported() error {
	_, err := e.ImportAccounts(e.Context, []models.ImportedAccount{{
		Line: 2, Identifiers: []string{e.identifier}, FullName: "Somebody Else", DateOfBirth: "1980-01-02", Status: models.AccountActive,
	}}, audit.Actor{System: "command"})
	return err
}

func (e *erasing) wantErased(t *testing.T) {
	t.Helper()
	record, err := e.AccountRecord(e.Context, e.account)
	if err != nil || record.ErasedAt == 0 || record.Status != models.AccountClosed || record.FullName != "" || len(record.Identifiers) > 0 {
		t.Fatalf("%+v, %v", record, err)
	}
	found, err := e.FindErasable(e.Context, e.account)
	if err != nil || found.Bindings != 0 || found.Identifiers != 0 {
		t.Fatalf("%+v, %v", found, err)
	}
	var kept int64
	err = e.Reader().Model(&models.DeviceAuthorization{}).Where("account_id = ? AND (address <> '' OR login_hint_mac <> '')", e.account).
		Count(&kept).Error
	if err != nil || kept > 0 {
		t.Fatalf("%d requests say from where they came, %v", kept, err)
	}
}
