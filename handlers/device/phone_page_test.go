package device_test

import (
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/oauth"
	"countersign/static"
	"countersign/views"
)

func read(t *testing.T, s *handlerstest.Server, path string, staff *handlerstest.Staff) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Endpoint(path), nil)
	if err != nil {
		t.Fatal(err)
	}
	if staff != nil {
		staff.AddTo(request)
	}
	answer, err := s.HTTP.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

// The page is held to the same rules as every app, and says so before anybody types
// (decision 0015).
func TestPhonePageSaysWhoMayRegister(t *testing.T) {
	const closed, asksForToken, form = "This server lets only certain apps in", `name="initial_access_token"`, `id="phone-form"`
	for name, c := range map[string]struct {
		policy models.Policy
		listed bool
		want   []string
		not    []string
	}{
		"open":             {models.Policy{}, false, []string{form}, []string{closed, asksForToken}},
		"token":            {models.Policy{Registration: models.RegistrationByToken}, false, []string{form, asksForToken}, []string{closed}},
		"statement":        {models.Policy{Registration: models.RegistrationStated}, false, []string{closed}, []string{form}},
		"listed apps only": {models.Policy{ListedSoftwareOnly: true}, false, []string{closed}, []string{form}},
		"listed as an app": {models.Policy{ListedSoftwareOnly: true}, true, []string{form}, []string{closed}},
		"listed, with tokens": {models.Policy{ListedSoftwareOnly: true, Registration: models.RegistrationByToken}, true,
			[]string{form, asksForToken}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := handlerstest.Start(t, handlerstest.Config{Policy: c.policy})
			if c.listed {
				_, err := s.Store.AddSoftware(t.Context(), models.NewSoftware{Publisher: "Example City", SoftwareID: "countersign-phone-page",
					Name: "City page", Scope: oauth.Scope{"profile"}})
				if err != nil {
					t.Fatal(err)
				}
			}
			_, page := read(t, s, views.PathPhone, nil)
			for _, want := range c.want {
				if !strings.Contains(page, want) {
					t.Errorf("the page lacks %s", want)
				}
			}
			for _, not := range c.not {
				if strings.Contains(page, not) {
					t.Errorf("the page has %s", not)
				}
			}
		})
	}
}

// A browser keeps the page for weeks: it is the same for everybody, also for somebody of
// the staff, and says what the worker has to know.
func TestPhonePageIsNobodysOwn(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	operator := s.Operator("Olga Operator")
	answer, page := read(t, s, views.PathPhone, &operator)
	if strings.Contains(page, "Olga") || strings.Contains(page, "sign-out") || len(answer.Cookies()) > 0 {
		t.Error("the page knows who is signed in")
	}
	if got := answer.Header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("Cache-Control is %q", got)
	}
	for _, words := range []string{"Only if you started this yourself.", "Market Square", `href="` + oauth.PathVerification + `"`} {
		if !strings.Contains(page, words) {
			t.Errorf("the page lacks %q", words)
		}
	}
	if version := answer.Header.Get(views.HeaderPhoneVersion); version == "" {
		t.Error("the page has no version")
	} else if _, worker := read(t, s, views.PathPhoneWorker, nil); !strings.Contains(worker, version) {
		t.Error("the worker keeps another version")
	}
	policy := answer.Header.Get("Content-Security-Policy")
	for _, rule := range []string{"connect-src 'self'", "worker-src 'self'", "manifest-src 'self'", "script-src 'nonce-"} {
		if !strings.Contains(policy, rule) {
			t.Errorf("the policy lacks %s: %s", rule, policy)
		}
	}
}

// The way back: the public page leads to this one, and not where there is none.
func TestVerificationPageLeadsToThePhonePage(t *testing.T) {
	for _, off := range []bool{false, true} {
		s := handlerstest.Start(t, handlerstest.Config{NoPhonePage: off})
		if _, page := read(t, s, oauth.PathVerification, nil); strings.Contains(page, `href="`+views.PathPhone+`"`) == off {
			t.Errorf("switched off %v: the link is wrong", off)
		}
		for _, path := range []string{views.PathPhone, views.PathPhoneWorker, views.PathPhoneManifest} {
			want := http.StatusOK
			if off {
				want = http.StatusNotFound
			}
			if answer, _ := read(t, s, path, nil); answer.StatusCode != want {
				t.Errorf("switched off %v: %s is %d", off, path, answer.StatusCode)
			}
		}
	}
}

