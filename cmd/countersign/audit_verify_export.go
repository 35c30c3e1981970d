package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"countersign/audit/export"
	"countersign/audit/tree"
)

// verifyExport prints the verdict on an export, which needs no database.
func (a *AuditVerifyCmd) verifyExport(env *Environment) error {
	in, size, err := a.openExport(env)
	if err != nil {
		return err
	}
	meter := meterOf(env)
	defer meter.end()
	report, err := export.Verify(env.Context, in, export.Options{
		Issuer: a.Issuer, Keys: a.trusted, Kept: a.kept, Since: a.Since, AtLeast: a.AtLeast,
		Progress: func(bytes int64) { meter.tell(bytes, size, "bytes read") },
	})
	if err = errors.Join(err, in.Close()); err != nil {
		return a.explain(err)
	}
	for _, line := range report.Lines() {
		_, _ = fmt.Fprintln(env.Stdout, line)
	}
	if !report.OK() {
		return &exitError{code: exitFailed}
	}
	return nil
}

// openExport opens it, with its size in bytes, 0 where that is not known.
func (a *AuditVerifyCmd) openExport(env *Environment) (io.ReadCloser, int64, error) {
	if a.Export == "-" {
		return io.NopCloser(env.Stdin), 0, nil
	}
	file, err := os.Open(a.Export)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	return file, info.Size(), nil
}

// explain adds to an error what to do about it.
func (a *AuditVerifyCmd) explain(err error) error {
	switch {
	case errors.Is(err, tree.ErrNotACheckpoint):
		return a.notACheckpoint()
	case errors.Is(err, export.ErrNoKeys):
		return fmt.Errorf("%w.\nNext: give them with --keys, as countersign keys list --audit-jwks prints them", err)
	case errors.Is(err, export.ErrKeptOfPart):
		return fmt.Errorf("%w.\nNext: leave --checkpoint out, or export the trail without a filter", err)
	}
	return err
}

// notACheckpoint says so of the file that was kept.
func (a *AuditVerifyCmd) notACheckpoint() error {
	return fmt.Errorf("%s is not a checkpoint.\nNext: keep what /log/checkpoint answers, byte for byte", a.Checkpoint)
}
