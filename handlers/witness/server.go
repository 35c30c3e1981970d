package witness

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"countersign/audit/tree"
)

// Config is what a Witness needs. All of it is required.
type Config struct {
	Key   tree.Cosigner
	Logs  []tree.Verifier // keys of the logs that it knows: their names are the origins
	State *State
	Now   func() time.Time
	Log   *slog.Logger
}

// Witness answers requests to add a checkpoint (tlog-witness, "add-checkpoint"). Safe for use by several goroutines.
type Witness struct {
	Config
	slots chan struct{} // an element for each request that is answered
	mu    sync.Mutex    // held from looking at what was cosigned to keeping the next
}

// New makes a witness.
func New(config Config) *Witness { return &Witness{Config: config, slots: make(chan struct{}, atOnce)} }

// atOnce is how many requests are answered at a time; more are sent away.
const atOnce = 64

// refusal is an answer other than 200.
type refusal struct {
	status int
	size   int64  // of what was cosigned, with 409
	reason string // for the witness's own log
}

func (r *refusal) Error() string { return fmt.Sprintf("%d: %s", r.status, r.reason) }

// ServeHTTP answers POST /add-checkpoint. There is no other path.
func (w *Witness) ServeHTTP(answer http.ResponseWriter, request *http.Request) {
	if request.URL.Path != tree.PathAddCheckpoint {
		http.NotFound(answer, request)
		return
	}
	if request.Method != http.MethodPost {
		answer.Header().Set("Allow", http.MethodPost)
		http.Error(answer, "use POST", http.StatusMethodNotAllowed)
		return
	}
	select {
	case w.slots <- struct{}{}:
		defer func() { <-w.slots }()
	default:
		answer.Header().Set("Retry-After", "5")
		http.Error(answer, "busy", http.StatusServiceUnavailable)
		return
	}
	w.answer(answer, request)
}

func (w *Witness) answer(answer http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(answer, request.Body, tree.MaxAddCheckpoint))
	if _, long := errors.AsType[*http.MaxBytesError](err); long {
		http.Error(answer, "too long", http.StatusRequestEntityTooLarge)
		return
	}
	if err != nil {
		http.Error(answer, "not read", http.StatusBadRequest)
		return
	}
	line, err := w.add(body)
	if err != nil {
		w.refuse(answer, request, err)
		return
	}
	answer.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(answer, line)
}

// refuse answers with an error. What may be a fork is told in the witness's log, with what was asked.
func (w *Witness) refuse(answer http.ResponseWriter, request *http.Request, err error) {
	refused, is := errors.AsType[*refusal](err)
	switch {
	case !is:
		w.Log.ErrorContext(request.Context(), "not cosigned: the state cannot be kept", "error", err)
		http.Error(answer, "out of order", http.StatusInternalServerError)
	case refused.status == http.StatusConflict:
		w.Log.InfoContext(request.Context(), "not cosigned", "status", refused.status, "reason", refused.reason)
		answer.Header().Set("Content-Type", tree.SizeMediaType)
		answer.WriteHeader(refused.status)
		_, _ = fmt.Fprintf(answer, "%d\n", refused.size)
	default:
		w.Log.InfoContext(request.Context(), "not cosigned", "status", refused.status, "reason", refused.reason)
		http.Error(answer, http.StatusText(refused.status), refused.status)
	}
}

// add is one request: the line of the cosignature, or a *refusal.
func (w *Witness) add(body []byte) (string, error) {
	asked, err := tree.ParseAddCheckpoint(body)
	if err != nil {
		return "", &refusal{status: http.StatusBadRequest, reason: err.Error()}
	}
	c, err := w.open(asked.Checkpoint)
	if err != nil {
		return "", err
	}
	if asked.Old > c.Size {
		return "", &refusal{status: http.StatusBadRequest, reason: "the old size is beyond the checkpoint's"}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	last, err := w.State.last(c.Origin)
	if err == nil {
		err = w.continues(asked, c, last)
	}
	if err != nil {
		return "", err
	}
	if c.Size > last.Size {
		err = w.State.keep(c.Origin, asked.Checkpoint)
	} else {
		err = w.State.settle()
	}
	if err != nil {
		return "", err
	}
	return w.Key.Cosign(tree.Body(asked.Checkpoint), w.Now()).Line(w.Key.Name()), nil
}

// open reads a checkpoint of a known log, signed by one of its known keys.
func (w *Witness) open(note []byte) (tree.Checkpoint, error) {
	said, err := tree.Unsigned(note)
	if err != nil {
		return said, &refusal{status: http.StatusBadRequest, reason: err.Error()}
	}
	var known []tree.Verifier
	for _, key := range w.Logs {
		if key.Name() == said.Origin {
			known = append(known, key)
		}
	}
	if len(known) == 0 {
		return said, &refusal{status: http.StatusNotFound, reason: "a log that is not known here"}
	}
	c, err := tree.Open(note, said.Origin, tree.KeysOf(known))
	if err != nil {
		return c, &refusal{status: http.StatusForbidden, reason: "not signed by a known key of " + said.Origin}
	}
	return c, nil
}

// continues refuses what does not continue the newest checkpoint that was cosigned.
func (w *Witness) continues(asked tree.AddCheckpoint, c, last tree.Checkpoint) error {
	switch {
	case asked.Old != last.Size:
		return &refusal{http.StatusConflict, last.Size,
			fmt.Sprintf("%s: the old size is %d, and %d was cosigned", c.Origin, asked.Old, last.Size)}
	case c.Size == last.Size && c.Size > 0 && c.Root != last.Root:
		w.fork(asked, last)
		return &refusal{http.StatusConflict, last.Size, fmt.Sprintf("%s: two trees of %d entries", c.Origin, c.Size)}
	case c.Size == 0 && c.Root != new(tree.Edge).Root():
		return &refusal{status: http.StatusUnprocessableEntity, reason: c.Origin + ": no root of the empty tree"}
	case asked.Old == 0 && len(asked.Path) > 0:
		return &refusal{status: http.StatusUnprocessableEntity, reason: c.Origin + ": a proof from nothing"}
	case tree.CheckConsistency(asked.Path, c, last) != nil:
		w.fork(asked, last)
		return &refusal{status: http.StatusUnprocessableEntity,
			reason: fmt.Sprintf("%s: %d entries do not continue the %d that were cosigned", c.Origin, c.Size, last.Size)}
	}
	return nil
}

// fork keeps what was asked in the log: with the key's signature it may prove that the log has two histories.
func (w *Witness) fork(asked tree.AddCheckpoint, last tree.Checkpoint) {
	w.Log.Error("a log does not continue what was cosigned", "cosigned", last.Text(), "asked", string(asked.Text()))
}
