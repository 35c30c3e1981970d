package oauth

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

const (
	// MaxClientMetadata bounds a registration request, in bytes.
	MaxClientMetadata = 16 << 10

	maxClientName      = 128 // characters
	maxSoftwareID      = 128 // characters
	maxSoftwareVersion = 64  // characters
	maxKeyID           = 255 // characters

	// AuthMethodPrivateKeyJWT is the one token_endpoint_auth_method (OpenID Connect Core §9).
	AuthMethodPrivateKeyJWT = "private_key_jwt"
)

// ClientMetadata is what a client instance registers of itself (RFC 7591 §2) and gets back. Members that are not here
// are ignored, as the RFC demands. A value from ParseClientMetadata has passed every rule.
type ClientMetadata struct {
	TokenEndpointAuthMethod     string              `json:"token_endpoint_auth_method"`
	TokenEndpointAuthSigningAlg string              `json:"token_endpoint_auth_signing_alg,omitempty"`
	GrantTypes                  []string            `json:"grant_types"`
	ResponseTypes               []string            `json:"response_types"`
	ClientName                  string              `json:"client_name"`
	SoftwareID                  string              `json:"software_id"`
	SoftwareVersion             string              `json:"software_version"`
	Scope                       string              `json:"scope,omitempty"`
	JWKS                        *jose.JSONWebKeySet `json:"jwks,omitempty"`
	JWKSURI                     string              `json:"jwks_uri,omitempty"` // JWKS is nil then, until the key is fetched
	DPoPBoundAccessTokens       bool                `json:"dpop_bound_access_tokens"`
	SoftwareStatement           string              `json:"software_statement,omitempty"` // the verified one, unmodified (§3.2.1)
}

// clientMetadataMembers are what a software statement can say of a client: every member but the statement itself.
var clientMetadataMembers = []string{
	"token_endpoint_auth_method", "token_endpoint_auth_signing_alg", "grant_types", "response_types", "client_name",
	"software_id", "software_version", "scope", "jwks", "jwks_uri", "dpop_bound_access_tokens",
}

// clientMetadataRequest is the body with the members that need a look of their own left raw.
type clientMetadataRequest struct {
	ClientMetadata
	JWKS      json.RawMessage `json:"jwks"`
	JWKSURI   json.RawMessage `json:"jwks_uri"`
	DPoP      *bool           `json:"dpop_bound_access_tokens"`
	Statement json.RawMessage `json:"software_statement"` // see ReadSoftwareStatement
}

// ParseClientMetadata judges a registration request's body. Required: token_endpoint_auth_method private_key_jwt;
// grant_types with the device code grant, and at most refresh_token besides; response_types []; jwks with exactly
// one public key, or else jwks_uri; client_name, software_id and software_version. Access tokens are always
// DPoP-bound: an omitted dpop_bound_access_tokens becomes true, false is refused. The values of a verified software
// statement win over those beside it, and make up for those that are missing (RFC 7591 §2.3, §3.1.1); the zero
// SoftwareStatement says nothing, and an unverified one in the body is ignored. Every refusal is
// invalid_client_metadata (RFC 7591 §3.2.2).
func ParseClientMetadata(body []byte, statement SoftwareStatement) (ClientMetadata, *Error) {
	if len(body) > MaxClientMetadata {
		return ClientMetadata{}, refuseMetadata("the request is longer than %d bytes", MaxClientMetadata)
	}
	var request clientMetadataRequest
	if !utf8.Valid(body) || json.Unmarshal(body, &request) != nil || statement.overlay(&request) != nil {
		return ClientMetadata{}, wrongMetadata(body)
	}
	metadata := request.ClientMetadata
	metadata.SoftwareStatement = statement.Raw
	for _, check := range []func(*ClientMetadata) *Error{checkGrants, checkNames, checkScope, request.readKeys, checkSigningAlg} {
		if err := check(&metadata); err != nil {
			return ClientMetadata{}, err
		}
	}
	if request.DPoP != nil && !*request.DPoP {
		return ClientMetadata{}, refuseMetadata("dpop_bound_access_tokens must not be false")
	}
	metadata.DPoPBoundAccessTokens = true
	return metadata, nil
}

// Thumbprint is the RFC 7638 SHA-256 thumbprint of the one registered key, base64url; "" when there is none.
func (m ClientMetadata) Thumbprint() string {
	if m.JWKS == nil || len(m.JWKS.Keys) != 1 {
		return ""
	}
	jkt, err := thumbprint(m.JWKS.Keys[0])
	if err != nil {
		return ""
	}
	return jkt
}

// checkGrants wants the members whose defaults (RFC 7591 §2: client_secret_basic, authorization_code, code) would be
// wrong here to be said outright.
func checkGrants(m *ClientMetadata) *Error {
	if m.TokenEndpointAuthMethod != AuthMethodPrivateKeyJWT {
		return refuseMetadata("token_endpoint_auth_method must be %s", AuthMethodPrivateKeyJWT)
	}
	if m.ResponseTypes == nil || len(m.ResponseTypes) > 0 {
		return refuseMetadata("response_types must be an empty array")
	}
	var grants []string
	for _, grant := range m.GrantTypes {
		if grant != GrantTypeDeviceCode && grant != GrantTypeRefreshToken {
			return refuseMetadata("grant_types may hold only %s and %s", GrantTypeDeviceCode, GrantTypeRefreshToken)
		}
		if !slices.Contains(grants, grant) {
			grants = append(grants, grant)
		}
	}
	if !slices.Contains(grants, GrantTypeDeviceCode) {
		return refuseMetadata("grant_types must hold %s", GrantTypeDeviceCode)
	}
	m.GrantTypes = grants
	return nil
}

func checkNames(m *ClientMetadata) *Error {
	for _, text := range []struct {
		name, value string
		limit       int
	}{
		{"client_name", m.ClientName, maxClientName},
		{"software_id", m.SoftwareID, maxSoftwareID},
		{"software_version", m.SoftwareVersion, maxSoftwareVersion},
	} {
		if text.value == "" {
			return refuseMetadata("%s is required", text.name)
		}
		if err := readText(ErrInvalidClientMetadata, text.name, text.value, text.limit); err != nil {
			return err
		}
	}
	return nil
}

func checkScope(m *ClientMetadata) *Error {
	scope, err := ParseScope(m.Scope)
	if err != nil {
		return refuseMetadata("%s", err.Description)
	}
	m.Scope = scope.String()
	return nil
}

func checkSigningAlg(m *ClientMetadata) *Error {
	if m.TokenEndpointAuthSigningAlg == "" {
		return nil
	}
	if m.JWKS == nil { // to be fetched from jwks_uri; FetchedKeys.Usable looks again
		if !slices.Contains(SigningAlgorithms(), m.TokenEndpointAuthSigningAlg) {
			return refuseMetadata("token_endpoint_auth_signing_alg must be one of %s", strings.Join(SigningAlgorithms(), ", "))
		}
		return nil
	}
	if !signsWith(m.JWKS.Keys[0], m.TokenEndpointAuthSigningAlg) {
		return refuseMetadata("token_endpoint_auth_signing_alg does not go with the key")
	}
	return nil
}

func refuseMetadata(format string, args ...any) *Error {
	return Errorf(ErrInvalidClientMetadata, format, args...)
}
