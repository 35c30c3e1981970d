package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"countersign/audit/tree"
	"countersign/handlers/witness"
	"countersign/models"
)

const (
	witnessInterval = 5 * time.Second // between two questions to a witness that answers
	witnessPause    = 5 * time.Minute // at most, to one that does not
)

// witnessSettings are a witness that is asked, and where.
type witnessSettings struct {
	key tree.Verifier
	url string
}

// witnesses reads --witness VKEY=URL.
func (f *ServeFlags) witnesses(c *checks) (list []witnessSettings) {
	for _, value := range f.Witness {
		line, address, ok := c.pair("witness", value, "Write it like witness.example/w1+abcd1234+key=https://witness.example")
		if !ok {
			continue
		}
		key, err := tree.ParseVerifier(line)
		prefix, bad := url.Parse(address)
		switch {
		case err != nil || !key.IsWitness():
			c.refuse("witness", fmt.Sprintf("%q is not the key of a witness", line), "Give it as the witness prints it: name+hash+key")
		case bad != nil || prefix.Host == "" || prefix.RawQuery != "" || prefix.Fragment != "" || prefix.User != nil ||
			!isSecure(prefix):
			c.refuse("witness", fmt.Sprintf("%q is not the address of a witness", address),
				"Write it like https://witness.example; http is for this machine only")
		case slices.ContainsFunc(list, func(other witnessSettings) bool { return other.key.ID() == key.ID() }):
			c.refuse("witness", key.ID()+" is there twice", "Keep one of them")
		default:
			list = append(list, witnessSettings{key, strings.TrimRight(address, "/")})
		}
	}
	if len(list) > models.MaxWitnesses {
		c.refuse("witness", "there are too many", fmt.Sprintf("Give %d at most", models.MaxWitnesses))
	}
	return list
}

// keysOf are the witnesses' keys.
func keysOf(list []witnessSettings) (keys []tree.Verifier) {
	for _, one := range list {
		keys = append(keys, one.key)
	}
	return keys
}

// askWitness has one witness cosign what is new, until the context ends. It holds up nothing else.
func askWitness(env *Environment, store *models.Store, settings witnessSettings, log *slog.Logger) {
	client := witness.NewClient(settings.key, settings.url)
	defer client.Close()
	tell := witnessLog{Logger: log.With("witness", settings.key.ID())}
	pause := witnessInterval
	for env.Wait(env.Context, pause) == nil {
		err := cosign(env.Context, store, client)
		if env.Context.Err() != nil {
			return
		}
		if pause = min(2*pause, witnessPause); err == nil {
			pause = witnessInterval
		}
		tell.problem(env.Now(), err)
	}
}

// forkError says that a witness has seen another log than this one.
type forkError struct{ found string }

func (e *forkError) Error() string { return e.found }

// cosign asks a witness for what is due; a witness that has seen another log is an alert. Error: *forkError among others.
func cosign(ctx context.Context, store *models.Store, client *witness.Client) error {
	due, err := store.CosignatureDue(ctx, client.Key)
	if errors.Is(err, models.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	signed, err := add(ctx, store, client, due)
	conflict, is := errors.AsType[*witness.ConflictError](err)
	if is && conflict.Size != due.Old && conflict.Size <= due.Head.Size {
		due.Old = conflict.Size
		signed, err = add(ctx, store, client, due)
	}
	if err == nil {
		return store.AddCosignature(ctx, due.Head, signed)
	}
	if err = forked(ctx, store, err, due); err == nil {
		return nil
	}
	if _, is := errors.AsType[*forkError](err); is {
		return errors.Join(err, store.RaiseFork(ctx, client.Key, due.Head.Size))
	}
	return err
}

// add proves that the newest checkpoint continues what the witness has cosigned.
func add(ctx context.Context, store *models.Store, client *witness.Client, due models.CosignatureDue) (tree.Signed, error) {
	path, err := store.ConsistencyProof(ctx, due.Head, due.Old)
	if err != nil {
		return tree.Signed{}, err
	}
	return client.Add(ctx, tree.AddCheckpoint{Old: due.Old, Path: path, Checkpoint: due.Head.Note})
}

// forked makes a *forkError of what shows another log; nil of what shows only that another process was faster. A checkpoint is in the
// database before a witness hears of it.
func forked(ctx context.Context, store *models.Store, err error, due models.CosignatureDue) error {
	conflict, is := errors.AsType[*witness.ConflictError](err)
	refused, other := errors.AsType[*witness.RefusedError](err)
	switch {
	case is && conflict.Size > due.Head.Size:
		now, err := store.NewestHead(ctx)
		if err == nil && now.Size < conflict.Size {
			err = &forkError{fmt.Sprintf("the witness has cosigned %d entries of this log, and there are %d", conflict.Size, now.Size)}
		}
		return err
	case is && conflict.Size == due.Head.Size && due.Old == due.Head.Size: // tlog-witness: the sizes agree, and the roots do not
		return &forkError{fmt.Sprintf("the witness has cosigned another tree of %d entries", conflict.Size)}
	case is && conflict.Size > due.Old:
		return nil
	case other && refused.Status == http.StatusUnprocessableEntity:
		return &forkError{fmt.Sprintf("the %d entries that the witness has cosigned are not the first of these %d", due.Old, due.Head.Size)}
	}
	return err
}

// witnessLog tells how a witness answers.
type witnessLog struct {
	*slog.Logger
	kind string    // of what is wrong; "" when nothing is
	told time.Time // when that was told last
}

// problem tells what is wrong when it begins, once an hour while it goes on, and when it is over.
func (l *witnessLog) problem(now time.Time, err error) {
	kind, next, level := witnessProblem(err)
	switch {
	case kind == "" && l.kind != "":
		l.Info("the witness cosigns again")
	case kind != "" && (kind != l.kind || now.Sub(l.told).Abs() >= sequenceReminder):
		l.Log(context.Background(), level, "the witness did not cosign", "error", err, "next", next)
		l.told = now
	}
	l.kind = kind
}

// witnessProblem is what kind of error it is, so that another number in its text is nothing new, and what to do about it.
func witnessProblem(err error) (kind, next string, level slog.Level) {
	_, fork := errors.AsType[*forkError](err)
	_, log := errors.AsType[*models.LogRefusedError](err)
	refused, is := errors.AsType[*witness.RefusedError](err)
	switch {
	case err == nil:
		return "", "", slog.LevelInfo
	case fork:
		return "fork", "find out which history is true: when a backup was restored, docs/decisions/0046-merkle-log.md says what follows; " +
			"otherwise countersign audit verify --checkpoint with what the witness kept", slog.LevelError
	case log:
		return "log", "countersign audit verify names what was changed", slog.LevelError
	case is && refused.Status == http.StatusNotFound:
		return "unknown", "ask whoever runs the witness to add a line of /log/keys", slog.LevelWarn
	case is && refused.Status == http.StatusForbidden:
		return "key", "ask whoever runs the witness to add the newest lines of /log/keys", slog.LevelWarn
	}
	return "silent", "it is asked again within five minutes", slog.LevelWarn
}
