package notices

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"countersign/models"
)

// How many messages of a lane are under way at a time, in this process.
const (
	noticesAtOnce  = 4
	securityAtOnce = 2
	alertsAtOnce   = 2
)

// lane is what one channel sends of one kind, a few at a time. What hangs in a lane holds up no other lane, and of its own as
// many as there are slots.
type lane struct {
	take  func(context.Context) (sending, error) // nil: nothing is due
	slots chan struct{}

	down     atomic.Bool // the channel could not be reached since the last look began
	underWay sync.WaitGroup
}

// sending makes one attempt and writes down what became of it. false: the channel cannot be reached.
type sending func(context.Context) (reached bool, err error)

// lanes are those of this process: for each channel one that waits for nothing but what happened to accounts, one of all notices,
// and one of alerts.
func (w *Worker) lanes() (all []*lane) {
	add := func(slots int, take func(context.Context) (sending, error)) {
		all = append(all, &lane{take: take, slots: make(chan struct{}, slots)})
	}
	for _, channel := range models.Channels() {
		if w.Channels[channel] != nil {
			add(securityAtOnce, w.noticesOf(channel, w.Store.NextSecurityNotice))
			add(noticesAtOnce, w.noticesOf(channel, w.Store.NextNotice))
		}
		if w.Alerts[channel] != nil {
			add(alertsAtOnce, w.alertsOf(channel))
		}
	}
	return all
}

// look begins to send what is due, until nothing is or the channel cannot be reached. It waits for a slot, and for no message. So a
// channel that is down is tried a few times at each look: while a mail server is down for days, each of a million notices would
// otherwise be tried, and put off for hours, again and again.
//
// Attempts end with the second context. What the database cannot write down is told to fault, by several goroutines.
func (w *Worker) look(ctx, attempts context.Context, l *lane, fault func(error)) error {
	l.down.Store(false)
	for {
		select {
		case l.slots <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		send, err := sending(nil), error(nil)
		if ctx.Err() == nil && !l.down.Load() {
			send, err = l.take(ctx)
		}
		if send == nil {
			<-l.slots
			return err
		}
		l.underWay.Go(func() {
			defer func() { <-l.slots }()
			reached, err := send(attempts)
			if !reached {
				l.down.Store(true)
			}
			if err != nil {
				fault(err)
			}
		})
	}
}

// Round sends what is due now.
func (w *Worker) Round(ctx context.Context) error {
	var all sync.WaitGroup
	var mutex sync.Mutex // guards errs
	var errs []error
	fault := func(err error) {
		mutex.Lock()
		defer mutex.Unlock()
		errs = append(errs, err)
	}
	for _, lane := range w.lanes() {
		all.Go(func() {
			if err := w.look(ctx, context.WithoutCancel(ctx), lane, fault); err != nil {
				fault(err)
			}
			lane.underWay.Wait()
		})
	}
	all.Wait()
	return errors.Join(errs...)
}
