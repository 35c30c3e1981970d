package views

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"
)

// hostile is what an attacker would put in every text that comes from outside.
const hostile = "\u202Egnp\u202E javascript:alert(1)//\"'><script>alert(1)</script> שלום"

// outside names the props whose text is written by a person or a device; all
// other texts are written by the handlers.
var outside = []string{
	"Name", "Identifier", "Identifiers", "App", "Publisher", "DeviceName", "DeviceDescription",
	"StartedFrom", "HandledBy", "Place", "Who", "Account", "Client", "Counter", "DocumentIssuer",
	"NumberEnding", "AccountName", "CounterName", "CounterAddress", "Address", "Hours", "StaffName",
	"DocumentNumber", "DocumentExpiry", "BirthDate", "Reference", "Called", "Remark", "Scope", "AppOf", "Software",
	"Contact", "Before", "After", "Problem", "Column", "Limit",
}

type kind int

const (
	empty  kind = iota // no text, nothing in lists, every flag false
	full               // plain text everywhere, every flag true
	attack             // hostile text wherever it can come from outside, flags true
	refuse             // as attack, with every flag false and no optional text
)

// fill sets every field of a props struct by the wanted kind.
func fill(v reflect.Value, name string, k kind) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), v.Type().Field(i).Name, k)
		}
	case reflect.Slice:
		if k != empty {
			v.Set(reflect.MakeSlice(v.Type(), 2, 2))
			fill(v.Index(0), name, k)
			fill(v.Index(1), name, k)
		}
	case reflect.Pointer:
		if k == full || k == attack {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), name, k)
		}
	case reflect.String:
		v.SetString(text(name, k))
	case reflect.Bool:
		v.SetBool(k == full || k == attack)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(k))
	}
}

func text(name string, k kind) string {
	switch {
	case k == empty:
		return ""
	case k != full && (slices.Contains(outside, name) || strings.HasSuffix(name, "URL") || name == "ID" || name == "Action"):
		return hostile
	case k == refuse && (name == "Blocked" || name == "HandledBy"):
		return ""
	default:
		return "plain"
	}
}

func props[P any](k kind) P {
	var p P
	fill(reflect.ValueOf(&p).Elem(), "", k)
	return p
}

// everyPage renders each page with props of the given kind.
func everyPage(frame Frame, k kind) map[string]templ.Component {
	return map[string]templ.Component{
		"Scanner":       ScannerPage(frame, props[ScannerProps](k)),
		"SignIn":        SignInPage(frame, props[SignInProps](k)),
		"DemoSignIn":    DemoSignInPage(frame, props[DemoSignInProps](k)),
		"DemoSignOut":   DemoSignOutPage(frame, props[DemoSignOutProps](k)),
		"OpenCounter":   OpenCounterPage(frame, props[OpenCounterProps](k)),
		"Counter":       CounterPage(frame, props[CounterProps](k)),
		"Account":       AccountPage(frame, props[AccountProps](k)),
		"Proof":         ProofPage(frame, props[ProofProps](k)),
		"Decide":        DecidePage(frame, props[DecideProps](k)),
		"Decline":       DeclinePage(frame, props[DeclineProps](k)),
		"Bindings":      BindingsPage(frame, props[BindingsProps](k)),
		"Binding":       BindingPage(frame, props[BindingProps](k)),
		"EndAll":        EndAllPage(frame, props[EndAllProps](k)),
		"Declined":      DeclinedPage(frame, props[DeclinedProps](k)),
		"Receipt":       ReceiptPage(frame, props[ReceiptProps](k)),
		"Error":         ErrorPage(frame, props[ErrorProps](k)),
		"NotMe":         NotMePage(frame, props[NotMeProps](k)),
		"Phone":         phonePage(frame, k),
		"Help":          HelpPage(frame, helpProps(k)),
		"HelpIndex":     HelpIndexPage(frame, props[HelpIndexProps](k)),
		"Practice":      PracticePage(frame, practiceProps(k)),
		"Verification":  VerificationPage(frame, props[VerificationProps](k)),
		"Events":        EventsPage(frame, props[EventsProps](k)),
		"Event":         EventPage(frame, props[EventProps](k)),
		"State":         StatePage(frame, props[StateProps](k)),
		"Overview":      OverviewPage(frame, overviewProps(k)),
		"Story":         StoryPage(frame, props[StoryProps](k)),
		"Day":           DayPage(frame, props[DayProps](k)),
		"Week":          WeekPage(frame, props[WeekProps](k)),
		"Publishers":    PublishersPage(frame, props[PublishersProps](k)),
		"Software":      SoftwarePage(frame, props[SoftwareProps](k)),
		"ReviewRequest": ReviewRequestPage(frame, props[ReviewRequestProps](k)),
	}
}

