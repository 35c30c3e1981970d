package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"countersign/audit/term"
	"countersign/models"
)

// AccountsEraseCmd is countersign accounts erase.
type AccountsEraseCmd struct {
	StoreFlags
	Account string `arg:"" help:"Its identifier in the trail, or one of the identifiers that people know."`
	Reason  string `help:"Why: requested (by its holder), not_needed, ordered (by an authority) or by_mistake. It stands in the trail." placeholder:"WHY"`
	Yes     bool   `help:"Erase it. Without this the command only says what would be erased."`

	settings storeSettings `kong:"-"`
}

// Check is part of checker.
func (e *AccountsEraseCmd) Check(c *checks) {
	e.settings = e.check(c)
	var words []string
	for _, word := range term.Erasures() {
		if e.Reason == string(word) {
			return
		}
		words = append(words, string(word))
	}
	c.refuse("reason", "it says why the account is erased, and stands in the trail", "Give one of "+strings.Join(words, ", "))
}

// Run says what would be erased, or erases it. Nothing brings it back, so that it is asked for twice.
func (e *AccountsEraseCmd) Run(env *Environment) error {
	return withStore(env, e.settings, func(store *models.Store) error {
		found, err := findAccount(env, store, e.Account)
		if err != nil {
			return err
		}
		if !e.Yes {
			return e.told(env, found)
		}
		meter := meterOf(env)
		err = store.EraseAccount(models.Telling(env.Context, meter.hear), found.ID, term.Erasure(e.Reason))
		meter.end()
		if errors.Is(err, models.ErrImportUnderWay) {
			return errors.New("an accounts file is being imported, which may name this account. Nothing was erased." +
				"\nNext: try again when the import is over")
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.Stdout, "erased account %s\n", found.ID)
		return err
	})
}

// told says what is there, by numbers: no name on the screen of whoever administers the server.
func (e *AccountsEraseCmd) told(env *Environment, found models.Erasable) error {
	var erased string
	if found.ErasedAt != 0 {
		erased = ", erased on " + found.ErasedAt.Time().UTC().Format(time.DateOnly)
	}
	_, err := fmt.Fprintf(env.Stdout, `account %s%s: %d identifiers, %d devices connected
Its record, identifiers, and what requests, visits, notices and events say of a person would be erased, and its devices disconnected.
The trail keeps its identifiers and stays verifiable. Nothing brings it back; an accounts file that names the person makes a new account.
Next: the same command with --yes
`, found.ID, erased, found.Identifiers, found.Bindings)
	return err
}
