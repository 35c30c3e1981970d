package main

import (
	"errors"
	"fmt"
	"text/tabwriter"

	"countersign/models"
	"countersign/oauth"
)

// PublishersCmd registers app publishers.
type PublishersCmd struct {
	Add  PublishersAddCmd  `cmd:"" help:"Register an app; its publisher is made when it is not there yet."`
	List PublishersListCmd `cmd:"" help:"List the registered apps."`
}

// PublishersAddCmd is countersign publishers add.
type PublishersAddCmd struct {
	StoreFlags
	Publisher  string   `help:"Who publishes the app." env:"COUNTERSIGN_PUBLISHER"`
	SoftwareID string   `help:"The software_id that the app registers with." env:"COUNTERSIGN_PUBLISHER_SOFTWARE_ID"`
	Name       string   `help:"The app's name." env:"COUNTERSIGN_PUBLISHER_NAME"`
	Scope      []string `help:"Names of the scopes that the app may ask for." sep:" " placeholder:"NAME" env:"COUNTERSIGN_PUBLISHER_SCOPE"`

	settings storeSettings `kong:"-"`
	scope    oauth.Scope   `kong:"-"`
}

// Check is part of checker.
func (a *PublishersAddCmd) Check(c *checks) {
	a.settings = a.check(c)
	c.given("publisher", a.Publisher, "Say who publishes the app")
	c.given("software-id", a.SoftwareID, "Give the software_id that the app registers with")
	c.given("name", a.Name, "Give the app's name")
	scope, err := oauth.ParseScope(oauth.Scope(a.Scope).String())
	if err != nil {
		c.refuse("scope", err.Description, "Write names with one blank between them")
	}
	a.scope = scope
}

// Run prints what was registered.
func (a *PublishersAddCmd) Run(env *Environment) error {
	return withStore(env, a.settings, func(store *models.Store) error {
		software, err := store.AddSoftware(env.Context, models.NewSoftware{
			Publisher: a.Publisher, SoftwareID: a.SoftwareID, Name: a.Name, Scope: a.scope,
		})
		if errors.Is(err, models.ErrExists) {
			return fmt.Errorf("an app with the software_id %q is registered already", a.SoftwareID)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.Stdout, "registered %s %q of %q\n", software.ID, software.Name, a.Publisher)
		return err
	})
}

// PublishersListCmd is countersign publishers list.
type PublishersListCmd struct {
	StoreFlags
	settings storeSettings `kong:"-"`
}

// Check is part of checker.
func (l *PublishersListCmd) Check(c *checks) { l.settings = l.check(c) }

// Run prints a table.
func (l *PublishersListCmd) Run(env *Environment) error {
	return withStore(env, l.settings, func(store *models.Store) error {
		list, err := store.RegisteredSoftware(env.Context)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(table, "PUBLISHER\tAPP\tSOFTWARE ID\tSCOPES")
		for _, s := range list {
			_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", s.PublisherName, s.Name, s.ID, s.Scope)
		}
		return table.Flush()
	})
}
