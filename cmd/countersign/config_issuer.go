package main

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// issuer is the server's own address: the identifier that tokens and events carry. It must be
// written as programs write an origin (WHATWG URL §4.2): a client that reads it with its
// platform's URL type sends that form back, in proofs (RFC 9449 §4.3) and assertions,
// and it is compared letter by letter (RFC 8414 §3.3).
func (c *checks) issuer(value string) string {
	const todo = "Give the server's own address, such as https://id.example.org"
	if !c.given("issuer", value, todo) {
		return ""
	}
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		c.refuse("issuer", fmt.Sprintf("%q is not an absolute address", value), todo)
		return value
	case !isSecure(u):
		c.refuse("issuer", fmt.Sprintf("%q is not https", value), "Use https; http is for localhost, 127.0.0.0/8 and ::1 only")
		return value
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(value, "#"):
		c.refuse("issuer", "it has a user, a query or a fragment", todo)
		return value
	case u.Path != "":
		c.refuse("issuer", fmt.Sprintf("%q has a path or ends in a slash", value), todo)
		return value
	}
	origin, wrong := originOf(u)
	switch {
	case wrong != "":
		c.refuse("issuer", fmt.Sprintf("%q %s", value, wrong), todo)
	case strings.ToLower(value) == origin:
		if value != origin {
			c.refuse("issuer", fmt.Sprintf("%q has capitals", value), "Write it in small letters: "+origin)
		}
	case value != origin:
		c.refuse("issuer", fmt.Sprintf("%q is not written as programs write it", value), "Write "+origin)
	}
	return value
}

// hostNames turns a host into its A-labels (RFC 5890 §2.3.2.1) as browsers do: names of the
// inside, with an underscore, included.
var hostNames = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

// originOf is the scheme, host and port as a browser writes them. wrong says why there is none.
func originOf(u *url.URL) (origin, wrong string) {
	host, wrong := hostOf(u.Hostname())
	if wrong != "" {
		return "", wrong
	}
	port := u.Port()
	number, err := strconv.ParseUint(port, 10, 16)
	switch {
	case port == "": // none, also where a colon stands for one
	case err != nil || number == 0:
		return "", "has a port that is no number from 1 to 65535"
	case u.Scheme == "https" && number == 443 || u.Scheme == "http" && number == 80:
	default:
		host += ":" + strconv.FormatUint(number, 10)
	}
	return u.Scheme + "://" + host, ""
}

// browsersNumber is what a browser takes for one (WHATWG URL §3.5, the IPv4 number parser).
var browsersNumber = regexp.MustCompile(`^([0-9]+|0x[0-9a-f]*)$`)

func hostOf(name string) (host, wrong string) {
	if address, err := netip.ParseAddr(name); err == nil {
		if address.Zone() != "" {
			return "", "has a zone, which no other machine understands"
		}
		if address.Is4In6() { // browsers write all of it in hexadecimal (WHATWG URL §3.5)
			v4 := address.Unmap().As4()
			return fmt.Sprintf("[::ffff:%x:%x]", binary.BigEndian.Uint16(v4[:2]), binary.BigEndian.Uint16(v4[2:])), ""
		}
		if address.Is6() {
			return "[" + address.String() + "]", ""
		}
		return address.String(), ""
	}
	ascii, err := hostNames.ToASCII(name)
	if err != nil {
		return "", "has a host that is no domain name"
	}
	labels := strings.Split(strings.TrimSuffix(ascii, "."), ".")
	if slices.ContainsFunc(labels, func(label string) bool { return label == "" || len(label) > 63 }) { // RFC 1035 §2.3.4
		return "", "has a host that is no domain name"
	}
	if browsersNumber.MatchString(labels[len(labels)-1]) {
		return "", "has a host that browsers take for a number" // WHATWG URL §3.5, "ends in a number"
	}
	return ascii, ""
}
