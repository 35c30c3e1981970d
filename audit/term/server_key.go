package term

// ServerKey is what a key of the server is for. The first three sign and take turns; the others
// are HMAC keys, which do not.
type ServerKey string

// What keys are for.
const (
	KeyAccessToken    ServerKey = "access-token"
	KeyAudit          ServerKey = "audit"
	KeyUserCode       ServerKey = "user-code"
	KeyDocumentNumber ServerKey = "document-number"
	KeyDPoPNonce      ServerKey = "dpop-nonce"
	KeyLoginHint      ServerKey = "login-hint"
	KeyFormerContact  ServerKey = "former-contact"
	KeyRepudiation    ServerKey = "repudiation-link"
	KeyCheckpoint     ServerKey = "checkpoint"
)

// ServerKeys lists the set.
func ServerKeys() []ServerKey {
	return append(SigningKeys(), KeyUserCode, KeyDocumentNumber, KeyDPoPNonce, KeyLoginHint, KeyFormerContact, KeyRepudiation)
}

// SigningKeys are those that sign and take turns.
func SigningKeys() []ServerKey { return []ServerKey{KeyAccessToken, KeyAudit, KeyCheckpoint} }

// Label returns it in plain English.
func (k ServerKey) Label() string {
	switch k {
	case KeyAccessToken:
		return "for access tokens"
	case KeyAudit:
		return "for the audit trail"
	case KeyUserCode:
		return "for user codes"
	case KeyDocumentNumber:
		return "for document numbers"
	case KeyDPoPNonce:
		return "for DPoP nonces"
	case KeyLoginHint:
		return "for account identifiers that were asked for"
	case KeyFormerContact:
		return "for former contacts"
	case KeyRepudiation:
		return "for links in notices"
	case KeyCheckpoint:
		return "for checkpoints of the log"
	}
	return string(k)
}
