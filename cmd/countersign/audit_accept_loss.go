package main

import (
	"fmt"
	"os"

	"countersign/models"
)

// AuditAcceptLossCmd lets a server start on a restored database.
type AuditAcceptLossCmd struct {
	StoreFlags
	CheckpointFlags

	settings storeSettings  `kong:"-"`
	file     checkpointFile `kong:"-"`
}

// asideTime tells the files of two losses at the same size apart.
const asideTime = "20060102T150405.000Z"

// Check is part of checker.
func (a *AuditAcceptLossCmd) Check(c *checks) {
	a.settings = a.StoreFlags.check(c)
	a.file = a.CheckpointFlags.check(a.MasterKeyFile)
	if a.file.name == "" {
		c.refuse("checkpoint-file", "is missing", "Name the file that the server keeps its last checkpoint in")
	}
}

// Run writes the event first: a file that cannot be put aside keeps the server from starting, and nothing is hidden.
func (a *AuditAcceptLossCmd) Run(env *Environment) error {
	note, err := a.file.read()
	if err != nil {
		return err
	}
	if len(note) == 0 {
		return fmt.Errorf("there is no kept checkpoint %s: nothing keeps the server from starting", a.file.name)
	}
	return withStore(env, a.settings, func(store *models.Store) error {
		lost, err := store.AcceptLoss(env.Context, note)
		if err != nil {
			return a.file.explain(err)
		}
		if lost == nil {
			_, _ = fmt.Fprintln(env.Stdout, "nothing is lost: the log continues the kept checkpoint")
			return nil
		}
		aside := fmt.Sprintf("%s.lost-%d-%s", a.file.name, lost.Kept, env.Now().UTC().Format(asideTime))
		if err := os.Rename(a.file.name, aside); err != nil {
			return err
		}
		_, _ = fmt.Fprintf(env.Stdout, "the log goes on after its checkpoint of %d entries; there was one of %d, which is now in %s\n"+
			"Next: tell the auditors, with that file: what they kept since does not fit any more\n", lost.Newest, lost.Kept, aside)
		return nil
	})
}
