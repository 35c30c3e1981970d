package main

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync/atomic"
)

// limitStore holds clients by key and rows that are durable when they are answered.
type limitStore struct {
	read, write            *sql.DB
	selectKey, insertEvent *sql.Stmt
	insertClient           string
	statements             atomic.Int64
}

// openLimitStore makes the tables. Writes queue up for one connection on SQLite, as the
// program's do.
func openLimitStore(ctx context.Context, address string) (*limitStore, error) {
	read, err := openDatabase(address)
	if err != nil {
		return nil, err
	}
	write, err := openDatabase(address)
	if err != nil {
		return nil, err
	}
	s := &limitStore{read: read, write: write, insertClient: "INSERT INTO clients (id, x, y) VALUES ($1, $2, $3)"}
	number := "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
	if strings.HasPrefix(address, "sqlite:") {
		number = "INTEGER PRIMARY KEY"
		write.SetMaxOpenConns(1)
	}
	read.SetMaxIdleConns(8)
	for _, statement := range []string{
		"CREATE TABLE clients (id TEXT PRIMARY KEY, x TEXT NOT NULL, y TEXT NOT NULL)",
		"CREATE TABLE events (seq " + number + ", event TEXT NOT NULL)",
	} {
		if _, err := write.ExecContext(ctx, statement); err != nil {
			return nil, err
		}
	}
	if s.selectKey, err = read.PrepareContext(ctx, "SELECT x, y FROM clients WHERE id = $1"); err != nil {
		return nil, err
	}
	s.insertEvent, err = write.PrepareContext(ctx, "INSERT INTO events (event) VALUES ($1)")
	return s, err
}

func (s *limitStore) addClient(ctx context.Context, id string, key publicKey) error {
	_, err := s.write.ExecContext(ctx, s.insertClient, id, key.X, key.Y)
	return err
}

func (s *limitStore) keyOf(ctx context.Context, client string) (key publicKey, err error) {
	s.statements.Add(1)
	err = s.selectKey.QueryRowContext(ctx, client).Scan(&key.X, &key.Y)
	return key, err
}

// keep is durable when it returns.
func (s *limitStore) keep(ctx context.Context, event string) error {
	s.statements.Add(1)
	_, err := s.insertEvent.ExecContext(ctx, event)
	return err
}

// Close ends both pools.
func (s *limitStore) Close() error { return errors.Join(s.read.Close(), s.write.Close()) }
