package models

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strconv"
	"time"
)

// keptLogSize is how many bytes of SQLite's write-ahead log stay when it begins anew: four times what it grows to before its pages
// are written to their places (checkpointBytes). It grows beyond that while somebody reads for long, as a backup does.
const keptLogSize = 64 << 20

// logWait is how long cutting the log off waits for whoever reads: meanwhile nobody else writes.
const logWait = 100 * time.Millisecond

// shrinkLog gives back the disk that SQLite's write-ahead log has taken, once it has grown beyond keptLogSize. It runs beside the
// writer: most of the log is written to its place while others write. Then, for the little that is left, they wait for it, and it
// waits logWait for readers. When somebody still reads what is only in the log, that is for the next time.
func (d *Database) shrinkLog(ctx context.Context) (err error) {
	if d.dialect != "sqlite" {
		return nil
	}
	info, err := os.Stat(d.file + "-wal")
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() <= keptLogSize {
		return nil
	}
	if err != nil {
		return err
	}
	connection, err := d.readConnection(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, connection.Close()) }()
	var wait int64
	if err := connection.QueryRowContext(ctx, "PRAGMA busy_timeout").Scan(&wait); err != nil {
		return d.unavailable(err)
	}
	for _, statement := range []string{
		"PRAGMA wal_checkpoint(PASSIVE)", busyTimeout(logWait.Milliseconds()), "PRAGMA wal_checkpoint(TRUNCATE)",
	} {
		if _, failed := connection.ExecContext(ctx, statement); failed != nil {
			err = d.unavailable(failed)
			break
		}
	}
	_, reset := connection.ExecContext(context.WithoutCancel(ctx), busyTimeout(wait)) // others read on this connection next
	return errors.Join(err, d.unavailable(reset))
}

func busyTimeout(milliseconds int64) string {
	return "PRAGMA busy_timeout = " + strconv.FormatInt(milliseconds, 10)
}
