package main

import (
	"errors"
	"fmt"

	"countersign/oauth/deviceclient"
)

// PhoneDisconnectCmd ends what this phone has with its server, and forgets it.
type PhoneDisconnectCmd struct {
	State string `help:"Where the phone keeps its key, codes and tokens (default: countersign/phone.json in your configuration folder)." placeholder:"FILE" env:"COUNTERSIGN_PHONE_STATE"`
}

// Run is the command.
func (p *PhoneDisconnectCmd) Run(env *Environment) error {
	file, err := phoneFile(p.State)
	if err != nil {
		return failWith(err)
	}
	unlock, err := file.Lock()
	if err != nil {
		return failWith(err)
	}
	defer unlock() //nolint:errcheck // the process ends anyway
	state, err := file.Load()
	if err != nil {
		return failWith(err)
	}
	return p.disconnect(env, newPhone(env, state.Issuer, state, file))
}

// disconnect gives the tokens back first: should deleting the registration fail, the
// connection has ended all the same.
func (p *PhoneDisconnectCmd) disconnect(env *Environment, phone *deviceclient.Client) error {
	err := phone.Revoke(env.Context)
	if err != nil && !errors.Is(err, deviceclient.ErrNotConnected) && deviceclient.ErrorCode(err) != deviceclient.ErrInvalidClient {
		return failWith(err)
	}
	if err := phone.Deregister(env.Context); err != nil {
		return failWith(err)
	}
	_, err = fmt.Fprintln(env.Stdout, "Disconnected. The registration is deleted, and this phone has forgotten its key.")
	return err
}
