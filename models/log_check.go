package models

import (
	"bytes"
	"context"
	"fmt"

	"countersign/audit"
	"countersign/audit/tree"

	"gorm.io/gorm"
)

// LogCheck is what CheckLog is asked.
type LogCheck struct {
	Issuer   string
	Kept     []byte                // a checkpoint that somebody kept, as a signed note; none
	Since    bool                  // the kept checkpoint vouches for its entries: only those after it are read
	AtLeast  int64                 // entries that there were at least once; 0: nobody knows
	Progress func(done, all int64) // hears of each step but the last; may be nil
}

// LogReport is what CheckLog found.
type LogReport struct {
	Entries     int64          // that were hashed, from the first
	Size        int64          // of the newest checkpoint; 0: there is none yet
	Checkpoints int64          // that are the tree of their size, signed by a key of the log
	Since       int64          // the number up to which the kept checkpoint vouches for the entries; 0: for none
	Kept        int64          // the size of the kept checkpoint that this log continues; 0: none was given, or it does not
	First       *audit.Problem // the first entry that is not what was signed, as closely as it can be told
	Cosigned    []Cosigned     // what witnesses have cosigned last, by their keys as the database has them
	Wrong       []string       // what else is not as it was signed, a line each
}

// OK reports whether the log is what was signed.
func (r LogReport) OK() bool { return r.First == nil && len(r.Wrong) == 0 }

// CheckLog hashes the whole trail anew and holds tiles and checkpoints against it: each full tile, each checkpoint's root and
// signature, the checkpoint that somebody kept. With LogCheck.Since it goes on from that checkpoint, as far as the tiles are its tree
// (log_since.go). It stops at the first checkpoint that is not the tree of its size. The error is a
// fault, of the database or of what is asked: tree.ErrNotACheckpoint for a kept text that is none.
func (d *Database) CheckLog(ctx context.Context, check LogCheck) (LogReport, error) {
	c := logChecker{LogCheck: check, db: d.read.WithContext(ctx)}
	if err := c.prepare(ctx, d); err != nil {
		return LogReport{}, err
	}
	if err := c.since(); err != nil {
		return LogReport{}, err
	}
	if err := c.entries(); err != nil {
		return LogReport{}, err
	}
	if err := c.rest(); err != nil {
		return c.report, err
	}
	err := c.cosigned(ctx, d)
	return c.report, err
}

// logChecker lets the tree grow anew, entry by entry.
type logChecker struct {
	LogCheck
	db     *gorm.DB
	origin string
	keys   tree.Keys
	kept   *tree.Checkpoint
	newest int64 // size of the newest checkpoint
	all    int64 // entries

	edge     tree.Edge
	due      []logCheckpoint // the next checkpoints, by size
	good     int64           // the size up to which a checkpoint vouches
	unsigned []int64         // sizes of checkpoints that no key of the log has signed
	report   LogReport
}

func (c *logChecker) prepare(ctx context.Context, d *Database) (err error) {
	if c.origin, err = tree.Origin(c.Issuer); err != nil {
		return err
	}
	public, err := d.checkpointKeys(ctx)
	if err != nil {
		return err
	}
	if c.keys, err = tree.Verifiers(c.origin, public); err != nil {
		return err
	}
	if len(c.Kept) > 0 {
		if err := c.openKept(); err != nil {
			return err
		}
	}
	// The newest checkpoint is read before the number of entries, so that what is added meanwhile is no sign.
	var newest logCheckpoint
	if err := c.db.Raw(newestCheckpoint).Scan(&newest).Error; err != nil {
		return err
	}
	c.newest, c.report.Size = newest.Size, newest.Size
	if err := c.db.Raw("SELECT coalesce(max(seq), 0) FROM audit_events").Scan(&c.all).Error; err != nil {
		return err
	}
	return c.nextCheckpoints(0)
}

// openKept reads the checkpoint that somebody kept. One that no key of the log has signed is as wrong as another root.
func (c *logChecker) openKept() error {
	kept, err := tree.Open(c.Kept, c.origin, c.keys)
	if tree.IsUnsigned(err) {
		c.wrong("the kept checkpoint is not signed by a key of this log")
		return nil
	}
	if err != nil {
		return fmt.Errorf("kept checkpoint: %w", err)
	}
	c.kept = &kept
	return nil
}

