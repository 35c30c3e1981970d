package main

import (
	"errors"
	"fmt"
	"strings"

	"countersign/models"
	"countersign/oauth"
)

// PublishersSetSoftwareCmd is countersign publishers set-software.
type PublishersSetSoftwareCmd struct {
	StoreFlags
	SoftwareID       string  `help:"The software_id that the app registers with." env:"COUNTERSIGN_PUBLISHER_SOFTWARE_ID"`
	Scope            *string `help:"Names of the scopes that the app may have from now on, with blanks between them; empty for none. Without it they stay." placeholder:"NAMES"`
	PresenceRequired *bool   `help:"Match requests of this app by the device's own presence proof only, from now on; or again by a typed code too. Without it this stays." negatable:""`

	settings storeSettings `kong:"-"`
	scope    *oauth.Scope  `kong:"-"`
}

// Check is part of checker.
func (p *PublishersSetSoftwareCmd) Check(c *checks) {
	p.settings = p.check(c)
	c.given("software-id", p.SoftwareID, "Give the software_id of a registered app")
	if p.Scope == nil && p.PresenceRequired == nil {
		c.refuse("scope", "nothing is to be changed", "Give --scope, --presence-required or --no-presence-required")
	}
	if p.Scope == nil {
		return
	}
	scope, err := oauth.ParseScope(strings.TrimSpace(*p.Scope))
	if err != nil {
		c.refuse("scope", err.Description, "Write names with one blank between them")
	}
	p.scope = &scope
}

// softwareID wants what an app may be registered under.
func (c *checks) softwareID(id string) {
	c.given("software-id", id, "Give the software_id that the app registers with")
	if refusal := oauth.CheckSoftwareID(id); id != "" && refusal != nil {
		c.refuse("software-id", refusal.Description, "Use letters, digits and signs without blanks")
	}
}

// Run prints what the app may have now.
func (p *PublishersSetSoftwareCmd) Run(env *Environment) error {
	return withStore(env, p.settings, func(store *models.Store) error {
		software, err := store.ChangeSoftware(env.Context, models.SoftwareChange{
			SoftwareID: p.SoftwareID, Scope: p.scope, PresenceRequired: p.PresenceRequired,
		})
		if errors.Is(err, models.ErrNotFound) {
			return fmt.Errorf("no app with the software_id %q is registered", p.SoftwareID)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.Stdout, "%s %q: scopes %q, presence proof %s\n",
			software.ID, software.Name, software.Scope, presenceWord(software.PresenceRequired))
		return err
	})
}

func presenceWord(required bool) string {
	if required {
		return "required"
	}
	return "not required"
}
