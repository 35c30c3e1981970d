package notices

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"countersign/handlers/traces"
	"countersign/models"
	"countersign/views"

	"golang.org/x/text/language"
)

const (
	pause       = 5 * time.Second // between two looks for what is due
	remindPause = 5 * time.Minute // between two looks for deadlines

	// drain is how long attempts may go on after the end of the process began: as long as requests may.
	drain = 15 * time.Second

	// claimMargin is between the end of an attempt and that of its claim: the clock of another process may be ahead.
	claimMargin = 5 * time.Minute

	webhookAttempt = 30 * time.Second

	// writeTries are for what became of an attempt. While the database is away nobody knows that a message was sent, and it would
	// be sent again.
	writeTries = 24
)

// errEnding ends attempts with the process.
var errEnding = errors.New("the server ends")

// Channel sends a message, or says in a *Failure why not.
type Channel interface {
	Send(ctx context.Context, message Message) error
}

// Failure is an attempt that did not work. Why is for the log: it holds no address of a
// person and nothing that a mail server said.
type Failure struct {
	Why   string
	Final bool // no further attempt will work either

	Address     bool // the contact is no address that the channel can use
	Unsure      bool // the message was sent whole, and no answer came
	Unreachable bool // nobody can be told by the channel now: it is left alone until the next look
}

func (f *Failure) Error() string { return f.Why }

// Config is what a Worker needs; every field but About, Alerts and Traces is required.
type Config struct {
	Store    *models.Store
	Words    *views.Words
	About    About        // may be empty
	Language language.Tag // of notices to an account that has none of its own, or one that there is no file of
	Channels map[models.Channel]Channel
	Alerts   map[models.Channel]AlertChannel // to supervisors; may be empty
	Traces   *traces.Traces                  // how long attempts take; nil: nobody is told
	Log      *slog.Logger
	Wait     func(context.Context, time.Duration) error
}

// About is who sends the notices: what stands at the end of each. Every field may be "".
type About struct{ Name, Telephone, Privacy string }

// Worker sends notices. Several processes may each run one.
type Worker struct{ Config }

// NewWorker makes a worker.
func NewWorker(config Config) *Worker { return &Worker{config} }

// Run sends what is due and reminds of deadlines until the context ends. Then it lets the attempts that are under way finish, for
// drain at most, and returns. What was not sent then is due again at once, for another process.
func (w *Worker) Run(ctx context.Context) {
	attempts, end := context.WithCancelCause(context.WithoutCancel(ctx))
	defer end(nil)
	defer context.AfterFunc(ctx, func() {
		if w.Wait(attempts, drain) == nil {
			end(errEnding)
		}
	})()
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { w.repeat(ctx, remindPause, w.Store.RemindOfDeadlines, never) })
	for _, lane := range w.lanes() {
		all.Go(func() {
			w.repeat(ctx, pause, func(ctx context.Context) error {
				return w.look(ctx, attempts, lane, func(err error) { w.tellFault(ctx, err) })
			}, w.Store.NoticeWritten)
			lane.underWay.Wait()
		})
	}
}

// repeat does the work again and again: after a pause, or as soon as the channel of wake is closed.
func (w *Worker) repeat(ctx context.Context, pause time.Duration, work func(context.Context) error, wake func() <-chan struct{}) {
	for {
		woken := wake()
		if err := work(ctx); err != nil {
			w.tellFault(ctx, err)
		}
		if w.rest(ctx, pause, woken) != nil {
			return
		}
	}
}

func (w *Worker) tellFault(ctx context.Context, err error) {
	if !errors.Is(err, context.Canceled) && !w.Store.MetOutage(ctx, err) {
		w.Log.ErrorContext(ctx, "notices: the database failed", "error", err)
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

type nextNotice func(context.Context, ...models.Channel) (models.DueNotice, bool, error)

// noticesOf takes notices of one channel.
func (w *Worker) noticesOf(channel models.Channel, next nextNotice) func(context.Context) (sending, error) {
	return func(ctx context.Context) (sending, error) {
		due, ok, err := next(ctx, channel)
		if err != nil || !ok {
			return nil, err
		}
		return func(ctx context.Context) (bool, error) { return w.send(ctx, due) }, nil
	}
}

// send makes one attempt and writes down what became of it. false: the channel cannot be reached.
func (w *Worker) send(ctx context.Context, due models.DueNotice) (reached bool, err error) {
	failure := w.attempt(ctx, due.Channel, func(ctx context.Context) error {
		message, err := w.compose(ctx, due)
		if err != nil {
			return err
		}
		return w.Channels[due.Channel].Send(ctx, message)
	})
	log := w.Log.With("notice", due.ID, "occasion", string(due.Occasion), "channel", string(due.Channel), "attempt", due.Attempts)
	switch {
	case failure == nil:
		log.InfoContext(ctx, "notice sent")
		return true, w.writeDown(ctx, func(ctx context.Context) error { return w.Store.SentNotice(ctx, due.Notice) })
	case failure.ended:
		log.InfoContext(ctx, "notice given back: the server ends")
		return true, w.writeDown(ctx, func(ctx context.Context) error { return w.Store.ReturnNotice(ctx, due.Notice) })
	}
	log.WarnContext(ctx, "notice not sent", "why", failure.Why, "final", failure.Final, "perhaps_sent", failure.Unsure)
	return !failure.Unreachable, w.writeDown(ctx, func(ctx context.Context) error {
		cause, givenUp, err := w.Store.FailedNotice(ctx, due.Notice, failure.attempt())
		if givenUp {
			log.WarnContext(ctx, "notice given up", "cause", string(cause), "next", "see /admin/notices")
		}
		return err
	})
}

// attempt sends, well within the claim. nil: sent.
func (w *Worker) attempt(ctx context.Context, channel models.Channel, send func(context.Context) error) (failed *failedAttempt) {
	ctx, end := w.Traces.Ask(ctx, traces.Asked{Span: "send by " + string(channel)})
	defer func() { end(0, failed.word()) }()
	within := webhookAttempt
	if channel == models.ChannelMail {
		within = models.ClaimOf(channel) - claimMargin
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	err := send(ctx)
	if err == nil {
		return nil
	}
	failed = &failedAttempt{Failure: Failure{Why: err.Error()}, answer: "the message could not be made"}
	if failure, ok := errors.AsType[*Failure](err); ok {
		failed.Failure, failed.answer = *failure, failure.Why
	}
	failed.ended = errors.Is(context.Cause(ctx), errEnding) && !failed.Unsure
	return failed
}

// failedAttempt is a Failure as this package knows it.
type failedAttempt struct {
	Failure
	answer string // what administrators are shown
	ended  bool   // with the process: nothing failed
}

// word says what kind of failure it is, "" for none.
func (f *failedAttempt) word() string {
	switch {
	case f == nil:
		return ""
	case f.ended:
		return "ended"
	case f.Unreachable:
		return "unreachable"
	case f.Unsure:
		return "unsure"
	case f.Final:
		return "refused"
	}
	return "failed"
}

func (f *failedAttempt) attempt() models.FailedAttempt {
	return models.FailedAttempt{Answer: f.answer, Address: f.Address, Refused: f.Final && !f.Address, Unsure: f.Unsure}
}

// writeDown writes what became of an attempt: as soon as it can, when the database is away, until attempts have to end.
func (w *Worker) writeDown(attempts context.Context, write func(context.Context) error) error {
	for tries := 1; ; tries++ {
		err := write(context.WithoutCancel(attempts))
		if _, away := errors.AsType[*models.UnavailableError](err); !away || tries == writeTries || w.Wait(attempts, pause) != nil {
			return err
		}
	}
}
