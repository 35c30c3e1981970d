package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// settingCopied is the setting of a database that is no longer the site: a SQLite database that was copied, or a copy that was given up.
const settingCopied = "copied"

// CopiedMark says where a site has gone.
type CopiedMark struct {
	To      string  `json:"to"` // the copy, as CopyReport names it
	At      Instant `json:"at"`
	Entries int64   `json:"entries"`            // of the trail, at that time
	GivenUp bool    `json:"given_up,omitempty"` // on the copy: the site went back to where it came from
}

// CopiedError says that a database is no longer the site: two of them would each go on with the same keys and another history.
type CopiedError struct{ CopiedMark }

func (e *CopiedError) Error() string {
	at := e.At.Time().UTC().Format(time.DateTime + " UTC")
	if e.GivenUp {
		return fmt.Sprintf("this copy was given up at %s: the SQLite database that it came from is the site again", at)
	}
	return fmt.Sprintf("this database was copied to PostgreSQL (%s) at %s, with %d entries of the trail: that one is the site now", e.To, at, e.Entries)
}

// ErrNotCopied says that there is nothing to take back.
var ErrNotCopied = errors.New("this database was not copied to PostgreSQL, or the copy was taken back already")

// ErrCopyInUse says that a server was at work on the copy a moment ago.
var ErrCopyInUse = errors.New("a server has the copy open, or was ended within the last 90 seconds")

// OtherCopyError says that an address names another database than the copy.
type OtherCopyError struct {
	Named, Copy string // as CopyReport names them
}

func (e *OtherCopyError) Error() string {
	return fmt.Sprintf("this database was copied to %s, and %s is another one", e.Copy, e.Named)
}

// CheckCopied returns a *CopiedError for a database that is no longer the site.
func (d *Database) CheckCopied(ctx context.Context) error {
	mark, err := d.copied(ctx)
	if err == nil && mark != nil {
		err = &CopiedError{*mark}
	}
	return err
}

// copied reads the mark; nil where there is none.
func (d *Database) copied(ctx context.Context) (*CopiedMark, error) {
	var values []string
	err := d.read.WithContext(ctx).Model(&Setting{}).Where("name = ?", settingCopied).Pluck("value", &values).Error
	if err != nil || len(values) == 0 {
		return nil, err
	}
	mark := &CopiedMark{}
	if err := json.Unmarshal([]byte(values[0]), mark); err != nil {
		return nil, fmt.Errorf("the setting %q cannot be read: %w", settingCopied, err)
	}
	return mark, nil
}

func (d *Database) mark(ctx context.Context, mark CopiedMark) error {
	value, err := json.Marshal(mark)
	if err != nil {
		return err
	}
	return d.write.WithContext(ctx).Exec(`INSERT INTO settings (name, value) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, settingCopied, string(value)).Error
}

func (d *Database) unmark(ctx context.Context) error {
	return d.write.WithContext(ctx).Exec("DELETE FROM settings WHERE name = ?", settingCopied).Error
}

// TakingBack is how a site goes back to the SQLite database that it was copied from.
type TakingBack struct {
	Address    string // of the copy; "" with AcceptLoss, where there is none any more
	AcceptLoss bool   // also where the copy has gone on: what was written there is lost
	Now        func() time.Time
	Log        *slog.Logger
	Compared   func(done, all int64) // hears of rows; may be nil
}

// TakeBack makes a SQLite database that was copied the site again, as long as nothing was written to the copy: each table is
// compared. The copy is given up before, so that no store opens it any more; where it was never committed there is nothing to give
// up. The database was opened by ConnectAlone. Errors: ErrNotCopied, *OtherCopyError, ErrCopyInUse, *CopyDiffersError, *UnavailableError.
func (d *Database) TakeBack(ctx context.Context, back TakingBack) (err error) {
	mark, err := d.copied(ctx)
	if err != nil {
		return err
	}
	if mark == nil {
		return ErrNotCopied
	}
	if back.Address != "" {
		if err := d.giveUp(ctx, back, *mark); err != nil {
			return err
		}
	}
	return d.unmark(ctx)
}

// giveUp marks the copy, after it was compared.
func (d *Database) giveUp(ctx context.Context, back TakingBack, mark CopiedMark) (err error) {
	target, err := openTarget(ctx, back.Address, back.Log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.close()) }()
	if target.name != mark.To {
		return &OtherCopyError{Named: target.name, Copy: mark.To}
	}
	if err := target.sameSchema(ctx); err != nil {
		return err
	}
	tables, err := d.copiedTables(ctx)
	if err != nil {
		return err
	}
	if tables, err = target.fit(ctx, tables); err != nil {
		return err
	}
	if err := target.begin(ctx, tables); err != nil {
		return err
	}
	err = target.isEmpty(ctx, tables)
	if _, full := errors.AsType[*TargetInUseError](err); !full {
		return err // nil: nothing was ever committed there
	}
	running, err := target.list(ctx, "SELECT process FROM readiness WHERE probed_at > $1 LIMIT 1", At(back.Now()).Add(-probeGoodFor))
	if err != nil {
		return err
	}
	if len(running) > 0 {
		return ErrCopyInUse
	}
	if !back.AcceptLoss {
		if err := d.sameAs(ctx, target, tables, back.Compared); err != nil {
			return err
		}
	}
	mark.At, mark.GivenUp = At(back.Now()), true
	value, err := json.Marshal(mark)
	if err != nil {
		return err
	}
	if _, err := target.tx.Exec(ctx, `INSERT INTO settings (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, settingCopied, string(value)); err != nil {
		return unavailable(err, "")
	}
	return unavailable(target.tx.Commit(ctx), "")
}

// sameAs compares each table with its copy.
func (d *Database) sameAs(ctx context.Context, target *copyTarget, tables []copiedTable, told func(done, all int64)) error {
	var all int64
	for _, table := range tables {
		count, err := d.countRows(ctx, table)
		if err != nil {
			return err
		}
		all += count
	}
	progress := newRowProgress(told, all)
	for _, table := range tables {
		here, err := d.digest(ctx, table)
		if err != nil {
			return err
		}
		there, err := target.digest(ctx, table, progress)
		if err != nil {
			return err
		}
		if here != there {
			return &CopyDiffersError{table.name, here.rows, there.rows}
		}
	}
	return nil
}
