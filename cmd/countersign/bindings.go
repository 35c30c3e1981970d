package main

import (
	"errors"
	"fmt"
	"text/tabwriter"

	"countersign/audit/term"
	"countersign/models"
)

// BindingsCmd is what an administrator does with the connections of accounts while nobody can sign in to the console.
type BindingsCmd struct {
	List   BindingsListCmd   `cmd:"" help:"List the devices that are or were connected to an account, those that are first, at most 100. Times are UTC. That it was looked at stands in the trail."`
	Revoke BindingsRevokeCmd `cmd:"" help:"Disconnect a device, or all of an account, or what an app instance is connected to. Their tokens end at once; each starts over at a counter."`
}

// BindingsListCmd is countersign bindings list.
type BindingsListCmd struct {
	StoreFlags
	Account string `arg:"" help:"The account's identifier in the trail, or one of the identifiers that people know."`

	settings storeSettings `kong:"-"`
}

// Check is part of checker.
func (l *BindingsListCmd) Check(c *checks) { l.settings = l.check(c) }

// Run prints a table.
func (l *BindingsListCmd) Run(env *Environment) error {
	return withStore(env, l.settings, func(store *models.Store) error {
		found, err := openedAccount(env, store, l.Account)
		if err != nil {
			return err
		}
		list, err := store.BindingsForCommand(env.Context, models.BindingsNamed{Account: found.ID})
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(table, "BINDING\tSTATE\tAPP\tCLIENT ID\tREQUEST\tAPPROVED\tLAST USE\tENDED")
		for _, b := range list.Bindings {
			_, _ = fmt.Fprintf(table, "%s\t%s\t%q\t%s\t%s\t%s\t%s\t%s\n", b.ID, bindingState(b), b.ClientName, b.ClientID,
				b.DeviceAuthorizationID, moment(b.CreatedAt), moment(b.LastUse()), moment(b.RevokedAt))
		}
		if err := table.Flush(); err != nil {
			return err
		}
		return toldBelow(env, notListedText(list), found.Account, "tokens of its devices are refused")
	})
}

// notListedText says how many bindings there are beyond those of the list.
func notListedText(list models.AccountBindings) string {
	if list.NotShown == 0 {
		return ""
	}
	return fmt.Sprintf("and %d more; of all, %d are connected or may still be\n", list.NotShown, list.Live)
}

// bindingState says in words what is left of a binding, and why it ended.
func bindingState(b models.BindingView) string {
	switch {
	case b.RevokedAt != 0:
		return "ended: " + b.RevokeReason
	case b.Phase.Is(models.Redeemed):
		return "connected"
	case b.Phase.Is(models.Approved):
		return "approved, not connected yet"
	}
	return "never connected"
}

// BindingsRevokeCmd is countersign bindings revoke.
type BindingsRevokeCmd struct {
	StoreFlags
	Binding string `arg:"" optional:"" help:"The binding's identifier, as the trail and the list have it."`
	Account string `help:"All of this account: its identifier in the trail, or one that people know." placeholder:"ACCOUNT" env:"COUNTERSIGN_BINDINGS_ACCOUNT"`
	Client  string `help:"All of this app instance: its client_id. It may ask again; clients disable refuses it for good." placeholder:"CLIENT" env:"COUNTERSIGN_BINDINGS_CLIENT"`
	Reason  string `help:"Why: customer-request, device-lost, operator-error, suspicious or other. It stands in the trail." placeholder:"WHY"`
	Yes     bool   `help:"Disconnect. Without this the command only says what would be disconnected."`

	settings storeSettings `kong:"-"`
}

// Check is part of checker.
func (r *BindingsRevokeCmd) Check(c *checks) {
	r.settings = r.check(c)
	named := 0
	for _, name := range []string{r.Binding, r.Account, r.Client} {
		if name != "" {
			named++
		}
	}
	if named != 1 {
		c.refuse("account", "it is not clear what is to be disconnected", "Name one binding, or give --account or --client")
	}
	r.Reason = c.reason(r.Reason, term.Words(term.Recalls()), "it is disconnected")
}

// Run says what would end, or how many ended.
func (r *BindingsRevokeCmd) Run(env *Environment) error {
	return withStore(env, r.settings, func(store *models.Store) error {
		named, what, err := r.named(env, store)
		if err != nil {
			return err
		}
		if !r.Yes {
			return r.told(env, store, named, what)
		}
		ended, err := store.RevokeByCommand(env.Context, named, term.Recall(r.Reason))
		switch {
		case errors.Is(err, models.ErrNotFound):
			return nothingNamed(what)
		case err != nil:
			return err
		case ended == 0:
			return fmt.Errorf("nothing of %s is connected or may still be", what)
		}
		if named.Binding == "" {
			what = fmt.Sprintf("%d of %s", ended, what)
		}
		_, err = fmt.Fprintf(env.Stdout, "disconnected %s\n", what)
		return err
	})
}

func (r *BindingsRevokeCmd) named(env *Environment, store *models.Store) (named models.BindingsNamed, what string, err error) {
	switch {
	case r.Client != "":
		return models.BindingsNamed{Client: r.Client}, "client " + r.Client, nil
	case r.Binding != "":
		return models.BindingsNamed{Binding: r.Binding}, "binding " + r.Binding, nil
	}
	found, err := findAccount(env, store, r.Account)
	return models.BindingsNamed{Account: found.ID}, "account " + found.ID, err
}

// told says what is connected, by identifiers.
func (r *BindingsRevokeCmd) told(env *Environment, store *models.Store, named models.BindingsNamed, what string) error {
	list, err := store.BindingsForCommand(env.Context, named)
	if errors.Is(err, models.ErrNotFound) {
		return nothingNamed(what)
	}
	if err != nil {
		return err
	}
	for _, b := range list.Bindings {
		if b.Live() {
			_, _ = fmt.Fprintf(env.Stdout, "binding %s: %s, account %s, client %s\n", b.ID, bindingState(b), b.AccountID, b.ClientID)
		}
	}
	if list.Live == 0 {
		return fmt.Errorf("nothing of %s is connected or may still be", what)
	}
	if more := list.Live - len(list.Bindings); more > 0 {
		_, _ = fmt.Fprintf(env.Stdout, "and %d more\n", more)
	}
	_, err = fmt.Fprint(env.Stdout, `These would be disconnected. Nothing connects them again: each starts over in its app, and at a counter.
Next: the same command with --yes
`)
	return err
}

func nothingNamed(what string) error {
	return fmt.Errorf("there is no %s.\nNext: countersign bindings list ACCOUNT, or countersign clients list", what)
}
