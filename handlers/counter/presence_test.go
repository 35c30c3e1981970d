package counter_test

import (
	"image"
	"image/color"
	"image/png"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"

	"rsc.io/qr"
)

// scanned is the text that a scanner reads off a phone's screen: rendered, photographed,
// decoded by zbar.
func scanned(t *testing.T, text string) string {
	t.Helper()
	scanner, err := exec.LookPath("zbarimg")
	if err != nil {
		if os.Getenv("TEST_REQUIRE") == "all" {
			t.Fatal("zbarimg is not installed")
		}
		t.Skip("zbarimg is not installed")
	}
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		t.Fatal(err)
	}
	if code.Size > 69 {
		t.Errorf("%d modules", code.Size)
	}
	const module, quiet = 6, 4
	picture := image.NewGray(image.Rect(0, 0, (code.Size+2*quiet)*module, (code.Size+2*quiet)*module))
	for y := range picture.Rect.Dy() {
		for x := range picture.Rect.Dx() {
			if !code.Black(x/module-quiet, y/module-quiet) {
				picture.Set(x, y, color.White)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "screen.png")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(file, picture); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	read, err := exec.Command(scanner, "--raw", "-q", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(read)
}

// One scan of the customer's screen in the search box finds account and request and
// matches (docs/counter.md §1.1); every page and record says that the device proved it.
func TestScanOfThePresenceProofFindsAndMatches(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	// A keyboard wedge with Caps Lock on, and Enter at the end.
	scan := strings.ToLower(scanned(t, phone.Presence(codes))) + "\r\n"
	page := b.Get(views.PathCounter).Form(views.PathSearch).Set("identifier", scan).Submit()
	page.Wants(http.StatusOK, "Check the ID document").Says("Done: the device proved its key")
	visit := strings.Split(page.URL.Path, "/")[3]
	decide := prove(page, visit).Says("Proved: the device showed that it holds its key").SaysNot("Code only")
	decide.Form(views.ApprovePath(visit)).Submit().Wants(http.StatusOK, "Device approved").Says("Presence", "Proved: the device showed")
	review := s.BrowserOf(t, s.Supervisor("Sue")).Open(views.ReviewRequestPath(visit))
	review.Wants(http.StatusOK, "Request of").Says("Presence", "proved")
	phone.Poll(codes.DeviceCode).Succeeded(t, http.StatusOK)
}

// At screen 2 the field of the code takes the proof as well, and says what is wrong with
// one, without costing a try.
func TestPresenceProofInPlaceOfTheCode(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone, other := s.Phone(), s.Phone()
	codes := phone.Ask(nil)
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	enter := func(typed string) *handlerstest.Page {
		return b.Open(views.AccountPath(s.Account.ID)).Form(views.MatchPath(s.Account.ID)).Set("user_code", typed).Submit()
	}
	fresh := phone.Presence(codes)
	enter(fresh[:200]).Says("was not read as a whole", "No try was used.").SaysNot(fresh[:200])
	s.Clock.Advance(61 * time.Second)
	enter(fresh).Says("more than a minute old", "No try was used.").SaysNot(fresh, codes.UserCode)
	enter(other.Presence(codes)).Says("Not the code for this account. 5 tries left.")
	page := enter(scanned(t, phone.Presence(codes))).Wants(http.StatusOK, "Check the ID document")
	visit := strings.Split(page.URL.Path, "/")[3]
	used := phone.Presence(codes)
	enter(used).Wants(http.StatusOK, "Check the ID document")
	enter(used).Says("was used before", "No try was used.")
	s.Clock.Advance(-40 * time.Second)
	ahead := phone.Presence(codes)
	s.Clock.Advance(-31 * time.Second)
	enter(ahead).Says("clock is fast", "No try was used.")
	if visit == "" {
		t.Error("no visit")
	}
	search := b.Get(views.PathCounter).Form(views.PathSearch)
	search.Set("identifier", other.Presence(codes)).Submit().Says("No waiting request has this QR code").SaysNot(oauth.PresencePrefix)
}

// docs/protocol.md §6 shown-code: where the proof is required, the page asks for it, and neither the code
// nor a page that was left open gets past it.
func TestPageAsksForThePresenceProof(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	page, visit := match(b, s, codes.UserCode)
	decide := prove(page, visit)
	_, err := s.Store.AddSoftware(t.Context(), models.NewSoftware{Publisher: "Pocket", SoftwareID: "example.pocketbank", Name: "Pocket Bank",
		Scope: oauth.Scope{"profile"}, PresenceRequired: true})
	if err != nil {
		t.Fatal(err)
	}
	before := s.LastEvent()
	decide.Form(views.ApprovePath(visit)).Submit().Wants(http.StatusConflict, "The device’s own proof is missing")
	b.Get(views.DecidePath(visit)).Says("needs the device’s own proof").SaysNot("Approve this device")
	account := b.Open(views.AccountPath(s.Account.ID)).Says("needs the QR code of the device itself")
	account.Form(views.MatchPath(s.Account.ID)).Set("user_code", codes.UserCode).Submit().
		Says("This account or app needs the device’s own proof", "No try was used.")
	if got := s.Events(before); !slices.Equal(got, []audit.Type{audit.DecisionRefused, audit.CodeMatchFailed}) {
		t.Errorf("events %v", got)
	}
	again := b.Open(views.AccountPath(s.Account.ID)).Form(views.MatchPath(s.Account.ID)).Set("user_code", phone.Presence(codes)).Submit()
	prove(again, visit).Form(views.ApprovePath(visit)).Submit().Wants(http.StatusOK, "Device approved")
}
