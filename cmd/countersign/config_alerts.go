package main

import "countersign/models"

// AlertFlags say what is usual: one more alerts supervisors, and nothing is refused (docs/decisions/0054-called.md).
type AlertFlags struct {
	ApprovalAlert        string `help:"How many approvals of one operator within an hour are usual: one more alerts supervisors, and nothing is refused; 0 for no alert." default:"30"`
	AboveUsualAlert      string `help:"How many times what is usual of themselves and at their counter an operator approves on a day before it alerts supervisors; 0 for no alert." default:"3"`
	OpenedRecordsAlert   string `help:"How many customers' records one person opens within an hour as usual without a visit: one more alerts supervisors; 0 for no alert." default:"30"`
	WrongCodesAlert      string `help:"How many wrong codes at one counter within an hour are usual: one more alerts supervisors; 0 for no alert." default:"20"`
	OverruledAlert       string `help:"In how many visits of a week an operator overrules a difference as usual: one more alerts supervisors; 0 for no alert." default:"15"`
	KeyAccountsAlert     string `help:"How many accounts one device is approved for as usual: one more alerts supervisors; 0 for no alert." default:"4"`
	AddressAccountsAlert string `help:"For how many accounts requests from one address, in no counter's network, are approved within a week as usual: one more alerts supervisors; 0 for no alert." default:"20"`
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
