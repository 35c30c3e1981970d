package notices

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// SignatureHeader carries "t=SECONDS,v1=HEX": HMAC-SHA-256 under the shared secret over the
// seconds, a dot and the body as it was sent. A receiver compares in constant time, refuses
// a time more than five minutes off, and remembers the id: a notice may come twice.
const SignatureHeader = "Countersign-Signature"

const webhookTimeout = 15 * time.Second

// Webhook is the channel to a receiver of the organisation's own, which has ways to people
// that this server has not.
type Webhook struct {
	url    string
	secret []byte
	http   *http.Client
}

// NewWebhook makes the channel; config nil means the system's certificate authorities. It
// follows no redirect: what it sends is for this receiver alone.
func NewWebhook(address string, secret []byte, config *tls.Config) *Webhook {
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return &Webhook{url: address, secret: secret, http: &http.Client{
		Timeout:       webhookTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: config, MaxResponseHeaderBytes: 16 << 10,
			IdleConnTimeout: time.Minute},
	}}
}

// payload is the JSON object of a notice.
type payload struct {
	ID          string    `json:"id"`
	Occasion    string    `json:"occasion"`
	CreatedAt   time.Time `json:"created_at"`
	UsefulUntil time.Time `json:"useful_until"`
	Issuer      string    `json:"issuer"`
	Account     string    `json:"account"`
	Contact     string    `json:"contact"`
	Request     string    `json:"request"`
	Language    string    `json:"language"`
	Subject     string    `json:"subject"`
	Text        string    `json:"text"`
	NotMeURL    string    `json:"not_me_url,omitempty"`
}

// Send is part of Channel.
func (w *Webhook) Send(ctx context.Context, m Message) error {
	return w.post(ctx, m.Now, payload{
		ID: m.ID, Occasion: string(m.Occasion), CreatedAt: m.CreatedAt, UsefulUntil: m.UsefulUntil, Issuer: m.Issuer, Account: m.Account,
		Contact: m.Contact, Request: m.Request, Language: m.Language, Subject: m.Subject, Text: m.Text, NotMeURL: m.NotMeURL,
	})
}

// post sends a JSON object, signed. Only an answer 2xx counts.
func (w *Webhook) post(ctx context.Context, now time.Time, object any) error {
	body, err := json.Marshal(object)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return &Failure{Why: "the webhook's address"}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "countersign")
	request.Header.Set(SignatureHeader, sign(w.secret, now, body))
	response, err := w.http.Do(request)
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return &Failure{Why: connecting(failed.Err), Unreachable: true} // without the address, which may hold a secret
	}
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return answered(response.StatusCode)
}

// answered judges a status. One that is about what was posted is final. Others with 4xx are about all that is posted there: an address
// or a secret that is wrong, or too much at a time. They can be mended, and until then each look tries a few.
func answered(status int) error {
	if status >= 200 && status <= 299 {
		return nil
	}
	failure := &Failure{Why: fmt.Sprintf("the webhook answered %d", status)}
	switch status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		failure.Final = true
	case http.StatusConflict, http.StatusRequestTimeout, http.StatusTooEarly, http.StatusLocked: // of this one, at this moment
	case http.StatusServiceUnavailable:
		failure.Unreachable = true
	default:
		failure.Unreachable = status >= 400 && status <= 499
	}
	return failure
}

func sign(secret []byte, now time.Time, body []byte) string {
	seconds := strconv.FormatInt(now.Unix(), 10)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(seconds + "."))
	mac.Write(body)
	return "t=" + seconds + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}