// phonePage has a document of its own, so that it has no Frame.
func phonePage(frame Frame, k kind) templ.Component {
	p := props[PhoneProps](k)
	p.Demonstration = frame.Demonstration
	return PhonePage(p)
}

// helpProps has a text with a heading, as each has.
func helpProps(k kind) HelpProps {
	p := props[HelpProps](k)
	p.Text = "<h1>Help</h1>"
	return p
}

// overviewProps has plots of different names, one of bars that stand.
func overviewProps(k kind) OverviewProps {
	p := props[OverviewProps](k)
	for i := range p.Plots {
		p.Plots[i].ID, p.Plots[i].Standing = fmt.Sprintf("plot-%d", i), i == 0
	}
	return p
}

// practiceProps has cards of different names.
func practiceProps(k kind) PracticeProps {
	p := props[PracticeProps](k)
	for i := range p.Cards {
		p.Cards[i].ID = fmt.Sprintf("card-%d", i)
	}
	return p
}

// administrationPages are those of an administrator.
func administrationPages(frame Frame, k kind) map[string]templ.Component {
	return map[string]templ.Component{
		"Counters":        CountersPage(frame, props[CountersProps](k)),
		"CloseCounter":    CloseCounterPage(frame, props[CloseCounterProps](k)),
		"CounterSettings": CounterSettingsPage(frame, props[CounterSettingsProps](k)),
		"Staff":           StaffPage(frame, props[StaffProps](k)),
		"StaffMember":     StaffMemberPage(frame, props[StaffMemberProps](k)),
		"Accounts":        AccountsPage(frame, props[AccountsProps](k)),
		"AccountSettings": AccountSettingsPage(frame, props[AccountSettingsProps](k)),
		"AccountForm":     AccountFormPage(frame, props[AccountFormProps](k)),
		"Import":          ImportPage(frame, props[ImportProps](k)),
		"ImportProgress":  ImportProgressPage(frame, props[ImportProgressProps](k)),
		"Policies":        PoliciesPage(frame, props[PoliciesProps](k)),
	}
}

func eachPage(t *testing.T, check func(t *testing.T, source string, page *html.Node)) {
	for _, k := range []kind{empty, full, attack, refuse} {
		frame := props[Frame](k)
		frame.Title = "A title"
		frame.Errors = nil
		pages := everyPage(frame, k)
		maps.Copy(pages, administrationPages(frame, k))
		for name, component := range pages {
			t.Run(fmt.Sprintf("%s/%d", name, k), func(t *testing.T) {
				source := render(t, component)
				check(t, source, parse(t, source))
			})
		}
	}
}

const testNonce = "N0NCE"

func render(t *testing.T, component templ.Component) string {
	t.Helper()
	var buffer bytes.Buffer
	if err := component.Render(templ.WithNonce(context.Background(), testNonce), &buffer); err != nil {
		t.Fatal(err)
	}
	return buffer.String()
}

func parse(t *testing.T, source string) *html.Node {
	t.Helper()
	page, err := html.Parse(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// elements lists the elements with one of the given names, or all of them.
func elements(page *html.Node, names ...string) []*html.Node {
	var found []*html.Node
	for n := range page.Descendants() {
		if n.Type == html.ElementNode && (len(names) == 0 || slices.Contains(names, n.Data)) {
			found = append(found, n)
		}
	}
	return found
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}
