package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"countersign/models"
	"countersign/models/keys"
)

// openDatabase connects without making a database that is not there: a mistyped
// path must not look like an empty system.
func openDatabase(env *Environment, address string, log *slog.Logger) (*models.Database, error) {
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("there is no database %s.\nNext: correct --database, or make it with: countersign migrate up", path)
		}
	}
	return models.Connect(env.Context, address, log)
}

// openStore opens database and keys. The caller closes the store.
func openStore(env *Environment, s storeSettings, policy models.Policy, log *slog.Logger) (*models.Store, error) {
	database, err := openDatabase(env, s.database, log)
	if err != nil {
		return nil, err
	}
	store, err := models.Open(env.Context, database, models.Config{
		Issuer: s.issuer, Now: env.Now, Rand: env.Rand, MasterKey: s.masterKey, Policy: policy,
	})
	if err != nil {
		return nil, errors.Join(withNextStep(err), database.Close())
	}
	return store, nil
}

// withNextStep adds what to do about the errors that a person can mend.
func withNextStep(err error) error {
	switch {
	case errors.Is(err, models.ErrOtherIssuer):
		return fmt.Errorf("%w.\nNext: correct --issuer or --database", err)
	case errors.Is(err, models.ErrSchemaBehind):
		return fmt.Errorf("%w.\nNext: countersign migrate up", err)
	case outage(err) == models.Full, outage(err) == models.Failing:
		return fmt.Errorf("%w.\nNext: make room on the database's disk, or mend it", err)
	case outage(err) == models.ReadOnly, outage(err) == models.NotAllowed:
		return fmt.Errorf("%w.\nNext: let the server write: to the file and its folder, or as this role of the primary (countersign migrate grants)", err)
	case errors.Is(err, keys.ErrMasterKey):
		return fmt.Errorf("%w.\nNext: give the master key that this database was started with; nothing else opens it", err)
	}
	return err
}

// withStore runs work on an open store, for the commands that do one thing.
func withStore(env *Environment, s storeSettings, work func(*models.Store) error) error {
	store, err := openStore(env, s, models.Policy{NoticeChannels: models.Channels()}, quietLog(env))
	if err != nil {
		return err
	}
	return errors.Join(work(store), store.Close())
}

// quietLog is the log of commands that speak for themselves.
func quietLog(env *Environment) *slog.Logger {
	return slog.New(slog.NewTextHandler(env.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// outage returns "" for an error that is none of the database's outages.
func outage(err error) models.Outage {
	if e, is := errors.AsType[*models.UnavailableError](err); is {
		return e.Outage
	}
	return ""
}
