package main

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"countersign/models"
)

// ClientsCmd is what an administrator does with registered app instances.
type ClientsCmd struct {
	List    ClientsListCmd    `cmd:"" help:"List the registered app instances, the newest 1000."`
	Disable ClientsDisableCmd `cmd:"" help:"Disable an app instance: its connections and its waiting requests end at once."`
	Enable  ClientsEnableCmd  `cmd:"" help:"Let a disabled app instance ask again. What ended stays ended."`
}

// ClientsListCmd is countersign clients list.
type ClientsListCmd struct {
	StoreFlags
	SoftwareID string `help:"Only instances of this app." env:"COUNTERSIGN_CLIENTS_SOFTWARE_ID"`

	settings storeSettings `kong:"-"`
}

// Check is part of checker.
func (l *ClientsListCmd) Check(c *checks) { l.settings = l.check(c) }

// Run prints a table.
func (l *ClientsListCmd) Run(env *Environment) error {
	return withStore(env, l.settings, func(store *models.Store) error {
		list, err := store.Clients(env.Context, l.SoftwareID)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(table, "CLIENT ID\tSTATUS\tAPP\tSOFTWARE ID\tPUBLISHER\tREGISTERED")
		for _, c := range list {
			_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", c.ID, c.Status, c.ClientName, c.SoftwareID,
				publisherWords(c), c.CreatedAt.Time().UTC().Format(time.DateTime))
		}
		return table.Flush()
	})
}

func publisherWords(c models.ListedClient) string {
	switch {
	case c.PublisherName == "":
		return "-"
	case c.VerifiedPublisherID != nil:
		return c.PublisherName + " (verified)"
	}
	return c.PublisherName + " (not verified)"
}

// ClientsDisableCmd is countersign clients disable.
type ClientsDisableCmd struct {
	StoreFlags
	Client string `arg:"" help:"The client_id."`

	settings storeSettings `kong:"-"`
}

// Check is part of checker.
func (d *ClientsDisableCmd) Check(c *checks) { d.settings = d.check(c) }

// Run ends the client's bindings and requests with it.
func (d *ClientsDisableCmd) Run(env *Environment) error {
	return withStore(env, d.settings, func(store *models.Store) error {
		err := store.DisableClient(env.Context, d.Client)
		return toldClient(env, err, d.Client, "disabled", errors.Is(err, models.ErrClientNotActive))
	})
}

// ClientsEnableCmd is countersign clients enable.
type ClientsEnableCmd struct {
	StoreFlags
	Client string `arg:"" help:"The client_id."`

	settings storeSettings `kong:"-"`
}

// Check is part of checker.
func (e *ClientsEnableCmd) Check(c *checks) { e.settings = e.check(c) }

// Run prints what was done.
func (e *ClientsEnableCmd) Run(env *Environment) error {
	return withStore(env, e.settings, func(store *models.Store) error {
		err := store.EnableClient(env.Context, e.Client)
		return toldClient(env, err, e.Client, "enabled", errors.Is(err, models.ErrExists))
	})
}

func toldClient(env *Environment, err error, id, what string, already bool) error {
	switch {
	case already:
		return fmt.Errorf("the client %s is %s already", id, what)
	case errors.Is(err, models.ErrNotFound):
		return fmt.Errorf("there is no client %s.\nNext: countersign clients list", id)
	case err != nil:
		return err
	}
	_, err = fmt.Fprintf(env.Stdout, "%s client %s\n", what, id)
	return err
}
