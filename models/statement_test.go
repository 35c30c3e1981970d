package models_test

import (
	"context"
	"errors"
	"reflect"
	"runtime"
	"testing"
	"time"

	"countersign/models"
	"countersign/models/modelstest"

	"gorm.io/gorm"
)

// What a plain statement reads and inserts is what gorm reads: every column of the tables of a visit.
func TestPlainStatementsReadWholeRows(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Redeemed)
		wantSame[models.Account](t, env)
		wantSame[models.AccountIdentifier](t, env)
		wantSame[models.Client](t, env)
		wantSame[models.Counter](t, env)
		wantSame[models.Staff](t, env)
		wantSame[models.StaffSession](t, env)
		wantSame[models.DeviceAuthorization](t, env)
		wantSame[models.Proofing](t, env)
		wantSame[models.Binding](t, env)
		wantSame[models.RefreshToken](t, env)
	})
}

// wantSame reads T's table by both, and inserts a row that was taken out.
func wantSame[T any](t *testing.T, env *modelstest.Env) {
	t.Helper()
	var want []T
	if err := env.Reader().Find(&want).Error; err != nil || len(want) == 0 {
		t.Fatalf("%T: %d rows, %v", *new(T), len(want), err)
	}
	err := env.PlainForTest(env.Context, func(plain models.Plain) error {
		got, err := models.AllOfForTest[T](plain, "")
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("plain: %+v, %v; gorm: %+v", got, err, want)
		}
		row, err := models.RowOfForTest[T](plain, "")
		if err != nil || !reflect.DeepEqual(row, want[0]) {
			t.Errorf("plain: %+v, %v; gorm: %+v", row, err, want[0])
		}
		if _, err := models.RowOfForTest[T](plain, "WHERE 1 = 0"); !errors.Is(err, gorm.ErrRecordNotFound) {
			t.Errorf("none: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// The same row once more is refused as a duplicate, and no other mistake is made: it was inserted as it lies there.
	err = env.PlainForTest(env.Context, func(plain models.Plain) error { return plain.InsertForTest(&want[0]) })
	if !errors.Is(err, gorm.ErrDuplicatedKey) {
		t.Errorf("%T inserted twice: %v", want[0], err)
	}
}

// Who asks while all connections for reading are taken waits no longer than its caller, though SQLite's statement itself goes on.
func TestWaitingForAConnectionEndsWithTheCaller(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	pool, err := env.Reader().DB()
	if err != nil {
		t.Fatal(err)
	}
	for range pool.Stats().MaxOpenConnections {
		taken, err := pool.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer taken.Close()
	}
	ctx, gone := context.WithCancel(t.Context())
	answered := make(chan error)
	go func() {
		_, err := env.Waits(ctx, "client", "ada@example.com")
		answered <- err
	}()
	for pool.Stats().WaitCount == 0 {
		runtime.Gosched()
	}
	gone()
	select {
	case err := <-answered:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	case <-time.After(time.Minute):
		t.Error("it still waits")
	}
}
