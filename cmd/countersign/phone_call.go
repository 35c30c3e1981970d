package main

import (
	"errors"
	"fmt"
	"io"

	"countersign/oauth/deviceclient"
)

// PhoneCallCmd calls an API with the phone's token: the body of the answer goes
// to the standard output, everything else to the error output.
type PhoneCallCmd struct {
	URL    string `arg:"" help:"The API's address."`
	Method string `help:"HTTP method." default:"GET" env:"COUNTERSIGN_PHONE_METHOD"`
	State  string `help:"Where the phone keeps its key, codes and tokens (default: countersign/phone.json in your configuration folder)." placeholder:"FILE" env:"COUNTERSIGN_PHONE_STATE"`
}

// Run is the command.
func (p *PhoneCallCmd) Run(env *Environment) error {
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
	return p.call(env, newPhone(env, state.Issuer, state, file))
}

func (p *PhoneCallCmd) call(env *Environment, phone *deviceclient.Client) error {
	response, err := phone.Call(env.Context, p.Method, p.URL)
	if err != nil {
		return failWith(callWords(err))
	}
	defer response.Body.Close()
	if _, err := io.Copy(env.Stdout, response.Body); err != nil {
		return failWith(errors.New("the answer broke off: try again"))
	}
	_, _ = fmt.Fprintln(env.Stdout)
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return failWith(fmt.Errorf("the API answered HTTP %d", response.StatusCode))
	}
	return nil
}

// callWords says what to do next.
func callWords(err error) error {
	switch {
	case errors.Is(err, deviceclient.ErrNotConnected):
		return fmt.Errorf("%w.\nNext: connect it, or name the --state FILE it was connected with:\n  countersign phone --help", err)
	case deviceclient.ErrorCode(err) == deviceclient.ErrInvalidGrant:
		return errors.New("the connection has ended: it was revoked, or not used for too long.\nNext: start again:\n  countersign phone --help")
	}
	return err
}
