package models

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"countersign/audit/term"
	"countersign/models/hours"
	"countersign/models/zones"
	"countersign/oauth"
)

// NewCounter is a counter to be set up, or what it is changed to. Networks are CIDRs;
// none means "from anywhere". SessionID is the administrator's; "" is the command.
type NewCounter struct {
	SessionID                      string
	Name, Address, Hours, TimeZone string
	Networks                       []string
}

// MaxCounterNetworks is how many networks a counter may have.
const MaxCounterNetworks = 50

// Fields of a counter, as CounterProblem names them and as the trail says what changed.
const (
	CounterName     = string(term.CounterName)
	CounterAddress  = string(term.CounterAddress)
	CounterHours    = string(term.CounterHours)
	CounterTimeZone = string(term.CounterTimeZone)
	CounterNetworks = string(term.CounterNetworks)
)

// CounterProblem is one thing to mend of a counter. Value is the part that is wrong, ""
// when the field is empty or too long.
type CounterProblem struct{ Field, Value string }

// CheckCounter says everything that is wrong with a counter: each text must be there and
// fit to be shown, hours that are meant as data must be such (models/hours), the time zone
// an IANA name, every network a CIDR without host bits.
func CheckCounter(c NewCounter) []CounterProblem {
	var wrong []CounterProblem
	if oauth.CheckName(c.Name) != nil {
		wrong = append(wrong, CounterProblem{CounterName, c.Name})
	}
	if oauth.CheckNote(c.Address) != nil {
		wrong = append(wrong, CounterProblem{CounterAddress, c.Address})
	}
	if part, ok := checkHours(c.Hours); !ok {
		wrong = append(wrong, CounterProblem{CounterHours, part})
	}
	if !isTimeZone(c.TimeZone) {
		wrong = append(wrong, CounterProblem{CounterTimeZone, c.TimeZone})
	}
	for _, network := range c.Networks {
		if !isNetwork(network) {
			wrong = append(wrong, CounterProblem{CounterNetworks, network})
		}
	}
	if len(c.Networks) > MaxCounterNetworks {
		wrong = append(wrong, CounterProblem{CounterNetworks, ""})
	}
	return wrong
}

// checkHours takes words for people, and data. What was meant as data has to be such; part is what is wrong with it.
func checkHours(text string) (part string, ok bool) {
	_, err := hours.Parse(text)
	if err == nil {
		return "", true
	}
	if wrong, is := errors.AsType[*hours.PartError](err); is && hours.Meant(text) {
		return wrong.Part, false
	}
	return text, oauth.CheckNote(text) == nil
}

// isTimeZone knows the names of the IANA database.
func isTimeZone(name string) bool {
	_, err := zones.Load(name)
	return err == nil
}

// isNetwork refuses host bits: 192.0.2.7/24 may have been meant as 192.0.2.7/32.
func isNetwork(text string) bool {
	prefix, err := netip.ParsePrefix(text)
	return err == nil && prefix == prefix.Masked() && !prefix.Addr().Is4In6()
}

// CounterError is a counter that AddCounter and ChangeCounter refuse.
type CounterError struct{ Problems []CounterProblem }

func (e *CounterError) Error() string {
	var list []string
	for _, problem := range e.Problems {
		list = append(list, fmt.Sprintf("%s %q", problem.Field, problem.Value))
	}
	return "counter: not to be taken: " + strings.Join(list, ", ")
}

func (c NewCounter) row() (Counter, error) {
	row := Counter{Name: c.Name, Address: c.Address, Hours: c.Hours, TimeZone: c.TimeZone, Networks: strings.Join(c.Networks, " ")}
	// Who asks people wants a place and hours; a counter works without.
	wrong := slices.DeleteFunc(CheckCounter(c), func(p CounterProblem) bool {
		return p.Value == "" && (p.Field == CounterAddress || p.Field == CounterHours)
	})
	if len(wrong) > 0 {
		return row, &CounterError{wrong}
	}
	if h, data := row.OpeningHours(); data {
		row.Hours = h.String()
	}
	return row, nil
}
