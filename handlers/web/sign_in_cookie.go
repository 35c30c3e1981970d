package web

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"

	"countersign/models"

	"github.com/labstack/echo/v4"
)

// Each sign-in that is on its way has a cookie of its own, so that several tabs may be at
// the provider at once. What is in it is sealed by models.Store.BeginSignIn. SameSite=Lax
// lets it come along when the provider sends the browser back by a redirect.

const (
	signInPrefix = "-sign-in-" // a short hash of the state follows
	signInsKept  = 8           // about 600 bytes each; a request's headers have 32 KiB
)

func signInSuffix(state string) string {
	const length = 6 // bytes: enough to tell the tabs of one browser apart
	sum := sha256.Sum256([]byte(state))
	return signInPrefix + hex.EncodeToString(sum[:length])
}

// KeepSignIn gives the browser what was sealed for it. The browser keeps 8 sign-ins that
// are on their way: the oldest falls out, and so does what is over.
func (a *App) KeepSignIn(c echo.Context, state, sealed string) {
	for _, suffix := range a.signInsToForget(c.Cookies()) {
		a.SetCookie(c, suffix, "", 0)
	}
	a.SetCookie(c, signInSuffix(state), sealed, models.SignInLength)
}

// KeptSignIn returns what the browser was given for the state, "" when it was given nothing.
func (a *App) KeptSignIn(c echo.Context, state string) string {
	return a.Cookie(c, signInSuffix(state))
}

// ForgetSignIn takes it away, and no other sign-in.
func (a *App) ForgetSignIn(c echo.Context, state string) {
	if a.KeptSignIn(c, state) != "" {
		a.SetCookie(c, signInSuffix(state), "", 0)
	}
}

// signInsToForget returns the suffixes of the cookies that leave no room for one more.
func (a *App) signInsToForget(cookies []*http.Cookie) (forget []string) {
	type kept struct {
		suffix string
		ends   models.Instant
	}
	var live []kept
	for _, cookie := range cookies {
		suffix, ours := strings.CutPrefix(cookie.Name, a.cookieName(""))
		if !ours || !strings.HasPrefix(suffix, signInPrefix) {
			continue
		}
		signIn, ok := a.Store.OpenSignIn(cookie.Value)
		if !ok {
			forget = append(forget, suffix)
			continue
		}
		live = append(live, kept{suffix, signIn.ExpiresAt})
	}
	slices.SortFunc(live, func(one, other kept) int { return cmp.Compare(one.ends, other.ends) })
	for len(live) >= signInsKept {
		forget = append(forget, live[0].suffix)
		live = live[1:]
	}
	return forget
}