func (c *logChecker) wrong(format string, args ...any) {
	c.report.Wrong = append(c.report.Wrong, fmt.Sprintf(format, args...))
}

// nextCheckpoints reads those after a size, up to the one that was the newest.
func (c *logChecker) nextCheckpoints(after int64) error {
	c.due = nil
	return c.db.Model(&logCheckpoint{}).Where("size > ? AND size <= ?", after, c.newest).Order("size").
		Limit(sequencedTogether).Find(&c.due).Error
}

// entries hashes them all, or those before the first that is bad.
func (c *logChecker) entries() error {
	for c.edge.Size() < c.all {
		var rows []audit.Entry
		err := c.db.Model(&audit.Entry{}).Select("seq, set_text, packed").Where("seq > ? AND seq <= ?", c.edge.Size(), c.all).Order("seq").
			Limit(sequencedTogether).Find(&rows).Error
		if err != nil {
			return fmt.Errorf("read audit events: %w", err)
		}
		for _, row := range rows {
			if row.Seq != c.edge.Size()+1 {
				return c.bad(c.edge.Size()+1, "missing")
			}
			if err := c.entry(row); err != nil || c.report.First != nil {
				return err
			}
		}
		if len(rows) == 0 {
			return c.bad(c.edge.Size()+1, "missing")
		}
		if c.Progress != nil && c.edge.Size() < c.all {
			c.Progress(c.edge.Size(), c.all)
		}
	}
	return nil
}

func (c *logChecker) bad(seq int64, reason string) error {
	c.report.First = &audit.Problem{Seq: seq, Reason: reason}
	return nil
}

// entry adds one, and looks at the tiles that it makes full and the checkpoint of that size.
func (c *logChecker) entry(row audit.Entry) error {
	if err := row.Damaged(); err != nil {
		return c.bad(row.Seq, err.Error())
	}
	for _, full := range c.edge.Append(tree.Leaf(row.Bytes())) {
		if err := c.tile(full); err != nil {
			return err
		}
	}
	c.report.Entries = c.edge.Size()
	if len(c.due) > 0 && c.due[0].Size == c.edge.Size() {
		if err := c.checkpoint(c.due[0]); err != nil || c.report.First != nil {
			return err
		}
		if c.due = c.due[1:]; len(c.due) == 0 {
			if err := c.nextCheckpoints(c.edge.Size()); err != nil {
				return err
			}
		}
	}
	if c.kept != nil && c.kept.Size == c.edge.Size() {
		return c.holdKept()
	}
	return nil
}

// tile compares a full tile with the one that is kept.
func (c *logChecker) tile(full tree.FullTile) error {
	if !full.In(c.newest) {
		return nil // it will be kept with the next checkpoint
	}
	var row logTile
	if err := c.db.Where("level = ? AND number = ?", full.Level, full.Number).Limit(1).Find(&row).Error; err != nil {
		return err
	}
	want := newLogTile(full)
	switch {
	case row.Hashes == nil:
		c.wrong("%s is missing", full.Path())
	case !bytes.Equal(row.Hashes, want.Hashes):
		c.wrong("%s is not what its entries make: the first that differs is %d", full.Path(), firstUnder(full.Tile, row.Hashes, want.Hashes))
	case !bytes.Equal(row.Root, want.Root):
		c.wrong("the root beside %s is not that of its hashes", full.Path())
	}
	return nil
}

// firstUnder is the number of the first entry below the first hash that differs.
func firstUnder(tile tree.Tile, is, want []byte) int64 {
	at := 0
	for at < len(want) && at < len(is) && is[at] == want[at] {
		at++
	}
	hash := tile.Number*tree.TileWidth + int64(at/tree.HashSize)
	return hash<<(8*tile.Level) + 1
}

// signed reports whether a key of the log signed a checkpoint.
func (c *logChecker) signed(checkpoint tree.Checkpoint, signature []byte) bool {
	_, err := tree.Open(checkpoint.Note(signature), c.origin, c.keys)
	return err == nil
}

