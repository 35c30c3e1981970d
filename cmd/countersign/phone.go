package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"countersign/oauth/deviceclient"
)

// Exit codes of countersign phone.
const (
	exitFailed  = 1 // declined, too late, refused, unreachable: the words say which
	exitPending = 3 // the request still stands: run the same command again
)

// longestCourtesy is how long --no-wait keeps to the server's pace by waiting;
// above that it says when to come back instead.
const longestCourtesy = time.Minute

// PhoneCmd is the reference phone, on a terminal.
type PhoneCmd struct {
	Connect    PhoneConnectCmd    `cmd:"" default:"withargs" help:"Connect this phone to an account: show a code, wait for the counter, keep the tokens. Exit code 0 when connected, 3 while the counter has not decided, 2 when called wrongly, 1 otherwise."`
	Disconnect PhoneDisconnectCmd `cmd:"" help:"End the connection: give the tokens back, delete the registration, and forget the key."`
	Call       PhoneCallCmd       `cmd:"" help:"Call an API as the connected account. Exit code 0 on a 2xx answer, 1 otherwise."`
}

// PhoneConnectCmd goes from nothing to a connected phone, or goes on where an
// earlier run stopped. It ends with exit code 0 when the phone is connected,
// exitPending while the request stands, exitUsage when it was called wrongly,
// exitFailed otherwise.
type PhoneConnectCmd struct {
	Issuer      string `help:"The server that connects this phone." placeholder:"URL" env:"COUNTERSIGN_PHONE_ISSUER"`
	LoginHint   string `help:"The account to connect to, for example an e-mail address." placeholder:"ID" env:"COUNTERSIGN_PHONE_LOGIN_HINT"`
	Name        string `help:"What you call this phone." env:"COUNTERSIGN_PHONE_NAME"`
	Description string `help:"What tells this phone from others; needs --name." env:"COUNTERSIGN_PHONE_DESCRIPTION"`
	Scope       string `help:"What the phone wants to do, separated by spaces." env:"COUNTERSIGN_PHONE_SCOPE"`

	State           string `help:"Where the phone keeps its key, codes and tokens (default: countersign/phone.json in your configuration folder)." placeholder:"FILE" env:"COUNTERSIGN_PHONE_STATE"`
	App             string `help:"Name of the app that registers." default:"Countersign reference phone" env:"COUNTERSIGN_PHONE_APP"`
	SoftwareID      string `help:"Identifier of that app." default:"countersign-phone" env:"COUNTERSIGN_PHONE_SOFTWARE_ID"`
	SoftwareVersion string `help:"Version of that app." default:"1" env:"COUNTERSIGN_PHONE_SOFTWARE_VERSION"`
	NoWait          bool   `help:"Do not wait for the counter: ask for a code or, when one is waiting, ask once how it stands." env:"COUNTERSIGN_PHONE_NO_WAIT"`

	InitialAccessTokenFile string `help:"File with the initial access token that the server asks for when a phone registers." placeholder:"FILE" env:"COUNTERSIGN_PHONE_INITIAL_ACCESS_TOKEN_FILE"`
	SoftwareStatementFile  string `help:"File with what the app's publisher has signed about it." placeholder:"FILE" env:"COUNTERSIGN_PHONE_SOFTWARE_STATEMENT_FILE"`
}

// Run is the command.
func (p *PhoneConnectCmd) Run(env *Environment) error {
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
	visit := &phoneVisit{flags: p, env: env, file: file, client: newPhone(env, p.Issuer, state, file)}
	return visit.run()
}

// phoneVisit is one run of PhoneConnectCmd.
type phoneVisit struct {
	flags  *PhoneConnectCmd
	env    *Environment
	file   deviceclient.FileState
	client *deviceclient.Client
	drawn  int // lines of the presence proof, when nothing was said since
}

func (v *phoneVisit) run() error {
	if err := v.check(); err != nil {
		return &exitError{code: exitUsage, err: err}
	}
	if v.client.State.Tokens != nil {
		v.showAlreadyConnected()
		return nil
	}
	fresh := v.client.State.Authorization == nil
	if fresh {
		if err := v.request(); err != nil {
			return v.outcome(err)
		}
	}
	v.showRequest(fresh)
	switch {
	case !v.flags.NoWait:
		v.client.Note = v.note()
		v.client.Wait = v.waitShowing
		return v.outcome(v.client.WaitForTokens(v.env.Context))
	case fresh:
		v.showPresence()
		v.say("Next: take this phone and your ID card to the counter, then ask how it stands:\n  %s", v.command("--no-wait"))
		return &exitError{code: exitPending}
	default:
		v.showPresence()
		return v.askOnce()
	}
}

