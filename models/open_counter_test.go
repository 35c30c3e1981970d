package models_test

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"countersign/models"
	"countersign/models/modelstest"
)

// docs/protocol.md §6 untold-address: an address that cannot be told is in no counter's network, not even in one that
// holds every address; a counter without networks opens from anywhere.
func TestCounterOpensFromNoUntoldAddress(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	operator := env.SignIn(t, "op", []models.Role{models.Operator}, "op@harbour.example")
	for _, c := range []struct {
		networks []string
		want     error
	}{
		{[]string{"127.0.0.0/8"}, models.ErrCounterNetwork},
		{[]string{"0.0.0.0/0", "::/0"}, models.ErrCounterNetwork},
		{nil, nil},
	} {
		counter, err := env.AddCounter(env.Context,
			models.NewCounter{Name: "Counter " + env.Clock.Now().String(), TimeZone: "UTC", Networks: c.networks})
		if err != nil {
			t.Fatal(err)
		}
		env.Clock.Advance(time.Second)
		if err := env.OpenCounter(env.Context, operator, counter.ID, netip.Addr{}); !errors.Is(err, c.want) {
			t.Errorf("networks %v: %v, want %v", c.networks, err, c.want)
		}
	}
}
