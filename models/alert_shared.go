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
	var of []Binding
	err = t.Where("client_id = ?", act.Facts.Client).Limit(bindingsRead).Find(&of).Error
	accounts, before := []string{}, false
	for _, binding := range of {
		accounts = append(accounts, binding.AccountID)
		before = before || binding.AccountID == act.Subject && binding.ID != act.Facts.Binding
	}
	if err != nil || before {
		return "", err
	}
	aboutVisit(alert, act)
	return moreThan(usual, different(accounts), alert, act.Facts.Client), nil
}

// bindingsRead bounds how many bindings of one client are read: each took a visit.
const bindingsRead = 1000

// What one address is judged by: approvals of so long, as far back as to the newest so many.
const (
	addressMemory = 7 * 24 * time.Hour
	addressRead   = 200
)

// manyAccountsOfAddress judges the address that the request came from by the accounts that were approved from there (of IPv6
// its /64). Requests are not counted: anybody makes them, and an alert must take an act at a counter. The networks of counters
// are left out, since people ask there while they wait.
func (t *tx) manyAccountsOfAddress(act audit.Event, alert *audit.Event) (about string, err error) {
	usual := t.store.policy.Unusual.AddressAccounts
	if usual < 0 {
		return "", nil
	}
	var d DeviceAuthorization
	if err := t.Where("id = ?", act.Facts.DeviceAuthorization).First(&d).Error; err != nil || d.Network == "" {
		return "", err
	}
	var accounts []string
	err = t.Model(&DeviceAuthorization{}).
		Where("network = ? AND network <> '' AND state IN ('approved', 'redeemed') AND decided_at > ?", d.Network, t.now.Add(-addressMemory)).
		Order("decided_at DESC").Limit(addressRead).Pluck("account_id", &accounts).Error
	if about = moreThan(usual, different(accounts), alert, d.Network); err != nil || about == "" {
		return "", err
	}
	if own, err := t.isCounters(d.Address); err != nil || own {
		return "", err
	}
	aboutVisit(alert, act)
	return about, nil
}

// isCounters reports whether an address is in a network that a counter is given.
func (t *tx) isCounters(text string) (bool, error) {
	address, err := netip.ParseAddr(text)
	if err != nil {
		return false, nil //nolint:nilerr // what is no address is in no network
	}
	var counters []Counter
	if err := t.Where("networks <> ''").Find(&counters).Error; err != nil {
		return false, err
	}
	for _, counter := range counters {
		if strings.TrimSpace(counter.Networks) != "" && counter.Allows(address) {
			return true, nil
		}
	}
	return false, nil
}