// Everything that the worker keeps is there: one missing file and it would keep nothing.
func TestPhoneWorkerKeepsWhatIsThere(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	answer, script := read(t, s, views.PathPhoneWorker, nil)
	if got := answer.Header.Get("Service-Worker-Allowed"); got != views.PathPhone {
		t.Errorf("the worker may work for %q", got)
	}
	first, _, _ := strings.Cut(script, "\n")
	var kept struct {
		Page  string   `json:"page"`
		Files []string `json:"files"`
	}
	if err := json.Unmarshal([]byte(strings.TrimSuffix(strings.TrimPrefix(first, "const kept = "), ";")), &kept); err != nil {
		t.Fatal(err)
	}
	for _, path := range append(kept.Files, kept.Page) {
		if answer, _ := read(t, s, path, nil); answer.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d", path, answer.StatusCode)
		}
	}
	_, page := read(t, s, views.PathPhone, nil)
	for _, name := range static.PhoneScripts() {
		if url := static.URL(name); !strings.Contains(page, url) || !strings.Contains(first, url) {
			t.Errorf("%s is not on the page, or not kept", name)
		}
	}
}

// Page, scripts' texts and manifest are in the reader's language, and the version is of it.
func TestPhonePageSpeaksTheReadersLanguage(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	versions := map[string]bool{}
	for language, words := range map[string][]string{
		"en": {`<html lang="en"`, "Only if you started this yourself.", "within 7 days", "This page hears within seconds"},
		"de": {`<html lang="de"`, "Nur wenn Sie das selbst begonnen haben.", "innerhalb von 7 Tagen", "Diese Seite erfährt in Sekunden"},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Endpoint(views.PathPhone), nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept-Language", language)
		answer := s.Do(request)
		for _, want := range words {
			if !strings.Contains(answer.Text, want) {
				t.Errorf("%s: the page lacks %q", language, want)
			}
		}
		versions[answer.Header.Get(views.HeaderPhoneVersion)] = true
	}
	if len(versions) != 2 {
		t.Errorf("two languages are one version: %v", versions)
	}
}

func TestPhoneManifest(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	answer, body := read(t, s, views.PathPhoneManifest, nil)
	var manifest map[string]any
	if err := json.Unmarshal([]byte(body), &manifest); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"start_url": "/phone", "scope": "/phone", "display": "standalone", "name": "Connect this phone",
		"lang": "en"} {
		if manifest[name] != want {
			t.Errorf("%s is %v", name, manifest[name])
		}
	}
	if got := answer.Header.Get("Content-Type"); got != "application/manifest+json" {
		t.Errorf("Content-Type is %q", got)
	}
}

// What a phone needs to put the page on its home screen (W3C Web Application Manifest):
// icons of the sizes that they say, one of them maskable.
func TestPhoneManifestIsInstallable(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	_, text := read(t, s, views.PathPhoneManifest, nil)
	var manifest struct {
		StartURL string `json:"start_url"`
		Scope    string `json:"scope"`
		Display  string `json:"display"`
		Icons    []struct{ Src, Sizes, Type, Purpose string }
	}
	if err := json.Unmarshal([]byte(text), &manifest); err != nil {
		t.Fatal(err)
	}
	if manifest.StartURL != views.PathPhone || manifest.Scope != views.PathPhone || manifest.Display != "standalone" {
		t.Errorf("the manifest is %s", text)
	}
	seen := map[string]bool{}
	for _, icon := range manifest.Icons {
		answer, content := read(t, s, icon.Src, nil)
		if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != icon.Type {
			t.Errorf("%s: %d %s", icon.Src, answer.StatusCode, answer.Header.Get("Content-Type"))
		}
		if icon.Type == "image/png" {
			picture, err := png.DecodeConfig(strings.NewReader(content))
			if err != nil || fmt.Sprintf("%dx%d", picture.Width, picture.Height) != icon.Sizes {
				t.Errorf("%s is not of %s (%v)", icon.Src, icon.Sizes, err)
			}
		}
		seen[icon.Sizes+icon.Purpose] = true
	}
	if !seen["192x192"] || !seen["512x512"] || !seen["512x512maskable"] {
		t.Errorf("icons %v", seen)
	}
}
