package tlog_test

import (
	"testing"

	"countersign/models/modelstest"
)

func TestMain(m *testing.M) { modelstest.Main(m) }
