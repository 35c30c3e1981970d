package oauth

import "strings"

// Endpoint paths, below the issuer.
const (
	PathDeviceAuthorization = "/device_authorization"
	PathToken               = "/token"
	PathRegistration        = "/register"
	PathIntrospection       = "/introspect"
	PathRevocation          = "/revoke"
	PathJWKS                = "/jwks"
	PathMetadata            = "/.well-known/oauth-authorization-server" // RFC 8414 §3
	PathVerification        = "/device"                                 // verification_uri, RFC 8628 §3.3
	PathWhoAmI              = "/api/whoami"
	PathVerifiedClaims      = "/api/verified-claims"
)

// ServerMetadata is the authorization server's metadata (RFC 8414 §2, RFC 8628 §4, RFC 9449 §5.1, RFC 9701 §7). There is no
// authorization endpoint: the device authorization grant is the only way in.
type ServerMetadata struct {
	Issuer                      string   `json:"issuer"`
	DeviceAuthorizationEndpoint string   `json:"device_authorization_endpoint"`
	TokenEndpoint               string   `json:"token_endpoint"`
	RegistrationEndpoint        string   `json:"registration_endpoint"`
	RevocationEndpoint          string   `json:"revocation_endpoint"`
	IntrospectionEndpoint       string   `json:"introspection_endpoint"`
	JWKSURI                     string   `json:"jwks_uri"`
	ScopesSupported             []string `json:"scopes_supported,omitempty"`
	ResponseTypesSupported      []string `json:"response_types_supported"` // empty, and there all the same: see docs/protocol.md
	GrantTypesSupported         []string `json:"grant_types_supported"`

	TokenAuthMethods         []string `json:"token_endpoint_auth_methods_supported"`
	TokenAuthSigningAlgs     []string `json:"token_endpoint_auth_signing_alg_values_supported"`
	RevocationAuthMethods    []string `json:"revocation_endpoint_auth_methods_supported"`
	RevocationSigningAlgs    []string `json:"revocation_endpoint_auth_signing_alg_values_supported"`
	IntrospectionAuthMethods []string `json:"introspection_endpoint_auth_methods_supported"`
	IntrospectionSigningAlgs []string `json:"introspection_endpoint_auth_signing_alg_values_supported"`
	DPoPSigningAlgs          []string `json:"dpop_signing_alg_values_supported"`

	IntrospectionAnswerAlgs []string `json:"introspection_signing_alg_values_supported"` // RFC 9701 §7
}

// NewServerMetadata is the metadata of the server that is issuer and knows these scopes.
func NewServerMetadata(issuer string, scopes []string) ServerMetadata {
	base := strings.TrimSuffix(issuer, "/")
	methods := []string{AuthMethodPrivateKeyJWT}
	algorithms := SigningAlgorithms()
	return ServerMetadata{
		Issuer:                      issuer,
		DeviceAuthorizationEndpoint: base + PathDeviceAuthorization,
		TokenEndpoint:               base + PathToken,
		RegistrationEndpoint:        base + PathRegistration,
		RevocationEndpoint:          base + PathRevocation,
		IntrospectionEndpoint:       base + PathIntrospection,
		JWKSURI:                     base + PathJWKS,
		ScopesSupported:             append([]string{}, scopes...),
		ResponseTypesSupported:      []string{},
		GrantTypesSupported:         []string{GrantTypeDeviceCode, GrantTypeRefreshToken},
		TokenAuthMethods:            methods,
		TokenAuthSigningAlgs:        algorithms,
		RevocationAuthMethods:       methods,
		RevocationSigningAlgs:       algorithms,
		IntrospectionAuthMethods:    methods,
		IntrospectionSigningAlgs:    algorithms,
		DPoPSigningAlgs:             algorithms,
		IntrospectionAnswerAlgs:     []string{"ES256"},
	}
}
