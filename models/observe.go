package models

import (
	"time"

	"gorm.io/gorm"
)

// Observer is told how a database is written to. A nil function is told nothing. What it does must be quick and ask the
// database nothing: writes wait for it.
type Observer struct {
	Waited func(time.Duration) // from when a write was wanted until it began: for the write lock, or for a connection
	Group  func(writes int)    // so many writes were committed together, on SQLite
}

// Observe has an observer told from now on. It is called before the first write.
func (d *Database) Observe(by Observer) { d.observer = by }

func (o Observer) waited(wait time.Duration) {
	if o.Waited != nil {
		o.Waited(max(0, wait))
	}
}

func (o Observer) group(writes int) {
	if o.Group != nil {
		o.Group(writes)
	}
}

// Pool is one of the two pools of connections to a database.
type Pool struct {
	Name     string        // "read" or "write"
	InUse    int           // connections
	Idle     int           // connections
	Waits    int64         // so many had to wait for a connection
	WaitTime time.Duration // all of them together
}

// Pools tells how they are used. It asks the database nothing.
func (d *Database) Pools() []Pool {
	var pools []Pool
	for name, db := range map[string]*gorm.DB{"read": d.read, "write": d.write} {
		pool, err := db.DB()
		if err != nil {
			continue
		}
		used := pool.Stats()
		pools = append(pools, Pool{name, used.InUse, used.Idle, used.WaitCount, used.WaitDuration})
	}
	return pools
}
