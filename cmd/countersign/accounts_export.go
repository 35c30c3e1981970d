package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"countersign/models"
)

// AccountsExportCmd is countersign accounts export.
type AccountsExportCmd struct {
	StoreFlags
	Account string `arg:"" help:"Its identifier in the trail, or one of the identifiers that people know."`
	File    string `arg:"" optional:"" help:"Where to write it, for its owner's eyes only; a file that is there is never overwritten. Without it, the standard output."`

	settings storeSettings `kong:"-"`
}

// Check is part of checker.
func (e *AccountsExportCmd) Check(c *checks) { e.settings = e.check(c) }

// Run writes the file beside its place first, so that nothing but a whole export has its name.
func (e *AccountsExportCmd) Run(env *Environment) error {
	return withStore(env, e.settings, func(store *models.Store) error {
		found, err := findAccount(env, store, e.Account)
		if err != nil {
			return err
		}
		if e.File == "" || e.File == "-" {
			return e.export(env, store, found.ID, env.Stdout)
		}
		return writeNew(e.File, func(w io.Writer) error { return e.export(env, store, found.ID, w) })
	})
}

// export writes one JSON object: a member for each part, with its rows. A row is written as it is read.
func (e *AccountsExportCmd) export(env *Environment, store *models.Store, id string, w io.Writer) error {
	meter := meterOf(env)
	defer meter.end()
	if err := store.BeginAccountExport(models.Telling(env.Context, meter.hear), id); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "{\n  \"issuer\": %q,\n  \"account_id\": %q,\n  \"exported_at\": %q", store.Issuer(), id,
		env.Now().UTC().Format(time.RFC3339))
	if err != nil {
		return err
	}
	count := 0
	for _, part := range models.AccountParts() {
		written, err := writeAccountPart(env, store, id, part, w, func(rows int) { meter.tell(int64(count+rows), 0, "rows exported") })
		if err != nil {
			return fmt.Errorf("the export is not whole, in its part %s: %w", part.Name, err)
		}
		count += written
	}
	if _, err := fmt.Fprintln(w, "\n}"); err != nil {
		return err
	}
	meter.end()
	_, err = fmt.Fprintf(env.Stderr, "%d rows of account %s exported\n", count, id)
	return err
}

// writeAccountPart tells told after each row how many there are.
func writeAccountPart(env *Environment, store *models.Store, id string, part models.AccountPart, w io.Writer, told func(int)) (
	count int, err error,
) {
	if _, err := fmt.Fprintf(w, ",\n  %q: [", part.Name); err != nil {
		return 0, err
	}
	err = store.AccountRows(env.Context, id, part, func(row map[string]any) error {
		text, err := json.MarshalIndent(row, "    ", "  ")
		if err != nil {
			return err
		}
		before := ",\n    "
		if count == 0 {
			before = "\n    "
		}
		count++
		told(count)
		_, err = fmt.Fprintf(w, "%s%s", before, text)
		return err
	})
	end := "]"
	if count > 0 {
		end = "\n  ]"
	}
	if err == nil {
		_, err = io.WriteString(w, end)
	}
	return count, err
}
