package main

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"countersign/models"
)

// RegistrationTokensCmd makes initial access tokens.
type RegistrationTokensCmd struct {
	Add    RegistrationTokensAddCmd    `cmd:"" help:"Make an initial access token, with which one app instance may register, once. Only the token goes to the standard output."`
	List   RegistrationTokensListCmd   `cmd:"" help:"List the initial access tokens, used and unused, the newest 200: never the tokens themselves."`
	Revoke RegistrationTokensRevokeCmd `cmd:"" help:"Take an unused initial access token back."`
}

// RegistrationTokensAddCmd is countersign registration-tokens add.
type RegistrationTokensAddCmd struct {
	StoreFlags
	Note     string `help:"A note: who the token is for." env:"COUNTERSIGN_REGISTRATION_TOKEN_NOTE"`
	Lifetime string `help:"How long it is good, 90d at most." default:"7d" env:"COUNTERSIGN_REGISTRATION_TOKEN_LIFETIME"`

	settings storeSettings `kong:"-"`
	lifetime time.Duration `kong:"-"`
}

// Check is part of checker.
func (a *RegistrationTokensAddCmd) Check(c *checks) {
	a.settings = a.check(c)
	a.lifetime = c.duration("lifetime", a.Lifetime, time.Minute, models.MaxRegistrationTokenLifetime)
}

// Run prints the token, this once.
func (a *RegistrationTokensAddCmd) Run(env *Environment) error {
	return withStore(env, a.settings, func(store *models.Store) error {
		row, token, err := store.AddRegistrationToken(env.Context, models.NewRegistrationToken{Note: a.Note, Lifetime: a.lifetime})
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(env.Stderr, "made %s, good until %s; the token itself is kept nowhere:\n", row.ID,
			row.ExpiresAt.Time().UTC().Format(time.DateTime))
		_, err = fmt.Fprintln(env.Stdout, token)
		return err
	})
}

// RegistrationTokensListCmd is countersign registration-tokens list.
type RegistrationTokensListCmd struct {
	StoreFlags
	settings storeSettings `kong:"-"`
}

// Check is part of checker.
func (l *RegistrationTokensListCmd) Check(c *checks) { l.settings = l.check(c) }

// Run prints a table.
func (l *RegistrationTokensListCmd) Run(env *Environment) error {
	return withStore(env, l.settings, func(store *models.Store) error {
		list, err := store.RegistrationTokens(env.Context)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(table, "TOKEN\tSTATE\tGOOD UNTIL\tCLIENT ID\tNOTE")
		for _, t := range list {
			client := "-"
			if t.ClientID != nil {
				client = *t.ClientID
			}
			_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", t.ID, t.State(env.Now()), t.ExpiresAt.Time().UTC().Format(time.DateTime),
				client, t.Note)
		}
		return table.Flush()
	})
}

// RegistrationTokensRevokeCmd is countersign registration-tokens revoke.
type RegistrationTokensRevokeCmd struct {
	StoreFlags
	Token string `arg:"" help:"Its identifier, as the list has it: not the token itself."`

	settings storeSettings `kong:"-"`
}

// Check is part of checker.
func (r *RegistrationTokensRevokeCmd) Check(c *checks) { r.settings = r.check(c) }

// Run prints what was done.
func (r *RegistrationTokensRevokeCmd) Run(env *Environment) error {
	return withStore(env, r.settings, func(store *models.Store) error {
		err := store.RevokeRegistrationToken(env.Context, "", r.Token)
		if errors.Is(err, models.ErrNotFound) {
			return fmt.Errorf("there is no unused token with this identifier.\nNext: countersign registration-tokens list")
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.Stdout, "revoked %s\n", r.Token)
		return err
	})
}
