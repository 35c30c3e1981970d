package main

import (
	"fmt"
	"slices"

	packedevent "countersign/audit/packed"
)

// AuditDictionaryCmd needs nothing: the dictionaries are part of the program.
type AuditDictionaryCmd struct {
	ID int `arg:"" optional:"" help:"The dictionary that a frame names; without it, the one that new events are packed with."`
}

// Run writes a dictionary of RFC 8878 §5, so that others than this program read what the database has.
func (a *AuditDictionaryCmd) Run(env *Environment) error {
	known, err := packedevent.Dictionaries()
	if err != nil {
		return err
	}
	if a.ID == 0 {
		a.ID = packedevent.Newest
	}
	if !slices.Contains(known, a.ID) {
		return &exitError{code: exitUsage, err: fmt.Errorf("no dictionary %d: there are %v", a.ID, known)}
	}
	dictionary, err := packedevent.Dictionary(a.ID)
	if err != nil {
		return err
	}
	_, err = env.Stdout.Write(dictionary)
	return err
}
