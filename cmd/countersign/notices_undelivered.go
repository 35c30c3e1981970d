package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"text/tabwriter"

	"countersign/audit/term"
	"countersign/models"
)

// undeliveredFlags choose a group.
type undeliveredFlags struct {
	Way   string `help:"Only those by this way: mail or webhook." env:"COUNTERSIGN_NOTICES_WAY"`
	Cause string `help:"Only those of this cause: refused, address, late, unsure (perhaps sent) or unknown." env:"COUNTERSIGN_NOTICES_CAUSE"`
}

// check refuses half a choice, and words that there are not. needed says that there must be one.
func (f *undeliveredFlags) check(c *checks, needed bool) models.UndeliveredChoice {
	choice := models.UndeliveredChoice{Channel: models.Channel(f.Way), Cause: term.Undelivered(f.Cause)}
	if f.Way == "" && f.Cause == "" && !needed {
		return choice
	}
	if !slices.Contains(models.Channels(), choice.Channel) {
		c.refuse("way", fmt.Sprintf("%q is no way of notices", f.Way), "Give mail or webhook, with a cause, as countersign notices list has them")
	}
	if !slices.Contains(term.Undelivereds(), choice.Cause) {
		c.refuse("cause", fmt.Sprintf("%q is no cause", f.Cause),
			"Give refused, address, late, unsure or unknown, with a way, as countersign notices list has them")
	}
	return choice
}

// NoticesListCmd is countersign notices list.
type NoticesListCmd struct {
	StoreFlags
	undeliveredFlags `embed:""`

	settings storeSettings            `kong:"-"`
	choice   models.UndeliveredChoice `kong:"-"`
}

// Check is part of checker.
func (l *NoticesListCmd) Check(c *checks) {
	l.settings, l.choice = l.StoreFlags.check(c), l.undeliveredFlags.check(c, false)
}

// Run prints a table.
func (l *NoticesListCmd) Run(env *Environment) error {
	return withStore(env, l.settings, func(store *models.Store) error {
		if l.choice == (models.UndeliveredChoice{}) {
			return listUndeliveredGroups(env, store)
		}
		return listUndelivered(env, store, l.choice)
	})
}

func listUndeliveredGroups(env *Environment, store *models.Store) error {
	groups, err := store.UndeliveredGroups(env.Context)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "WAY\tCAUSE\tNUMBER\tSINCE\tMEANS")
	for _, g := range groups {
		count := fmt.Sprint(g.Count)
		if g.Count >= models.MeasuredTo {
			count += " or more"
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", g.Channel, g.Cause, count, moment(g.Since), g.Cause.Label())
	}
	return table.Flush()
}

func listUndelivered(env *Environment, store *models.Store, choice models.UndeliveredChoice) error {
	const most = 1000
	table := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "NOTICE\tABOUT\tGIVEN UP\tATTEMPTS\tACCOUNT\tLAST ANSWER")
	next := &models.UndeliveredPlace{}
	for listed := 0; next != nil && listed < most; {
		page, after, err := store.UndeliveredNotices(env.Context, choice.Channel, choice.Cause, *next)
		if err != nil {
			return err
		}
		for _, n := range page {
			account := "-"
			if n.AccountID != nil {
				account = *n.AccountID
			}
			_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\t%s\n", n.ID, n.Occasion, moment(n.DoneAt), n.Attempts,
				account, n.Answer)
		}
		listed, next = listed+len(page), after
	}
	return table.Flush()
}

// undeliveredAct is what resend and set-aside have in common.
type undeliveredAct struct {
	StoreFlags
	undeliveredFlags `embed:""`
	Notice           string `arg:"" optional:"" help:"One notice, as countersign notices list has it."`

	settings storeSettings            `kong:"-"`
	choice   models.UndeliveredChoice `kong:"-"`
}

