package device_test

import (
	"testing"

	"countersign/models/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }
