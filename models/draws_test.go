package models_test

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"

	"gorm.io/gorm"
)

// sameLetters is a source of random bytes that gives so many letters of user codes, which are read one by one, as zeros.
type sameLetters struct{ left int }

func (r *sameLetters) Read(into []byte) (int, error) {
	if len(into) == 1 && r.left > 0 {
		r.left--
		into[0] = 0
		return 1, nil
	}
	return rand.Read(into)
}

// RFC 8628 §5.1, §6.1: of two requests that wait with the same user code the second one draws again. Where all draws give that code
// it ends with an error, and does not draw for ever.
func TestACodeThatIsThereIsDrawnAgain(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		request := models.DeviceAuthorizationRequest{Client: env.Client(t), LoginHint: "ada@example.com"}
		database, err := models.Connect(t.Context(), env.Address, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = database.Close() }()
		source := &sameLetters{}
		store, err := models.Open(t.Context(), database, models.Config{
			Issuer: modelstest.Issuer, Now: env.Clock.Now, Rand: source, MasterKey: modelstest.MasterKey(),
		})
		if err != nil {
			t.Fatal(err)
		}
		var codes [2]models.IssuedCodes
		for i := range codes {
			source.left = 8
			if codes[i], err = store.RequestDeviceAuthorization(t.Context(), request); err != nil {
				t.Fatal(err)
			}
		}
		if codes[0].UserCode == codes[1].UserCode || codes[0].UserCode.Display() != "BBBB-BBBB" {
			t.Errorf("%s, then %s", codes[0].UserCode.Display(), codes[1].UserCode.Display())
		}
		source.left = 8_000
		if _, err := store.RequestDeviceAuthorization(t.Context(), request); !errors.Is(err, gorm.ErrDuplicatedKey) {
			t.Errorf("the same code in each draw: %v", err)
		}
		if drawn := (8_000 - source.left) / 8; drawn > 10 {
			t.Errorf("drawn %d times", drawn)
		}
	})
}