// Check is part of checker.
func (a *undeliveredAct) Check(c *checks) {
	a.settings = a.StoreFlags.check(c)
	if a.Notice != "" && (a.Way != "" || a.Cause != "") {
		c.refuse("way", "a notice is named as well", "Name the notice, or give way and cause")
	}
	if a.choice.ID = a.Notice; a.Notice == "" {
		a.choice = a.undeliveredFlags.check(c, true)
	}
}

type actOnUndelivered func(*models.Store, context.Context, string, models.UndeliveredChoice) (models.UndeliveredOutcome, error)

// run acts until nothing is left of what was given up when it began, and prints what it came to. What is refused again meanwhile
// waits: or there would be no end.
func (a *undeliveredAct) run(env *Environment, channels []models.Channel, act actOnUndelivered) error {
	return withStoreBy(env, a.settings, models.Policy{NoticeChannels: channels}, func(store *models.Store) error {
		a.choice.Until = models.At(store.Now())
		total, err := a.total(env, store)
		if err != nil {
			return err
		}
		meter := meterOf(env)
		defer meter.end()
		var all models.UndeliveredOutcome
		ctx := models.Telling(env.Context, func(what string, done, _ int64) { meter.tell(int64(all.Again+all.Aside)+done, total, what) })
		for {
			part, err := act(store, ctx, "", a.choice)
			if errors.Is(err, models.ErrNotFound) {
				return fmt.Errorf("there is no notice with this identifier that was given up.\nNext: countersign notices list")
			}
			if down, is := errors.AsType[*models.ChannelNotSetUpError](err); is {
				return notSetUp(down.Channel)
			}
			all.Again, all.Aside = all.Again+part.Again, all.Aside+part.Aside
			if err == nil && part.Left {
				continue
			}
			if err == nil {
				meter.full()
			}
			meter.end()
			_, printed := fmt.Fprintf(env.Stdout, "sent again: %d, put aside: %d\n", all.Again, all.Aside)
			return errors.Join(err, printed)
		}
	})
}

// total is how many are meant, 0 where they are too many to count.
func (a *undeliveredAct) total(env *Environment, store *models.Store) (int64, error) {
	if a.choice.ID != "" {
		return 1, nil
	}
	groups, err := store.UndeliveredGroups(env.Context)
	for _, g := range groups {
		if g.Channel == a.choice.Channel && g.Cause == a.choice.Cause && g.Count < models.MeasuredTo {
			return int64(g.Count), err
		}
	}
	return 0, err
}

// notSetUp says why nothing is sent again.
func notSetUp(channel models.Channel) error {
	flag := map[models.Channel]string{models.ChannelMail: "--smtp-address", models.ChannelWebhook: "--notice-webhook"}[channel]
	return fmt.Errorf("no notice is sent by %s: it is not set up. Nothing was sent again, and the notices stay where they are.\n"+
		"Next: set it up and give %s as to serve, or countersign notices set-aside", channel, flag)
}

// NoticesResendCmd is countersign notices resend.
type NoticesResendCmd struct {
	undeliveredAct `embed:""`
	SMTPAddress    string `name:"smtp-address" help:"Mail server that takes notices, as to serve: without it nothing is sent again by mail." placeholder:"HOST:PORT"`
	NoticeWebhook  string `help:"Address of your own that takes notices, as to serve: without it nothing is sent again by webhook." placeholder:"URL"`
}

// Run makes them due: a running server sends them, by what it is set up for.
func (r *NoticesResendCmd) Run(env *Environment) error {
	var channels []models.Channel
	if r.SMTPAddress != "" {
		channels = append(channels, models.ChannelMail)
	}
	if r.NoticeWebhook != "" {
		channels = append(channels, models.ChannelWebhook)
	}
	return r.run(env, channels, (*models.Store).ResendNotices)
}

// NoticesSetAsideCmd is countersign notices set-aside.
type NoticesSetAsideCmd struct {
	undeliveredAct `embed:""`
}

// Run puts them aside.
func (s *NoticesSetAsideCmd) Run(env *Environment) error {
	return s.run(env, models.Channels(), (*models.Store).SetAsideNotices)
}
