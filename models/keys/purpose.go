package keys

import "countersign/audit/term"

// Purpose is what a key is for.
type Purpose string

// The purposes. The keys of the first three sign and take turns. The others are HMAC keys, which do not take turns:
// what they made would no longer be found.
const (
	AccessToken    Purpose = Purpose(term.KeyAccessToken)
	Audit          Purpose = Purpose(term.KeyAudit)
	Checkpoint     Purpose = Purpose(term.KeyCheckpoint)
	UserCode       Purpose = Purpose(term.KeyUserCode)
	DocumentNumber Purpose = Purpose(term.KeyDocumentNumber)
	DPoPNonce      Purpose = Purpose(term.KeyDPoPNonce)
	LoginHint      Purpose = Purpose(term.KeyLoginHint)
	FormerContact  Purpose = Purpose(term.KeyFormerContact)
	Repudiation    Purpose = Purpose(term.KeyRepudiation)
)

// Status is where a key is in its life.
type Status string

// The statuses. A next key is published before it signs. A retired key signs no more, but what it signed stands.
const (
	Next    Status = "next"
	Current Status = "current"
	Retired Status = "retired"
)

// SigningPurposes are the purposes whose keys sign and take turns.
func SigningPurposes() []Purpose { return append(TurningPurposes(), Checkpoint) }

// TurningPurposes are those whose keys also take turns by the clock. The key of checkpoints does not: outsiders pin it.
func TurningPurposes() []Purpose { return []Purpose{AccessToken, Audit} }

// macPurposes are the purposes of HMAC keys.
func macPurposes() []Purpose {
	return []Purpose{UserCode, DocumentNumber, DPoPNonce, LoginHint, FormerContact, Repudiation}
}

// irreplaceable are the HMAC keys that what is stored depends on. The start fails without them.
func irreplaceable() []Purpose { return []Purpose{UserCode, DocumentNumber} }
