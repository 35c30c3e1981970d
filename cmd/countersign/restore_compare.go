package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sort"

	"countersign/models"
)

// nothingThere refuses to restore over a database, and says which of the two is newer.
func (r *RestoreCmd) nothingThere(env *Environment) error {
	for _, beside := range []string{"-wal", "-shm", "-journal"} {
		if _, err := os.Lstat(r.target()); err == nil {
			break
		}
		if _, err := os.Lstat(r.target() + beside); err == nil {
			return fmt.Errorf("%s%s belongs to another database, which was moved away without it, and would spoil this one.\n"+
				"Next: move it to where that database is now", r.target(), beside)
		}
	}
	if _, err := os.Lstat(r.target()); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	there, err := r.compare(env)
	if err != nil {
		there = fmt.Sprintf("It cannot be compared with the backup: %v", err)
	}
	return fmt.Errorf("there is a database %s, and nothing is restored over it.\n%s\n"+
		"Next: to restore all the same, stop the server and move %s away, together with the files -wal and -shm beside it",
		r.target(), there, r.target())
}

// compare says how the database that is there and the backup belong together.
func (r *RestoreCmd) compare(env *Environment) (string, error) {
	there, err := openDatabase(env, r.settings.database, quietLog(env))
	if err != nil {
		return "", err
	}
	backup, err := models.ConnectCopy(env.Context, r.File, quietLog(env))
	if err != nil {
		return "", errors.Join(err, there.Close())
	}
	text, err := compared(env.Context, there, backup)
	return text, errors.Join(err, there.Close(), backup.Close())
}

func compared(ctx context.Context, there, backup *models.Database) (string, error) {
	is, err := there.Head(ctx)
	if err != nil {
		return "", err
	}
	was, err := backup.Head(ctx)
	if err != nil {
		return "", err
	}
	same, err := sameEntries(ctx, there, backup, min(is.Entries, was.Entries))
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("there:  %s\nbackup: %s\n", headText(is), headText(was))
	switch onlyThere, onlyBackup := is.Entries-same, was.Entries-same; {
	case onlyThere == 0 && onlyBackup == 0:
		return text + "Both have the same entries.", nil
	case onlyBackup == 0:
		return text + fmt.Sprintf("The one that is there is newer: %d entries since %s would be lost.", onlyThere, momentText(was.Newest)), nil
	case onlyThere == 0:
		return text + fmt.Sprintf("The backup is newer: it has %d entries since %s that are not there.", onlyBackup, momentText(is.Newest)), nil
	default:
		return text + fmt.Sprintf("Neither continues the other: they have %d entries in common. After those %d are only there, which "+
			"would be lost, and %d only in the backup.", same, onlyThere, onlyBackup), nil
	}
}

// sameEntries is how many entries, from the first, two databases have in common: of two that were once the same, and went on apart,
// no later entry is the same.
func sameEntries(ctx context.Context, one, other *models.Database, most int64) (int64, error) {
	var failed error
	same := sort.Search(int(most), func(i int) bool {
		a, err := one.EntryAt(ctx, int64(i)+1)
		b, otherErr := other.EntryAt(ctx, int64(i)+1)
		if err = errors.Join(err, otherErr); err != nil {
			failed = err
		}
		return !bytes.Equal(a.Bytes(), b.Bytes())
	})
	return int64(same), failed
}
