package counter

import (
	"fmt"
	"net/netip"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// The facts against approving an attacker's request (counter.md, screen 4): who asked,
// from where, when, and what else the same account, device, address and document were
// part of. They inform; none of them decides.

// manyAccounts is how many other accounts from one address make one look again. A
// household shares an address, so one is nothing; at the counter's own network, where
// customers come and go, no number is anything.
const manyAccounts = 3

func (h *Console) cautions(c echo.Context, v visit) ([]views.FraudCheck, error) {
	facts, err := h.app.Store.FraudFacts(c.Request().Context(), v.DeviceAuthorization)
	if err != nil {
		return nil, err
	}
	age := web.Age(h.app.Store.Now().Sub(v.CreatedAt.Time()))
	return []views.FraudCheck{
		whoAsked(v),
		{Label: "Asked from", Value: startedFrom(v.Address, web.Address(c), web.SessionOf(c).Counter)},
		{Label: "Asked", Value: age + " ago, on " + web.Moment(v.CreatedAt.Time(), web.Zone(c))},
		otherRequests(facts),
		declinedRequests(facts),
		sameDevice(facts),
		sameAddress(facts, isHere(v.Address, web.Address(c), web.SessionOf(c).Counter)),
		{Label: "Same document", Value: documentShown(facts.DocumentAccounts), Caution: facts.DocumentAccounts > 0},
		presenceShown(v),
	}, nil
}

// presenceShown says whether the device at the counter is the one that asked. A typed code
// is the usual way, so it is a caution only where more is required.
func presenceShown(v visit) views.FraudCheck {
	if v.PresenceShown() == models.PresenceProved {
		return views.FraudCheck{Label: "Device at the counter", Value: "Proved: the device showed that it holds its key"}
	}
	return views.FraudCheck{Label: "Device at the counter", Value: "Code only: the device did not prove its key here", Caution: v.PresenceRequired}
}

func whoAsked(v visit) views.FraudCheck {
	switch {
	case v.PublisherName == "":
		return views.FraudCheck{Label: "App", Value: "From no registered publisher; its name is only what it says", Caution: true}
	case !v.Verified:
		return views.FraudCheck{Label: "App", Value: "It says it is from \u2068" + v.PublisherName + "\u2069, not verified: any app can say so", Caution: true}
	}
	return views.FraudCheck{Label: "App", Value: "From \u2068" + v.PublisherName + "\u2069, verified by its signature"}
}

// startedFrom compares where the request came from with where the operator sits. Both
// home and counter are usual, so neither is a caution.
func startedFrom(asked string, operator netip.Addr, counter *models.Counter) string {
	address, err := netip.ParseAddr(asked)
	switch {
	case err != nil:
		return "An unknown address"
	case address.Unmap() == operator:
		return asked + ", the same address as this workplace"
	case isHere(asked, operator, counter):
		return asked + ", the same network as this counter"
	}
	return asked + ", another network than this counter"
}

// isHere says whether a request came from the network of the counter, as it is set up,
// or from the operator's own.
func isHere(asked string, operator netip.Addr, counter *models.Counter) bool {
	address, err := netip.ParseAddr(asked)
	if err != nil {
		return false
	}
	atCounter := counter != nil && counter.Networks != "" && counter.Allows(address)
	return atCounter || near(address.Unmap(), operator)
}

// near says whether two addresses are of one small network: /24, or /48 for IPv6.
func near(a, b netip.Addr) bool {
	bits := 24
	if a.Is6() {
		bits = 48
	}
	prefix, err := a.Prefix(bits)
	return err == nil && prefix.Contains(b)
}

func otherRequests(facts models.FraudFacts) views.FraudCheck {
	check := views.FraudCheck{Label: "Waiting besides", Value: "No other request for this account"}
	if n := facts.OtherPending; n > 0 {
		check.Value = fmt.Sprintf("%s for this account. Only the code on the customer’s own screen counts", counted(n, "other request", "other requests"))
		check.Caution = true
	}
	return check
}

func declinedRequests(facts models.FraudFacts) views.FraudCheck {
	check := views.FraudCheck{Label: "Declined lately", Value: "None for this account"}
	if facts.Declined > 0 {
		check.Value, check.Caution = counted(facts.Declined, "request", "requests")+" for this account", true
	}
	if facts.Suspicious > 0 {
		check.Value += fmt.Sprintf(", %d as suspicious", facts.Suspicious)
	}
	return check
}

func sameDevice(facts models.FraudFacts) views.FraudCheck {
	check := views.FraudCheck{Label: "Same device", Value: accountsAsked(facts.ClientAccounts), Caution: facts.ClientAccounts > 0}
	if facts.ClientUnknown > 0 {
		check.Value += ", and " + counted(facts.ClientUnknown, "time", "times") + " for one that does not exist"
		check.Caution = true
	}
	return check
}

func accountsAsked(n int) string {
	if n == 0 {
		return "Asked for no other account"
	}
	return "Asked for " + counted(n, "other account", "other accounts")
}

func sameAddress(facts models.FraudFacts, here bool) views.FraudCheck {
	return views.FraudCheck{
		Label: "Same address", Value: accountsAsked(facts.AddressAccounts) + " lately",
		Caution: facts.AddressAccounts >= manyAccounts && !here,
	}
}

func documentShown(n int) string {
	if n == 0 {
		return "Not seen for another account"
	}
	return "Shown before for " + counted(n, "other account", "other accounts")
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
