package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"countersign/models"

	"github.com/go-jose/go-jose/v4"
)

// AuditCmd is about the audit trail.
type AuditCmd struct {
	Verify     AuditVerifyCmd     `cmd:"" help:"Check every entry's signature, number and content, the log over them, the keys and what the database refuses; or an export alone. Exit code 0 when nothing is wrong, 1 otherwise."`
	Export     AuditExportCmd     `cmd:"" help:"Write the trail, or a part of it, as JSON lines or as a table. Exit code 0 when it is whole, 1 otherwise. That it was exported stands in the trail."`
	Receipt    AuditReceiptCmd    `cmd:"" help:"Check a receipt of one decision, without a database and without a network. Exit code 0 when nothing is wrong, 1 otherwise."`
	AcceptLoss AuditAcceptLossCmd `cmd:"" help:"Let the server start on a database that is older than the checkpoint which it kept: entries are lost for good. Stands in the trail."`
	Schema     AuditSchemaCmd     `cmd:"" help:"Print the JSON schema of an event type, or of all of them."`
	Dictionary AuditDictionaryCmd `cmd:"" help:"Write the dictionary that packed events are read with by others than this program (zstd -D)."`
	Reindex    AuditReindexCmd    `cmd:"" help:"Make the tables that supervisors search and see plots of what the trail says. The server may run meanwhile."`
}

// AuditVerifyCmd needs no master key, so that somebody who may only read the
// database can check it.
type AuditVerifyCmd struct {
	DatabaseFlags
	LogFlags
	Export string `help:"Check an export as JSON lines instead of a database, with nothing but that file; - reads the standard input." placeholder:"FILE" env:"COUNTERSIGN_AUDIT_EXPORT"`
	Issuer string `help:"The server's own address, which every entry carries." placeholder:"URL"`
	Keys   string `help:"JSON Web Key Set with the audit keys, kept elsewhere (countersign keys list --audit-jwks). Without it the keys in the database are believed, and the trail is at best consistent with them." placeholder:"FILE" env:"COUNTERSIGN_AUDIT_KEYS"`
	Record bool   `help:"Keep the verdict in the database, where administrators read when somebody verified last. Nothing else is written." env:"COUNTERSIGN_AUDIT_RECORD"`

	address string             `kong:"-"`
	issuer  string             `kong:"-"`
	trusted jose.JSONWebKeySet `kong:"-"`
	kept    []byte             `kong:"-"`
}

// Check is part of checker.
func (a *AuditVerifyCmd) Check(c *checks) {
	if a.Export == "" {
		a.address = c.database(a.Database, a.DatabaseFile)
		a.issuer = c.issuer(a.Issuer)
	}
	a.kept = a.LogFlags.check(c)
	if a.Keys == "" {
		return
	}
	text, err := os.ReadFile(a.Keys)
	if err != nil {
		c.refuse("keys", "cannot be read: "+err.Error(), "Name a file that this program may read")
		return
	}
	if err := json.Unmarshal(text, &a.trusted); err != nil || len(a.trusted.Keys) == 0 {
		c.refuse("keys", a.Keys+" is not a JSON Web Key Set", `Give a file like {"keys":[…]}`)
	}
}

// Run prints the verdict.
func (a *AuditVerifyCmd) Run(env *Environment) error {
	if a.Export != "" {
		return a.verifyExport(env)
	}
	database, err := openDatabase(env, a.address, quietLog(env))
	if err != nil {
		return err
	}
	return errors.Join(a.verify(env, database), database.Close())
}

func (a *AuditVerifyCmd) verify(env *Environment, database *models.Database) error {
	if err := database.CheckSchema(env.Context); err != nil {
		return err
	}
	report, log, err := a.look(env, database)
	if err != nil {
		return err
	}
	if a.Record {
		if err := recordVerdict(env, database, report, log); err != nil {
			return err
		}
	}
	return a.verdict(env, report, log)
}

// look reads everything that there is to verify.
func (a *AuditVerifyCmd) look(env *Environment, database *models.Database) (models.TrailReport, models.LogReport, error) {
	log, err := a.checkLog(env, database) // first, since it says up to where a kept checkpoint vouches for the entries
	if err != nil {
		return models.TrailReport{}, log, err
	}
	meter := meterOf(env)
	defer meter.end()
	report, err := database.CheckTrailAs(env.Context, models.TrailCheck{
		Issuer: a.issuer, Kept: a.trusted, Since: log.Since,
		Progress: func(done, all int64) { meter.tell(done, all, "entries verified") },
		Held:     func(done, all int64) { meter.tell(done, all, "rows held against their entries") },
	})
	if err == nil {
		meter.full()
		err = database.CheckOldest(env.Context) // what a newer program has changed meanwhile is not judged by this one
	}
	return report, log, err
}

func (a *AuditVerifyCmd) verdict(env *Environment, report models.TrailReport, log models.LogReport) error {
	whose := "the database's own keys"
	if a.Keys != "" {
		whose = "the keys of " + a.Keys
	}
	entries := fmt.Sprintf("%d", report.Entries)
	if log.Since > 0 {
		entries = fmt.Sprintf("%d, after number %d", report.Entries-log.Since, log.Since)
	}
	_, _ = fmt.Fprintf(env.Stdout, "entries checked: %s, with %s\n", entries, whose)
	if report.OK() && log.OK() {
		verdict := "sound"
		if !report.Rooted && log.Kept == 0 {
			verdict = "consistent with the database's own keys\n" +
				"Who can write to the database could have made these keys and signed everything anew: give what was kept elsewhere, keys or a checkpoint"
		}
		_, _ = fmt.Fprintln(env.Stdout, "verdict: "+verdict)
		tellLog(env, log)
		return nil
	}
	_, _ = fmt.Fprintln(env.Stdout, "verdict: NOT SOUND")
	for _, line := range append(report.Problems(), logProblems(log)...) {
		_, _ = fmt.Fprintln(env.Stdout, line)
	}
	return &exitError{code: exitFailed}
}
