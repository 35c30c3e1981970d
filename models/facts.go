package models

import (
	"context"

	"countersign/audit/term"
)

// provedRemembered is how many of the newest devices that proved their key tell whether
// that is usual for an app.
const provedRemembered = 200

// FraudFacts is what the trail of requests says for or against approving one of them.
// "Lately" is the last two pending windows.
type FraudFacts struct {
	OtherPending     int // further requests that wait for the same account
	Declined         int // requests of the account that staff declined lately, or took back, or the person by their own word
	Suspicious       int // of these, declined as suspicious or by the person's own word
	Repudiated       int // of these, ended by the person's own word: "it was not me"
	ClientAccounts   int // other accounts that the same client instance ever asked for
	ClientUnknown    int // requests of the same client that named no account at all
	AddressAccounts  int // other accounts asked for lately from the same address
	DocumentAccounts int // other accounts that the same document was shown for
	AppProves        int // of the newest devices that proved their key, those with the same app
	Publishers       int // registered publishers that can sign for their apps
}

// declinedLately is the condition that staff declined the request d, or its person did.
const declinedLately = "d.state = 'declined' AND d.decline_reason NOT IN (@deleted, @disabled) AND d.decided_at > @lately"

// endedLately is the condition that a rule of one of the reasons did.
func endedLately(reasons string) string {
	return "d.state IN ('pending', 'matched', 'proofed') AND EXISTS (SELECT 1 FROM ending_rules AS r WHERE " + namesIt +
		" AND r.made_at < d.pending_until AND r.made_at > @lately AND r.reason IN (" + reasons + "))"
}

// FraudFacts reads them; it changes nothing. It looks at the newest newestLookedAt requests of each kind.
func (s *Store) FraudFacts(ctx context.Context, d DeviceAuthorization) (FraudFacts, error) {
	reading := s.reader(ctx)
	return askFraudFacts.first(reading, given{
		"account": deref(d.AccountID), "id": d.ID, "client": d.ClientID, "address": d.Address,
		"proofing": deref(d.ProofingID), "now": reading.now, "lately": s.lately(reading.now),
		"deleted": term.EndingClientDeleted, "disabled": term.EndingClientDisabled, "proved": provedRemembered, "newest": newestLookedAt,
	})
}

var askFraudFacts = askingPatiently[FraudFacts](`SELECT
		(SELECT count(*) FROM ` + newestOf("account_id = @account") + ` WHERE d.id <> @id AND ` + stillWaits + `) AS other_pending,
		(SELECT count(*) FROM ` + newestOf("account_id = @account") + ` WHERE d.id <> @id AND (` + declinedLately + `
			OR ` + endedLately("'suspicious', 'ended together'") + `)) AS declined,
		(SELECT count(*) FROM ` + newestOf("account_id = @account") + ` WHERE d.id <> @id AND (` + declinedLately + `
			AND d.decline_reason IN ('suspicious', 'not me')
			OR ` + endedLately("'suspicious'") + `)) AS suspicious,
		(SELECT count(*) FROM ` + newestOf("account_id = @account") + ` CROSS JOIN repudiations AS said
			WHERE said.device_authorization_id = d.id AND d.id <> @id AND said.created_at > @lately) AS repudiated,
		(SELECT count(DISTINCT d.account_id) FROM ` + someOf + ` WHERE d.account_id <> @account) AS client_accounts,
		(SELECT count(*) FROM ` + someOf + ` WHERE d.account_id IS NULL) AS client_unknown,
		(SELECT count(DISTINCT d.account_id) FROM ` + newestOf("address = @address AND created_at > @lately") + `
			WHERE d.account_id <> @account) AS address_accounts,
		(SELECT count(DISTINCT other.account_id) FROM proofings AS mine
			JOIN proofings AS same ON same.document_number_mac = mine.document_number_mac AND mine.document_number_mac <> ''
			JOIN device_authorizations AS other ON other.id = same.device_authorization_id
			WHERE mine.id = @proofing AND other.account_id <> @account) AS document_accounts,
		(SELECT count(*) FROM (SELECT client_id FROM device_authorizations WHERE presence = 'proved' AND matched_at > @lately AND id <> @id
				ORDER BY matched_at DESC LIMIT @proved) AS proved
			JOIN clients AS theirs ON theirs.id = proved.client_id JOIN clients AS mine ON mine.id = @client
			WHERE theirs.software_id = mine.software_id AND mine.software_id <> '') AS app_proves,
		(SELECT count(*) FROM publishers WHERE jwks LIKE '%"kty"%') AS publishers`)

// lately begins two pending windows ago: long enough to remember a declined request
// for the whole life of its successor.
func (s *Store) lately(now Instant) Instant {
	const windows = 2
	return now.Add(-windows * s.policy.PendingWindow)
}
