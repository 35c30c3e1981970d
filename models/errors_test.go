package models_test

import "errors"

// asError is errors.As for one line of a test.
func asError[T error](err error, target *T) bool { return errors.As(err, target) }
