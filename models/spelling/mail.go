package spelling

import (
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

// schemeMailto begins a mail address written as a URI (RFC 6068).
const schemeMailto = "mailto:"

// domains reads internationalised domains as they are looked up (UTS #46, non-transitional: IDNA2008).
var domains = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(), idna.CheckJoiners(true))

// mailAddress returns the key of a folded text that is a mail address: the local part as it is, the domain in Unicode,
// whether it came so or as A-labels, without a trailing dot. What follows "?" behind "mailto:" is no part of it.
func mailAddress(text string) (address string, is bool) {
	rest, scheme := strings.CutPrefix(text, schemeMailto)
	if scheme {
		rest = mailtoAddress(rest)
	}
	local, domain, is := splitAddress(rest)
	if !is {
		return "", false
	}
	return local + "@" + unicodeDomain(domain), true
}

// mailtoAddress takes the address out of what follows "mailto:", decoded (RFC 6068 §2).
func mailtoAddress(rest string) string {
	rest, _, _ = strings.Cut(rest, "?")
	if decoded, err := url.PathUnescape(rest); err == nil {
		rest = decoded
	}
	return fold(rest)
}

// splitAddress splits at the only "@". false for what has none, several, a blank, nothing on one side, or a scheme once
// more.
func splitAddress(text string) (local, domain string, is bool) {
	local, domain, is = strings.Cut(text, "@")
	is = is && local != "" && strings.Trim(domain, ".") != "" && !strings.ContainsAny(text[len(local)+1:], "@") &&
		!strings.Contains(text, " ") && !strings.HasPrefix(text, schemeMailto)
	return local, domain, is
}

// unicodeDomain returns the domain in Unicode, folded. One that is no valid name stays as it is.
func unicodeDomain(domain string) string {
	domain = strings.TrimRight(domain, ".")
	ascii, err := domains.ToASCII(domain)
	if err != nil {
		return domain
	}
	if name, err := domains.ToUnicode(ascii); err == nil {
		return strings.TrimRight(fold(name), ".")
	}
	return domain
}

// Envelope returns a mail address as every mail server can be told it: the domain as A-labels (RFC 5890 §2.3.2.1), since
// one in Unicode needs a server that offers SMTPUTF8 (RFC 6531). What is no address, or has no such form, comes back as
// it is.
func Envelope(address string) string {
	at := strings.LastIndex(address, "@")
	if at < 0 {
		return address
	}
	ascii, err := domains.ToASCII(address[at+1:])
	if err != nil {
		return address
	}
	return address[:at+1] + strings.TrimSuffix(ascii, ".")
}
