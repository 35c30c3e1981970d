// Package notices tells the contact of an account what happens to the account, and takes
// the answer "it was not me" (docs/decisions/0016-notices.md).
//
// # The way of a notice
//
//	models      writes it down in the transaction of what happened
//	worker.go   sends what is due and writes down what became of it; tries again later
//	lane.go     takes what is due, for each channel beside all others, a few at a time
//	compose.go  the words, in the deployment's language (inert.go: what an app says of itself)
//	mail.go     sends them by SMTP (mail_steps.go: step by step)
//	alerts.go   tells supervisors of alerts by the same ways, without a name in it
//	trial.go    a test message, which a command sends
//	practice.go keeps them for training, and sends them to nobody
//	webhook.go  posts them, signed, to a receiver of the organisation's own
//	not_me.go   the page that the link in a notice opens
//
// A visit never waits for any of this. What goes wrong is logged without the address and
// without what a mail server answered, since that repeats addresses.
package notices
