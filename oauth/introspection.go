package oauth

// Introspection is the answer of the introspection endpoint (RFC 7662 §2.2). The zero value is the inactive answer,
// {"active":false} and nothing more.
type Introspection struct {
	Active    bool          `json:"active"`
	Scope     string        `json:"scope,omitempty"`
	ClientID  string        `json:"client_id,omitempty"`
	TokenType string        `json:"token_type,omitempty"`
	ExpiresAt int64         `json:"exp,omitempty"` // Unix seconds
	IssuedAt  int64         `json:"iat,omitempty"` // Unix seconds
	Subject   string        `json:"sub,omitempty"`
	Audience  string        `json:"aud,omitempty"`
	Issuer    string        `json:"iss,omitempty"`
	ID        string        `json:"jti,omitempty"`
	Confirm   *Confirmation `json:"cnf,omitempty"`
}

// Confirmation is the cnf member (RFC 7800 §3.1) with the DPoP key's thumbprint (RFC 9449 §6.1).
type Confirmation struct {
	Thumbprint string `json:"jkt"`
}

// TokenTypeDPoP is the token_type of every access token here (RFC 9449 §5).
const TokenTypeDPoP = "DPoP"
