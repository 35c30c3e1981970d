package main

import (
	"errors"
	"fmt"
	"math"
	"text/tabwriter"

	"countersign/models"
)

// StaffCmd is what an administrator does with sessions of staff while nobody can sign in to the console.
type StaffCmd struct {
	List        StaffListCmd        `cmd:"" help:"List who of the staff has signed in, by name, and how many sessions each has open, those that nobody uses any more among them. Times are UTC."`
	EndSessions StaffEndSessionsCmd `cmd:"" help:"Sign somebody of the staff out everywhere, or everybody. It counts at once, in each server."`
}

// StaffListCmd is countersign staff list.
type StaffListCmd struct {
	StoreFlags
	settings storeSettings `kong:"-"`
}

// Check is part of checker.
func (l *StaffListCmd) Check(c *checks) { l.settings = l.check(c) }

// staffTogether is how many are read at a time.
const staffTogether = 500

// Run prints a table. How long a session may rest is a setting of the server: here each is open until its time is over.
func (l *StaffListCmd) Run(env *Environment) error {
	return withStoreBy(env, l.settings, models.Policy{SessionIdle: math.MaxInt64 / 4}, func(store *models.Store) error {
		table := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(table, "STAFF\tNAME\tSUBJECT\tROLES\tSESSIONS\tLAST SEEN")
		for after := (models.StaffCursor{}); ; {
			page, err := store.StaffSeen(env.Context, after, staffTogether)
			if err != nil {
				return err
			}
			for _, one := range page {
				_, _ = fmt.Fprintf(table, "%s\t%q\t%q\t%s\t%d\t%s\n", one.ID, one.Name, one.Subject, rolesText(one.Roles), len(one.Sessions),
					moment(one.LastSeen))
			}
			if len(page) < staffTogether {
				return table.Flush()
			}
			after = models.StaffCursor{Name: page[len(page)-1].Name, ID: page[len(page)-1].ID}
		}
	})
}

// StaffEndSessionsCmd is countersign staff end-sessions.
type StaffEndSessionsCmd struct {
	StoreFlags
	Staff string `arg:"" optional:"" help:"Whose: the identifier or the name in the trail, or the subject that the provider has for them."`
	All   bool   `help:"Everybody's." env:"COUNTERSIGN_STAFF_ALL"`
	Yes   bool   `help:"Sign everybody out. Without this the command only says how many sessions would end."`

	settings storeSettings `kong:"-"`
}

// Check is part of checker.
func (e *StaffEndSessionsCmd) Check(c *checks) {
	e.settings = e.check(c)
	if e.All == (e.Staff != "") {
		c.refuse("all", "it is not clear whose sessions are to end", "Name one of the staff, or give --all")
	}
}

// Run says how many ended. Where the provider is down nobody comes back in, so that ending all is asked for twice.
func (e *StaffEndSessionsCmd) Run(env *Environment) error {
	return withStore(env, e.settings, func(store *models.Store) error {
		staff, who := models.Staff{}, "all staff"
		if !e.All {
			var err error
			if staff, err = e.find(env, store); err != nil {
				return err
			}
			who = fmt.Sprintf("staff %s %q", staff.ID, staff.Name)
		} else if !e.Yes {
			return e.told(env, store)
		}
		ended, err := store.EndSessionsByCommand(env.Context, staff.ID)
		if ended > 0 || err == nil {
			_, _ = fmt.Fprintf(env.Stdout, "ended %s of %s\n", sessionsText(ended), who)
		}
		return err
	})
}

func (e *StaffEndSessionsCmd) told(env *Environment, store *models.Store) error {
	open, err := store.OpenSessions(env.Context)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Stdout, `%s of all staff would end
What operators are handling is to be matched and checked again. Nobody comes back in while the OpenID Provider is down.
Next: the same command with --yes
`, sessionsText(open))
	return err
}

func sessionsText(count int) string {
	if count == 1 {
		return "1 session"
	}
	return fmt.Sprintf("%d sessions", count)
}

// find finds the one who is meant, or says who may be.
func (e *StaffEndSessionsCmd) find(env *Environment, store *models.Store) (models.Staff, error) {
	found, near, err := store.FindStaff(env.Context, e.Staff)
	switch {
	case err != nil:
		return models.Staff{}, err
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return models.Staff{}, fmt.Errorf("several of the staff are called %q:%s\nNext: give the identifier of one", e.Staff, staffLines(found))
	case len(near) > 0:
		return models.Staff{}, fmt.Errorf("nobody of the staff is called %q. Near it are:%s\nNext: give the identifier of one", e.Staff,
			staffLines(near))
	}
	return models.Staff{}, errors.New("nobody of the staff is called that.\nNext: countersign staff list")
}

func staffLines(list []models.Staff) (lines string) {
	for _, one := range list {
		lines += fmt.Sprintf("\n  %s %q, subject %q at %s", one.ID, one.Name, one.Subject, one.Issuer)
	}
	return lines
}

func rolesText(roles []models.Role) (text string) {
	for i, role := range roles {
		if i > 0 {
			text += ", "
		}
		text += string(role)
	}
	return text
}
