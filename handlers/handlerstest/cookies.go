package handlerstest

import (
	"net/url"
	"slices"
	"strings"
)

// Cookie returns the value of a cookie that the browser would send, "" when there is none.
func (b *Browser) Cookie(name string) string {
	for _, cookie := range b.client.Jar.Cookies(must(url.Parse(b.server.Issuer))) {
		if cookie.Name == name {
			return cookie.Value
		}
	}
	return ""
}

// CookieNames returns the names, in order, of the cookies that the browser would send and that
// begin so.
func (b *Browser) CookieNames(prefix string) (names []string) {
	for _, cookie := range b.client.Jar.Cookies(must(url.Parse(b.server.Issuer))) {
		if strings.HasPrefix(cookie.Name, prefix) {
			names = append(names, cookie.Name)
		}
	}
	slices.Sort(names)
	return names
}
