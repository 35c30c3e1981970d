package main

import (
	"testing"

	"countersign/oauth/protocoltest"
)

// What docs/protocol.md says that the whole program proves, by section and requirement.
func TestConformance(t *testing.T) { protocoltest.Conformance(t, conformance) }

// The attacks that the whole program wards off.
func TestAttacks(t *testing.T) { protocoltest.AttackRows(t, conformance) }

// conformance lists every test of this package that docs/protocol.md names.
var conformance = protocoltest.Tests{
	"TestAPIsPage":                                        TestAPIsPage,
	"TestAPIsPageHasTheGoThatIsRun":                       TestAPIsPageHasTheGoThatIsRun,
	"TestBackupUnderLoad":                                 TestBackupUnderLoad,
	"TestBackupWithoutRoom":                               TestBackupWithoutRoom,
	"TestCertificateIsForThisServer":                      TestCertificateIsForThisServer,
	"TestCertificateIsRenewed":                            TestCertificateIsRenewed,
	"TestDatabaseThatCannotBe":                            TestDatabaseThatCannotBe,
	"TestDaysAreCountedAsPeopleCount":                     TestDaysAreCountedAsPeopleCount,
	"TestDeclineThenBackInBrowser":                        TestDeclineThenBackInBrowser,
	"TestDocumentScanByWedge":                             TestDocumentScanByWedge,
	"TestF8ApprovesNothing":                               TestF8ApprovesNothing,
	"TestFileOfSomebodyElse":                              TestFileOfSomebodyElse,
	"TestFolderOfTheDatabaseIsMissing":                    TestFolderOfTheDatabaseIsMissing,
	"TestHostileNamesAreInertInBrowser":                   TestHostileNamesAreInertInBrowser,
	"TestIdleConnections":                                 TestIdleConnections,
	"TestIssuer":                                          TestIssuer,
	"TestKilledBackupLooksLikeNone":                       TestKilledBackupLooksLikeNone,
	"TestKilledUnderLoad":                                 TestKilledUnderLoad,
	"TestLicenceScan":                                     TestLicenceScan,
	"TestLookingChangesNothingInBrowser":                  TestLookingChangesNothingInBrowser,
	"TestManyProcessesUnderLoad":                          TestManyProcessesUnderLoad,
	"TestMigratingThroughPgBouncerAtOnce":                 TestMigratingThroughPgBouncerAtOnce,
	"TestNetworksOfIPv4InIPv6":                            TestNetworksOfIPv4InIPv6,
	"TestNextStepsAfterOutages":                           TestNextStepsAfterOutages,
	"TestNginxPassesTheCheckersWordOn":                    TestNginxPassesTheCheckersWordOn,
	"TestNothingSecretIsLoggedOrPutIntoAddressesOrEvents": TestNothingSecretIsLoggedOrPutIntoAddressesOrEvents,
	"TestNoticeSettings":                                  TestNoticeSettings,
	"TestNoticeSettingsRefused":                           TestNoticeSettingsRefused,
	"TestOAuth4WebAPIDoesTheWholeFlow":                    TestOAuth4WebAPIDoesTheWholeFlow,
	"TestOnlyTheVisitsOwnSessionInBrowser":                TestOnlyTheVisitsOwnSessionInBrowser,
	"TestOpenIDClientDoesTheWholeFlow":                    TestOpenIDClientDoesTheWholeFlow,
	"TestOpenIDClientOutlastsAnOverload":                  TestOpenIDClientOutlastsAnOverload,
	"TestOpenIDClientPollsAtTheLongestInterval":           TestOpenIDClientPollsAtTheLongestInterval,
	"TestOperationsPageRunsAsWritten":                     TestOperationsPageRunsAsWritten,
	"TestOwnTLSSpeaksHTTP2":                               TestOwnTLSSpeaksHTTP2,
	"TestPageOfAnotherOriginConnects":                     TestPageOfAnotherOriginConnects,
	"TestPgBouncerWithoutPreparedStatements":              TestPgBouncerWithoutPreparedStatements,
	"TestPhonePageAfterSleep":                             TestPhonePageAfterSleep,
	"TestPhonePageAndHostileText":                         TestPhonePageAndHostileText,
	"TestPhonePageAtTheCounter":                           TestPhonePageAtTheCounter,
	"TestPhonePageComesBackWithItsKey":                    TestPhonePageComesBackWithItsKey,
	"TestPhonePageEndings":                                TestPhonePageEndings,
	"TestPhonePageInBrowser":                              TestPhonePageInBrowser,
	"TestPhonePageInTwoWindows":                           TestPhonePageInTwoWindows,
	"TestPhonePageKnowsTheLastOpenDay":                    TestPhonePageKnowsTheLastOpenDay,
	"TestPhonePageOffline":                                TestPhonePageOffline,
	"TestPhonePageWithoutWakeLock":                        TestPhonePageWithoutWakeLock,
	"TestPhoneShowsAndRenewsItsPresenceProof":             TestPhoneShowsAndRenewsItsPresenceProof,
	"TestPlantedSecretsAreFound":                          TestPlantedSecretsAreFound,
	"TestPollIntervalWithinANoncesLife":                   TestPollIntervalWithinANoncesLife,
	"TestPrefixSearchSetting":                             TestPrefixSearchSetting,
	"TestPresenceRequiredInBrowser":                       TestPresenceRequiredInBrowser,
	"TestProbesComeSoonerWhileNotReady":                   TestProbesComeSoonerWhileNotReady,
	"TestProxies":                                         TestProxies,
	"TestRenewedCertificateMustFit":                       TestRenewedCertificateMustFit,
	"TestRestoredBehindTheKeptCheckpoint":                 TestRestoredBehindTheKeptCheckpoint,
	"TestRogueOperatorInBrowser":                          TestRogueOperatorInBrowser,
	"TestRollingUpdate":                                   TestRollingUpdate,
	"TestSQLiteErrorsNameTheFileAndTheNextStep":           TestSQLiteErrorsNameTheFileAndTheNextStep,
	"TestScanDecidesNothing":                              TestScanDecidesNothing,
	"TestScanPressesNothingAnywhere":                      TestScanPressesNothingAnywhere,
	"TestScannerWithoutLineFeeds":                         TestScannerWithoutLineFeeds,
	"TestScripts":                                         TestScripts,
	"TestServeNeedsToWrite":                               TestServeNeedsToWrite,
	"TestServerTellsThatItEnds":                           TestServerTellsThatItEnds,
	"TestServingInClearIsWarnedOf":                        TestServingInClearIsWarnedOf,
	"TestServingThroughPgBouncer":                         TestServingThroughPgBouncer,
	"TestSlowAndEndlessHeadsAreCutOff":                    TestSlowAndEndlessHeadsAreCutOff,
	"TestStrangerEventsSetting":                           TestStrangerEventsSetting,
	"TestStrangersCodeOnTheVictimsScreenInBrowser":        TestStrangersCodeOnTheVictimsScreenInBrowser,
	"TestStrangersRequestInBrowser":                       TestStrangersRequestInBrowser,
	"TestUpdateWithoutRoom":                               TestUpdateWithoutRoom,
}
