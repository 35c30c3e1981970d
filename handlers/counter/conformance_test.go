package counter_test

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
	"TestAnotherSessionsVisit":                   TestAnotherSessionsVisit,
	"TestApprovalSaysWhatWasShown":               TestApprovalSaysWhatWasShown,
	"TestChangedMeanwhile":                       TestChangedMeanwhile,
	"TestChangedMeanwhileIsLookedAtAgain":        TestChangedMeanwhileIsLookedAtAgain,
	"TestDeclineNeedsAnOpenRecord":               TestDeclineNeedsAnOpenRecord,
	"TestDeclineThenBackThenApprove":             TestDeclineThenBackThenApprove,
	"TestEmptyScopeNeedsTheDecision":             TestEmptyScopeNeedsTheDecision,
	"TestEndAllThatWaits":                        TestEndAllThatWaits,
	"TestExpiresWhileThePageIsOpen":              TestExpiresWhileThePageIsOpen,
	"TestFactsAgainstFraud":                      TestFactsAgainstFraud,
	"TestFloodLeavesAShortList":                  TestFloodLeavesAShortList,
	"TestGetChangesNothing":                      TestGetChangesNothing,
	"TestLabelIsEditedOnTheReceipt":              TestLabelIsEditedOnTheReceipt,
	"TestLockedAccountIsNotApproved":             TestLockedAccountIsNotApproved,
	"TestLooksAreLimited":                        TestLooksAreLimited,
	"TestLooksCountAlike":                        TestLooksCountAlike,
	"TestLostDeviceIsAnsweredOnce":               TestLostDeviceIsAnsweredOnce,
	"TestLostDeviceIsAskedFor":                   TestLostDeviceIsAskedFor,
	"TestLostDeviceLimits":                       TestLostDeviceLimits,
	"TestLostDeviceStaysConnected":               TestLostDeviceStaysConnected,
	"TestLostDeviceWithinAVisit":                 TestLostDeviceWithinAVisit,
	"TestMatchOpensTheRecord":                    TestMatchOpensTheRecord,
	"TestNoPageShowsTheCode":                     TestNoPageShowsTheCode,
	"TestNoPrefixSearch":                         TestNoPrefixSearch,
	"TestOwnAccount":                             TestOwnAccount,
	"TestOwnAccountFoundOutLate":                 TestOwnAccountFoundOutLate,
	"TestOwnWrongCodesAreNotUnlocked":            TestOwnWrongCodesAreNotUnlocked,
	"TestPageAsksForThePresenceProof":            TestPageAsksForThePresenceProof,
	"TestPastedZoneOverrulesNoScan":              TestPastedZoneOverrulesNoScan,
	"TestPresenceProofInPlaceOfTheCode":          TestPresenceProofInPlaceOfTheCode,
	"TestProofKeepsWhatWasTyped":                 TestProofKeepsWhatWasTyped,
	"TestRecordChangesWhileTheDocumentIsChecked": TestRecordChangesWhileTheDocumentIsChecked,
	"TestRecordIsOpenedByAnAct":                  TestRecordIsOpenedByAnAct,
	"TestRecordsOpenedAreCounted":                TestRecordsOpenedAreCounted,
	"TestRefreshedPartApprovesWhatThePageShows":  TestRefreshedPartApprovesWhatThePageShows,
	"TestScanOfThePresenceProofFindsAndMatches":  TestScanOfThePresenceProofFindsAndMatches,
	"TestSecondPersonAgreesToWhatWasShown":       TestSecondPersonAgreesToWhatWasShown,
	"TestSecondPersonSeesNobodyUnasked":          TestSecondPersonSeesNobodyUnasked,
	"TestStepsCannotBeLeftOut":                   TestStepsCannotBeLeftOut,
	"TestSupervisorAtACounterAsksNobody":         TestSupervisorAtACounterAsksNobody,
	"TestSuspendedAccount":                       TestSuspendedAccount,
	"TestTooManyListed":                          TestTooManyListed,
	"TestWholeVisit":                             TestWholeVisit,
	"TestWrongCodesLock":                         TestWrongCodesLock,
}
