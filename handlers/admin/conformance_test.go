package admin_test

import (
	"testing"

	"countersign/oauth/protocoltest"
)

// What docs/protocol.md says that this package's tests prove, by section and requirement.
func TestConformance(t *testing.T) { protocoltest.Conformance(t, conformance) }

// The attacks that this package's tests ward off.
func TestAttacks(t *testing.T) { protocoltest.AttackRows(t, conformance) }

// conformance lists every test of this package that docs/protocol.md names.
var conformance = protocoltest.Tests{
	"TestAdministratorSeesTheStateOfTheServer":  TestAdministratorSeesTheStateOfTheServer,
	"TestAdministratorSeesToUndeliveredNotices": TestAdministratorSeesToUndeliveredNotices,
	"TestOpeningHoursOfACounter":                TestOpeningHoursOfACounter,
	"TestPublisherFormsAreChecked":              TestPublisherFormsAreChecked,
	"TestPublishers":                            TestPublishers,
	"TestRegistrationTokens":                    TestRegistrationTokens,
	"TestSoftwareIsChanged":                     TestSoftwareIsChanged,
}
