package main

import (
	"errors"
	"fmt"
	"strings"

	"countersign/models"
)

// CountersChangeCmd is countersign counters change. Its variables are not those of adding: one
// that is left over from there would change a counter unasked.
type CountersChangeCmd struct {
	StoreFlags
	Counter  string   `arg:"" help:"Its identifier, as the list has it."`
	Name     *string  `help:"What staff and people call it." env:"COUNTERSIGN_COUNTER_CHANGE_NAME"`
	Address  *string  `help:"Where people find it." env:"COUNTERSIGN_COUNTER_CHANGE_ADDRESS"`
	Hours    *string  `help:"When it is open: in words, or as data like \"Mo-Fr 09:00-17:00; 2026 Dec 25 off\"." env:"COUNTERSIGN_COUNTER_CHANGE_HOURS"`
	TimeZone *string  `help:"Its time zone, for example Europe/Lisbon." env:"COUNTERSIGN_COUNTER_CHANGE_TIME_ZONE"`
	Network  []string `help:"Networks it may be used from, in place of those it has." placeholder:"NETWORK" env:"COUNTERSIGN_COUNTER_CHANGE_NETWORK"`
	Anywhere bool     `help:"Let it be used from anywhere, in place of the networks it has." env:"COUNTERSIGN_COUNTER_CHANGE_ANYWHERE"`

	settings storeSettings `kong:"-"`
}

// Check is part of checker. What is not named is not judged.
func (h *CountersChangeCmd) Check(c *checks) {
	h.settings = h.check(c)
	if h.Anywhere && len(h.Network) > 0 {
		c.refuse("anywhere", "there are networks too", "Give --network or --anywhere")
	}
	a := h.amendment()
	named := map[string]bool{
		models.CounterName: a.Name != nil, models.CounterAddress: a.Address != nil, models.CounterHours: a.Hours != nil,
		models.CounterTimeZone: a.TimeZone != nil, models.CounterNetworks: a.Networks != nil,
	}
	if a == (models.CounterAmendment{}) {
		c.refuse("name", "nothing is to be changed", "Give --name, --address, --hours, --time-zone, --network or --anywhere")
	}
	for _, wrong := range models.CheckCounter(a.Of(models.Counter{})) {
		if named[wrong.Field] {
			c.counter(wrong)
		}
	}
}

func (h *CountersChangeCmd) amendment() models.CounterAmendment {
	a := models.CounterAmendment{Name: h.Name, Address: h.Address, Hours: h.Hours, TimeZone: h.TimeZone}
	if h.Anywhere || len(h.Network) > 0 {
		a.Networks = &h.Network
	}
	return a
}

// Run prints what has changed.
func (h *CountersChangeCmd) Run(env *Environment) error {
	return withStore(env, h.settings, func(store *models.Store) error {
		counter, changes, err := store.AmendCounter(env.Context, h.Counter, h.amendment())
		switch {
		case errors.Is(err, models.ErrExists):
			return fmt.Errorf("a counter called %q is there already", *h.Name)
		case errors.Is(err, models.ErrNotFound):
			return noCounter(h.Counter)
		case err != nil:
			return err
		}
		what := strings.Join(changes, ", ")
		if what == "" {
			what = "nothing, it is so already"
		}
		_, err = fmt.Fprintf(env.Stdout, "changed of counter %s %q: %s\n", counter.ID, counter.Name, what)
		return err
	})
}

// CountersCloseCmd is countersign counters close.
type CountersCloseCmd struct {
	StoreFlags
	Counter string `arg:"" help:"Its identifier, as the list has it."`

	settings storeSettings `kong:"-"`
}

// Check is part of checker.
func (l *CountersCloseCmd) Check(c *checks) { l.settings = l.check(c) }

// Run prints what was done.
func (l *CountersCloseCmd) Run(env *Environment) error {
	return withStore(env, l.settings, func(store *models.Store) error {
		return toldCounter(env, store.CloseCounter(env.Context, "", l.Counter), l.Counter, "closed")
	})
}

// CountersReopenCmd is countersign counters reopen.
type CountersReopenCmd struct {
	StoreFlags
	Counter string `arg:"" help:"Its identifier, as the list has it."`

	settings storeSettings `kong:"-"`
}

// Check is part of checker.
func (o *CountersReopenCmd) Check(c *checks) { o.settings = o.check(c) }

// Run prints what was done.
func (o *CountersReopenCmd) Run(env *Environment) error {
	return withStore(env, o.settings, func(store *models.Store) error {
		return toldCounter(env, store.ReopenCounter(env.Context, "", o.Counter), o.Counter, "in use")
	})
}

func toldCounter(env *Environment, err error, id, state string) error {
	if errors.Is(err, models.ErrNotFound) {
		return noCounter(id)
	}
	if err == nil {
		_, err = fmt.Fprintf(env.Stdout, "counter %s is %s\n", id, state)
	}
	return err
}

func noCounter(id string) error {
	return fmt.Errorf("there is no counter %s.\nNext: countersign counters list", id)
}
