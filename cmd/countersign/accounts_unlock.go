package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"countersign/audit/term"
	"countersign/models"
)

// AccountsUnlockCmd is countersign accounts unlock.
type AccountsUnlockCmd struct {
	StoreFlags
	Account string `arg:"" optional:"" help:"Its identifier in the trail, or one of the identifiers that people know. Without it, the locked accounts are listed, by their identifiers in the trail, the 50 that were locked last."`
	Reason  string `help:"Why: mistyped (by operators), other-account (the codes were for another one), person-known (its holder was there) or attack-over. It stands in the trail." placeholder:"WHY"`

	settings storeSettings `kong:"-"`
}

// Check is part of checker.
func (u *AccountsUnlockCmd) Check(c *checks) {
	u.settings = u.check(c)
	if u.Account != "" {
		u.Reason = c.reason(u.Reason, term.Words(term.Unlockings()), "codes may be entered for the account again")
	}
}

// reason finds the word that is meant by what was written, with spaces, hyphens or underscores between its parts; what is what it
// is a reason for.
func (c *checks) reason(written string, words []term.Word, what string) string {
	var all []string
	for _, word := range words {
		if asFlag(written) == asFlag(word.Value) {
			return word.Value
		}
		all = append(all, asFlag(word.Value))
	}
	c.refuse("reason", "it says why "+what+", and stands in the trail", "Give one of "+strings.Join(all, ", "))
	return ""
}

func asFlag(word string) string { return strings.NewReplacer(" ", "-", "_", "-").Replace(word) }

// Run says what was done.
func (u *AccountsUnlockCmd) Run(env *Environment) error {
	return withStore(env, u.settings, func(store *models.Store) error {
		if u.Account == "" {
			return listLocked(env, store)
		}
		found, err := findAccount(env, store, u.Account)
		if err != nil {
			return err
		}
		err = store.UnlockByCommand(env.Context, found.ID, term.Unlocking(u.Reason))
		if errors.Is(err, models.ErrNotLocked) {
			return fmt.Errorf("account %s is not locked: %s.\nNext: countersign accounts unlock lists those that are",
				found.ID, codesText(found.Account, ""))
		}
		if err == nil {
			_, err = fmt.Fprintf(env.Stdout, "unlocked account %s: %s\n", found.ID, codesText(found.Account, " again"))
		}
		return err
	})
}

// codesText says whether codes can be entered for an account that is not locked.
func codesText(account models.Account, again string) string {
	if account.Status != models.AccountActive {
		return "it is " + account.Status + ", and no code is taken for it as long as it is"
	}
	return "codes can be entered for it" + again
}

func listLocked(env *Environment, store *models.Store) error {
	locked, err := store.LockedAccounts(env.Context)
	if err != nil {
		return err
	}
	if len(locked) == 0 {
		_, err = fmt.Fprintln(env.Stdout, "no account is locked")
	}
	for _, account := range locked {
		_, err = fmt.Fprintf(env.Stdout, "account %s, locked since %s\n", account.ID, inUTC(account.MatchLockedAt))
	}
	if len(locked) == models.LockedListed {
		_, err = fmt.Fprintf(env.Stdout, "these %d were locked last; there may be more\n", len(locked))
	}
	return err
}

// moment is a time for a table, in UTC; "-" for none.
func moment(at models.Instant) string {
	if at == 0 {
		return "-"
	}
	return at.Time().UTC().Format(time.DateTime)
}

// inUTC is a time for a sentence.
func inUTC(at models.Instant) string { return moment(at) + " UTC" }
