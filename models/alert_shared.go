package models

import (
	"net/netip"
	"strings"
	"time"

	"countersign/audit"
)

// manyAccountsOfKey judges a client instance, which has one key, by the accounts that it was ever approved for, when one more
// comes to them. A family, or somebody who helps a few people, shares one phone.
func (t *tx) manyAccountsOfKey(act audit.Event, alert *audit.Event) (about string, err error) {
	usual := t.store.policy.Unusual.KeyAccounts
	if usual < 0 {
		return "", nil
	}
	var accounts int64
	var before bool // the account had it already
	err = t.ask(askAccountsOfKey, []any{act.Subject, act.Facts.Binding, act.Facts.Client}, &accounts, &before)
	if err != nil || before {
		return "", err
	}
	aboutVisit(alert, act)
	return moreThan(usual, accounts, alert, act.Facts.Client), nil
}

// askAccountsOfKey looks at a thousand bindings of one client at most: each took a visit.
const askAccountsOfKey = `SELECT count(DISTINCT account_id), coalesce(max(CASE WHEN account_id = $1 AND id <> $2 THEN 1 ELSE 0 END), 0) > 0
	FROM (SELECT account_id, id FROM bindings WHERE client_id = $3 LIMIT 1000) AS its`

// addressMemory is how long one address is judged by what was approved from there.
const addressMemory = 7 * 24 * time.Hour

// manyAccountsOfAddress judges the address that the request came from by the accounts that were approved from there (of IPv6
// its /64). Requests are not counted: anybody makes them, and an alert must take an act at a counter. The networks of counters
// are left out, since people ask there while they wait.
func (t *tx) manyAccountsOfAddress(act audit.Event, alert *audit.Event) (about string, err error) {
	usual := t.store.policy.Unusual.AddressAccounts
	if usual < 0 {
		return "", nil
	}
	var network, address string
	err = t.ask("SELECT network, address FROM device_authorizations WHERE id = $1", []any{act.Facts.DeviceAuthorization}, &network, &address)
	if err != nil || network == "" {
		return "", err
	}
	var accounts int64
	err = t.ask(askAccountsFrom, []any{network, t.now.Add(-addressMemory)}, &accounts)
	if about = moreThan(usual, accounts, alert, network); err != nil || about == "" {
		return "", err
	}
	if own, err := t.isCounters(address); err != nil || own {
		return "", err
	}
	aboutVisit(alert, act)
	return about, nil
}

// askAccountsFrom counts the accounts of the newest two hundred approvals from a network.
const askAccountsFrom = `SELECT count(DISTINCT account_id) FROM (SELECT account_id FROM device_authorizations
	WHERE network = $1 AND network <> '' AND redeem_until > 0 AND state IN ('approved', 'redeemed') AND decided_at > $2
	ORDER BY decided_at DESC LIMIT 200) AS newest`

// isCounters reports whether an address is in a network that a counter is given.
func (t *tx) isCounters(text string) (bool, error) {
	address, err := netip.ParseAddr(text)
	if err != nil {
		return false, nil //nolint:nilerr // what is no address is in no network
	}
	counters, err := allOf[Counter](t, "WHERE networks <> ''")
	if err != nil {
		return false, err
	}
	for _, counter := range counters {
		if strings.TrimSpace(counter.Networks) != "" && counter.Allows(address) {
			return true, nil
		}
	}
	return false, nil
}
