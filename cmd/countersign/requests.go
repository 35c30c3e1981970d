package main

import (
	"errors"
	"fmt"
	"text/tabwriter"

	"countersign/models"
)

// RequestsCmd shows an administrator device authorizations while nobody can sign in to the console.
type RequestsCmd struct {
	List RequestsListCmd `cmd:"" help:"List the requests of an account, as its page does: what waits, and what ended in the last 14 days, of each app three of both at most. Times are UTC. That it was looked at stands in the trail."`
	Show RequestsShowCmd `cmd:"" help:"Show a request: what became of it, when and by whom, and what its device is told now, and why. Never a code. That it was looked at stands in the trail."`
}

// RequestsListCmd is countersign requests list.
type RequestsListCmd struct {
	StoreFlags
	Account string `arg:"" help:"The account's identifier in the trail, or one of the identifiers that people know."`

	settings storeSettings `kong:"-"`
}

// Check is part of checker.
func (l *RequestsListCmd) Check(c *checks) { l.settings = l.check(c) }

// Run prints a table.
func (l *RequestsListCmd) Run(env *Environment) error {
	return withStore(env, l.settings, func(store *models.Store) error {
		found, err := openedAccount(env, store, l.Account)
		if err != nil {
			return err
		}
		account, err := store.Account(env.Context, found.ID)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(table, "REQUEST\tSTATE\tAPP\tCLIENT ID\tASKED\tUNTIL")
		for _, r := range account.Requests {
			_, _ = fmt.Fprintf(table, "%s\t%s\t%q\t%s\t%s\t%s\n", r.ID, r.Phase, r.ClientName, r.ClientID, moment(r.CreatedAt),
				moment(r.Deadline()))
		}
		if err := table.Flush(); err != nil {
			return err
		}
		return toldBelow(env, notShownText(account.NotShown), account.Account, "no code is taken for it")
	})
}

// notShownText says how many requests wait beyond those of the list.
func notShownText(count int) string {
	switch {
	case count == 0:
		return ""
	case count > models.NotShownCounted:
		return fmt.Sprintf("and more than %d more that wait\n", models.NotShownCounted)
	}
	return fmt.Sprintf("and %d more that wait\n", count)
}

// toldBelow says below a list what is not in it, and what of it does not count while its account is not active.
func toldBelow(env *Environment, more string, account models.Account, then string) error {
	if account.Status != models.AccountActive {
		more += fmt.Sprintf("the account is %s: %s\n", account.Status, then)
	}
	_, err := fmt.Fprint(env.Stdout, more)
	return err
}

// RequestsShowCmd is countersign requests show.
type RequestsShowCmd struct {
	StoreFlags
	Request string `arg:"" help:"Its identifier, as the trail, pages' addresses and the server's log have it, or that of its binding."`

	settings storeSettings `kong:"-"`
}

// Check is part of checker.
func (s *RequestsShowCmd) Check(c *checks) { s.settings = s.check(c) }

// Run prints a line for each thing that is known.
func (s *RequestsShowCmd) Run(env *Environment) error {
	return withStore(env, s.settings, func(store *models.Store) error {
		request, err := store.ShowRequestByCommand(env.Context, s.Request)
		if errors.Is(err, models.ErrNotFound) {
			return fmt.Errorf("there is no request %q.\nNext: give the identifier that the trail has. The reference of a page of trouble is "+
				"none: it is request_id in the server's log, whose line has the page's path. "+
				"Those of an account are listed by: countersign requests list ACCOUNT", s.Request)
		}
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
		for _, line := range requestLines(request) {
			if line.text != "" {
				_, _ = fmt.Fprintf(table, "%s\t%s\n", line.name, line.text)
			}
		}
		return table.Flush()
	})
}

// namedLine is a thing that is known, "" for nothing.
type namedLine struct{ name, text string }

// requestLines tell a request from its beginning to what its device is told now.
func requestLines(r models.ShownRequest) []namedLine {
	lines := []namedLine{
		{"request", r.ID},
		{"state", string(r.Phase)},
		{"account", "none: it named no account that is here"},
		{"client", fmt.Sprintf("%s (%s), calls itself %q", r.ClientID, r.ClientStatus, r.ClientName)},
		{"asked", inUTC(r.CreatedAt)},
		{"to be decided", "until " + inUTC(r.PendingUntil)},
	}
	if r.AccountID != nil {
		lines[2].text = *r.AccountID + " (" + r.AccountStatus + ")"
	}
	if r.Phase.Claimed() {
		lines = append(lines, namedLine{"handled", fmt.Sprintf("by %q at %q until %s", r.ClaimStaff, r.ClaimCounter, inUTC(r.ClaimUntil))})
	}
	if r.DecidedAt != 0 {
		lines = append(lines, namedLine{"decided", decidedText(r)})
	}
	if r.RedeemUntil != 0 {
		lines = append(lines, namedLine{"to be collected", "until " + inUTC(r.RedeemUntil)})
	}
	if r.RedeemedAt != 0 {
		lines = append(lines, namedLine{"collected", inUTC(r.RedeemedAt)})
	}
	if b := r.Binding; b.ID != "" {
		text := b.ID
		if b.RevokedAt != 0 {
			text += ", ended " + inUTC(b.RevokedAt) + ": " + b.RevokeReason
		}
		lines = append(lines, namedLine{"binding", text})
	}
	answer, why := toldPhone(r)
	return append(lines, namedLine{"device is told", answer + ": " + why})
}

// decidedText says when it was decided, by whom and where, and why if it was not approved.
func decidedText(r models.ShownRequest) string {
	text := inUTC(r.DecidedAt)
	if r.DecidedStaff != "" {
		text += fmt.Sprintf(" by %q", r.DecidedStaff)
	}
	if r.DecidedCounter != "" {
		text += fmt.Sprintf(" at %q", r.DecidedCounter)
	}
	if r.DeclineReason != "" {
		text += ": " + r.DeclineReason
	}
	return text
}
