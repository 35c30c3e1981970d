package main

import (
	"testing"

	"countersign/oauth/protocoltest"
)

// What docs/protocol.md says that the whole program proves, by section and requirement.
func TestConformance(t *testing.T) { protocoltest.Conformance(t, conformance()) }

// The attacks that the whole program wards off.
func TestAttacks(t *testing.T) { protocoltest.AttackRows(t, conformance()) }

// conformance lists every test of this package that docs/protocol.md names.
func conformance() protocoltest.Tests {
	return protocoltest.Tests{
		"TestIssuer":          TestIssuer,
		"TestKilledUnderLoad": TestKilledUnderLoad,
		"TestNothingSecretIsLoggedOrPutIntoAddressesOrEvents": TestNothingSecretIsLoggedOrPutIntoAddressesOrEvents,
		"TestNoticeSettings":                      TestNoticeSettings,
		"TestNoticeSettingsRefused":               TestNoticeSettingsRefused,
		"TestOAuth4WebAPIDoesTheWholeFlow":        TestOAuth4WebAPIDoesTheWholeFlow,
		"TestOpenIDClientDoesTheWholeFlow":        TestOpenIDClientDoesTheWholeFlow,
		"TestPhoneShowsAndRenewsItsPresenceProof": TestPhoneShowsAndRenewsItsPresenceProof,
		"TestPlantedSecretsAreFound":              TestPlantedSecretsAreFound,
		"TestScripts":                             TestScripts,
		"TestServingInClearIsWarnedOf":            TestServingInClearIsWarnedOf,
		"TestSlowAndEndlessHeadsAreCutOff":        TestSlowAndEndlessHeadsAreCutOff,
	}
}
