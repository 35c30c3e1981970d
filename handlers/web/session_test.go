package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

// Nobody is led away by a return_to.
func TestLocalPath(t *testing.T) {
	for path, want := range map[string]string{
		"/counter": "/counter", "/counter/accounts/a%2Fb": "/counter/accounts/a%2Fb", "/a?b=c#d": "/a",
		"": "/", "counter": "/", "//evil.example": "/", "///evil.example": "/", "/\\evil.example": "/", "\\\\evil.example": "/",
		"https://evil.example": "/", "https:evil.example": "/", "javascript:alert(1)": "/", "/\r\nSet-Cookie: a=b": "/", "/\t//evil.example": "/",
		"/%zz": "/",
	} {
		if got := LocalPath(path); got != want {
			t.Errorf("LocalPath(%q) = %q, want %q", path, got, want)
		}
	}
}

// Over https every cookie is Secure and bound to the host (ASVS 5.0.0, 3.3); on plain
// loopback it carries neither, since not every browser would keep it.
func TestCookieFlags(t *testing.T) {
	for issuer, secure := range map[string]bool{"https://id.example": true, "http://127.0.0.1:8080": false} {
		recorder := httptest.NewRecorder()
		c := echo.New().NewContext(httptest.NewRequest(http.MethodGet, "/", nil), recorder)
		app := New(Config{Issuer: issuer})
		app.KeepSignIn(c, "state", "secret")
		app.SetLastCounter(c, "counter")
		for _, cookie := range recorder.Result().Cookies() {
			if cookie.Secure != secure || strings.HasPrefix(cookie.Name, "__Host-") != secure {
				t.Errorf("%s: %s, Secure is %v", issuer, cookie.Name, cookie.Secure)
			}
			if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Domain != "" || cookie.MaxAge <= 0 {
				t.Errorf("%s: %s", issuer, cookie.Raw)
			}
		}
		if len(recorder.Result().Cookies()) != 2 {
			t.Errorf("%d cookies", len(recorder.Result().Cookies()))
		}
	}
}
