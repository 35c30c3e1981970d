package deviceclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// answer is an HTTP answer that was read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// httpClient never follows a redirect: an assertion or a proof is for the
// endpoint that it names.
func (c *Client) httpClient() *http.Client {
	own := http.Client{Timeout: requestTimeout}
	if c.HTTP != nil {
		own = *c.HTTP
	}
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

// exchange sends one request. Every failure of the network is an
// *UnreachableError; the end of ctx itself is ctx.Err().
func (c *Client) exchange(ctx context.Context, method, address string, header http.Header, body io.Reader) (answer, error) {
	limited, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(limited, method, address, body)
	if err != nil {
		return answer{}, fmt.Errorf("asking the server: %w", err)
	}
	if header != nil {
		request.Header = header
	}
	request.Header.Set("Accept", "application/json")
	a, err := c.read(request)
	if ctx.Err() != nil {
		return answer{}, ctx.Err()
	}
	if err != nil {
		return answer{}, &UnreachableError{Err: withoutURL(err)}
	}
	c.rememberNonce(request.URL, a.header)
	return a, nil
}

func (c *Client) read(request *http.Request) (answer, error) {
	response, err := c.httpClient().Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, longestBody))
	return answer{status: response.StatusCode, header: response.Header, body: body}, err
}

// withoutURL drops the address that net/http puts before the cause.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}

// postForm sends a form with client authentication and a DPoP proof, both made
// afresh. When the server wants its nonce in the proof (RFC 9449 §8), or refused
// them by a clock that is not ours, it asks once more for each reason: that is
// the same question, not another poll.
func (c *Client) postForm(ctx context.Context, endpoint string, form url.Values) (answer, error) {
	for nonced, corrected := false, false; ; {
		a, err := c.postFormOnce(ctx, endpoint, form)
		if err != nil || a.status == http.StatusOK {
			return a, err
		}
		if !nonced && ErrorCode(c.failure(a)) == ErrUseDPoPNonce && a.header.Get("DPoP-Nonce") != "" {
			nonced = true
			continue
		}
		if again, err := c.correctClock(a); err != nil || !again || corrected {
			return a, err
		}
		corrected = true
	}
}

func (c *Client) postFormOnce(ctx context.Context, endpoint string, form url.Values) (answer, error) {
	if err := c.authenticate(form); err != nil {
		return answer{}, err
	}
	proof, err := c.proof(http.MethodPost, endpoint, "")
	if err != nil {
		return answer{}, err
	}
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "DPoP": {proof}}
	return c.exchange(ctx, http.MethodPost, endpoint, header, strings.NewReader(form.Encode()))
}
