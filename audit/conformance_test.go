package audit

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
	"TestABatchGoesBack":               TestABatchGoesBack,
	"TestAChangedPackedTokenIsFound":   TestAChangedPackedTokenIsFound,
	"TestAppendFollowsItsTransaction":  TestAppendFollowsItsTransaction,
	"TestConcurrentAppendsLeaveNoGap":  TestConcurrentAppendsLeaveNoGap,
	"TestDetailsOfAnErasedAccount":     TestDetailsOfAnErasedAccount,
	"TestEntriesOfAccounts":            TestEntriesOfAccounts,
	"TestEventsCountedNamesNobody":     TestEventsCountedNamesNobody,
	"TestEventsPageExample":            TestEventsPageExample,
	"TestEveryActOfStrangersIsCounted": TestEveryActOfStrangersIsCounted,
	"TestPackedAndTextInOneLog":        TestPackedAndTextInOneLog,
	"TestPackedTokensStayReadable":     TestPackedTokensStayReadable,
	"TestVerifyColumns":                TestVerifyColumns,
	"TestVerifyNamesTheFirstOfSeveral": TestVerifyNamesTheFirstOfSeveral,
	"TestVerifyOrder":                  TestVerifyOrder,
	"TestVerifyTokens":                 TestVerifyTokens,
	"TestWhatIsWrongWithAPackedRow":    TestWhatIsWrongWithAPackedRow,
}
