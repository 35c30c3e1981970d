package main

import (
	"fmt"
	"net/mail"

	"countersign/handlers/notices"
	"countersign/models"
)

// AlertFlags say what is usual: one more alerts supervisors, and nothing is refused; and how supervisors are told who look at no
// page (docs/decisions/0054-called.md).
type AlertFlags struct {
	ApprovalAlert        string `help:"How many approvals of one operator within an hour are usual: one more alerts supervisors, and nothing is refused; 0 for no alert." default:"30"`
	AboveUsualAlert      string `help:"How many times what is usual of themselves and at their counter an operator approves on a day before it alerts supervisors; 0 for no alert." default:"3"`
	OpenedRecordsAlert   string `help:"How many customers' records one person opens within an hour as usual without a visit: one more alerts supervisors; 0 for no alert." default:"30"`
	WrongCodesAlert      string `help:"How many wrong codes at one counter within an hour are usual: one more alerts supervisors; 0 for no alert." default:"20"`
	OverruledAlert       string `help:"In how many visits of a week an operator overrules a difference as usual: one more alerts supervisors; 0 for no alert." default:"15"`
	KeyAccountsAlert     string `help:"How many accounts one device is approved for as usual: one more alerts supervisors; 0 for no alert." default:"4"`
	AddressAccountsAlert string `help:"For how many accounts requests from one address, in no counter's network, are approved within a week as usual: one more alerts supervisors; 0 for no alert." default:"20"`

	AlertMail              string `help:"Mail address of supervisors, which may be a list's: alerts are mailed there by the server of --smtp-address." placeholder:"ADDRESS"`
	AlertWebhook           string `help:"Address of your own that takes alerts as JSON, signed." placeholder:"URL"`
	AlertWebhookSecret     string `help:"Secret that alerts to it are signed with, 32 characters at least." placeholder:"SECRET"`
	AlertWebhookSecretFile string `help:"File that holds that secret." placeholder:"FILE"`
}

// into sets what is usual in a policy.
func (f *AlertFlags) into(policy *models.Policy, c *checks) {
	policy.ApprovalAlert = c.anHour("approval-alert", f.ApprovalAlert)
	policy.OpenedRecordsAlert = c.anHour("opened-records-alert", f.OpenedRecordsAlert)
	policy.Unusual = models.Unusual{
		TimesUsual:      c.usual("above-usual-alert", f.AboveUsualAlert),
		WrongCodes:      c.anHour("wrong-codes-alert", f.WrongCodesAlert),
		Overruled:       c.usual("overruled-alert", f.OverruledAlert),
		KeyAccounts:     c.usual("key-accounts-alert", f.KeyAccountsAlert),
		AddressAccounts: c.usual("address-accounts-alert", f.AddressAccountsAlert),
	}
}

// anHour reads how many are usual within an hour, negative for any number.
func (c *checks) anHour(name, value string) int {
	return c.upTo10000(name, value, "Write how many within an hour, or 0 for any number")
}

// usual reads how many are usual, negative for any number.
func (c *checks) usual(name, value string) int {
	return c.upTo10000(name, value, "Write how many are usual, or 0 for any number")
}

// channels are the ways to supervisors who look at no page. mailer is the way to the mail server, nil where there is none.
func (f *AlertFlags) channels(c *checks, mailer *notices.Mail) map[models.Channel]notices.AlertChannel {
	ways := map[models.Channel]notices.AlertChannel{}
	if f.AlertMail != "" {
		address, err := mail.ParseAddress(f.AlertMail)
		switch {
		case err != nil || address.Address != f.AlertMail:
			c.refuse("alert-mail", fmt.Sprintf("%q is not a bare mail address", f.AlertMail), "Write it like supervisors@example.org")
		case mailer == nil:
			c.refuse("alert-mail", "there is no mail server to send by", "Give --smtp-address and --smtp-from as well")
		default:
			ways[models.ChannelMail] = notices.AlertMail{Mail: mailer, To: f.AlertMail}
		}
	}
	webhook := webhookFlags{"alert-webhook", f.AlertWebhook, f.AlertWebhookSecret, f.AlertWebhookSecretFile}
	if way := webhook.check(c); way != nil {
		ways[models.ChannelWebhook] = way
	}
	return ways
}
