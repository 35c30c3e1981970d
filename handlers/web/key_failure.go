package web

import (
	"crypto/tls"
	"errors"
	"net"
)

// fetchFailure is why there is nothing to read from a jwks_uri: a class for the log. The
// cause itself would hold what a stranger chose, a host's name among others.
type fetchFailure string

// The classes, besides "HTTP" with a status.
const (
	failedAddress   fetchFailure = "not an address to fetch from"
	failedNotPublic fetchFailure = "not a public address"
	failedTooMany   fetchFailure = "too many fetches"
	failedTooLong   fetchFailure = "answer too long"
	failedTimeout   fetchFailure = "time-out"
	failedName      fetchFailure = "name not found"
	failedTLS       fetchFailure = "TLS"
	failedNetwork   fetchFailure = "no connection"
	failedAnswer    fetchFailure = "broken answer"
)

func (f fetchFailure) Error() string { return string(f) }

// classify forgets everything of a failed request but its class.
func classify(err error) fetchFailure {
	if own, ok := errors.AsType[fetchFailure](err); ok {
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
