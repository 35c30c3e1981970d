package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"countersign/oauth/deviceclient"
)

// phone is a client instance that keeps its connections open and never waits by itself.
type phone struct{ *deviceclient.Client }

func (b *bench) newPhone(c *contender) phone {
	return phone{&deviceclient.Client{
		Issuer: c.base, HTTP: &http.Client{Transport: b.load.transport, Timeout: patience},
	}}
}

// register makes so many phones with the server.
func (b *bench) register(ctx context.Context, c *contender, count int) ([]phone, error) {
	phones := make([]phone, count)
	_, err := b.load.each(ctx, count, func(ctx context.Context, i int) error {
		phones[i] = b.newPhone(c)
		return phones[i].Register(ctx, deviceclient.Software{Name: "Pocket", ID: softwareID, Version: "1"})
	})
	return phones, err
}

// ask asks for codes, for the account with the number.
func (p phone) ask(ctx context.Context, account int) error {
	return p.RequestAuthorization(ctx, deviceclient.Request{LoginHint: hint(account), InstanceName: "A phone"})
}

// askAll lets each phone ask for an account of its own, from the number on.
func (b *bench) askAll(ctx context.Context, phones []phone, from int) error {
	_, err := b.load.each(ctx, len(phones), func(ctx context.Context, i int) error { return phones[i].ask(ctx, from+i) })
	return err
}

// pendingPoll is a poll that is answered authorization_pending.
func (p phone) pendingPoll(ctx context.Context) error {
	err := p.Poll(ctx)
	if told, ok := errors.AsType[*deviceclient.Error](err); ok && told.Code == deviceclient.ErrAuthorizationPending {
		return nil
	}
	if err == nil {
		return errors.New("a poll got tokens that nobody approved")
	}
	return fmt.Errorf("a pending poll was answered: %w", err)
}
