package models_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"
)

// A question reads what gorm reads, each column into the field of its name, and says what it cannot do.
func TestQuestions(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		first, second := env.Account(t, "ada@example.com"), env.Account(t, "bo@example.com")
		env.Account(t, "cy@example.com")
		var want []models.Account
		if err := env.Reader().Where("id IN ?", []string{first, second}).Order("id").Find(&want).Error; err != nil || len(want) != 2 {
			t.Fatal(want, err)
		}
		whole := "SELECT " + models.ColumnsForTest[models.Account]("a") +
			" FROM accounts AS a WHERE a.id = @first OR @first <> @second AND a.id = @second"
		values := map[string]any{"first": first, "second": second, "other": 1}
		got, err := models.AskForTest[models.Account](env.Context, env.Store, whole+" ORDER BY a.id", values)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
		none, err := models.AskForTest[models.Account](env.Context, env.Store, whole, map[string]any{"first": "", "second": ""})
		if err != nil || len(none) != 0 {
			t.Errorf("nobody is %+v, %v", none, err)
		}
		for _, c := range []struct {
			what, statement, want string
			values                map[string]any
		}{
			{"a value is missing", whole, "no value for @second", map[string]any{"first": first}},
			{"a column has no field", "SELECT id, 1 AS more FROM accounts WHERE id = @first", "no field for the column more", values},
			{"a mistake in the statement", "SELECT id FROM nowhere WHERE id = @first", "nowhere", values},
		} {
			_, err := models.AskForTest[models.Account](env.Context, env.Store, c.statement, c.values)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %q", c.what, err, c.want)
			}
		}
	})
}

// A question that may take long ends with its caller, on both databases.
func TestPatientQuestionsEndWithTheirCaller(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		gone, leave := context.WithCancel(env.Context)
		leave()
		_, err := models.AskPatientlyForTest[models.Account](gone, env.Store, "SELECT id FROM accounts", nil)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("its caller has gone, and it ends with %v", err)
		}
	})
}
