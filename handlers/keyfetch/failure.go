package keyfetch

import (
	"crypto/tls"
	"errors"
	"net"
)

// Failure is why there is nothing to read from a jwks_uri: a class for the log. The
// cause itself would hold what a stranger chose, a host's name among others.
type Failure string

// The classes, besides "HTTP" with a status.
const (
	failedAddress   Failure = "not an address to fetch from"
	failedNotPublic Failure = "not a public address"
	failedTooMany   Failure = "too many fetches"
	failedTooLong   Failure = "answer too long"
	failedTimeout   Failure = "time-out"
	failedName      Failure = "name not found"
	failedTLS       Failure = "TLS"
	failedNetwork   Failure = "no connection"
	failedAnswer    Failure = "broken answer"
)

// Error returns the class.
func (f Failure) Error() string { return string(f) }

// classify forgets everything of a failed request but its class.
func classify(err error) Failure {
	if own, ok := errors.AsType[Failure](err); ok {
		return own
	}
	if timed, ok := errors.AsType[net.Error](err); ok && timed.Timeout() {
		return failedTimeout
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return failedName
	}
	if isTLS(err) {
		return failedTLS
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return failedNetwork
	}
	return failedAnswer
}

func isTLS(err error) bool {
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, record := errors.AsType[tls.RecordHeaderError](err)
	_, alert := errors.AsType[tls.AlertError](err)
	return certificate || record || alert
}
