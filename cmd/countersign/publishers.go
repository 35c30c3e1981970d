package main

import (
	"errors"
	"fmt"
	"os"
	"text/tabwriter"

	"countersign/models"
	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

// PublishersCmd registers app publishers.
type PublishersCmd struct {
	Add         PublishersAddCmd         `cmd:"" help:"Register an app; its publisher is made when it is not there yet."`
	SetSoftware PublishersSetSoftwareCmd `cmd:"" help:"Change what a registered app may have: at once, also for devices that are connected and for requests that wait."`
	List        PublishersListCmd        `cmd:"" help:"List the registered apps."`
}

// PublishersAddCmd is countersign publishers add.
type PublishersAddCmd struct {
	StoreFlags
	Publisher  string   `help:"Who publishes the app." env:"COUNTERSIGN_PUBLISHER"`
	SoftwareID string   `help:"The software_id that the app registers with." env:"COUNTERSIGN_PUBLISHER_SOFTWARE_ID"`
	Name       string   `help:"The app's name." env:"COUNTERSIGN_PUBLISHER_NAME"`
	Scope      []string `help:"Names of the scopes that the app may ask for." sep:" " placeholder:"NAME" env:"COUNTERSIGN_PUBLISHER_SCOPE"`

	JWKS string `name:"jwks" help:"File with the publisher's public keys, a JWK Set, in place of those it had: it signs software statements with them. Without --software-id only the publisher is added or changed." placeholder:"FILE" env:"COUNTERSIGN_PUBLISHER_JWKS"`

	PresenceRequired bool `help:"Match requests of this app by the device's own presence proof only, never by a typed code." env:"COUNTERSIGN_PUBLISHER_PRESENCE_REQUIRED"`

	settings storeSettings      `kong:"-"`
	scope    oauth.Scope        `kong:"-"`
	keys     jose.JSONWebKeySet `kong:"-"`
}

// Check is part of checker.
func (a *PublishersAddCmd) Check(c *checks) {
	a.settings = a.check(c)
	c.given("publisher", a.Publisher, "Say who publishes the app")
	if a.JWKS == "" || a.app() {
		c.softwareID(a.SoftwareID)
		c.given("name", a.Name, "Give the app's name")
	}
	if a.JWKS != "" {
		a.keys = c.publicKeys("jwks", a.JWKS)
	}
	scope, err := oauth.ParseScope(oauth.Scope(a.Scope).String())
	if err != nil {
		c.refuse("scope", err.Description, "Write names with one blank between them")
	}
	a.scope = scope
}

// app says whether an app is to be added, and not only the publisher with its keys.
func (a *PublishersAddCmd) app() bool { return a.SoftwareID != "" || a.Name != "" || len(a.Scope) > 0 }

// publicKeys reads a JWK Set of public keys.
func (c *checks) publicKeys(flag, path string) jose.JSONWebKeySet {
	text, err := os.ReadFile(path)
	if err != nil {
		c.refuse(flag, "cannot be read: "+err.Error(), "Name a file that this program may read")
		return jose.JSONWebKeySet{}
	}
	keys, refusal := oauth.ReadPublisherKeys(text)
	if refusal != nil {
		c.refuse(flag, refusal.Description, "Give a JWK Set of public keys")
	}
	return keys
}

// Run prints what was registered.
func (a *PublishersAddCmd) Run(env *Environment) error {
	return withStore(env, a.settings, func(store *models.Store) error {
		if a.JWKS != "" {
			publisher, err := store.SetPublisherKeys(env.Context, models.NewPublisher{Name: a.Publisher, Keys: a.keys})
			if err != nil {
				return err
			}
			_, _ = fmt.Fprintf(env.Stdout, "%q signs statements with %d of its keys\n", publisher.Name, len(a.keys.Keys))
		}
		if a.JWKS != "" && !a.app() {
			return nil
		}
		software, err := store.AddSoftware(env.Context, models.NewSoftware{
			Publisher: a.Publisher, SoftwareID: a.SoftwareID, Name: a.Name, Scope: a.scope, PresenceRequired: a.PresenceRequired,
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
		_, _ = fmt.Fprintln(table, "PUBLISHER\tAPP\tSOFTWARE ID\tPRESENCE PROOF\tSCOPES")
		for _, s := range list {
			_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", s.PublisherName, s.Name, s.ID, presenceWord(s.PresenceRequired), s.Scope)
		}
		return table.Flush()
	})
}
