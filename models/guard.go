package models

import (
	"errors"
	"slices"

	"countersign/audit"
	"countersign/audit/term"
)

// administrator proves, inside the transaction, who manages: a session that carries the
// role, or the command. Errors: ErrSessionEnded, ErrNotAllowed.
func (t *tx) administrator(sessionID string) (audit.Facts, error) {
	if sessionID == "" {
		return audit.Facts{Actor: &audit.Actor{System: string(term.SystemCommand)}}, nil
	}
	who, err := t.acting(sessionID, Administrator)
	return who.facts(), err
}

func (t *tx) deviceAuthorization(id string) (DeviceAuthorization, error) {
	row, err := rowOf[DeviceAuthorization](t, "WHERE id = $1"+t.holding(forUpdate), id)
	t.readClock()
	if err != nil {
		return row, notFound(err)
	}
	return row, t.obeyRules(&row)
}

// claimed finds a request whose live claim is this session's. Expiry is judged first,
// then the claim. Errors: *StateConflictError, ErrNotTheClaim, and those of atCounter.
func (t *tx) claimed(sessionID, id string, arrow transition) (actor, DeviceAuthorization, error) {
	who, err := t.atCounter(sessionID)
	if err != nil {
		return who, DeviceAuthorization{}, err
	}
	d, err := t.deviceAuthorization(id)
	if err != nil {
		return who, d, err
	}
	if !d.PhaseAt(t.now).Claimed() {
		return who, d, t.conflict(id, arrow)
	}
	if !who.holds(d) {
		return who, d, ErrNotTheClaim
	}
	return who, d, nil
}

// decidable finds a request that this session may decide, and locks it. It judges who may
// decide and whether the request can be decided now; account and client are the caller's
// to judge. Errors: ErrOwnAccount, ErrNotTheClaim and *StateConflictError, which are
// recorded as refusals; ErrNotFound; and those of atCounter.
//
// Expiry is judged first, then who decides, then the state.
func (t *tx) decidable(sessionID, id string, arrow transition) (actor, DeviceAuthorization, error) {
	who, err := t.atCounter(sessionID)
	if err != nil {
		return who, DeviceAuthorization{}, err
	}
	d, err := t.deviceAuthorization(id)
	if err != nil {
		return who, d, err
	}
	if d.AccountID == nil { // belongs to nobody: as if it were not there
		return who, DeviceAuthorization{}, ErrNotFound
	}
	phase := d.PhaseAt(t.now)
	allowed := slices.ContainsFunc(arrow.from, phase.Is)
	switch {
	case !allowed && !phase.Claimed():
		return who, d, t.conflict(id, arrow)
	case phase.Claimed() && !who.holds(d):
		return who, d, ErrNotTheClaim
	case !allowed:
		return who, d, t.conflict(id, arrow)
	}
	return who, d, t.notOwnAccount(who, *d.AccountID)
}

// activeAccount holds an account to being active until the transaction ends. Error:
// ErrAccountNotActive.
func (t *tx) activeAccount(id string) (Account, error) {
	account, err := rowOf[Account](t, "WHERE id = $1"+t.holding(forShare), id)
	if err != nil {
		return account, notFound(err)
	}
	if account.Status != AccountActive {
		return account, ErrAccountNotActive
	}
	return account, nil
}

// activeClient holds a client to being active. Error: ErrClientNotActive.
func (t *tx) activeClient(id string) (Client, error) {
	client, err := rowOf[Client](t, "WHERE id = $1"+t.holding(forShare), id)
	if err != nil {
		return client, notFound(err)
	}
	if client.Status != ClientActive {
		return client, ErrClientNotActive
	}
	return client, nil
}

// liveBinding finds a binding and holds it to its account and client: suspended,
// locked or disabled means no tokens (docs/protocol.md §6 suspended-account), also when that happens at this
// very moment. The binding comes with its refusal too. Errors: ErrNotFound, ErrBindingRevoked, ErrAccountNotActive,
// ErrClientNotActive.
func (t *tx) liveBinding(where, value string) (Binding, error) {
	binding, err := rowOf[Binding](t, "WHERE "+where+t.holding(forUpdate), value)
	if err != nil {
		return binding, notFound(err)
	}
	if binding.RevokedAt != 0 {
		return binding, ErrBindingRevoked
	}
	if t.Dialector.Name() == "sqlite" {
		err = t.standsAtOnce(&binding) // which writes the end into it: first that, then what is returned
		return binding, err
	}
	if err := t.stillActive(holdClient, binding.ClientID, ClientActive, ErrClientNotActive); err != nil {
		return binding, err
	}
	if err := t.judgeEnd(&binding); err != nil {
		return binding, err
	}
	if binding.RevokedAt != 0 {
		return binding, ErrBindingRevoked
	}
	return binding, t.stillActive(holdAccount, binding.AccountID, AccountActive, ErrAccountNotActive)
}

// askStanding is askEnd with what the client and the account are.
const askStanding = `SELECT c.status, a.status, ` + endColumns + `
	JOIN clients AS c ON c.id = $2 JOIN accounts AS a ON a.id = $3 WHERE d.id = $4`

// standsAtOnce is the rest of liveBinding where the transaction holds all rows anyway: one statement in the place of three.
func (t *tx) standsAtOnce(binding *Binding) error {
	var client, account string
	var life tokenLife
	var rule, first EndingRule // the zero one: there is none
	err := t.each(askStanding, []any{binding.ID, binding.ClientID, binding.AccountID, binding.DeviceAuthorizationID},
		[]any{&client, &account, &rule.Seq, &rule.MadeAt, &rule.Reason, &life.IdleUntil, &life.ExpiresAt}, func() {
			if first.Seq == 0 || rule.Seq < first.Seq {
				first = rule
			}
		})
	switch {
	case err != nil:
		return err
	case client == "":
		return ErrNotFound
	case client != ClientActive:
		return ErrClientNotActive
	}
	binding.endBy(life, first.MadeAt, first.Reason, t.now)
	switch {
	case binding.RevokedAt != 0:
		return ErrBindingRevoked
	case account != AccountActive:
		return ErrAccountNotActive
	}
	return nil
}

// What activeClient and activeAccount hold, where nothing but the status is asked for.
const (
	holdClient  = "SELECT status FROM clients WHERE id = $1"
	holdAccount = "SELECT status FROM accounts WHERE id = $1"
)

// stillActive holds a client or an account to being active until the transaction ends. Errors: refusal, ErrNotFound.
func (t *tx) stillActive(held, id, active string, refusal error) error {
	var status string
	err := t.ask(held+t.holding(forShare), []any{id}, &status)
	if err == nil && status != active {
		err = refusal
	}
	return notFound(err)
}

// isDead says that a binding stands no longer, which is no fault.
func isDead(err error) bool {
	return errors.Is(err, ErrBindingRevoked) || errors.Is(err, ErrAccountNotActive) || errors.Is(err, ErrClientNotActive)
}
