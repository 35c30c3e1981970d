package modelstest

import (
	"testing"

	"countersign/oauth/protocoltest"
)

// What docs/protocol.md says that this package's tests prove, by section and requirement.
func TestConformance(t *testing.T) { protocoltest.Conformance(t, conformance) }

// conformance lists every test of this package that docs/protocol.md names.
var conformance = protocoltest.Tests{
	"TestLostIndexIsFound":       TestLostIndexIsFound,
	"TestPlacesComeInTheirOrder": TestPlacesComeInTheirOrder,
	"TestStepsThatGrow":          TestStepsThatGrow,
}
