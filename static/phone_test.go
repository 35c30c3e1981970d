package static

import (
	"crypto/sha256"
	"encoding/hex"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// What is vendored is what its authors published, with its licence beside it:
// qrcode-generator 2.0.4, dist/qrcode.js.
func TestVendoredQRCodeGenerator(t *testing.T) {
	content, err := files.ReadFile("vendor/qrcode-generator.js")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	if got := hex.EncodeToString(sum[:]); got != "79ec86f82856005b1c887905cfccfcfbec3821ca61c7fd5a952faa5f778f791c" {
		t.Errorf("sha256 %s", got)
	}
	if licence, err := Content("vendor/qrcode-generator.LICENSE.txt"); err != nil || !strings.Contains(string(licence), "The MIT License") {
		t.Errorf("its licence is missing (%v)", err)
	}
}

// When the kept page is shown, by worker.test.mjs, and what reminds of the deadline, by
// calendar.test.mjs, with days.test.mjs.
func TestPhoneWorkerAndCalendar(t *testing.T) {
	needNode(t)
	run := exec.CommandContext(t.Context(), "node", "--test", "worker.test.mjs", "calendar.test.mjs", "days.test.mjs")
	if out, err := run.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// No secret in an address or in localStorage, nothing from elsewhere, nothing that a
// strict policy forbids, nothing that a phone of 2017 lacks whose last system is iOS 16, and
// no text of ours: texts come with the page.
func TestPhoneScriptsKeepTheRules(t *testing.T) {
	for _, name := range append(PhoneScripts()[1:], "phone/worker.js") {
		content, err := Content(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, forbidden := range []string{"AbortSignal.any", "withResolvers", "groupBy", "localStorage", "sessionStorage", "document.cookie",
			"innerHTML", "insertAdjacentHTML", "eval(", "new Function", "console.", "https://"} {
			if strings.Contains(string(content), forbidden) {
				t.Errorf("%s has %s", name, forbidden)
			}
		}
		if lines := strings.Count(string(content), "\n"); lines > 250 {
			t.Errorf("%s has %d lines", name, lines)
		}
	}
	if content, err := Content("phone.css"); err != nil || len(content) > 6<<10 {
		t.Errorf("phone.css has %d bytes (%v)", len(content), err)
	}
}

// A browser without light-dark() is shown every colour's light half.
func TestPhoneColoursWithoutLightDark(t *testing.T) {
	colours, err := Content("app.css")
	if err != nil {
		t.Fatal(err)
	}
	phone, err := Content("phone.css")
	if err != nil {
		t.Fatal(err)
	}
	_, older, _ := strings.Cut(string(phone), "@supports not (color: light-dark(")
	tokens := regexp.MustCompile(`(--[\w-]+): light-dark\((#\w+),`).FindAllStringSubmatch(string(colours), -1)
	if len(tokens) < 10 {
		t.Fatalf("app.css has %d colours in two schemes", len(tokens))
	}
	for _, token := range tokens {
		if want := token[1] + ": " + token[2] + ";"; !strings.Contains(older, want) {
			t.Errorf("phone.css lacks %s", want)
		}
	}
}
