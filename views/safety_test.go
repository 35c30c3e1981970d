package views

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// A strict Content-Security-Policy must be able to forbid everything inline.
func TestNothingInline(t *testing.T) {
	eachPage(t, func(t *testing.T, source string, page *html.Node) {
		if found := elements(page, "style", "iframe", "object", "embed", "base"); len(found) > 0 {
			t.Errorf("the page has a %s element", found[0].Data)
		}
		for _, script := range elements(page, "script") {
			if attribute(script, "src") == "" || script.FirstChild != nil || attribute(script, "nonce") != testNonce {
				t.Errorf("a script is inline, or lacks the nonce: %v", script.Attr)
			}
		}
		if strings.Contains(source, "<script>") {
			t.Error("hostile text was not escaped")
		}
		for _, n := range elements(page) {
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("%s has the inline attribute %s", n.Data, a.Key)
				}
				if slices.Contains([]string{"href", "action", "src", "formaction"}, a.Key) &&
					strings.HasPrefix(strings.TrimSpace(a.Val), "javascript:") {
					t.Errorf("%s %s is a script: %s", n.Data, a.Key, a.Val)
				}
			}
		}
	})
}

// A text from outside must not be able to reorder the words around it.
func TestOutsideTextIsIsolated(t *testing.T) {
	eachPage(t, func(t *testing.T, source string, page *html.Node) {
		for n := range page.Descendants() {
			if n.Type == html.TextNode && strings.Contains(n.Data, "\u202E") && !isolated(n) {
				t.Errorf("not isolated in %s: %q", n.Parent.Data, n.Data)
			}
		}
	})
}

func isolated(n *html.Node) bool {
	if i := strings.Index(n.Data, "\u2068"); i >= 0 && i < strings.Index(n.Data, "\u202E") && strings.Contains(n.Data, "\u2069") {
		return true
	}
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Data == "bdi" {
			return true
		}
	}
	return false
}

func TestDemonstrationBanner(t *testing.T) {
	for _, demonstration := range []bool{true, false} {
		for name, component := range everyPage(Frame{Title: "A title", Demonstration: demonstration}, full) {
			if got := strings.Contains(render(t, component), "<strong>Demonstration.</strong>"); got != demonstration {
				t.Errorf("%s: banner shown is %v, want %v", name, got, demonstration)
			}
		}
	}
}

// docs/architecture.md §4.3: a user code is never shown to staff. No prop can carry one, and
// no page shows an example that looks like one.
func TestNoUserCode(t *testing.T) {
	looksLikeCode := regexp.MustCompile(`\b[BCDFGHJKLMNPQRSTVWXZ]{4}-?[BCDFGHJKLMNPQRSTVWXZ]{4}\b`)
	eachPage(t, func(t *testing.T, source string, page *html.Node) {
		if found := looksLikeCode.FindString(source); found != "" {
			t.Errorf("the page shows %q", found)
		}
		for _, input := range elements(page, "input") {
			if attribute(input, "name") == "user_code" && attribute(input, "value") != "" {
				t.Error("the typed code is shown again")
			}
		}
	})
	for _, p := range []any{Frame{}, AccountProps{}, ProofProps{}, DecideProps{}, DeclineProps{}, ReceiptProps{}, EventsProps{},
		ReviewRequestProps{}, VerificationProps{}} {
		noCodeField(t, reflect.TypeOf(p))
	}
}

func noCodeField(t *testing.T, of reflect.Type) {
	for of.Kind() == reflect.Slice || of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct {
		return
	}
	for i := range of.NumField() {
		if strings.Contains(of.Field(i).Name, "Code") {
			t.Errorf("%s.%s could carry a code", of.Name(), of.Field(i).Name)
		}
		noCodeField(t, of.Field(i).Type)
	}
}

// A stray Enter must never approve: the heading has the focus, the approval's
// form has no field to press Enter in, and Decline comes first.
func TestDecideIsNotDecidedByAccident(t *testing.T) {
	p := props[DecideProps](full)
	p.Blocked, p.SecondApproval = "", SecondApprovalPart{}
	source := render(t, DecidePage(Frame{Title: "Decide"}, p))
	page := parse(t, source)
	for _, n := range elements(page) {
		if has(n, "autofocus") && n.Data != "h1" {
			t.Errorf("%s takes the focus", n.Data)
		}
	}
	order := []string{"<h1", `class="change"`, `class="decline"`, `class="approve"`}
	for i := 1; i < len(order); i++ {
		if strings.Index(source, order[i-1]) >= strings.Index(source, order[i]) {
			t.Errorf("%s does not come before %s", order[i-1], order[i])
		}
	}
	for _, form := range elements(page, "form") {
		if strings.HasSuffix(attribute(form, "action"), "/approve") && slices.ContainsFunc(elements(form, "input", "select", "textarea"),
			func(n *html.Node) bool { return attribute(n, "type") != "hidden" }) {
			t.Error("the approval's form has a field")
		}
	}
}

// RFC 8628 §5.4: the device must be in the room. Who enters the code is told so.
func TestTheDeviceMustBeThere(t *testing.T) {
	account := props[AccountProps](full)
	account.Locked, account.OwnAccount, account.AccountUnknown, account.Account.NotActive = false, false, false, false
	account.Requests[0].HandledBy = ""
	source := render(t, AccountPage(Frame{Title: "Account"}, account))
	for _, want := range []string{"Ask the customer to show the screen.", "Do not take codes by phone, chat or photo."} {
		if !strings.Contains(source, want) {
			t.Errorf("where the code is entered, the page does not say %q", want)
		}
	}
}

func TestBlockedDecisionOffersNoApproval(t *testing.T) {
	source := render(t, DecidePage(Frame{Title: "Decide"}, DecideProps{Blocked: "The name differs."}))
	if strings.Contains(source, `class="approve"`) || !strings.Contains(source, "The name differs.") {
		t.Error("a blocked decision can be approved, or does not say why not")
	}
}
