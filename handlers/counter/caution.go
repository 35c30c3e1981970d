package counter

import (
	"context"
	"net/netip"
	"time"

	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// The facts against approving an attacker's request (docs/counter.md §1.4): who asked,
// from where, when, and what else the same account, device, address and document were
// part of. They inform; none of them decides.

// manyAccounts is how many other accounts from one address make one look again. A
// household shares an address, so one is nothing; at the counter's own network, where
// customers come and go, no number is anything.
const manyAccounts = 3

// workplace is where the operator of a visit sits, as what a request is compared with.
type workplace struct {
	address   netip.Addr
	counter   *models.Counter
	zone      *time.Location
	elsewhere bool // the page's reader is the second person, and sits somewhere else
}

// workplaceHere returns the workplace of the page's reader.
func workplaceHere(c echo.Context) workplace {
	return workplace{address: web.Address(c), counter: web.SessionOf(c).Counter, zone: web.Zone(c)}
}

// The kinds of the facts, by which a form says which of them somebody has looked at.
const (
	factName     = "name"
	factScan     = "scan"
	factHolder   = "holder"
	factApp      = "app"
	factPresence = "presence"
	factPending  = "pending"
	factDeclined = "declined"
	factDevice   = "device"
	factAddress  = "address"
	factDocument = "document"
)

// cautions returns what is to be looked at before the decision, and what is quiet.
func (h *Console) cautions(c echo.Context, v visit, proofing models.Proofing, at workplace) ([]views.FraudCheck, error) {
	ctx := c.Request().Context()
	facts, err := h.app.Store.FraudFacts(ctx, v.DeviceAuthorization)
	if err != nil {
		return nil, err
	}
	say := views.Speaker(ctx)
	ago := views.Ago(ctx, h.app.Store.Now().Sub(v.CreatedAt.Time()))
	checks := documentCautions(ctx, proofing)
	if facts.Repudiated > 0 {
		checks = append(checks, holdersWord(say, facts))
	}
	return append(checks,
		whoAsked(say, v, facts),
		views.FraudCheck{Label: say("Asked"), Value: say("%s, on %s", ago, views.Moment(ctx, v.CreatedAt.Time(), at.zone)), OfDevice: true},
		views.FraudCheck{Label: say("Asked from"), Value: startedFrom(say, v.Address, at), OfDevice: true},
		presenceShown(say, v, facts),
		otherRequests(say, facts),
		declinedRequests(say, facts),
		sameDevice(say, facts),
		sameAddress(say, facts, isHere(v.Address, at)),
		views.FraudCheck{Kind: factDocument, Label: say("Same document"), Value: documentShown(say, facts.DocumentAccounts),
			Caution: facts.DocumentAccounts > 0},
	), nil
}

// documentCautions are what the check of the document left open.
func documentCautions(ctx context.Context, proofing models.Proofing) []views.FraudCheck {
	say := views.Speaker(ctx)
	var checks []views.FraudCheck
	if proofing.NameResult == models.Differs {
		value := say("It differs from the record, and no reason was given")
		if reason := views.ChoiceLabel(views.NameReasons(ctx), proofing.NameReason); reason != "" {
			value = say("It differs from the record: %s", reason)
		}
		checks = append(checks, views.FraudCheck{Kind: factName, Label: say("Name on the document"), Value: value, Caution: true})
	}
	if proofing.Overruled != "" {
		value := say("An earlier scan or check for this account differed from the record; this one does not.")
		if words := console.OverruledWords(ctx, proofing); words != "" {
			value += " " + say("The operator says: %s", "\u2068"+words+"\u2069")
		}
		checks = append(checks, views.FraudCheck{Kind: factScan, Label: say("Document"), Value: value, Caution: true})
	}
	return checks
}

// holdersWord comes first: the account's holder has said that another person is after it.
func holdersWord(say views.Sayer, facts models.FraudFacts) views.FraudCheck {
	return views.FraudCheck{
		Kind: factHolder, Label: say("The holder’s word"), Caution: true,
		Value: say("“It was not me”, of %d requests or devices lately. Whoever is in front of you may be somebody else", facts.Repudiated),
	}
}

// usuallyProved is how many devices with the same app proved their key lately for that to
// be the usual way.
const usuallyProved = 3

// presenceShown returns what is known of the device at the counter: whether it is the one
// that asked. A code can be passed on: an attacker's code, on the screen of a person who was
// told to show it, looks like any other (RFC 10027). So a code alone is a caution in three
// cases: more is required; devices with this app usually prove their key; another request
// waits that could be mistaken for this one. At a counter without a scanner, a caution at
// every visit would soon be read by nobody.
func presenceShown(say views.Sayer, v visit, facts models.FraudFacts) views.FraudCheck {
	check := views.FraudCheck{Kind: factPresence, Label: say("Device at the counter"), OfDevice: true}
	usual := facts.AppProves >= usuallyProved
	switch {
	case v.PresenceShown() == models.PresenceProved:
		check.Value = say("Proved: the device showed that it holds its key")
	case usual:
		check.Value = say("Code only, though devices with this app usually prove their key. The code may be another device’s: give the request back and scan the QR code on the customer’s own screen")
	default:
		check.Value = say("Code only: the device did not prove its key here, and a code can be passed on")
	}
	check.Caution = v.PresenceShown() != models.PresenceProved && (usual || v.PresenceRequired || facts.OtherPending > 0)
	return check
}

// whoAsked says whose app it is. Without a publisher's signature nothing proves it, whether the
// app names a publisher or none: both are one caution. Where no registered publisher can sign,
// it is so at every visit, and a caution at none.
func whoAsked(say views.Sayer, v visit, facts models.FraudFacts) views.FraudCheck {
	publisher := "\u2068" + v.PublisherName + "\u2069"
	check := views.FraudCheck{Kind: factApp, Label: say("App"), Caution: !v.Verified && facts.Publishers > 0, OfApp: true}
	switch {
	case v.PublisherName == "":
		check.Value = say("From no registered publisher; its name is only what it says")
	case !v.Verified:
		check.Value = say("It says it is from %s, not verified: any app can say so", publisher)
	default:
		check.Value = say("From %s, verified by its signature", publisher)
	}
	return check
}

// startedFrom compares where the request came from with where the operator sits. Both
// home and counter are usual, so neither is a caution.
func startedFrom(say views.Sayer, asked string, at workplace) string {
	address, err := netip.ParseAddr(asked)
	switch {
	case err != nil:
		return say("An unknown address")
	case address.Unmap() == at.address && at.elsewhere:
		return say("%s, the same address as the operator’s workplace", asked)
	case address.Unmap() == at.address:
		return say("%s, the same address as this workplace", asked)
	case isHere(asked, at) && at.elsewhere:
		return say("%s, the same network as the operator’s counter", asked)
	case isHere(asked, at):
		return say("%s, the same network as this counter", asked)
	case at.elsewhere:
		return say("%s, another network than the operator’s counter", asked)
	}
	return say("%s, another network than this counter", asked)
}

// isHere reports whether a request came from the network of the counter, as it is set up,
// or from the operator's own.
func isHere(asked string, at workplace) bool {
	address, err := netip.ParseAddr(asked)
	if err != nil {
		return false
	}
	atCounter := at.counter != nil && at.counter.Networks != "" && at.counter.Allows(address)
	return atCounter || near(address.Unmap(), at.address)
}

// near reports whether two addresses are of one small network: /24, or /48 for IPv6.
func near(a, b netip.Addr) bool {
	bits := 24
	if a.Is6() {
		bits = 48
	}
	prefix, err := a.Prefix(bits)
	return err == nil && prefix.Contains(b) // never an address that is not known
}

func otherRequests(say views.Sayer, facts models.FraudFacts) views.FraudCheck {
	check := views.FraudCheck{Kind: factPending, Label: say("Also waiting"), Value: say("nothing"), Caution: facts.OtherPending > 0}
	if facts.OtherPending > 0 {
		check.Value = say("%d other requests for this account. Only the code on the customer’s own screen counts", facts.OtherPending)
	}
	return check
}

func declinedRequests(say views.Sayer, facts models.FraudFacts) views.FraudCheck {
	check := views.FraudCheck{Kind: factDeclined, Label: say("Declined lately"), Value: say("nothing")}
	if facts.Declined > 0 {
		check.Value, check.Caution = say("%d requests for this account", facts.Declined), true
	}
	if facts.Suspicious > 0 {
		check.Value = say("%s, %d as suspicious", check.Value, facts.Suspicious)
	}
	return check
}

func sameDevice(say views.Sayer, facts models.FraudFacts) views.FraudCheck {
	check := views.FraudCheck{Kind: factDevice, Label: say("Same device"), Value: say("no other account"), Caution: facts.ClientAccounts > 0}
	if facts.ClientAccounts > 0 {
		check.Value = say("Asked for %d other accounts", facts.ClientAccounts)
	}
	if facts.ClientUnknown > 0 {
		check.Value += say(", and %d times for one that does not exist", facts.ClientUnknown)
		check.Caution = true
	}
	return check
}

func sameAddress(say views.Sayer, facts models.FraudFacts, here bool) views.FraudCheck {
	check := views.FraudCheck{
		Kind: factAddress, Label: say("Same address"), Value: say("no other account"),
		Caution: facts.AddressAccounts >= manyAccounts && !here,
	}
	if facts.AddressAccounts > 0 {
		check.Value = say("Asked for %d other accounts lately", facts.AddressAccounts)
	}
	return check
}

func documentShown(say views.Sayer, n int) string {
	if n == 0 {
		return say("no other account")
	}
	return say("Shown before for %d other accounts", n)
}
