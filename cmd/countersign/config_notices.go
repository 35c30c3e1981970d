package main

import (
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strconv"

	"countersign/handlers/notices"
	"countersign/models"
	"countersign/views"

	"golang.org/x/text/language"
)

// shortestSecret is in bytes: 128 bits in hexadecimal.
const shortestSecret = 32

// NoticeFlags say how the contacts of accounts are told what happens.
type NoticeFlags struct {
	SMTPAddress             string `name:"smtp-address" help:"Mail server that takes notices to accounts' contacts, host and port; without it none are mailed." placeholder:"HOST:PORT"`
	SMTPFrom                string `name:"smtp-from" help:"Sender of notices, for example 'City of Harbour <no-reply@harbour.example>'." placeholder:"ADDRESS"`
	SMTPSecurity            string `name:"smtp-security" help:"How the way to the mail server is protected: starttls, tls, or none on loopback." default:"starttls" values:"starttls,tls,none"`
	SMTPUser                string `name:"smtp-user" help:"Name to sign in with at the mail server." placeholder:"NAME"`
	SMTPPassword            string `name:"smtp-password" help:"Password there." placeholder:"PASSWORD"`
	SMTPPasswordFile        string `name:"smtp-password-file" help:"File that holds that password." placeholder:"FILE"`
	NoticeWebhook           string `help:"Address of your own that takes notices as JSON, signed." placeholder:"URL"`
	NoticeWebhookSecret     string `help:"Secret that notices to it are signed with, 32 characters at least." placeholder:"SECRET"`
	NoticeWebhookSecretFile string `help:"File that holds that secret." placeholder:"FILE"`
	NoticeLanguage          string `help:"Language of notices to accounts that have none of their own: en, or another that there is, such as de." default:"en"`
}

// noticeSettings are NoticeFlags, checked.
type noticeSettings struct {
	alerts   map[models.Channel]notices.AlertChannel
	channels map[models.Channel]notices.Channel
	language language.Tag
	words    *views.Words
	about    notices.About
}

// in lists the channels for the policy.
func (s noticeSettings) in() []models.Channel {
	var channels []models.Channel
	for _, channel := range models.Channels() {
		if s.channels[channel] != nil {
			channels = append(channels, channel)
		}
	}
	return channels
}

func (f *NoticeFlags) check(c *checks, words *views.Words) noticeSettings {
	settings := noticeSettings{
		channels: map[models.Channel]notices.Channel{}, words: words, language: c.language("notice-language", f.NoticeLanguage, words),
	}
	if mail := f.mail(c); mail != nil {
		settings.channels[models.ChannelMail] = mail
	}
	notice := webhookFlags{"notice-webhook", f.NoticeWebhook, f.NoticeWebhookSecret, f.NoticeWebhookSecretFile}
	if webhook := notice.check(c); webhook != nil {
		settings.channels[models.ChannelWebhook] = webhook
	}
	return settings
}

func (f *NoticeFlags) mail(c *checks) *notices.Mail {
	security := notices.SMTPSecurity(c.oneOf("smtp-security", f.SMTPSecurity, string(notices.STARTTLS), string(notices.ImplicitTLS),
		string(notices.PlainSMTP)))
	password := c.secret("smtp-password", f.SMTPPassword, f.SMTPPasswordFile)
	if f.SMTPAddress == "" {
		if f.SMTPFrom != "" || f.SMTPUser != "" || password != "" {
			c.refuse("smtp-address", "missing, and other settings of the mail server are there", "Give its host and port, or leave the others out")
		}
		return nil
	}
	host, port, err := net.SplitHostPort(f.SMTPAddress)
	number, bad := strconv.ParseUint(port, 10, 16)
	if err != nil || bad != nil || host == "" || number == 0 {
		c.refuse("smtp-address", fmt.Sprintf("%q is not a host and a port", f.SMTPAddress), "Write it like mail.example.org:587")
	}
	if security == notices.PlainSMTP && !isLoopback(host) {
		c.refuse("smtp-security", "mail would go in clear to "+host, "Take starttls or tls; none is for a mail server on this computer only")
	}
	if (f.SMTPUser == "") != (password == "") {
		c.refuse("smtp-user", "name and password belong together", "Give --smtp-user and --smtp-password-file, or neither")
	}
	if f.SMTPUser != "" && security == notices.PlainSMTP {
		c.refuse("smtp-user", "the password would go in clear", "Take --smtp-security starttls or tls, or leave name and password out")
	}
	from, err := mail.ParseAddress(f.SMTPFrom)
	if err != nil {
		c.refuse("smtp-from", fmt.Sprintf("%q is not a mail address", f.SMTPFrom), "Write it like no-reply@example.org")
	}
	return &notices.Mail{Host: host, Port: int(number), Security: security, From: from, User: f.SMTPUser, Password: password}
}

// webhookFlags are a flag for an address, and those of the secret that what goes there is signed with.
type webhookFlags struct{ name, address, secret, secretFile string }

// check returns nil where there is none.
func (f webhookFlags) check(c *checks) *notices.Webhook {
	before := len(c.problems)
	secret := c.secret(f.name+"-secret", f.secret, f.secretFile)
	if len(c.problems) > before {
		return nil
	}
	if f.address == "" {
		if secret != "" {
			c.refuse(f.name, "missing, and its secret is there", "Give the address, or leave the secret out")
		}
		return nil
	}
	u, err := url.Parse(f.address)
	switch {
	case err != nil || u.Hostname() == "":
		c.refuse(f.name, "it is not an address", "Write it like https://notices.example.org/countersign")
	case !isSecure(u):
		c.refuse(f.name, "it is not https", "Use https; http is for loopback only")
	case u.User != nil || u.Fragment != "":
		c.refuse(f.name, "it has a user or a fragment", "Leave it out: the signature says who sends")
	}
	if len(secret) < shortestSecret {
		c.refuse(f.name+"-secret", fmt.Sprintf("missing or shorter than %d characters", shortestSecret),
			"Make one with: openssl rand -hex 32")
	}
	return notices.NewWebhook(f.address, []byte(secret), nil)
}
