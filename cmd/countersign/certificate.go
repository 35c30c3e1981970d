package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificateInterval is how often the files of the certificate are read again.
const certificateInterval = 30 * time.Second

// certificate is the server's own certificate, with its key, as it lies in two PEM files.
// Who renews it replaces the files: the new one is served within certificateInterval, or at
// once after SIGHUP. Files that do not belong together, as between the replacement of one
// and of the other, leave the old one in place, and so does a certificate that is none for this server. Safe for use by several goroutines.
type certificate struct {
	certFile, keyFile string
	fits              func(*x509.Certificate) []problem // nil: any does
	now               func() time.Time                  // nil: it is not held against the clock
	tellExpiry        func(time.Time)                   // nil: nobody is told when the one that is served expires

	mu      sync.Mutex // guards the rest
	current *tls.Certificate
	trouble string    // of the last reading, as it was logged
	warned  time.Time // when it was told last that the current one expires; zero: not yet
	expired bool      // as it was told then
}

// loadCertificate reads the files for the first time.
func loadCertificate(certFile, keyFile string) (*certificate, error) {
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, err
	}
	return &certificate{certFile: certFile, keyFile: keyFile, current: &pair}, nil
}

// config is for connections that speak HTTP/2 (RFC 9113 §3.2) or HTTP/1.1.
func (c *certificate) config() *tls.Config {
	return &tls.Config{GetCertificate: c.get, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.current, nil
}

// reload reads the files again. What changed is logged, and trouble once while it lasts.
func (c *certificate) reload(log *slog.Logger) {
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.take(&pair, err, log)
	c.warnOfExpiry(log)
	if c.tellExpiry != nil {
		c.tellExpiry(c.current.Leaf.NotAfter)
	}
}

// take serves what was read from now on. What is served already is not judged again: there is nothing better.
func (c *certificate) take(pair *tls.Certificate, err error, log *slog.Logger) {
	same := err == nil && bytes.Equal(pair.Certificate[0], c.current.Certificate[0])
	if err == nil && !same && c.fits != nil {
		for _, wrong := range c.fits(pair.Leaf) {
			err = errors.Join(err, errors.New(wrong.wrong))
		}
	}
	if err != nil {
		if c.trouble != err.Error() {
			log.Error("the certificate is not taken, and the old one is served on", "file", c.certFile, "error", err)
		}
		c.trouble = err.Error()
		return
	}
	c.trouble = ""
	if !same {
		log.Info("a new certificate is served", "file", c.certFile, "not_after", pair.Leaf.NotAfter)
		c.warned = time.Time{}
	}
	c.current = pair
}

// warnOfExpiry says once a day that the certificate that is served expires soon, and that it has expired.
func (c *certificate) warnOfExpiry(log *slog.Logger) {
	if c.now == nil {
		return
	}
	now, until := c.now(), c.current.Leaf.NotAfter
	expired := now.After(until)
	if !now.Add(expiresSoon).After(until) || expired == c.expired && now.Sub(c.warned).Abs() < day {
		return
	}
	c.warned, c.expired = now, expired
	if expired {
		log.Error("the certificate has expired and is still served", "file", c.certFile, "not_after", until,
			"next", "renew it: a renewed one is served without a restart")
		return
	}
	log.Warn("the certificate expires soon", "file", c.certFile, "not_after", until,
		"next", "see that whatever renews it works; a renewed one is served without a restart")
}

// keep reads the files again now and then, and at each hang-up, until the context ends.
func (c *certificate) keep(env *Environment, log *slog.Logger) {
	for env.Wait(env.Context, certificateInterval) == nil {
		c.reload(log)
	}
}

// reloadAtHangups obeys SIGHUP, as a server is expected to, until the context ends. cert is nil
// without TLS of our own. The service manager is told before and after.
func reloadAtHangups(env *Environment, hangups <-chan os.Signal, cert *certificate, manager *serviceManager, log *slog.Logger) {
	for {
		select {
		case <-env.Context.Done():
			return
		case <-hangups:
			manager.reloading(func() { hangUp(cert, log) })
		}
	}
}

// hangUp does what SIGHUP asks for, and says what that is.
func hangUp(cert *certificate, log *slog.Logger) {
	if cert == nil {
		log.Info("SIGHUP: nothing is read again, since there is no certificate (--tls-cert); settings need a restart")
		return
	}
	log.Info("SIGHUP: the certificate is read again; other settings need a restart")
	cert.reload(log)
}
