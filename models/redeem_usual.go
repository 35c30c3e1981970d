package models

import (
	"errors"

	"countersign/oauth"

	"gorm.io/gorm"
)

// usualRedemption is a redemption where all is as it mostly is: nothing of it is to be judged any more.
type usualRedemption struct {
	binding  Binding // its identifiers, Scope and Resources only
	software Software
	end      Instant // of the time to redeem
	key      string  // the thumbprint of the key that the request is bound to
}

// askUsual finds an approved request with its binding and its app by the device code, where client and account are active, nobody
// and no rule has ended anything, there is no token yet, and no proof is remembered by either of its keys. It finds
// nothing also where a rule names other requests of the account.
const askUsual = `SELECT d.jwk_thumbprint, d.redeem_until, b.id, b.account_id, b.device_authorization_id, b.scope, b.resources,
		coalesce(s.id, ''), coalesce(s.scope, '')
	FROM device_authorizations AS d
	JOIN bindings AS b ON b.device_authorization_id = d.id
	JOIN clients AS c ON c.id = b.client_id
	JOIN accounts AS a ON a.id = b.account_id
	LEFT JOIN software AS s ON s.id = c.software_id
	WHERE d.device_code_hash = $1 AND d.client_id = $2 AND d.state = 'approved' AND b.client_id = d.client_id AND b.revoked_at = 0
		AND c.status = '` + ClientActive + `' AND a.status = '` + AccountActive + `' AND ` + noRuleIsNear + `
		AND NOT EXISTS (SELECT 1 FROM refresh_tokens AS t WHERE t.binding_id = b.id)
		AND NOT EXISTS (SELECT 1 FROM used_proofs WHERE key = $3) AND NOT EXISTS (SELECT 1 FROM used_proofs WHERE key = $4)
		AND NOT EXISTS (SELECT 1 FROM used_proofs WHERE key = $5) AND NOT EXISTS (SELECT 1 FROM used_proofs WHERE key = $6)`

// usually asks by one statement what Redeem asks by seven, and uses up the proofs by one more, where the transaction holds all
// rows anyway. is is false, and nothing has changed, where anything is otherwise than usual: Redeem then tells what it is.
func (t *tx) usually(r Redemption) (found usualRedemption, is bool, err error) {
	pair, two := t.pairOf(r.Proofs)
	if !two {
		return found, false, nil
	}
	b, s := &found.binding, &found.software
	err = t.ask(askUsual, append([]any{oauth.HashDeviceCode(r.DeviceCode), r.ClientID}, pair.keys()...),
		&found.key, (*int64)(&found.end), &b.ID, &b.AccountID, &b.DeviceAuthorizationID, &b.Scope, &b.Resources, &s.ID, &s.Scope)
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return found, false, nil
	}
	b.ClientID = r.ClientID
	t.readClock()
	if err != nil || t.now >= found.end || found.key != "" && found.key != r.Thumbprint {
		return found, false, err
	}
	err = t.useNew(pair)
	return found, err == nil, err
}
