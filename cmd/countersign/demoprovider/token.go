package demoprovider

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const tokenLifetime = 5 * time.Minute

// token trades a code for an ID token (OpenID Connect Core §3.1.3).
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		refuse(w, http.StatusBadRequest, "invalid_request")
		return
	}
	if !p.authenticated(r) {
		w.Header().Set("WWW-Authenticate", `Basic realm="demonstration"`)
		refuse(w, http.StatusUnauthorized, "invalid_client")
		return
	}
	if r.PostForm.Get("grant_type") != "authorization_code" {
		refuse(w, http.StatusBadRequest, "unsupported_grant_type")
		return
	}
	granted, ok := p.take(r.PostForm.Get("code"))
	if !ok || r.PostForm.Get("redirect_uri") != p.config.RedirectURI || !granted.proved(r.PostForm.Get("code_verifier")) {
		refuse(w, http.StatusBadRequest, "invalid_grant")
		return
	}
	p.answerTokens(w, granted)
}

func (p *Provider) answerTokens(w http.ResponseWriter, granted grant) {
	idToken, err := p.idToken(granted)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "server_error")
		return
	}
	accessToken, err := p.secret() // opens nothing: there is no userinfo endpoint
	if err != nil {
		refuse(w, http.StatusInternalServerError, "server_error")
		return
	}
	answer(w, http.StatusOK, map[string]any{
		"access_token": accessToken, "token_type": "Bearer", "expires_in": int(tokenLifetime.Seconds()), "id_token": idToken,
	})
}

func refuse(w http.ResponseWriter, status int, code string) {
	answer(w, status, map[string]string{"error": code})
}

// authenticated is client_secret_basic (RFC 6749 §2.3.1) or client_secret_post.
func (p *Provider) authenticated(r *http.Request) bool {
	id, secret, basic := r.BasicAuth()
	if basic {
		id, secret = formDecoded(id), formDecoded(secret)
	} else {
		id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	same := subtle.ConstantTimeCompare([]byte(secret), []byte(p.config.ClientSecret)) == 1
	return same && id == p.config.ClientID
}

func formDecoded(text string) string {
	if decoded, err := url.QueryUnescape(text); err == nil {
		return decoded
	}
	return text
}

// take consumes a code.
func (p *Provider) take(code string) (grant, bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	granted, ok := p.codes[code]
	delete(p.codes, code)
	return granted, ok && p.config.Now().Before(granted.expires)
}

// proved compares the PKCE verifier with the challenge (RFC 7636 §4.6).
func (g grant) proved(verifier string) bool {
	sum := sha256.Sum256([]byte(verifier))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	return subtle.ConstantTimeCompare([]byte(challenge), []byte(g.challenge)) == 1
}

// idToken is OpenID Connect Core §2, with the roles that the console reads.
func (p *Provider) idToken(granted grant) (string, error) {
	now := p.config.Now()
	claims := map[string]any{
		"iss": p.config.Issuer, "sub": granted.person.Subject, "aud": p.config.ClientID,
		"iat": now.Unix(), "exp": now.Add(tokenLifetime).Unix(), "auth_time": granted.authTime.Unix(),
		"name": granted.person.Name, "email": granted.person.Email, "email_verified": true,
		"preferred_username": granted.person.Email, "roles": granted.person.Roles,
	}
	if granted.nonce != "" {
		claims["nonce"] = granted.nonce
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: p.key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}
