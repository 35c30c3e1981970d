package deviceclient_test

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
	"TestARegistrationPutOffKeepsItsKey": TestARegistrationPutOffKeepsItsKey,
	"TestAnswersThatAreNone":             TestAnswersThatAreNone,
	"TestCall":                           TestCall,
	"TestCallIsSignedByTheServersClock":  TestCallIsSignedByTheServersClock,
	"TestChallenges":                     TestChallenges,
	"TestClockIsCorrectedByTheServers":   TestClockIsCorrectedByTheServers,
	"TestClockIsCorrectedOnce":           TestClockIsCorrectedOnce,
	"TestDefaultIntervalIsFive":          TestDefaultIntervalIsFive,
	"TestDeregister":                     TestDeregister,
	"TestGoesOnPastExpiresIn":            TestGoesOnPastExpiresIn,
	"TestIssuerMustBeSecure":             TestIssuerMustBeSecure,
	"TestMetadataThatIsNone":             TestMetadataThatIsNone,
	"TestNonceIsUsedOnceAndRemembered":   TestNonceIsUsedOnceAndRemembered,
	"TestPace":                           TestPace,
	"TestPresence":                       TestPresence,
	"TestRefresh":                        TestRefresh,
	"TestRegisterWithTokenAndStatement":  TestRegisterWithTokenAndStatement,
	"TestResumesFromItsFile":             TestResumesFromItsFile,
	"TestRevoke":                         TestRevoke,
	"TestStateNeverPrintsSecrets":        TestStateNeverPrintsSecrets,
	"TestTheServerEndsIt":                TestTheServerEndsIt,
	"TestTimeOutsBackOff":                TestTimeOutsBackOff,
}
