package models_test

import (
	"testing"

	"countersign/oauth/protocoltest"
)

// What docs/protocol.md says that this package's tests prove, by section and requirement.
func TestConformance(t *testing.T) { protocoltest.Conformance(t, conformance()) }

// The attacks that this package's tests ward off.
func TestAttacks(t *testing.T) { protocoltest.AttackRows(t, conformance()) }

// conformance lists every test of this package that docs/protocol.md names.
func conformance() protocoltest.Tests {
	return protocoltest.Tests{
		"TestAccountNotActive":                          TestAccountNotActive,
		"TestAnotherClientsCode":                        TestAnotherClientsCode,
		"TestAnotherKey":                                TestAnotherKey,
		"TestApproveSuspendedAccount":                   TestApproveSuspendedAccount,
		"TestApprovedOnDaySixRedeemedOnDayTwelve":       TestApprovedOnDaySixRedeemedOnDayTwelve,
		"TestApprovingWhileTheClientIsDeleted":          TestApprovingWhileTheClientIsDeleted,
		"TestAssertionIsUsedOnce":                       TestAssertionIsUsedOnce,
		"TestAuditTableIsAppendOnlyAfterEveryMigration": TestAuditTableIsAppendOnlyAfterEveryMigration,
		"TestCodeMatchesWithinItsAccountOnly":           TestCodeMatchesWithinItsAccountOnly,
		"TestDatabaseKeepsTheTurns":                     TestDatabaseKeepsTheTurns,
		"TestDeclineThenApprove":                        TestDeclineThenApprove,
		"TestDeletingAClientEndsEverything":             TestDeletingAClientEndsEverything,
		"TestEveryPairOfStates":                         TestEveryPairOfStates,
		"TestExpiredCodeIsAWrongCode":                   TestExpiredCodeIsAWrongCode,
		"TestForcedRetirement":                          TestForcedRetirement,
		"TestFourthRequestSupersedesTheOldest":          TestFourthRequestSupersedesTheOldest,
		"TestHandledRequestIsNotSuperseded":             TestHandledRequestIsNotSuperseded,
		"TestInitialAccessTokenIsUsedOnce":              TestInitialAccessTokenIsUsedOnce,
		"TestKeyChanges":                                TestKeyChanges,
		"TestKeyIsRegisteredOnce":                       TestKeyIsRegisteredOnce,
		"TestKeysTakeTurns":                             TestKeysTakeTurns,
		"TestLateReplayRevokes":                         TestLateReplayRevokes,
		"TestLostAnswer":                                TestLostAnswer,
		"TestMigrationKeepsKeys":                        TestMigrationKeepsKeys,
		"TestNetworkOf":                                 TestNetworkOf,
		"TestNextKeyIsPublishedBeforeItSigns":           TestNextKeyIsPublishedBeforeItSigns,
		"TestNoResourceIsTheFirst":                      TestNoResourceIsTheFirst,
		"TestNothingInClear":                            TestNothingInClear,
		"TestOnlyTheClaimDecides":                       TestOnlyTheClaimDecides,
		"TestOtherDeclinesEndNoSiblings":                TestOtherDeclinesEndNoSiblings,
		"TestOwnAccount":                                TestOwnAccount,
		"TestParallelRedemptions":                       TestParallelRedemptions,
		"TestParallelRedemptionsAreNoReplay":            TestParallelRedemptionsAreNoReplay,
		"TestParallelRequestsKeepTheCap":                TestParallelRequestsKeepTheCap,
		"TestParallelWrongCodes":                        TestParallelWrongCodes,
		"TestPresenceEndsWithItsMatch":                  TestPresenceEndsWithItsMatch,
		"TestPresenceGuessesAreWrongCodes":              TestPresenceGuessesAreWrongCodes,
		"TestPresenceIsProvedInEveryRecord":             TestPresenceIsProvedInEveryRecord,
		"TestPresenceProofIsUsedOnce":                   TestPresenceProofIsUsedOnce,
		"TestPresenceRequired":                          TestPresenceRequired,
		"TestRecallAndRevoke":                           TestRecallAndRevoke,
		"TestRefreshScope":                              TestRefreshScope,
		"TestRefreshTokenEnds":                          TestRefreshTokenEnds,
		"TestRefreshTokenIdle":                          TestRefreshTokenIdle,
		"TestRefreshWithAnotherKeyRevokes":              TestRefreshWithAnotherKeyRevokes,
		"TestRegistrationIsAdministrators":              TestRegistrationIsAdministrators,
		"TestRelabelBinding":                            TestRelabelBinding,
		"TestRelayedPresenceProofIsRefused":             TestRelayedPresenceProofIsRefused,
		"TestReseal":                                    TestReseal,
		"TestResealRefusesAWrongMasterKey":              TestResealRefusesAWrongMasterKey,
		"TestResealedUnderARunningProcess":              TestResealedUnderARunningProcess,
		"TestResourceServers":                           TestResourceServers,
		"TestResources":                                 TestResources,
		"TestRetiredKeyLeavesWithItsLastToken":          TestRetiredKeyLeavesWithItsLastToken,
		"TestRevokeAccessToken":                         TestRevokeAccessToken,
		"TestRotationIsPickedUpWithinAMinute":           TestRotationIsPickedUpWithinAMinute,
		"TestScheduledRotationHappensOnce":              TestScheduledRotationHappensOnce,
		"TestSixteenWriters":                            TestSixteenWriters,
		"TestSpentCodeIsAnAlert":                        TestSpentCodeIsAnAlert,
		"TestStoreAgreesWithTheModel":                   TestStoreAgreesWithTheModel,
		"TestStrangersCannotLockTheOwnerOut":            TestStrangersCannotLockTheOwnerOut,
		"TestSuspiciousDeclineEndsItsSiblings":          TestSuspiciousDeclineEndsItsSiblings,
		"TestSuspiciousDeclineLeavesWhatOthersHandle":   TestSuspiciousDeclineLeavesWhatOthersHandle,
		"TestTransitionAndEventCommitTogether":          TestTransitionAndEventCommitTogether,
		"TestTwoPhones":                                 TestTwoPhones,
		"TestUnknownAccountGetsCodesThatNobodyCanMatch": TestUnknownAccountGetsCodesThatNobodyCanMatch,
		"TestUnknownIdentifierRunsTheSameStatements":    TestUnknownIdentifierRunsTheSameStatements,
		"TestWindowBoundaries":                          TestWindowBoundaries,
		"TestWrongCodesLock":                            TestWrongCodesLock,
		"TestWrongCodesOfAnOperator":                    TestWrongCodesOfAnOperator,
		"TestWrongMasterKeyStopsTheStart":               TestWrongMasterKeyStopsTheStart,
	}
}
