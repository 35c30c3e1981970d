package notices_test

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
	"TestAHangingMailServerBlocksNoVisit":       TestAHangingMailServerBlocksNoVisit,
	"TestAVisitIsToldByMail":                    TestAVisitIsToldByMail,
	"TestAlertWithoutAnswerIsSentFewTimes":      TestAlertWithoutAnswerIsSentFewTimes,
	"TestApprovalIsToldAtOnce":                  TestApprovalIsToldAtOnce,
	"TestChannelThatIsDownIsTriedOnce":          TestChannelThatIsDownIsTriedOnce,
	"TestEndOfTheProcessCutsDeliveries":         TestEndOfTheProcessCutsDeliveries,
	"TestEveryOccasionByMailAndWebhook":         TestEveryOccasionByMailAndWebhook,
	"TestFailuresAreTriedAgain":                 TestFailuresAreTriedAgain,
	"TestImplicitTLS":                           TestImplicitTLS,
	"TestInternationalDomain":                   TestInternationalDomain,
	"TestMailWithoutAnswerIsSentFewTimes":       TestMailWithoutAnswerIsSentFewTimes,
	"TestNoMailIsSentWithoutTimeForItsAnswer":   TestNoMailIsSentWithoutTimeForItsAnswer,
	"TestNotMeDeclinesWhatWaits":                TestNotMeDeclinesWhatWaits,
	"TestNotMeFromTheMail":                      TestNotMeFromTheMail,
	"TestNotMeLinksThatAreNot":                  TestNotMeLinksThatAreNot,
	"TestNothingIsInjected":                     TestNothingIsInjected,
	"TestNothingIsSentInClear":                  TestNothingIsSentInClear,
	"TestNoticesInGerman":                       TestNoticesInGerman,
	"TestOutcomeIsWrittenWhenTheDatabaseIsBack": TestOutcomeIsWrittenWhenTheDatabaseIsBack,
	"TestRunEndsWhenItsAttemptEnds":             TestRunEndsWhenItsAttemptEnds,
	"TestSlowMailsHoldUpNoOthers":               TestSlowMailsHoldUpNoOthers,
	"TestStatusesOfAWebhook":                    TestStatusesOfAWebhook,
	"TestStepsAreLongEnough":                    TestStepsAreLongEnough,
	"TestStepsOfADelivery":                      TestStepsOfADelivery,
	"TestTakenMailIsSent":                       TestTakenMailIsSent,
	"TestTwoWorkersNeverSendTwice":              TestTwoWorkersNeverSendTwice,
	"TestWebhook":                               TestWebhook,
	"TestWebhookTellsOfAccountsWithoutContact":  TestWebhookTellsOfAccountsWithoutContact,
	"TestWhatHangsHoldsUpNothingElse":           TestWhatHangsHoldsUpNothingElse,
}
