package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"countersign/models"
)

// KeysListCmd is countersign keys list.
type KeysListCmd struct {
	DatabaseFlags
	MasterKey     string `help:"The master key, to refuse rows that it does not vouch for." placeholder:"KEY"`
	MasterKeyFile string `help:"File that holds the master key." placeholder:"FILE"`
	AuditJWKS     bool   `name:"audit-jwks" help:"Print the public keys of the audit trail as a JSON Web Key Set instead, to keep elsewhere for audit verify --keys." env:"COUNTERSIGN_KEYS_AUDIT_JWKS"`

	address   string `kong:"-"`
	masterKey []byte `kong:"-"`
}

// Check is part of checker.
func (l *KeysListCmd) Check(c *checks) {
	l.address = c.database(l.Database, l.DatabaseFile)
	if l.MasterKey != "" || l.MasterKeyFile != "" {
		l.masterKey = c.masterKey(l.MasterKey, l.MasterKeyFile)
	}
}

// Run prints a table, without anything that is secret.
func (l *KeysListCmd) Run(env *Environment) error {
	database, err := openDatabase(env, l.address, quietLog(env))
	if err != nil {
		return err
	}
	return errors.Join(l.list(env, database), database.Close())
}

func (l *KeysListCmd) list(env *Environment, database *models.Database) error {
	if err := database.CheckSchema(env.Context); err != nil {
		return err
	}
	keys, err := database.Keys(env.Context)
	if err != nil {
		return err
	}
	if l.masterKey == nil {
		_, _ = fmt.Fprintln(env.Stderr, "nobody vouches for these keys: give the master key to be told of forged rows")
	} else if err := models.CheckKeyTable(keys, l.masterKey); err != nil {
		return err
	}
	if l.AuditJWKS {
		keys, err := database.AuditKeys(env.Context)
		if err != nil {
			return err
		}
		return json.NewEncoder(env.Stdout).Encode(keys)
	}
	table := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "PURPOSE\tSTATUS\tKEY\tMADE\tSIGNS SINCE\tRETIRED\tIN USE UNTIL")
	zone := env.Now().Location()
	for _, key := range keys {
		status := string(key.Status)
		if key.Ended() {
			status = "ended"
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", key.Purpose, status, key.ID, keyTime(key.CreatedAt, zone),
			keyTime(key.ActivatedAt, zone), keyTime(key.RetiredAt, zone), keyTime(key.InUseUntil, zone))
	}
	return table.Flush()
}

func keyTime(at models.Instant, zone *time.Location) string {
	if at == 0 {
		return "-"
	}
	return at.Time().In(zone).Format(time.RFC3339)
}
