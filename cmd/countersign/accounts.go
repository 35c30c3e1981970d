package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"countersign/audit/term"
	"countersign/models"
	"countersign/models/accountcsv"
)

// AccountsCmd brings accounts in, gives out what is kept of one, erases and unlocks them.
type AccountsCmd struct {
	Import AccountsImportCmd `cmd:"" help:"Add accounts and update those that are there. A file with a bad line changes nothing. A good one is applied a few lines at a time, and finished by a server or the next import when this is interrupted. Exit code 0 when all is done, 1 otherwise."`
	Export AccountsExportCmd `cmd:"" help:"Write all that is kept of an account, in the database and in the trail, as JSON, for its holder. That it was exported stands in the trail."`
	Unlock AccountsUnlockCmd `cmd:"" help:"Let codes be entered for an account again, after too many wrong ones."`
	Erase  AccountsEraseCmd  `cmd:"" help:"Erase all that is kept of an account's holder, at their request. The trail stays verifiable."`
}

// AccountsImportCmd is countersign accounts import.
type AccountsImportCmd struct {
	StoreFlags
	File string `arg:"" help:"CSV file in UTF-8 with the columns identifiers (separated by ;), name, date_of_birth, contact and status, and latin_name, language, staff, presence and two_person if you like; - reads the standard input."`

	settings storeSettings `kong:"-"`
}

// Check is part of checker.
func (a *AccountsImportCmd) Check(c *checks) { a.settings = a.check(c) }

// Run reports everything that is wrong with the file, or takes all of it.
func (a *AccountsImportCmd) Run(env *Environment) error {
	file, err := a.open(env)
	if err != nil {
		return err
	}
	defer file.Close()
	read := accountcsv.Read(file, env.Now())
	if len(read.Problems) > 0 {
		var list []error
		for _, problem := range read.Problems {
			list = append(list, problem)
		}
		return nothingImported(list, read.Further)
	}
	return withStore(env, a.settings, func(store *models.Store) error {
		done, err := importAll(env, store, read.Accounts)
		if _, ok := errors.AsType[models.ImportError](err); ok {
			return nothingImported(oneByOne(err), 0)
		}
		if err != nil {
			return err
		}
		return a.report(env, done)
	})
}

// report says what was imported, and which lines were not. Those are an error: somebody has to look at them.
func (a *AccountsImportCmd) report(env *Environment, done models.ImportProgress) error {
	_, err := fmt.Fprintf(env.Stdout, "%d added, %d changed, %d unchanged\n", done.Added, done.Changed, done.Unchanged)
	if err != nil || done.PassedOver == 0 {
		return err
	}
	return fmt.Errorf("%d lines were left out, since somebody else changed their accounts meanwhile: %v\nNext: import the file again, if it still holds",
		done.PassedOver, done.PassedLines)
}

func (a *AccountsImportCmd) open(env *Environment) (io.ReadCloser, error) {
	if a.File == "-" {
		return io.NopCloser(env.Stdin), nil
	}
	if info, err := os.Stat(a.File); err == nil && info.IsDir() {
		return nil, &fs.PathError{Op: "open", Path: a.File, Err: errors.New("is a folder, not a file")}
	}
	return os.Open(a.File)
}

// oneByOne takes apart what was joined.
func oneByOne(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

// nothingImported lists the first problems of a file, and counts those beside the further ones.
func nothingImported(list []error, further int) error {
	if more := len(list) - models.MaxListed; more > 0 {
		list, further = list[:models.MaxListed], further+more
	}
	if further > 0 {
		list = append(slices.Clone(list), fmt.Errorf("further problems that are not listed: %d", further))
	}
	return fmt.Errorf("nothing was imported\n%w\nNext: correct the file and import it again", errors.Join(list...))
}

// openedAccount finds an account, and says in the trail that a command is about to show what it has.
func openedAccount(env *Environment, store *models.Store, name string) (models.Erasable, error) {
	found, err := findAccount(env, store, name)
	if err == nil {
		err = store.OpenRecordByCommand(env.Context, found.ID, term.QueryExact)
	}
	return found, err
}

// findAccount finds an account by its identifier in the trail, or by one that people know.
func findAccount(env *Environment, store *models.Store, name string) (models.Erasable, error) {
	found, err := store.FindErasable(env.Context, name)
	if errors.Is(err, models.ErrNotFound) {
		err = errors.New("there is no such account.\nNext: give its identifier as the trail or its record has it")
	}
	return found, err
}
