package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
	"unicode"
)

// healthTimeout is shorter than the image's HEALTHCHECK allows.
const healthTimeout = 4 * time.Second

// healthAnswer is how much of what the server answers is told, in bytes.
const healthAnswer = 1 << 10

// HealthCmd is for containers without a shell: HEALTHCHECK calls it. It reads the settings of serve that say where that
// listens, and whether it speaks https there: from the same variables, and from the same file of settings.
type HealthCmd struct {
	Config  string `help:"JSON file with the settings of serve, which say where to ask. Flags and variables come before it." placeholder:"FILE"`
	URL     string `name:"url" help:"Where to ask, instead of where serve listens." env:"COUNTERSIGN_HEALTH_URL"`
	Listen  string `help:"The address and port that serve listens on." default:"127.0.0.1:8080"`
	TLSCert string `name:"tls-cert" help:"Certificate of serve, if it has one: https is spoken then." placeholder:"FILE"`
}

// address is where to ask.
func (h *HealthCmd) address() (string, error) {
	if h.URL != "" {
		return h.URL, nil
	}
	host, port, err := net.SplitHostPort(h.Listen)
	if err != nil {
		return "", err
	}
	if ip := net.ParseIP(host); host == "" || ip.IsUnspecified() {
		host = "localhost"
	}
	scheme := "http"
	if h.TLSCert != "" {
		scheme = "https"
	}
	return scheme + "://" + net.JoinHostPort(host, port) + "/readyz", nil
}

// Run asks once.
func (h *HealthCmd) Run(env *Environment) error {
	address, err := h.address()
	if err != nil {
		return &exitError{code: exitUsage, err: err}
	}
	request, err := http.NewRequestWithContext(env.Context, http.MethodGet, address, nil)
	if err != nil {
		return &exitError{code: exitUsage, err: err}
	}
	response, err := (&http.Client{Timeout: healthTimeout, Transport: h.transport(request.URL)}).Do(request)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("not healthy: nobody listens at %s (%w): see whether serve runs and what it logged last; if it listens elsewhere, "+
			"give --listen or --config as it has them, or --url", request.URL.Host, syscall.ECONNREFUSED)
	case err != nil:
		return fmt.Errorf("not healthy: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("not healthy: %s answered %s", address, strings.TrimSpace(response.Status+" "+beginning(response.Body)))
	}
	_, err = fmt.Fprintln(env.Stdout, "healthy")
	return err
}

// beginning is what an answer begins with, as one line; a server that is not ready says why there.
func beginning(body io.Reader) string {
	text, _ := io.ReadAll(io.LimitReader(body, healthAnswer)) // what came before an error is told all the same
	return strings.Join(strings.FieldsFunc(string(text), func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
}

// transport takes any certificate from the server itself: it is for the issuer's name, which is not where we ask, nothing
// secret is sent, and one that has expired is not mended by a restart. Elsewhere a certificate is verified as usual.
func (h *HealthCmd) transport(address *url.URL) *http.Transport {
	own := h.URL == "" || isLoopback(strings.ToLower(address.Hostname()))
	return &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: own, MinVersion: tls.VersionTLS12}} //nolint:gosec // see above
}
