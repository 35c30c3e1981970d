package deviceclient

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// Call calls an API as the connected account, with the access token and a proof
// bound to it (RFC 9449 §7.1). It renews an access token that has ended, and
// once more when the API answers 401 invalid_token; it repeats the request once
// when the API wants its nonce in the proof, and once when it refused the proof
// by a clock that is not this phone's. The caller closes the body. Every
// other status, redirects too, is the caller's to judge. Only give it an address that
// the token is meant for.
func (c *Client) Call(ctx context.Context, method, address string) (*http.Response, error) {
	if c.State.Tokens == nil {
		return nil, ErrNotConnected
	}
	if _, err := secureURL(address); err != nil {
		return nil, err
	}
	if c.State.Tokens.expired(c.now()) && c.State.Tokens.RefreshToken != "" {
		if err := c.Refresh(ctx); err != nil {
			return nil, err
		}
	}
	response, err := c.callWithNonce(ctx, method, address)
	if err != nil || dpopError(response) != ErrInvalidToken || c.State.Tokens.RefreshToken == "" {
		return response, err
	}
	response.Body.Close()
	if err := c.Refresh(ctx); err != nil {
		return nil, err
	}
	return c.callWithNonce(ctx, method, address)
}

func (c *Client) callWithNonce(ctx context.Context, method, address string) (*http.Response, error) {
	for nonced, corrected := false, false; ; {
		response, err := c.callOnce(ctx, method, address)
		if err != nil {
			return nil, err
		}
		again := false
		switch dpopError(response) {
		case ErrUseDPoPNonce:
			again = !nonced && response.Header.Get("DPoP-Nonce") != ""
			nonced = true
		case ErrInvalidDPoPProof:
			again, err = c.learnTime(response.Header)
			again, corrected = again && !corrected, true
		}
		if err != nil || !again {
			return response, err
		}
		response.Body.Close()
	}
}

func (c *Client) callOnce(ctx context.Context, method, address string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return nil, fmt.Errorf("calling the API: %w", err)
	}
	token := c.State.Tokens.AccessToken
	proof, err := c.proof(request.Method, address, token)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "DPoP "+token.Reveal())
	request.Header.Set("DPoP", proof)
	response, err := c.httpClient().Do(request)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, &UnreachableError{Err: withoutURL(err)}
	}
	c.rememberNonce(request.URL, response.Header)
	return response, nil
}

// dpopError returns the error of an answer's DPoP challenge (RFC 9449 §7.1), or "". Other
// challenges may stand beside it.
func dpopError(response *http.Response) string {
	if response.StatusCode != http.StatusUnauthorized {
		return ""
	}
	for _, c := range challenges(response.Header) {
		if code := c.parameters["error"]; code != "" && strings.EqualFold(c.scheme, "DPoP") {
			return code
		}
	}
	return ""
}
