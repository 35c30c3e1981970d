package handlers_test

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
	"TestAnonymousRequestsAreTurnedAway":               TestAnonymousRequestsAreTurnedAway,
	"TestBodiesAreLimited":                             TestBodiesAreLimited,
	"TestBodiesThatAreNoForm":                          TestBodiesThatAreNoForm,
	"TestBrokenBodies":                                 TestBrokenBodies,
	"TestBusyDatabase":                                 TestBusyDatabase,
	"TestClassesDoNotTakeEachOthersPlaces":             TestClassesDoNotTakeEachOthersPlaces,
	"TestClientThatHungUp":                             TestClientThatHungUp,
	"TestCodesAreLimitedByOperator":                    TestCodesAreLimitedByOperator,
	"TestCounterIsLimited":                             TestCounterIsLimited,
	"TestCounterIsUsedFromItsNetwork":                  TestCounterIsUsedFromItsNetwork,
	"TestCrossOriginReading":                           TestCrossOriginReading,
	"TestCrossOriginReadingOfNoRoute":                  TestCrossOriginReadingOfNoRoute,
	"TestEachRowHasANumberOfOnesOwn":                   TestEachRowHasANumberOfOnesOwn,
	"TestEveryRouteRefusesClear":                       TestEveryRouteRefusesClear,
	"TestFieldsComeFromTheBody":                        TestFieldsComeFromTheBody,
	"TestFormsAreReadInOnePlace":                       TestFormsAreReadInOnePlace,
	"TestForwardedForChangesNoLimit":                   TestForwardedForChangesNoLimit,
	"TestGetChangesNothing":                            TestGetChangesNothing,
	"TestHangingRequestsKeepTheirOwnPlacesOnly":        TestHangingRequestsKeepTheirOwnPlacesOnly,
	"TestHeadIsAnsweredAsGet":                          TestHeadIsAnsweredAsGet,
	"TestHealth":                                       TestHealth,
	"TestHonestPhonesRegisterDuringAFlood":             TestHonestPhonesRegisterDuringAFlood,
	"TestInitialTokenWaitsForNoStranger":               TestInitialTokenWaitsForNoStranger,
	"TestJWTBombsAreBounded":                           TestJWTBombsAreBounded,
	"TestKeysAreNotPublishedBeforeAnOldMasterKeyStops": TestKeysAreNotPublishedBeforeAnOldMasterKeyStops,
	"TestLoopbackIssuerNeedsNoTLS":                     TestLoopbackIssuerNeedsNoTLS,
	"TestManyRegistrationsFromOneAddress":              TestManyRegistrationsFromOneAddress,
	"TestNoPageShowsARecordThatIsNotOpen":              TestNoPageShowsARecordThatIsNotOpen,
	"TestNoRouteIsAFaultWhileTheDatabaseIsBusy":        TestNoRouteIsAFaultWhileTheDatabaseIsBusy,
	"TestNoStepOfAPhoneIsAFaultWhileTheDatabaseIsBusy": TestNoStepOfAPhoneIsAFaultWhileTheDatabaseIsBusy,
	"TestPendingPollIsNotLogged":                       TestPendingPollIsNotLogged,
	"TestPreflights":                                   TestPreflights,
	"TestQueriesAndSemicolons":                         TestQueriesAndSemicolons,
	"TestReadyzWithoutProbes":                          TestReadyzWithoutProbes,
	"TestRefusedRequestTakesNoPlace":                   TestRefusedRequestTakesNoPlace,
	"TestRegistrationsFromManyNetworks":                TestRegistrationsFromManyNetworks,
	"TestRequestIDIsOurs":                              TestRequestIDIsOurs,
	"TestRequestIDOfATrustedProxy":                     TestRequestIDOfATrustedProxy,
	"TestRequestsAreLimited":                           TestRequestsAreLimited,
	"TestRequestsAreLoggedByRoute":                     TestRequestsAreLoggedByRoute,
	"TestRequestsInClearAreRefused":                    TestRequestsInClearAreRefused,
	"TestReviewSaysThatARequestWasCounted":             TestReviewSaysThatARequestWasCounted,
	"TestSlowBodyHoldsNobodyUp":                        TestSlowBodyHoldsNobodyUp,
	"TestSteadyPhoneIsNeverLimited":                    TestSteadyPhoneIsNeverLimited,
	"TestStrangerInTheNetworkLocksNoPhoneOut":          TestStrangerInTheNetworkLocksNoPhoneOut,
	"TestStrangersBeyondTheRateHaveNoEventsOfTheirOwn": TestStrangersBeyondTheRateHaveNoEventsOfTheirOwn,
	"TestStrangersKeepNoFirstRequestOut":               TestStrangersKeepNoFirstRequestOut,
	"TestStrangersSpendNoPlaceOfStaffOrPhones":         TestStrangersSpendNoPlaceOfStaffOrPhones,
	"TestTheReferencePhoneOutlastsAnOverload":          TestTheReferencePhoneOutlastsAnOverload,
	"TestTooManyPolls":                                 TestTooManyPolls,
	"TestTooMuchStaff":                                 TestTooMuchStaff,
	"TestTooOldProgramAnswersNothingFromTheDatabase":   TestTooOldProgramAnswersNothingFromTheDatabase,
	"TestUntoldAddressesShareNoBucket":                 TestUntoldAddressesShareNoBucket,
	"TestWaitingPhoneGetsThroughWithItsNonce":          TestWaitingPhoneGetsThroughWithItsNonce,
	"TestWhatMayBeKept":                                TestWhatMayBeKept,
	"TestWhatTheStoreCountsHasNumbersOfOnesOwn":        TestWhatTheStoreCountsHasNumbersOfOnesOwn,
	"TestWrongCodesThatLockAreANumberOfOnesOwn":        TestWrongCodesThatLockAreANumberOfOnesOwn,
}
