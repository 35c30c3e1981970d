package main

import (
	"encoding/json"
	"fmt"

	"countersign/audit"
)

// AuditSchemaCmd needs nothing but the issuer: the catalogue is part of the program.
type AuditSchemaCmd struct {
	Type   string `arg:"" optional:"" help:"One event type, such as code-matched; without it, all of them in one JSON array."`
	Issuer string `help:"The server's own address, which every event carries." placeholder:"URL"`

	issuer string `kong:"-"`
}

// Check is part of checker.
func (a *AuditSchemaCmd) Check(c *checks) { a.issuer = c.issuer(a.Issuer) }

// Run prints JSON schemas (draft 2020-12) of the claims of a Security Event Token.
func (a *AuditSchemaCmd) Run(env *Environment) error {
	if a.Type != "" {
		schema, err := audit.Schema(a.issuer, audit.Type(a.Type))
		if err != nil {
			return &exitError{code: exitUsage, err: fmt.Errorf("%w. countersign audit schema without a type prints them all", err)}
		}
		_, err = fmt.Fprintf(env.Stdout, "%s\n", schema)
		return err
	}
	var all []json.RawMessage
	for _, definition := range audit.Catalogue() {
		schema, err := audit.Schema(a.issuer, definition.Type)
		if err != nil {
			return err
		}
		all = append(all, schema)
	}
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Stdout, "%s\n", text)
	return err
}
