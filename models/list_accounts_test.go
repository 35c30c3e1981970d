package models_test

import (
	"errors"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

// docs/protocol.md §6 record-harvest: searches by the first characters list 600 accounts an hour to one person, at most, in
// all roles and sessions together; whole identifiers are found all the same. Half of that is an alert, once.
func TestListedAccountsAreLimited(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		const alert, limit = 5 * 60, 5 * 120
		importMany(t, env, 1000)
		operator := env.Operator(t, "op")
		administrator := env.SignIn(t, "op", []models.Role{models.Administrator})
		before, listed := env.LastEvent(t), 0
		var tooMany *models.TooManyError
		for i := range 1000 {
			search, session := env.Search, operator
			if i%2 == 1 {
				search, session = env.SearchAccounts, administrator
			}
			result, err := search(env.Context, session, "N-0"+string(rune('0'+i%10)))
			if err != nil && (!errors.As(err, &tooMany) || tooMany.What != models.ListedAccounts || len(result.Accounts) > 0) {
				t.Fatalf("search %d: %d found, %v", i, len(result.Accounts), err)
			}
			if err != nil {
				break
			}
			listed += len(result.Accounts)
			if alerts, wanted := count(env.Events(t, before), audit.OpenedRecordsUnusual), listed > alert; (alerts == 1) != wanted {
				t.Fatalf("%d alerts after %d accounts", alerts, listed)
			}
		}
		if listed != limit || tooMany == nil || tooMany.RetryAfter <= 0 || tooMany.RetryAfter > time.Hour {
			t.Errorf("%d accounts are listed, then %v", listed, tooMany)
		}
		if found, err := env.Search(env.Context, operator, "n-0500"); err != nil || len(found.Accounts) != 1 {
			t.Errorf("a whole identifier: %+v, %v", found, err)
		}
		env.Clock.Advance(20 * time.Minute)
		if _, err := env.Search(env.Context, env.Operator(t, "op"), "N-01"); !errors.As(err, &tooMany) {
			t.Errorf("20 minutes later, in another session: %v", err)
		}
		if found, err := env.Search(env.Context, env.Operator(t, "another"), "N-01"); err != nil || len(found.Accounts) != 20 {
			t.Errorf("somebody else: %d, %v", len(found.Accounts), err)
		}
		env.Clock.Advance(40 * time.Minute)
		if found, err := env.Search(env.Context, env.Operator(t, "op"), "N-01"); err != nil || len(found.Accounts) != 20 {
			t.Errorf("an hour later: %d, %v", len(found.Accounts), err)
		}
		env.Clock.Advance(25 * time.Hour)
		if err := env.Sweep(env.Context); err != nil {
			t.Fatal(err)
		}
		var left int64
		if err := env.Reader().Table("account_listings").Count(&left).Error; err != nil || left != 0 {
			t.Errorf("%d rows are left, %v", left, err)
		}
	})
}
