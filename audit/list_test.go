package audit

import (
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"
)

func seqs(t *testing.T, db *gorm.DB, filter Filter) []int64 {
	t.Helper()
	entries, err := List(db, filter)
	if err != nil {
		t.Fatal(err)
	}
	var numbers []int64
	for _, e := range entries {
		numbers = append(numbers, e.Seq)
	}
	return numbers
}

func TestListFilters(t *testing.T) {
	f := newFixture(t, testTable)
	refused := Event{Type: DecisionRefused, Subject: "acc_42", Transaction: "visit_10", Facts: Facts{
		Actor: &Actor{Staff: "staff_8"}, Client: "client_6", Counter: "library", DeviceAuthorization: "da_9", Reason: "own account",
	}}
	for i, e := range []Event{approval(), refused, approval(), refused} {
		if _, err := f.log.Append(f.db, testTime.Add(time.Duration(i)*time.Minute), e); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		filter Filter
		want   []int64
	}{
		"everything":           {Filter{}, []int64{4, 3, 2, 1}},
		"type":                 {Filter{Type: DecisionRefused}, []int64{4, 2}},
		"account":              {Filter{AccountID: "acc_41"}, []int64{3, 1}},
		"client":               {Filter{ClientID: "client_6"}, []int64{4, 2}},
		"staff":                {Filter{StaffID: "staff_7"}, []int64{3, 1}},
		"counter":              {Filter{CounterID: "library"}, []int64{4, 2}},
		"device authorization": {Filter{DeviceAuthorizationID: "da_8"}, []int64{3, 1}},
		"transaction":          {Filter{Transaction: "visit_10"}, []int64{4, 2}},
		"several":              {Filter{StaffID: "staff_7", CounterID: "library"}, nil},
		"from":                 {Filter{From: testTime.Add(2 * time.Minute)}, []int64{4, 3}},
		"until":                {Filter{Until: testTime.Add(2 * time.Minute)}, []int64{2, 1}},
		"before":               {Filter{Before: 3}, []int64{2, 1}},
		"limit":                {Filter{Limit: 1, AccountID: "acc_41"}, []int64{3}},
		"next page":            {Filter{Limit: 1, AccountID: "acc_41", Before: 3}, []int64{1}},
		"hostile value":        {Filter{AccountID: "' OR 1=1 --"}, nil},
	} {
		if got := seqs(t, f.db, test.filter); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
		if test.filter.Before != 0 || test.filter.Limit != 0 {
			continue
		}
		slices.Reverse(test.want)
		if got := walked(t, f.db, test.filter, 4); !slices.Equal(got, test.want) {
			t.Errorf("%s, walked: %v, want %v", name, got, test.want)
		}
	}
}

func TestListLimits(t *testing.T) {
	f := newLogOf(t, testTable, maxLimit+1)
	for limit, want := range map[int]int{-1: defaultLimit, 0: defaultLimit, 7: 7, maxLimit: maxLimit, maxLimit + 1: maxLimit} {
		if got := len(seqs(t, f.db, Filter{Limit: limit})); got != want {
			t.Errorf("limit %d gives %d", limit, got)
		}
	}
}

func TestListReportsFaultsOfTheDatabase(t *testing.T) {
	f := newFixture(t, testTable)
	f.exec("DROP TABLE audit_events")
	if _, err := List(f.db, Filter{}); err == nil {
		t.Error("no table, no error")
	}
}

// docs/decisions/0070-no-page-for-each.md: what is about an account is found by the search table, and the newest also before they are
// in it; a row of it that somebody has changed adds nothing.
func TestEntriesOfAccounts(t *testing.T) {
	f := newFixture(t, testTable)
	other := approval()
	other.Subject = "acc_42"
	for _, e := range []Event{approval(), other, approval()} {
		f.append(e)
	}
	ofAccounts := func(accounts []string, types ...Type) (numbers []int64) {
		t.Helper()
		if err := OfAccounts(f.db, accounts, types...).Order("seq").Pluck("seq", &numbers).Error; err != nil {
			t.Fatal(err)
		}
		return numbers
	}
	for _, filled := range []bool{false, true} {
		if filled {
			if _, err := FillSearch(f.db); err != nil {
				t.Fatal(err)
			}
		}
		if got := seqs(t, f.db, Filter{AccountID: "acc_41"}); !slices.Equal(got, []int64{3, 1}) {
			t.Errorf("filled %v: listed %v", filled, got)
		}
		if got := seqs(t, f.db, Filter{AccountID: "acc_41", Type: DeviceBindingApproved, Before: 3, Limit: 1}); !slices.Equal(got, []int64{1}) {
			t.Errorf("filled %v: the older page is %v", filled, got)
		}
		if got := ofAccounts([]string{"acc_41", ""}, DeviceBindingApproved, DecisionRefused); !slices.Equal(got, []int64{1, 3}) {
			t.Errorf("filled %v: of the account %v", filled, got)
		}
		if got := ofAccounts([]string{"acc_41"}, DecisionRefused); len(got) != 0 {
			t.Errorf("filled %v: of another type %v", filled, got)
		}
	}
	f.append(approval())
	f.exec("UPDATE audit_search SET account_id = 'acc_41' WHERE seq = 2")
	if got := seqs(t, f.db, Filter{AccountID: "acc_41"}); !slices.Equal(got, []int64{4, 3, 1}) {
		t.Errorf("with a row that says otherwise than the entry: %v", got)
	}
	if got := seqs(t, f.db, Filter{AccountID: "acc_41", Limit: 2}); !slices.Equal(got, []int64{4, 3}) {
		t.Errorf("with one that is not filled in: %v", got)
	}
	if got := ofAccounts([]string{"acc_41"}, DeviceBindingApproved); !slices.Equal(got, []int64{1, 3, 4}) {
		t.Errorf("with one that is not filled in: of the account %v", got)
	}
}
