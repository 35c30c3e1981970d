package deviceclient

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
)

const defaultInterval = 5 // seconds, RFC 8628 §3.2

// Request is what a phone asks for. Only LoginHint is required.
type Request struct {
	LoginHint           string // the account that the phone is to be connected to
	InstanceName        string // what the person calls this phone; draft-richer-oauth-instance-00 §2
	InstanceDescription string // needs a name
	Scope               string // space-separated; empty leaves it to the server
}

func (r Request) form() url.Values {
	form := url.Values{}
	for name, value := range map[string]string{
		"login_hint": r.LoginHint, "scope": r.Scope,
		"instance_name": r.InstanceName, "instance_description": r.InstanceDescription,
	} {
		if value != "" {
			form.Set(name, value)
		}
	}
	return form
}

// RequestAuthorization asks for a device code and a user code (RFC 8628 §3.1)
// and sets State.Authorization, in place of any earlier one. The DPoP proof
// binds the codes to this phone's key. Start it on a person's action only
// (RFC 8628 §3.1).
func (c *Client) RequestAuthorization(ctx context.Context, r Request) error {
	if r.LoginHint == "" {
		return errors.New("the account (login_hint) is missing")
	}
	metadata, err := c.Discover(ctx)
	if err != nil {
		return err
	}
	asked := c.now()
	a, err := c.postForm(ctx, metadata.DeviceAuthorizationEndpoint, r.form())
	if err != nil {
		return err
	}
	if a.status != http.StatusOK {
		return c.failure(a)
	}
	authorization, err := readAuthorization(a.body, asked)
	if err != nil {
		return err
	}
	authorization.InstanceName = r.InstanceName
	c.State.LoginHint, c.State.Authorization = r.LoginHint, authorization
	return c.save()
}

// readAuthorization reads RFC 8628 §3.2. The lifetime counts from the question,
// so that the shown deadline is never later than the server's.
func readAuthorization(body []byte, asked time.Time) (*DeviceAuthorization, error) {
	var b struct {
		DeviceCode      string `json:"device_code"`
		UserCode        string `json:"user_code"`
		VerificationURI string `json:"verification_uri"`
		ExpiresIn       int64  `json:"expires_in"`
		Interval        int    `json:"interval"`
	}
	if json.Unmarshal(body, &b) != nil || b.DeviceCode == "" || b.UserCode == "" || b.ExpiresIn <= 0 {
		return nil, errors.New("the device authorization answer is incomplete")
	}
	if !showable(b.UserCode) || !showable(b.VerificationURI) {
		return nil, errors.New("the device authorization answer cannot be shown on a screen")
	}
	if u, err := url.Parse(b.VerificationURI); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("the verification_uri is not a web address")
	}
	return &DeviceAuthorization{
		DeviceCode: Secret(b.DeviceCode), UserCode: Secret(b.UserCode), VerificationURI: b.VerificationURI,
		RequestedAt: asked, ExpiresAt: asked.Add(time.Duration(min(b.ExpiresIn, maxLifetime)) * time.Second),
		Interval: readInterval(b.Interval),
	}, nil
}

// maxLifetime, ten years in seconds, keeps the sum within a time.Duration.
const maxLifetime = 10 * 365 * 24 * 3600

func readInterval(seconds int) int {
	if seconds <= 0 {
		return defaultInterval
	}
	return min(seconds, int(longestWait/time.Second))
}

// showable keeps terminal controls and invisible characters off the screen.
func showable(text string) bool {
	return len(text) <= 2*longestText && strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}
