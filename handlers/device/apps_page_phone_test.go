package device_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"countersign/handlers/handlerstest"
)

// pagePhone is an app that does what docs/apps.md says, and nothing else: what it sends comes from
// the page, with the placeholders filled in.
type pagePhone struct {
	server *handlerstest.Server
	page   appsPage
	key    crypto.Signer
	next   crypto.Signer     // the key that takes its place
	values map[string]string // what the answers gave, by placeholder
}

func newPagePhone(s *handlerstest.Server, page appsPage, given map[string]string) *pagePhone {
	return &pagePhone{server: s, page: page, key: handlerstest.NewKey(), next: handlerstest.NewKey(), values: maps.Clone(given)}
}

var placeholder = regexp.MustCompile(`\{[a-z_]+( \+ \d+)?\}`)

// fill puts values where the placeholders are; what is not known stays as it is.
func (p *pagePhone) fill(text string, more map[string]string) string {
	return placeholder.ReplaceAllStringFunc(strings.ReplaceAll(text, pageIssuer, p.server.Issuer), func(name string) string {
		name = strings.Trim(name, "{}")
		if value, known := more[name]; known {
			return value
		}
		if value, known := p.values[name]; known {
			return value
		}
		now := p.server.Clock.Now().Unix()
		switch name {
		case "now":
			return strconv.FormatInt(now, 10)
		case "random":
			return handlerstest.NewJTI()
		case "public_jwk":
			return handlerstest.JSON(handlerstest.PublicJWK(p.key))
		case "new_public_jwk":
			return handlerstest.JSON(handlerstest.PublicJWK(p.next))
		}
		if seconds, plus := strings.CutPrefix(name, "now + "); plus {
			later, _ := strconv.ParseInt(seconds, 10, 64)
			return strconv.FormatInt(now+later, 10)
		}
		return "{" + name + "}"
	})
}

// request makes the request of a block. A form stands on the page one parameter a line, not yet encoded.
func (p *pagePhone) request(message *pageMessage) (*http.Request, error) {
	method, address, _ := strings.Cut(message.start, " ")
	address = p.fill(address, nil)
	signed, err := p.signed(message, method, address)
	if err != nil {
		return nil, err
	}
	header, body := http.Header{}, p.fill(message.body, signed)
	for _, line := range message.headers {
		header.Add(line[0], p.fill(line[1], signed))
	}
	if header.Get("Content-Type") == "application/x-www-form-urlencoded" {
		form := url.Values{}
		for line := range strings.Lines(body) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			form.Add(name, value)
		}
		body = form.Encode()
	}
	if left := placeholder.FindString(body + fmt.Sprint(header)); left != "" {
		return nil, fmt.Errorf("nothing gave %s", left)
	}
	request, err := http.NewRequest(method, address, strings.NewReader(body))
	if err == nil {
		request.Header = header
	}
	return request, err
}

// signed makes the JWTs that a request wants, anew for each.
func (p *pagePhone) signed(message *pageMessage, method, address string) (map[string]string, error) {
	more := map[string]string{"method": method, "url": address}
	made := map[string]string{}
	for _, header := range message.headers {
		if header[0] == "Authorization" {
			sum := sha256.Sum256([]byte(p.values["access_token"]))
			more["ath"] = base64.RawURLEncoding.EncodeToString(sum[:])
		}
	}
	for name := range p.page.jwts {
		if !strings.Contains(message.body+fmt.Sprint(message.headers), "{"+name+"}") {
			continue
		}
		jwt, err := p.jwt(name, more)
		if err != nil {
			return nil, err
		}
		made[name] = jwt
	}
	return made, nil
}

// jwt makes a JWT of the page. A claim for which there is no value yet is left out, as the page says.
func (p *pagePhone) jwt(name string, more map[string]string) (string, error) {
	decoder := json.NewDecoder(strings.NewReader(p.fill(p.page.jwts[name], more)))
	var parts []string
	for range 2 {
		var members map[string]any
		decoder.UseNumber()
		if err := decoder.Decode(&members); err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
		maps.DeleteFunc(members, func(_ string, value any) bool {
			text, is := value.(string)
			return is && placeholder.MatchString(text)
		})
		parts = append(parts, base64.RawURLEncoding.EncodeToString([]byte(handlerstest.JSON(members))))
	}
	input := strings.Join(parts, ".")
	sum := sha256.Sum256([]byte(input))
	der, err := p.key.Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil {
		return "", err
	}
	raw, err := rawSignature(der)
	return input + "." + base64.RawURLEncoding.EncodeToString(raw), err
}

// rawSignature turns DER into r and s of 32 bytes each (RFC 7518 §3.4), as the page does in Kotlin.
func rawSignature(der []byte) ([]byte, error) {
	var signature struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &signature); err != nil {
		return nil, err
	}
	raw := make([]byte, 64)
	signature.R.FillBytes(raw[:32])
	signature.S.FillBytes(raw[32:])
	return raw, nil
}

// square is what the QR code holds that the app shows (docs/presence-proof.md).
func (p *pagePhone) square() (string, error) {
	code := map[string]string{"user_code_without_dash": strings.ReplaceAll(p.values["user_code"], "-", "")}
	jwt, err := p.jwt("presence_proof", code)
	sum := sha256.Sum256([]byte(jwt))
	return "PRES1" + base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(append([]byte(jwt), sum[:4]...)), err
}

// verifiesRaw reports whether raw is a signature of text by the key.
func verifiesRaw(key *ecdsa.PublicKey, text, raw []byte) bool {
	sum := sha256.Sum256(text)
	return len(raw) == 64 && ecdsa.Verify(key, sum[:], new(big.Int).SetBytes(raw[:32]), new(big.Int).SetBytes(raw[32:]))
}
