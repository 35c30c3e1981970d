package deviceclient

import "time"

// State is what a client instance keeps between runs. The zero State is a phone
// that has done nothing yet. Which members are set says how far it has come:
//
//	Key             the server put the registration off
//	Key, ClientID   registered
//	Authorization   a device authorization waits for the counter or for redemption
//	Tokens          connected
type State struct {
	Issuer        string               `json:"issuer,omitempty"`
	ClientID      string               `json:"client_id,omitempty"`
	Key           *Key                 `json:"key,omitempty"`
	Management    *Management          `json:"management,omitempty"`
	LoginHint     string               `json:"login_hint,omitempty"` // of Authorization or Tokens
	Authorization *DeviceAuthorization `json:"device_authorization,omitempty"`
	Tokens        *Tokens              `json:"tokens,omitempty"`

	// ClockOffset is how far the server's clock was ahead of this phone's when it last refused
	// something for that; 0 as long as it never did.
	ClockOffset time.Duration `json:"clock_offset,omitempty"`
}

// Management is the access to the client's own registration (RFC 7592 §3),
// kept when the server offers it. Deregister uses it.
type Management struct {
	URI         string `json:"registration_client_uri"`
	AccessToken Secret `json:"registration_access_token"`
}

// DeviceAuthorization is the answer of RFC 8628 §3.2 and where polling stands.
type DeviceAuthorization struct {
	DeviceCode      Secret    `json:"device_code"` // never shown
	UserCode        Secret    `json:"user_code"`   // shown on the phone, to nobody else
	VerificationURI string    `json:"verification_uri"`
	InstanceName    string    `json:"instance_name,omitempty"`
	RequestedAt     time.Time `json:"requested_at"`
	ExpiresAt       time.Time `json:"expires_at"` // of expires_in: the end of the pending window

	// Interval is the least number of seconds between two polls, with every
	// slow_down added (RFC 8628 §3.5).
	Interval int `json:"interval"`
	// NotBefore is when the next poll is allowed; zero before the first.
	NotBefore time.Time `json:"not_before,omitzero"`
}

// Due returns how long to wait at now before the next poll; zero or less means
// that it may be sent. It never exceeds a day, whatever the clock did.
func (a *DeviceAuthorization) Due(now time.Time) time.Duration {
	return min(a.NotBefore.Sub(now), longestWait)
}

// Tokens is a token answer (RFC 6749 §5.1, RFC 9449 §5).
type Tokens struct {
	AccessToken  Secret    `json:"access_token"`
	RefreshToken Secret    `json:"refresh_token,omitempty"`
	Scope        string    `json:"scope,omitempty"`
	ExpiresAt    time.Time `json:"expires_at,omitzero"` // of the access token; zero when the server did not say
}

// expired leaves room for the request's own way to the API.
func (t *Tokens) expired(now time.Time) bool {
	return !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt.Add(-expiryMargin))
}
