package main

import (
	"errors"
	"fmt"
	"os"

	"countersign/audit/tree"
	"countersign/models"
)

// LogFlags say what an auditor knows of the log from earlier.
type LogFlags struct {
	Checkpoint string `help:"A checkpoint of the log that was kept earlier, as /log/checkpoint answers it: the log must continue it." placeholder:"FILE" env:"COUNTERSIGN_AUDIT_CHECKPOINT"`
	Since      bool   `help:"Let that checkpoint vouch for its entries, and check what is new since." env:"COUNTERSIGN_AUDIT_SINCE"`
	AtLeast    int64  `help:"How many entries there were, when somebody last looked: there may be no fewer." placeholder:"N" env:"COUNTERSIGN_AUDIT_AT_LEAST"`
}

// check reads the kept checkpoint.
func (l *LogFlags) check(c *checks) (kept []byte) {
	if l.AtLeast < 0 {
		c.refuse("at-least", "is below nothing", "Give the number of entries that the last verification said")
	}
	if l.Since && l.Checkpoint == "" {
		c.refuse("since", "needs a checkpoint", "Give the one that was kept with --checkpoint")
	}
	if l.Checkpoint == "" {
		return nil
	}
	kept, err := os.ReadFile(l.Checkpoint)
	if err != nil {
		c.refuse("checkpoint", "cannot be read: "+err.Error(), "Name a file that this program may read")
	} else if len(kept) == 0 {
		c.refuse("checkpoint", l.Checkpoint+" is empty", "Keep what /log/checkpoint answers, byte for byte")
	}
	return kept
}

// checkLog holds the log against its tiles and checkpoints.
func (a *AuditVerifyCmd) checkLog(env *Environment, database *models.Database) (models.LogReport, error) {
	meter := meterOf(env)
	defer meter.end()
	report, err := database.CheckLog(env.Context, models.LogCheck{
		Issuer: a.issuer, Kept: a.kept, Since: a.Since, AtLeast: a.AtLeast,
		Progress: func(done, all int64) { meter.tell(done, all, "entries hashed") },
	})
	if errors.Is(err, tree.ErrNotACheckpoint) {
		return report, a.notACheckpoint()
	}
	if err == nil {
		meter.full()
	}
	return report, err
}

// tellLog says of a sound log what shows that nothing was cut off, or how that could be shown.
func tellLog(env *Environment, report models.LogReport) {
	checkpoints := "1 checkpoint"
	if report.Checkpoints != 1 {
		checkpoints = fmt.Sprintf("%d checkpoints", report.Checkpoints)
	}
	_, _ = fmt.Fprintf(env.Stdout, "log: %s, the newest of %d entries\n", checkpoints, report.Size)
	for _, one := range report.Cosigned {
		_, _ = fmt.Fprintf(env.Stdout, "log: cosigned by %s: %d entries, %s\n", one.Name, one.Size, one.At().Format("2006-01-02 15:04:05 UTC"))
	}
	if report.Since > 0 {
		_, _ = fmt.Fprintf(env.Stdout, "log: entries up to number %d were not read, but those of keys: the kept checkpoint vouches for them\n", report.Since)
	}
	if report.Kept > 0 {
		_, _ = fmt.Fprintf(env.Stdout, "log: it continues the kept checkpoint of %d entries\n", report.Kept)
		return
	}
	_, _ = fmt.Fprintln(env.Stdout, "Whether entries were cut off only what is kept elsewhere can show: keep what /log/checkpoint answers, for --checkpoint, "+
		"or the number of entries, for --at-least.")
}

// logProblems says for people what is wrong, a line each.
func logProblems(report models.LogReport) []string {
	var lines []string
	if report.First != nil {
		lines = append(lines, fmt.Sprintf("log: first bad entry: %d: %s", report.First.Seq, report.First.Reason))
	}
	for _, line := range report.Wrong {
		lines = append(lines, "log: "+line)
	}
	return lines
}