// checkpoint holds one against the tree of its size.
func (c *logChecker) checkpoint(row logCheckpoint) error {
	named := row.checkpoint(c.origin)
	if !c.signed(named, row.Signature) {
		c.unsigned = append(c.unsigned, row.Size)
		return nil
	}
	if named.Root != c.edge.Root() {
		first, err := c.locate(row.Size)
		reason := fmt.Sprintf("not what the checkpoint of %d entries was signed over", row.Size)
		if first == 0 {
			first, reason = c.good+1, fmt.Sprintf("this entry, or one up to %d, is %s", row.Size, reason)
		}
		_ = c.bad(first, reason)
		return err
	}
	c.good = row.Size
	c.report.Checkpoints++
	return nil
}

// locate finds the first entry after the last good checkpoint whose hash is not that of its tile; 0 where no full tile tells.
func (c *logChecker) locate(size int64) (int64, error) {
	for number := c.good / tree.TileWidth; number*tree.TileWidth < size; number++ {
		var row logTile
		if err := c.db.Where("level = 0 AND number = ?", number).Limit(1).Find(&row).Error; err != nil || row.Hashes == nil {
			return 0, err
		}
		from := number * tree.TileWidth
		is, err := leaves(c.db, from, int(min(tree.TileWidth, c.all-from)))
		if err != nil {
			return 0, err
		}
		if made := tree.Bytes(is); !bytes.HasPrefix(row.Hashes, made) {
			return firstUnder(tree.Tile{Number: number}, row.Hashes, made), nil
		}
	}
	return 0, nil
}

// holdKept compares the checkpoint that somebody kept with the tree of its size.
func (c *logChecker) holdKept() error {
	if c.kept.Root == c.edge.Root() {
		c.report.Kept = c.kept.Size
		return nil
	}
	return c.bad(c.good+1, fmt.Sprintf("this entry, or an earlier one, is not what the kept checkpoint of %d entries was signed over", c.kept.Size))
}

// rest looks at what is not there.
func (c *logChecker) rest() error {
	if count := len(c.unsigned); count > 0 {
		c.wrong("checkpoints that no key of the log has signed: %d, the first of %d entries", count, c.unsigned[0])
	}
	if c.report.First != nil {
		return nil
	}
	for _, end := range []struct {
		size int64
		by   string
	}{
		{c.newest, fmt.Sprintf("the newest checkpoint is of %d entries", c.newest)},
		{c.AtLeast, fmt.Sprintf("there were %d entries at least", c.AtLeast)},
		{c.keptSize(), fmt.Sprintf("the kept checkpoint is of %d entries", c.keptSize())},
	} {
		if c.report.First == nil && end.size > c.all {
			_ = c.bad(c.all+1, "missing: "+end.by)
		}
	}
	return c.tilesBeyond()
}

// tilesBeyond looks for a tile that the newest checkpoint's tree does not have.
func (c *logChecker) tilesBeyond() error {
	level := 0
	for hashes := c.newest / tree.TileWidth; ; hashes /= tree.TileWidth {
		beyond := c.db.Where("level = ? AND (number < 0 OR number >= ?)", level, hashes)
		if hashes == 0 {
			beyond = c.db.Where("level >= ?", level)
		}
		var found []logTile
		if err := beyond.Select("level, number").Limit(1).Find(&found).Error; err != nil {
			return err
		}
		if len(found) > 0 {
			return c.uncovered(found[0])
		}
		if hashes == 0 {
			return nil
		}
		level++
	}
}

// uncovered complains of a tile, unless a checkpoint that covers it was added meanwhile.
func (c *logChecker) uncovered(row logTile) error {
	var now logCheckpoint
	if err := c.db.Raw(newestCheckpoint).Scan(&now).Error; err != nil {
		return err
	}
	if tile := (tree.Tile{Level: row.Level, Number: row.Number, Width: tree.TileWidth}); !tile.In(now.Size) {
		c.wrong("%s is there, and no checkpoint covers it", tile.Path())
	}
	return nil
}

func (c *logChecker) keptSize() int64 {
	if c.kept == nil {
		return 0
	}
	return c.kept.Size
}
