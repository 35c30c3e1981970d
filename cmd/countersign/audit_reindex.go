package main

import (
	"errors"
	"fmt"

	"countersign/models"
)

// AuditReindexCmd needs no master key: the tables beside the trail hold nothing that it does not say.
type AuditReindexCmd struct {
	DatabaseFlags

	address string `kong:"-"`
}

// Check is part of checker.
func (a *AuditReindexCmd) Check(c *checks) { a.address = c.database(a.Database, a.DatabaseFile) }

// Run prints what it has mended.
func (a *AuditReindexCmd) Run(env *Environment) error {
	database, err := openDatabase(env, a.address, quietLog(env))
	if err != nil {
		return err
	}
	return errors.Join(a.reindex(env, database), database.Close())
}

func (a *AuditReindexCmd) reindex(env *Environment, database *models.Database) error {
	if err := database.CheckSchema(env.Context); err != nil {
		return err
	}
	meter, last := meterOf(env), int64(0)
	defer meter.end()
	mended, err := database.Reindex(models.Telling(env.Context, meter.hear), func(seq int64) { last = seq })
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(env.Stdout, "events looked at: %d, rows mended: %d\n", last, mended)
	return nil
}
