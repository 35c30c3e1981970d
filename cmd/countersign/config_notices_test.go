package main

import (
	"slices"
	"strings"
	"testing"

	"countersign/handlers/notices"
	"countersign/models"

	"golang.org/x/text/language"
)

func TestNoticeSettings(t *testing.T) {
	t.Parallel()
	secret := strings.Repeat("s", 32)
	for name, tc := range map[string]struct {
		args     []string
		channels []models.Channel
		language language.Tag
	}{
		"nothing said": {nil, nil, language.English},
		"mail": {[]string{"--smtp-address", "mail.example.org:587", "--smtp-from", "City <no-reply@example.org>", "--smtp-user", "u",
			"--smtp-password", "p"},
			[]models.Channel{models.ChannelMail}, language.English},
		"both, in German": {[]string{"--smtp-address", "127.0.0.1:25", "--smtp-security", "none", "--smtp-from", "no-reply@example.org",
			"--notice-webhook", "https://hooks.example.org/x?y", "--notice-webhook-secret", secret, "--notice-language", "de"},
			[]models.Channel{models.ChannelMail, models.ChannelWebhook}, language.German},
		"webhook on loopback": {[]string{"--notice-webhook", "http://127.0.0.1:9/x", "--notice-webhook-secret", secret},
			[]models.Channel{models.ChannelWebhook}, language.English},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var settings serveSettings
			parse(t, nil, &settings, serveArgs(tc.args...)...)
			if !slices.Equal(settings.policy.NoticeChannels, tc.channels) || settings.notices.language != tc.language {
				t.Errorf("channels %v, language %v", settings.policy.NoticeChannels, settings.notices.language)
			}
			if mail, ok := settings.notices.channels[models.ChannelMail].(*notices.Mail); ok && mail.From.Address != "no-reply@example.org" {
				t.Errorf("from %v", mail.From)
			}
		})
	}
}

// No password and no notice goes anywhere in clear, and nothing half-configured starts.
func TestNoticeSettingsRefused(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"--smtp-address", "mail.example.org:25", "--smtp-security", "none", "--smtp-from", "a@example.org"},
			"mail would go in clear to mail.example.org"},
		{[]string{"--smtp-address", "127.0.0.1:25", "--smtp-security", "none", "--smtp-from", "a@example.org", "--smtp-user", "u",
			"--smtp-password", "hunter2"}, "the password would go in clear"},
		{[]string{"--smtp-address", "mail.example.org", "--smtp-from", "a@example.org"}, "is not a host and a port"},
		{[]string{"--smtp-address", "mail.example.org:587"}, "is not a mail address"},
		{[]string{"--smtp-address", "mail.example.org:587", "--smtp-from", "a@example.org\r\nBcc: b@example.org"}, "is not a mail address"},
		{[]string{"--smtp-address", "mail.example.org:587", "--smtp-from", "a@example.org", "--smtp-user", "u"},
			"name and password belong together"},
		{[]string{"--smtp-from", "a@example.org"}, "--smtp-address (COUNTERSIGN_SMTP_ADDRESS): missing"},
		{[]string{"--smtp-security", "perhaps"}, "is not one of them"},
		{[]string{"--notice-webhook", "http://hooks.example.org", "--notice-webhook-secret", strings.Repeat("h", 32)}, "it is not https"},
		{[]string{"--notice-webhook", "https://u:hunter2@hooks.example.org", "--notice-webhook-secret", strings.Repeat("h", 32)},
			"it has a user"},
		{[]string{"--notice-webhook", "https://hooks.example.org", "--notice-webhook-secret", "hunter2"}, "shorter than 32"},
		{[]string{"--notice-webhook", "https://hooks.example.org"}, "--notice-webhook-secret (COUNTERSIGN_NOTICE_WEBHOOK_SECRET): missing"},
		{[]string{"--notice-webhook-secret", strings.Repeat("h", 32)}, "--notice-webhook (COUNTERSIGN_NOTICE_WEBHOOK): missing"},
		{[]string{"--notice-language", "fr"}, "Take one of en, ar, de"},
	} {
		got := runWith(t, nil, "", serveArgs(tc.args...)...)
		if got.code != exitUsage || !strings.Contains(got.stderr, tc.want) || strings.Contains(got.stderr, "hunter2") {
			t.Errorf("%v: %d %s", tc.args, got.code, got.stderr)
		}
	}
}
