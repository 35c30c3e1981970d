package main

import (
	"slices"
	"strings"
	"testing"

	"countersign/models"
)

// Supervisors who look at no page are told by mail, which needs a mail server, by webhook, by both or not at all.
func TestAlertSettings(t *testing.T) {
	t.Parallel()
	secret := strings.Repeat("s", 32)
	mailer := []string{"--smtp-address", "mail.example.org:587", "--smtp-from", "no-reply@example.org"}
	for name, c := range map[string]struct {
		args     []string
		channels []models.Channel
	}{
		"nothing said": {nil, nil},
		"a mailer":     {mailer, nil},
		"mail":         {append([]string{"--alert-mail", "duty@example.org"}, mailer...), []models.Channel{models.ChannelMail}},
		"both": {append([]string{"--alert-mail", "duty@example.org", "--alert-webhook", "https://hooks.example.org/a",
			"--alert-webhook-secret", secret}, mailer...), []models.Channel{models.ChannelMail, models.ChannelWebhook}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var settings serveSettings
			parse(t, nil, &settings, serveArgs(c.args...)...)
			if !slices.Equal(settings.policy.AlertChannels, c.channels) || len(settings.notices.alerts) != len(c.channels) {
				t.Errorf("channels %v", settings.policy.AlertChannels)
			}
		})
	}
}

// What is half said, would go in clear or is no number starts nothing, and no secret is told.
func TestAlertSettingsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--alert-mail", "duty@example.org"}, "there is no mail server to send by"},
		{[]string{"--alert-mail", "Duty <duty@example.org>"}, "is not a bare mail address"},
		{[]string{"--alert-mail", "a@example.org, b@example.org"}, "is not a bare mail address"},
		{[]string{"--alert-webhook", "http://hooks.example.org", "--alert-webhook-secret", strings.Repeat("h", 32)}, "it is not https"},
		{[]string{"--alert-webhook", "https://hooks.example.org", "--alert-webhook-secret", "hunter2"}, "shorter than 32"},
		{[]string{"--alert-webhook-secret", strings.Repeat("h", 32)}, "--alert-webhook (COUNTERSIGN_ALERT_WEBHOOK): missing"},
		{[]string{"--above-usual-alert", "2.5"}, `"2.5" is not a whole number from 0 to 10000`},
		{[]string{"--key-accounts-alert", "many"}, `"many" is not a whole number from 0 to 10000`},
	} {
		got := runWith(t, nil, "", serveArgs(c.args...)...)
		if got.code != exitUsage || !strings.Contains(got.stderr, c.want) || strings.Contains(got.stderr, "hunter2") {
			t.Errorf("%v: %d %s", c.args, got.code, got.stderr)
		}
	}
}

// What is usual has a number where nobody says one; 0 turns a rule off.
func TestUsualSettings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		want models.Unusual
	}{
		"nothing said": {nil, models.Unusual{WrongCodes: 20, Overruled: 15, TimesUsual: 3, KeyAccounts: 4, AddressAccounts: 20}},
		"off or other": {[]string{"--wrong-codes-alert", "0", "--overruled-alert", "0", "--above-usual-alert", "2", "--key-accounts-alert",
			"9", "--address-accounts-alert", "0"},
			models.Unusual{WrongCodes: -1, Overruled: -1, TimesUsual: 2, KeyAccounts: 9, AddressAccounts: -1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var settings serveSettings
			parse(t, nil, &settings, serveArgs(c.args...)...)
			if settings.policy.Unusual != c.want {
				t.Errorf("%+v", settings.policy.Unusual)
			}
		})
	}
}
