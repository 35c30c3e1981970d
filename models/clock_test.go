package models_test

import (
	"testing"
	"time"

	"countersign/models/modelstest"
)

// Another clock than the database's is known to the second.
func TestClockOfTheDatabase(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		want := time.Duration(0)
		if env.Reader().Name() == "postgres" {
			want = time.Since(env.Clock.Now())
		}
		ahead, err := env.ClockAhead(env.Context)
		if err != nil || (ahead-want).Abs() > time.Minute {
			t.Errorf("%s ahead, want %s, %v", ahead, want, err)
		}
	})
}
