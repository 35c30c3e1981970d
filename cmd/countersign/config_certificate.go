package main

import (
	"crypto/x509"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// expiresSoon is how long before the end it is warned of, at the start and once a day: a program that renews certificates has
// done so long before.
const expiresSoon = 7 * day

func (f *ServeFlags) certificate(c *checks) *certificate {
	if f.TLSCert == "" && f.TLSKey == "" {
		return nil
	}
	if f.TLSCert == "" || f.TLSKey == "" {
		c.refuse("tls-cert", "certificate and key belong together", "Give --tls-cert and --tls-key, or neither")
		return nil
	}
	loaded, err := loadCertificate(f.TLSCert, f.TLSKey)
	if err != nil {
		c.refuse("tls-cert", err.Error(), "Name a PEM file each with the certificate and its key")
		return nil
	}
	loaded.fits = func(leaf *x509.Certificate) []problem {
		now := &checks{variables: c.variables, now: c.now}
		f.holdCertificate(now, leaf)
		return now.problems
	}
	f.holdCertificate(c, loaded.current.Leaf)
	if loaded.now = c.now; c.now != nil {
		loaded.warned = c.now() // the start warns by itself
	}
	return loaded
}

// holdCertificate refuses what no phone would accept: a certificate out of its time, and one for another name than the
// issuer's. With a proxy in front only that sees the certificate, by a name of its own.
func (f *ServeFlags) holdCertificate(c *checks, leaf *x509.Certificate) {
	if c.now != nil {
		f.holdAgainstClock(c, leaf)
	}
	issuer, err := url.Parse(f.Issuer)
	if err != nil || issuer.Hostname() == "" || len(f.TrustedProxy) > 0 || leaf.VerifyHostname(issuer.Hostname()) == nil {
		return
	}
	c.refuse("tls-cert", fmt.Sprintf("%s is for %s, and not for %s", f.TLSCert, namesOf(leaf), issuer.Hostname()),
		"Get one for the issuer's name, or name the proxy in front with --trusted-proxy")
}

func (f *ServeFlags) holdAgainstClock(c *checks, leaf *x509.Certificate) {
	now := c.now()
	switch {
	case now.After(leaf.NotAfter):
		c.refuse("tls-cert", fmt.Sprintf("%s expired on %s", f.TLSCert, leaf.NotAfter.UTC().Format(time.DateTime)),
			"Renew it; if it is in order, correct this machine's clock")
	case now.Before(leaf.NotBefore):
		c.refuse("tls-cert", fmt.Sprintf("%s is good only from %s on", f.TLSCert, leaf.NotBefore.UTC().Format(time.DateTime)),
			"Correct this machine's clock, or take a certificate that is good now")
	case now.Add(expiresSoon).After(leaf.NotAfter):
		c.warn("tls-cert", fmt.Sprintf("%s expires on %s", f.TLSCert, leaf.NotAfter.UTC().Format(time.DateTime)),
			"See that whatever renews it works; a renewed one is served without a restart")
	}
}

// namesOf lists whom a certificate is for.
func namesOf(leaf *x509.Certificate) string {
	names := leaf.DNSNames
	for _, address := range leaf.IPAddresses {
		names = append(names, address.String())
	}
	if len(names) == 0 {
		return "no name"
	}
	return strings.Join(names, ", ")
}
