package models

import (
	"cmp"
	"time"

	"countersign/audit"
)

// alertRule raises an alert when an act of the staff is out of the ordinary. It runs in the transaction of the act, after its
// event: whoever appends to the trail holds it until their transaction ends, so that acts at the same moment are judged one
// after the other, and one alert is raised. Nothing is refused. What is asked here an index answers, within a bound that no
// stranger moves (docs/decisions/0054-called.md). The rule on opened records is in open_record.go: it is of a search, too.
type alertRule struct {
	watches audit.Type
	alert   audit.Type
	once    time.Duration // at most one alert about the same in so long

	// unusual judges the act: about is the member of staff, counter, client or network that is out of the ordinary, "" for
	// nothing. What it adds to the facts of the alert is stated in it.
	unusual func(t *tx, act audit.Event, alert *audit.Event) (about string, err error)
}

// Unusual is what is usual: one more is an alert, and nothing is refused. Each is the default's where it is 0, and any number
// where it is negative.
type Unusual struct {
	WrongCodes      int // entered at one counter within an hour
	Overruled       int // visits of a week in which one operator overruled a difference
	TimesUsual      int // how many times an operator's and their counter's mean a day
	KeyAccounts     int // that one client was approved for
	AddressAccounts int // that were approved within a week from one address
}

func (u Unusual) withDefaults(d Unusual) Unusual {
	return Unusual{
		cmp.Or(u.WrongCodes, d.WrongCodes), cmp.Or(u.Overruled, d.Overruled), cmp.Or(u.TimesUsual, d.TimesUsual),
		cmp.Or(u.KeyAccounts, d.KeyAccounts), cmp.Or(u.AddressAccounts, d.AddressAccounts),
	}
}

// alertRules are all of them. Acts that are an alert by themselves need none: audit.AlertTypes.
func alertRules() []alertRule {
	const day = 24 * time.Hour
	return []alertRule{
		{audit.CodeMatchFailed, audit.WrongCodesUnusual, time.Hour, (*tx).manyWrongCodes},
		{audit.IdentityProofed, audit.OverrulingUnusual, judgedMemory, (*tx).oftenOverruled},
		{audit.DeviceBindingApproved, audit.ApprovalRateUnusual, approvalMemory, (*tx).manyApprovals},
		{audit.DeviceBindingApproved, audit.ApprovalsAboveUsual, 20 * time.Hour, (*tx).aboveUsual},
		{audit.DeviceBindingApproved, audit.ApprovalOutsideHours, 12 * time.Hour, (*tx).outsideHours},
		{audit.DeviceBindingApproved, audit.KeySharedUnusual, day, (*tx).manyAccountsOfKey},
		{audit.DeviceBindingApproved, audit.AddressSharedUnusual, addressMemory, (*tx).manyAccountsOfAddress},
	}
}

// callsKept is longer than any rule asks back.
const callsKept = 8 * 24 * time.Hour

// AlertCall is when a rule called last for what it judges.
type AlertCall struct {
	Rule     string `gorm:"primaryKey"` // the type of the alert
	About    string `gorm:"primaryKey"`
	CalledAt Instant
}

// applyRules judges an act by the rules that watch its type.
func (t *tx) applyRules(act audit.Event) error {
	for _, rule := range alertRules() {
		if rule.watches != act.Type || act.Facts.Actor.Staff == "" {
			continue
		}
		alert := audit.Event{Type: rule.alert, Facts: audit.Facts{
			Actor: act.Facts.Actor, Session: act.Facts.Session, Counter: act.Facts.Counter,
		}}
		about, err := rule.unusual(t, act, &alert)
		if err != nil {
			return err
		}
		if about == "" {
			continue
		}
		calls, err := t.mayCall(rule.alert, about, rule.once)
		if err == nil && calls {
			_, err = t.record(alert)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// counter finds a counter, which more than one rule judges by. It is read once in a transaction.
func (t *tx) counter(id string) (Counter, error) {
	if id != "" && t.place.ID == id {
		return t.place, nil
	}
	place, err := rowOf[Counter](t, "WHERE id = $1", id)
	if err == nil {
		t.place = place
	}
	return place, err
}

// mayCall reports whether a rule has not called for this in its time, and remembers that it calls now.
func (t *tx) mayCall(rule audit.Type, about string, once time.Duration) (bool, error) {
	changed, err := t.do(`INSERT INTO alert_calls (rule, about, called_at) VALUES ($1, $2, $3)
		ON CONFLICT (rule, about) DO UPDATE SET called_at = excluded.called_at WHERE alert_calls.called_at <= $4`,
		string(rule), about, t.now, t.now.Add(-once))
	return changed > 0, err
}

// aboutVisit lets an alert name the visit that it came of.
func aboutVisit(alert *audit.Event, act audit.Event) {
	alert.Subject, alert.Transaction = act.Subject, act.Transaction
	alert.Facts.Client, alert.Facts.KeyThumbprint = act.Facts.Client, act.Facts.KeyThumbprint
	alert.Facts.DeviceAuthorization = act.Facts.DeviceAuthorization
}

// moreThan states a number in an alert, and returns about where it is more than is usual. Negative: any number is.
func moreThan(usual int, number int64, alert *audit.Event, about string) string {
	count := int(number)
	if alert.Facts.Count = &count; usual < 0 || count <= usual {
		return ""
	}
	return about
}

// manyWrongCodes judges a counter by the wrong codes of the last hour there, of all accounts and operators.
func (t *tx) manyWrongCodes(act audit.Event, alert *audit.Event) (about string, err error) {
	var wrong int64
	err = t.ask("SELECT count(*) FROM match_failures WHERE counter_id = $1 AND failed_at > $2",
		[]any{act.Facts.Counter, t.now.Add(-time.Hour)}, &wrong)
	return moreThan(t.store.policy.Unusual.WrongCodes, wrong, alert, act.Facts.Counter), err
}

// judgedMemory is how long back differences count that an operator overruled.
const judgedMemory = 7 * 24 * time.Hour

// oftenOverruled judges an operator by the visits of the last week in which they overruled a scan or an earlier check, or
// took a name that differs for the same person's. One visit counts once, however often its document is checked.
func (t *tx) oftenOverruled(act audit.Event, alert *audit.Event) (about string, err error) {
	var visits int64
	err = t.ask(askOverruled, []any{act.Facts.Actor.Staff, t.now.Add(-judgedMemory)}, &visits)
	return moreThan(t.store.policy.Unusual.Overruled, visits, alert, act.Facts.Actor.Staff), err
}

// askOverruled counts the visits of somebody's newest thousand checks that overruled something.
const askOverruled = `SELECT count(DISTINCT device_authorization_id) FROM (SELECT device_authorization_id FROM proofings
	WHERE staff_id = $1 AND created_at > $2 AND (overruled <> '' OR name_reason <> '') LIMIT 1000) AS checks`

// aroundHours is how long before and after the opening hours people are still served.
const aroundHours = 30 * time.Minute

// outsideHours judges by the hours of the counter at which the operator approved; words are no hours.
func (t *tx) outsideHours(act audit.Event, alert *audit.Event) (about string, err error) {
	counter, err := t.counter(act.Facts.Counter)
	if err != nil {
		return "", err
	}
	open, data := counter.OpeningHours()
	now := t.now.Time()
	if !data || len(open.Between(now.Add(-aroundHours), now.Add(aroundHours), counter.Location())) > 0 {
		return "", nil
	}
	aboutVisit(alert, act)
	return act.Facts.Actor.Staff, nil
}
