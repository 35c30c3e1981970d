package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"syscall"

	"countersign/models"
	"countersign/models/keys"
)

// missingFile is the file of a SQLite database, and whether it is not there.
func missingFile(address string) (path string, missing bool) {
	path, ok := strings.CutPrefix(address, "sqlite:")
	if !ok {
		return "", false
	}
	_, err := os.Stat(path)
	return path, errors.Is(err, fs.ErrNotExist)
}

// folderTakesFiles tries that a file can be made in a folder, and leaves none.
func folderTakesFiles(folder string) error {
	err := tryFile(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return noFolder(folder, err)
	}
	return err
}

// tryFile makes a file in a folder, and removes it.
func tryFile(folder string) error {
	file, err := os.CreateTemp(folder, ".countersign-*")
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// openDatabase connects without making a database that is not there: a mistyped
// path must not look like an empty system.
func openDatabase(env *Environment, address string, log *slog.Logger) (*models.Database, error) {
	if path, missing := missingFile(address); missing {
		return nil, fmt.Errorf("there is no database %s.\nNext: correct --database, or make it with: countersign migrate up", path)
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
		Issuer: s.issuer, Now: env.Now, Rand: env.Rand, MasterKey: s.masterKey, Policy: policy, Version: versionText(),
	})
	if err != nil {
		return nil, errors.Join(err, database.Close())
	}
	return store, nil
}

// withNextStep adds what to do about the errors that a person can mend. Every command's error
// goes through it.
func withNextStep(err error) error {
	next := ""
	_, forged := errors.AsType[*models.InauthenticKeysError](err)
	copied, isCopied := errors.AsType[*models.CopiedError](err)
	switch {
	case err == nil || strings.Contains(err.Error(), "\nNext: "):
		return err
	case errors.Is(err, models.ErrOtherIssuer):
		next = "correct --issuer or --database"
	case errors.Is(err, models.ErrSchemaBehind):
		next = "countersign migrate up"
	case isCopied && copied.GivenUp:
		next = "start the server with the SQLite database; to copy it again, make an empty database"
	case isCopied:
		next = "start the server with the copy (--database); to go back, as long as nothing was written there: countersign copy --back"
	case errors.Is(err, models.ErrOtherMasterKey):
		next = "give the master key that this database was started with, or the one of the last keys reseal; keys list --master-key-file tells which fits"
	case errors.Is(err, keys.ErrMasterKey):
		next = "give the master key that this database was started with; nothing else opens it"
	case forged:
		next = "compare server_keys with a backup: put the rows back as they were, delete those that nobody of yours made, and find out who changed them"
	case errors.Is(err, fs.ErrPermission):
		next = "let this user read and write the file and its folder"
	case errors.Is(err, syscall.EISDIR):
		next = "name a file in that folder with --database"
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.ELOOP), errors.Is(err, syscall.ENAMETOOLONG):
		next = "correct this path: it leads to no file"
	case errors.Is(err, syscall.EROFS):
		next = "name a file in a folder that this user may write to"
	case errors.Is(err, models.ErrDatabaseAddress):
		next = "write it as postgres://user@host/name; in a password %25 stands for %, %2F for /, %40 for @"
	case errors.Is(err, syscall.ENOSPC):
		next = "make room on the database's disk"
	default:
		if next = nextAfterOutage(err); next == "" {
			return err
		}
	}
	return fmt.Errorf("%w.\nNext: %s", err, next)
}

// nextAfterOutage returns what to do about an outage of the database, "" for any other error.
func nextAfterOutage(err error) string {
	outage, is := errors.AsType[*models.UnavailableError](err)
	if !is {
		return ""
	}
	switch outage.Outage {
	case models.Busy:
		return "wait until the other program has done its work (a backup, another command), then try again"
	case models.Full, models.Failing:
		return "make room on the database's disk, or mend it"
	case models.ReadOnly, models.NotAllowed:
		return "let the server write: to the file and its folder, or as this role of the primary (countersign migrate grants)"
	case models.Damaged:
		return "stop the server and bring back a backup of the file"
	case models.NoDatabase:
		return "correct --database: it names a file of another kind"
	case models.TooOld:
		return "stop this program and start the one that changed the database, or a newer one; what goes back is in docs/operations.md, Roll back"
	case models.OldMasterKey:
		return "start this process anew with the new master key"
	case models.Unprepared:
		return "let PgBouncer keep prepared statements (max_prepared_statements, 1.21 or later), or add default_query_exec_mode=exec to the address"
	}
	if outage.File != "" {
		return "see that the folder is there, and let this user read and write it and the file"
	}
	return "see that the database runs and that --database is its address"
}

// withStore runs work on an open store, for the commands that do one thing.
func withStore(env *Environment, s storeSettings, work func(*models.Store) error) error {
	return withStoreBy(env, s, models.Policy{NoticeChannels: models.Channels()}, work)
}

// withStoreBy is withStore for a command that a setting of the server's policy matters to.
func withStoreBy(env *Environment, s storeSettings, policy models.Policy, work func(*models.Store) error) error {
	store, err := openStore(env, s, policy, quietLog(env))
	if err != nil {
		return err
	}
	return errors.Join(work(store), store.Close())
}

// quietLog is the log of commands that speak for themselves.
func quietLog(env *Environment) *slog.Logger {
	return slog.New(slog.NewTextHandler(env.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}
