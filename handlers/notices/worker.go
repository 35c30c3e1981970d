package notices

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"countersign/models"
	"countersign/views"

	"golang.org/x/text/language"
)

const (
	pause         = 5 * time.Second // between two looks for what is due
	remindPause   = 5 * time.Minute // between two looks for deadlines
	sendersAtOnce = 4               // in this process: one receiver that hangs does not stop the others

	// sendTimeout ends an attempt; it is well within the lease of a notice, so that no
	// other worker takes it while this one is still at it.
	sendTimeout = 30 * time.Second
)

// Channel sends a message, or says in a *Failure why not.
type Channel interface {
	Send(ctx context.Context, message Message) error
}

// Failure is an attempt that did not work. Why is for the log: it holds no address of a
// person and nothing that a mail server said.
type Failure struct {
	Why   string
	Final bool // no further attempt will work either

	Unreachable bool // nobody can be told by the channel now: it is left alone for the rest of the round
}

func (f *Failure) Error() string { return f.Why }

// Config is what a Worker needs; every field but About and Alerts is required.
type Config struct {
	Store    *models.Store
	Words    *views.Words
	About    About        // may be empty
	Language language.Tag // of notices to an account that has none of its own, or one that there is no file of
	Channels map[models.Channel]Channel
	Alerts   map[models.Channel]AlertChannel // to supervisors; may be empty
	Log      *slog.Logger
	Wait     func(context.Context, time.Duration) error
}

// About is who sends the notices: what stands at the end of each. Every field may be "".
type About struct{ Name, Telephone, Privacy string }

// Worker sends notices. Several processes may each run one.
type Worker struct{ Config }

// NewWorker makes a worker.
func NewWorker(config Config) *Worker { return &Worker{config} }

// Run sends what is due and reminds of deadlines until the context ends. Then it finishes
// the attempts that are under way, and returns.
func (w *Worker) Run(ctx context.Context) {
	var both sync.WaitGroup
	both.Go(func() {
		w.repeat(ctx, remindPause, w.Store.RemindOfDeadlines, never)
	})
	for channel := range w.Alerts {
		both.Go(func() {
			w.repeat(ctx, pause, func(ctx context.Context) error { return w.sendAlerts(ctx, channel) }, w.Store.NoticeWritten)
		})
	}
	for i := range sendersAtOnce {
		both.Go(func() {
			w.repeat(ctx, pause, func(ctx context.Context) error { return w.sendAll(ctx, w.next(i)) }, w.Store.NoticeWritten)
		})
	}
	both.Wait()
}

// repeat does the work again and again: after a pause, or as soon as the channel of wake is closed.
func (w *Worker) repeat(ctx context.Context, pause time.Duration, work func(context.Context) error, wake func() <-chan struct{}) {
	for {
		woken := wake()
		if err := work(ctx); err != nil && !errors.Is(err, context.Canceled) && !w.Store.MetOutage(ctx, err) {
			w.Log.ErrorContext(ctx, "notices: the database failed", "error", err)
		}
		if w.rest(ctx, pause, woken) != nil {
			return
		}
	}
}

// never wakes nobody.
func never() <-chan struct{} { return nil }

// rest waits for the pause to end or the channel to close. Error: the context's.
func (w *Worker) rest(ctx context.Context, pause time.Duration, woken <-chan struct{}) error {
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		select {
		case <-woken:
			stop()
		case <-waiting.Done():
		}
	}()
	if err := w.Wait(waiting, pause); err != nil && ctx.Err() != nil {
		return err
	}
	return ctx.Err()
}

// next returns where a sender finds its work. The first waits for what happened to accounts and nothing else, so that such a
// notice has a sender at once, however slowly the mails of all others are taken.
func (w *Worker) next(sender int) nextNotice {
	if sender == 0 {
		return w.Store.NextSecurityNotice
	}
	return w.Store.NextNotice
}

type nextNotice func(ctx context.Context, except ...models.Channel) (models.DueNotice, bool, error)

// Round sends what is due now.
func (w *Worker) Round(ctx context.Context) error {
	var senders sync.WaitGroup
	errs := make([]error, sendersAtOnce+len(models.Channels()))
	for i, channel := range models.Channels() {
		if w.Alerts[channel] != nil {
			senders.Go(func() { errs[sendersAtOnce+i] = w.sendAlerts(ctx, channel) })
		}
	}
	for i := range sendersAtOnce {
		senders.Go(func() { errs[i] = w.sendAll(ctx, w.next(i)) })
	}
	senders.Wait()
	return errors.Join(errs...)
}

// sendAll sends until nothing is due. A channel that cannot be reached is tried once: while a mail server is down for days,
// each of a million notices would otherwise be tried, and put off for hours, again and again.
func (w *Worker) sendAll(ctx context.Context, next nextNotice) error {
	var down []models.Channel
	for ctx.Err() == nil {
		due, ok, err := next(ctx, down...)
		if err != nil || !ok {
			return err
		}
		reached, err := w.send(context.WithoutCancel(ctx), due)
		if err != nil {
			return err
		}
		if !reached {
			down = append(down, due.Channel)
		}
	}
	return nil
}

// send makes one attempt and writes down what became of it. false: the channel cannot be reached.
func (w *Worker) send(ctx context.Context, due models.DueNotice) (reached bool, err error) {
	failed := w.attempt(ctx, due)
	attributes := []slog.Attr{
		slog.String("notice", due.ID), slog.String("occasion", string(due.Occasion)),
		slog.String("channel", string(due.Channel)), slog.Int("attempt", due.Attempts),
	}
	if failed == nil {
		w.Log.LogAttrs(ctx, slog.LevelInfo, "notice sent", attributes...)
		return true, w.Store.SentNotice(ctx, due.Notice)
	}
	failure := failureOf(failed)
	attributes = append(attributes, slog.String("why", failure.Why), slog.Bool("final", failure.Final))
	w.Log.LogAttrs(ctx, slog.LevelWarn, "notice not sent", attributes...)
	return !failure.Unreachable, w.Store.FailedNotice(ctx, due.Notice, failure.Final)
}

func failureOf(failed error) *Failure {
	if failure, ok := errors.AsType[*Failure](failed); ok {
		return failure
	}
	return &Failure{Why: failed.Error()}
}

func (w *Worker) attempt(ctx context.Context, due models.DueNotice) error {
	channel, ok := w.Channels[due.Channel]
	if !ok { // another process of this server is set up for it
		return &Failure{Why: "this process is not set up for the channel"}
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	message, err := w.compose(ctx, due)
	if err != nil {
		return err
	}
	return channel.Send(ctx, message)
}
