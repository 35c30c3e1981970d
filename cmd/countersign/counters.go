package main

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"countersign/models"
)

// CountersCmd sets up counters, changes and closes them.
type CountersCmd struct {
	Add    CountersAddCmd    `cmd:"" help:"Set up a counter."`
	List   CountersListCmd   `cmd:"" help:"List the counters, those that are closed as well, and which are open now."`
	Change CountersChangeCmd `cmd:"" help:"Change a counter: what is not named stays. It counts from the next step of each visit on."`
	Close  CountersCloseCmd  `cmd:"" help:"Take a counter out of use. Staff who work there lose it at once, and cannot decide there what they are handling."`
	Reopen CountersReopenCmd `cmd:"" help:"Put a closed counter into use again."`
}

// CountersAddCmd is countersign counters add.
type CountersAddCmd struct {
	StoreFlags
	Name     string   `help:"What staff and people call it, for example \"Town hall\"." env:"COUNTERSIGN_COUNTER_NAME"`
	Address  string   `help:"Where people find it." env:"COUNTERSIGN_COUNTER_ADDRESS"`
	Hours    string   `help:"When it is open: in words, or like \"Mo-Fr 09:00-12:00,13:00-17:00; Sa 10:00-14:00; 2026 Dec 25 off\", from which pages say whether it is open now." env:"COUNTERSIGN_COUNTER_HOURS"`
	TimeZone string   `help:"Its time zone, for example Europe/Lisbon." env:"COUNTERSIGN_COUNTER_TIME_ZONE"`
	Network  []string `help:"Networks it may be used from; without any, from anywhere." placeholder:"NETWORK" env:"COUNTERSIGN_COUNTER_NETWORK"`

	settings storeSettings `kong:"-"`
}

// Check is part of checker.
func (a *CountersAddCmd) Check(c *checks) {
	a.settings = a.check(c)
	for _, wrong := range models.CheckCounter(a.counter()) {
		c.counter(wrong)
	}
}

func (a *CountersAddCmd) counter() models.NewCounter {
	return models.NewCounter{Name: a.Name, Address: a.Address, Hours: a.Hours, TimeZone: a.TimeZone, Networks: a.Network}
}

// counter words what models found wrong with a counter, as the console does in its way.
func (c *checks) counter(wrong models.CounterProblem) {
	field := map[string]struct{ flag, what, todo string }{
		models.CounterName: {"name", "is longer than 128 characters or has invisible ones",
			"Say what staff and people call it, such as \"Town hall\""},
		models.CounterAddress: {"address", "is longer than 200 characters or has invisible ones", "Say where people find it"},
		models.CounterHours: {"hours", "is no opening hours, is longer than 200 characters or has invisible ones",
			"Say when it is open, in words or like \"Mo-Fr 09:00-12:00,13:00-17:00; 2026 Dec 25 off\""},
		models.CounterTimeZone: {"time-zone", "is not a time zone", "Give a name such as Europe/Lisbon"},
		models.CounterNetworks: {"network", "is not a network",
			"Write it like 192.0.2.0/24 or 2001:db8::/32, with nothing after the network's own bits"},
	}[wrong.Field]
	switch {
	case wrong.Value != "":
		c.refuse(field.flag, fmt.Sprintf("%q %s", wrong.Value, field.what), field.todo)
	case wrong.Field == models.CounterNetworks:
		c.refuse(field.flag, fmt.Sprintf("there are more than %d", models.MaxCounterNetworks), "Join them to larger networks")
	default:
		c.given(field.flag, "", field.todo)
	}
}

// Run prints the new counter's identifier.
func (a *CountersAddCmd) Run(env *Environment) error {
	return withStore(env, a.settings, func(store *models.Store) error {
		counter, err := store.AddCounter(env.Context, a.counter())
		if errors.Is(err, models.ErrExists) {
			return fmt.Errorf("a counter called %q is there already", a.Name)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.Stdout, "added counter %s %q\n", counter.ID, counter.Name)
		return err
	})
}

// CountersListCmd is countersign counters list.
type CountersListCmd struct {
	StoreFlags
	settings storeSettings `kong:"-"`
}

// Check is part of checker.
func (l *CountersListCmd) Check(c *checks) { l.settings = l.check(c) }

// Run prints a table.
func (l *CountersListCmd) Run(env *Environment) error {
	return withStore(env, l.settings, func(store *models.Store) error {
		counters, err := store.AllCounters(env.Context)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(table, "ID\tNAME\tSTATE\tADDRESS\tHOURS\tTIME ZONE\tNETWORKS")
		for _, c := range counters {
			_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", c.ID, c.Name, counterState(c, store.Now()), c.Address, c.Hours,
				c.TimeZone, orAnywhere(c.Networks))
		}
		return table.Flush()
	})
}

// counterState says whether a counter is in use, and where its hours are data whether it is open at the moment.
func counterState(c models.Counter, moment time.Time) string {
	if c.ClosedAt != 0 {
		return "closed"
	}
	hours, ok := c.OpeningHours()
	if !ok {
		return "in use"
	}
	if _, open, _ := hours.At(moment, c.Location()); open {
		return "in use, open now"
	}
	return "in use, closed now"
}

func orAnywhere(networks string) string {
	if networks == "" {
		return "anywhere"
	}
	return networks
}