// check compares the flags with what the state file remembers.
func (v *phoneVisit) check() error {
	state, flags := v.client.State, v.flags
	busy := state.Authorization != nil || state.Tokens != nil
	switch {
	case flags.Issuer == "" && state.Issuer == "":
		return errors.New("which server? Add --issuer URL")
	case flags.Issuer != "" && state.Issuer != "" && flags.Issuer != state.Issuer:
		return fmt.Errorf("%s belongs to the server %s: use another --state FILE for %s", v.file.Path, state.Issuer, flags.Issuer)
	case flags.LoginHint == "" && !busy:
		return errors.New("which account? Add --login-hint ID")
	case flags.LoginHint != "" && busy && flags.LoginHint != state.LoginHint:
		return fmt.Errorf("%s is in use for the account %q: use another --state FILE for %q", v.file.Path, state.LoginHint, flags.LoginHint)
	case flags.Description != "" && flags.Name == "":
		return errors.New("a --description needs a --name")
	}
	return nil
}

// request asks for the codes. A phone whose registration the server has forgotten, because nothing hung on it any
// more, registers again by itself.
func (v *phoneVisit) request() error {
	registered := v.client.State.ClientID != ""
	err := v.ask()
	if registered && v.client.State.Tokens == nil && deviceclient.ErrorCode(err) == deviceclient.ErrInvalidClient {
		v.say("The server does not know this phone any more. It registers again.")
		v.client.Forget()
		err = v.ask()
	}
	return err
}

// ask registers this phone when it is new, and asks for the codes.
func (v *phoneVisit) ask() error {
	if v.client.State.ClientID == "" {
		software, err := v.software()
		if err != nil {
			return err
		}
		if err := v.client.Register(v.env.Context, software); err != nil {
			return err
		}
		v.say("Registered this phone with %s. Its key is in %s; keep that file to yourself.", v.client.Issuer, v.file.Path)
	}
	return v.client.RequestAuthorization(v.env.Context, deviceclient.Request{
		LoginHint: v.flags.LoginHint, Scope: v.flags.Scope,
		InstanceName: v.flags.Name, InstanceDescription: v.flags.Description,
	})
}

// software is the app that registers, with what lets it in.
func (v *phoneVisit) software() (deviceclient.Software, error) {
	token, err := readTrimmed(v.flags.InitialAccessTokenFile)
	if err != nil {
		return deviceclient.Software{}, err
	}
	v.client.InitialAccessToken = deviceclient.Secret(token)
	statement, err := readTrimmed(v.flags.SoftwareStatementFile)
	return deviceclient.Software{
		Name: v.flags.App, ID: v.flags.SoftwareID, Version: v.flags.SoftwareVersion, Statement: statement,
	}, err
}

// readTrimmed is a file's text without white space around it, "" when there is no file.
func readTrimmed(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	text, err := os.ReadFile(path)
	return strings.TrimSpace(string(text)), err
}

// askOnce polls once, at the server's pace.
func (v *phoneVisit) askOnce() error {
	due := v.client.State.Authorization.Due(v.env.Now())
	if due > longestCourtesy {
		v.say("Not asked: the server wants no question for another %s.\nNext: ask then:\n  %s", span(due), v.command("--no-wait"))
		return &exitError{code: exitPending}
	}
	if due > 0 {
		v.say("The server wants %s between two questions; asking in %s.", v.interval(), span(due))
		if err := v.env.Wait(v.env.Context, due); err != nil {
			return v.outcome(err)
		}
	}
	return v.outcome(v.client.Poll(v.env.Context))
}

func newPhone(env *Environment, issuer string, state deviceclient.State, file deviceclient.FileState) *deviceclient.Client {
	return &deviceclient.Client{Issuer: issuer, Now: env.Now, Rand: env.Rand, Wait: env.Wait, Save: file.Save, State: state}
}

// phoneFile is the named state file, or the one in the person's own folder.
func phoneFile(path string) (deviceclient.FileState, error) {
	if path != "" {
		return deviceclient.FileState{Path: path}, nil
	}
	folder, err := os.UserConfigDir()
	if err != nil {
		return deviceclient.FileState{}, errors.New("no folder to keep the phone's state in: add --state FILE")
	}
	return deviceclient.FileState{Path: filepath.Join(folder, "countersign", "phone.json")}, nil
}

// failWith ends the command with the exit code of a phone that could not do what it was asked.
func failWith(err error) error { return &exitError{code: exitFailed, err: err} }
