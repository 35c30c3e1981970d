package term

// System is a part of the server that caused an event.
type System string

// Parts of the server.
const (
	SystemCommand       System = "command"      // a command about accounts, clients, counters, publishers or APIs
	SystemCommandLine   System = "command line" // a command about keys
	SystemStart         System = "start"        // the start of the server
	SystemKeyRotation   System = "key rotation"
	SystemSignIn        System = "sign-in"
	SystemProvider      System = "provider" // the organisation's OpenID Provider
	SystemTokenEndpoint System = "token endpoint"
	SystemJWKSURI       System = "jwks uri"  // the client's key was asked for there
	SystemNotice        System = "notice"    // the link in a notice
	SystemMail          System = "mail"      // by which a notice goes
	SystemWebhook       System = "webhook"   // by which a notice goes
	SystemSweep         System = "sweep"     // of rows whose time is over
	SystemSequencer     System = "sequencer" // which lets the tree over the trail grow
)

// Systems lists the set.
func Systems() []System {
	return []System{
		SystemCommand, SystemCommandLine, SystemStart, SystemKeyRotation, SystemSignIn, SystemProvider,
		SystemTokenEndpoint, SystemJWKSURI, SystemNotice, SystemMail, SystemWebhook, SystemSweep,
		SystemSequencer,
	}
}

// Label returns it in plain English.
func (s System) Label() string {
	return string(s)
}
