package main

import (
	"errors"
	"fmt"
	"text/tabwriter"

	"countersign/models"
	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

// ResourceServersCmd registers the APIs that may introspect.
type ResourceServersCmd struct {
	Add    ResourceServersAddCmd    `cmd:"" help:"Register an API; it may introspect the access tokens for its resource, by private_key_jwt."`
	List   ResourceServersListCmd   `cmd:"" help:"List the registered APIs."`
	Remove ResourceServersRemoveCmd `cmd:"" help:"Let an API introspect no more, at once."`
}

// ResourceServersAddCmd is countersign resource-servers add.
type ResourceServersAddCmd struct {
	StoreFlags
	Name     string `help:"What you call it." env:"COUNTERSIGN_RESOURCE_SERVER_NAME"`
	Resource string `help:"Its URI, exactly as serve's --resource has it." placeholder:"URI" env:"COUNTERSIGN_RESOURCE_SERVER_RESOURCE"`
	JWKS     string `name:"jwks" help:"File with its public keys, a JWK Set; ES256, Ed25519 or PS256." placeholder:"FILE" env:"COUNTERSIGN_RESOURCE_SERVER_JWKS"`

	settings storeSettings      `kong:"-"`
	keys     jose.JSONWebKeySet `kong:"-"`
}

// Check is part of checker.
func (a *ResourceServersAddCmd) Check(c *checks) {
	a.settings = a.check(c)
	c.given("name", a.Name, "Call it something")
	const exactly = "Write it exactly as serve's --resource has it"
	if c.given("resource", a.Resource, exactly) {
		if err := oauth.CheckResourceURI(a.Resource); err != nil {
			c.refuse("resource", fmt.Sprintf("%q: %v", a.Resource, err), exactly)
		}
	}
	if c.given("jwks", a.JWKS, "Name the file with its public keys, a JWK Set") {
		a.keys = c.publicKeys("jwks", a.JWKS)
	}
}

// Run prints what the API needs to know.
func (a *ResourceServersAddCmd) Run(env *Environment) error {
	return withStore(env, a.settings, func(store *models.Store) error {
		server, err := store.AddResourceServer(env.Context, a.Name, a.Resource, a.keys)
		if errors.Is(err, models.ErrExists) {
			return fmt.Errorf("a resource server called %q is there already.\nNext: remove it first, or call this one something else", a.Name)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.Stdout, "added resource server %s %q for %s\n", server.ID, server.Name, server.Resource)
		return err
	})
}

// ResourceServersListCmd is countersign resource-servers list.
type ResourceServersListCmd struct {
	StoreFlags
	settings storeSettings `kong:"-"`
}

// Check is part of checker.
func (l *ResourceServersListCmd) Check(c *checks) { l.settings = l.check(c) }

// Run prints a table.
func (l *ResourceServersListCmd) Run(env *Environment) error {
	return withStore(env, l.settings, func(store *models.Store) error {
		list, err := store.ResourceServers(env.Context)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(table, "CLIENT ID\tNAME\tRESOURCE\tKEYS")
		for _, s := range list {
			keys, err := s.Keys()
			if err != nil {
				return err
			}
			_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%d\n", s.ID, s.Name, s.Resource, len(keys.Keys))
		}
		return table.Flush()
	})
}

// ResourceServersRemoveCmd is countersign resource-servers remove.
type ResourceServersRemoveCmd struct {
	StoreFlags
	ID string `arg:"" help:"Its client_id, as add and list print it."`

	settings storeSettings `kong:"-"`
}

// Check is part of checker.
func (r *ResourceServersRemoveCmd) Check(c *checks) { r.settings = r.check(c) }

// Run removes it.
func (r *ResourceServersRemoveCmd) Run(env *Environment) error {
	return withStore(env, r.settings, func(store *models.Store) error {
		err := store.RemoveResourceServer(env.Context, r.ID)
		if errors.Is(err, models.ErrNotFound) {
			return fmt.Errorf("there is no resource server %q.\nNext: countersign resource-servers list", r.ID)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.Stdout, "removed resource server %s\n", r.ID)
		return err
	})
}
