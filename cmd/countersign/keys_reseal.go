package main

import (
	"bytes"
	"fmt"

	"countersign/models"
)

// KeysResealCmd is countersign keys reseal. The new master key is taken from a file
// only: it has to be kept anyway.
type KeysResealCmd struct {
	StoreFlags
	NewMasterKeyFile string `help:"File that holds the new master key." placeholder:"FILE"`

	settings storeSettings `kong:"-"`
	newKey   []byte        `kong:"-"`
}

// Check is part of checker.
func (r *KeysResealCmd) Check(c *checks) {
	r.settings = r.check(c)
	const flag, todo = "new-master-key", "Make one with: countersign keys generate-master"
	before := len(c.problems)
	if !c.given(flag+"-file", r.NewMasterKeyFile, todo) {
		return
	}
	text := c.secret(flag, "", r.NewMasterKeyFile)
	if len(c.problems) > before {
		return
	}
	key, err := readMasterKey(text)
	if err != nil {
		c.refuse(flag+"-file", err.Error(), todo)
	} else if bytes.Equal(key, r.settings.masterKey) {
		c.refuse(flag+"-file", "it holds the master key that is in use", todo)
	}
	r.newKey = key
}

// Run seals every key, or none.
func (r *KeysResealCmd) Run(env *Environment) error {
	return withStore(env, r.settings, func(store *models.Store) error {
		count, err := store.ResealKeys(env.Context, r.newKey)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.Stdout, "sealed %d keys; only the new master key opens them.\n"+
			"Next: start every process anew with --master-key-file %s. Keep the old master key for as long as backups from before are kept\n",
			count, r.NewMasterKeyFile)
		return err
	})
}
