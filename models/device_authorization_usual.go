package models

import (
	"errors"

	"gorm.io/gorm"
)

// askUsualClient finds an active client with its app, where no proof is remembered by either of its keys.
const askUsualClient = `SELECT c.created_at, c.counted_hour, coalesce(s.id, ''), coalesce(s.scope, '')
	FROM clients AS c LEFT JOIN software AS s ON s.id = c.software_id
	WHERE c.id = $1 AND c.status = '` + ClientActive + `'
		AND NOT EXISTS (SELECT 1 FROM used_proofs WHERE key = $2) AND NOT EXISTS (SELECT 1 FROM used_proofs WHERE key = $3)
		AND NOT EXISTS (SELECT 1 FROM used_proofs WHERE key = $4) AND NOT EXISTS (SELECT 1 FROM used_proofs WHERE key = $5)`

// mayAsk returns the client of a request, of which ID, CreatedAt and CountedHour are read, and what is left of the scope; the
// request's proofs are used up. On SQLite one look finds whether all is as it mostly is. Where it is not, nothing has changed, and
// mayAskJudged tells what is wrong (docs/decisions/0081-usual-redemption.md). Errors: as there.
func (t *tx) mayAsk(request DeviceAuthorizationRequest, scope string) (client Client, left string, err error) {
	pair, is := t.pairOf(request.Proofs)
	if !is {
		return t.mayAskJudged(request, scope)
	}
	client.ID = request.Client.ID
	var software Software
	err = t.ask(askUsualClient, append([]any{client.ID}, pair.keys()...),
		(*int64)(&client.CreatedAt), (*int64)(&client.CountedHour), &software.ID, &software.Scope)
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return t.mayAskJudged(request, scope)
	}
	if err != nil {
		return client, "", err
	}
	if left, err = software.leaves(scope); err != nil {
		return client, "", err
	}
	return client, left, t.useNew(pair)
}

// mayAskJudged is mayAsk step by step. Errors: ErrClientNotActive, ErrScopeWithdrawn, ErrReplayed, ErrReplayedProof.
func (t *tx) mayAskJudged(request DeviceAuthorizationRequest, scope string) (client Client, left string, err error) {
	if client, err = t.activeClient(request.Client.ID); err != nil {
		return client, "", err
	}
	if left, err = t.scopeNow(request.Client.ID, scope); err != nil {
		return client, "", err
	}
	return client, left, t.useProofs(request.Proofs)
}
