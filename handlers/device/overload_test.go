package device_test

import (
	"net/http"
	"testing"
	"time"

	"countersign/handlers/gate"
	"countersign/handlers/handlerstest"
	"countersign/handlers/web"
	"countersign/oauth"
)

// docs/protocol.md §6 overloaded-phones: a client whose keys are at an address that does not answer keeps no place at work
// while it waits, neither as it polls nor as it registers.
func TestWaitingForKeysTakesNoPlace(t *testing.T) {
	host := startKeyHost(t)
	key := handlerstest.NewKey()
	host.holds(key)
	gates := web.GatesOf(map[web.Class]gate.Size{web.Polls: {AtWork: 1}, web.Phones: {AtWork: 1}})
	s := trustingWith(t, host, handlerstest.Config{More: func(c *web.Config) { c.Gates = gates }})
	slow := s.PhoneOf(s.Register(at(host.URL+"/slow")).Succeeded(t, http.StatusCreated), key)
	quick := s.Phone()
	codes := quick.Ask(nil)
	s.Clock.Advance(2 * time.Minute) // an address is not asked again at once

	arrived, answer := make(chan bool), make(chan bool)
	host.answers(func(w http.ResponseWriter, _ *http.Request) {
		arrived <- true
		<-answer
		w.WriteHeader(http.StatusNotFound)
	})
	slow.Key = handlerstest.NewKey() // so that the address is asked
	answers := make(chan handlerstest.Answer)
	go func() { answers <- slow.Poll("x") }()
	<-arrived
	go func() { answers <- s.Register(at(host.URL + "/another")) }()
	<-arrived
	refused(t, quick.Poll(codes.DeviceCode), oauth.ErrAuthorizationPending)
	quick.Ask(nil)
	close(answer)
	for range 2 {
		if got := (<-answers).Status; got != http.StatusUnauthorized && got != http.StatusBadRequest {
			t.Errorf("without a key: %d", got)
		}
	}
	s.Clock.Advance(time.Minute)
	refused(t, quick.Poll(codes.DeviceCode), oauth.ErrAuthorizationPending) // no place was lost
	quick.Ask(nil)
}

// A page that waits for its decision keeps no place at work.
func TestStreamsTakeNoPlace(t *testing.T) {
	gates := web.GatesOf(map[web.Class]gate.Size{web.Phones: {AtWork: 1}})
	s := handlerstest.Start(t, handlerstest.Config{More: func(c *web.Config) { c.Gates = gates }})
	phone := s.Phone()
	codes := phone.Ask(nil)
	first, second := listen(t, phone, "", codes.DeviceCode), listen(t, phone, "", codes.DeviceCode)
	phone.Ask(nil)
	s.Approve(t, codes.UserCode)
	first.decided(t)
	second.decided(t)
	phone.Poll(codes.DeviceCode).Succeeded(t, http.StatusOK)
}
