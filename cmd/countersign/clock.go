package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"countersign/models"
)

const (
	clockInterval = time.Hour        // how often this machine's clock is compared with others
	clockMayBeOff = 5 * time.Second  // proofs of phones and sign-ins of staff stand more, but nobody knows which way the next one is off
	clockPatience = 10 * time.Second // how long another clock may take to answer
)

// compareClocks compares this machine's clock with the database's and the provider's until the context ends, and says each
// time that one is off by how much: windows, proofs and sign-ins are judged by this clock.
func compareClocks(env *Environment, store *models.Store, provider string, log *slog.Logger) {
	for {
		ctx, cancel := context.WithTimeout(env.Context, clockPatience)
		if ahead, err := store.ClockAhead(ctx); err == nil {
			tellClock(log, "the database", ahead)
		}
		if ahead, known := providerAhead(ctx, env.Now, provider); known {
			tellClock(log, "the staff's provider", ahead)
		}
		cancel()
		if env.Wait(env.Context, clockInterval) != nil {
			return
		}
	}
}

func tellClock(log *slog.Logger, whose string, ahead time.Duration) {
	if ahead.Abs() > clockMayBeOff {
		log.Warn("this machine's clock is not that of others", "other", whose, "ahead_by", ahead.Round(time.Second),
			"next", "let a time service (systemd-timesyncd, chrony) set both clocks")
	}
}

// providerAhead returns how far the provider's clock is ahead of ours, by the Date of its metadata (RFC 9110 §6.6.1), which has
// whole seconds. false: it did not answer, or gave none. A cache on the way may give an old one, with its Age (RFC 9111 §5.1).
func providerAhead(ctx context.Context, now func() time.Time, provider string) (time.Duration, bool) {
	address := strings.TrimSuffix(provider, "/") + "/.well-known/openid-configuration"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, false
	}
	asked := now()
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, false
	}
	took := now().Sub(asked)
	_, _ = io.CopyN(io.Discard, answer.Body, maxHeaderBytes)
	_ = answer.Body.Close()
	said, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil || answer.Header.Get("Age") != "" {
		return 0, false
	}
	return said.Add(time.Second / 2).Sub(asked.Add(took / 2)), true
}
