package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"countersign/handlers/web"

	"golang.org/x/text/language"
)

func TestOrganisationSettings(t *testing.T) {
	t.Parallel()
	logo := filepath.Join(t.TempDir(), "logo.svg")
	if err := os.WriteFile(logo, []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), 0o600); err != nil {
		t.Fatal(err)
	}
	var settings serveSettings
	parse(t, nil, &settings, serveArgs("--organisation-name", " City of Harbour ", "--organisation-telephone", "+49 (0)30 1234-0",
		"--organisation-logo", logo, "--organisation-privacy", "https://harbour.example/privacy", "--scope", "mail=Read your mail",
		"--scope", "mail#de=Ihre Post lesen")...)
	o := settings.about
	if o.Name != "City of Harbour" || o.Logo == nil || o.Logo.Type != "image/svg+xml" || o.Privacy != "https://harbour.example/privacy" {
		t.Errorf("%+v", o)
	}
	if n := settings.notices.about; n.Name != o.Name || n.Telephone != "+49 (0)30 1234-0" || n.Privacy != o.Privacy {
		t.Errorf("notices end with %+v", n)
	}
	if scope := scopeNamed(settings.scopes, "mail"); scope.Words != "Read your mail" || scope.Languages[language.German] != "Ihre Post lesen" {
		t.Errorf("%+v", scope)
	}
}

func scopeNamed(scopes []web.Scope, name string) web.Scope {
	for _, scope := range scopes {
		if scope.Name == name {
			return scope
		}
	}
	return web.Scope{}
}

func TestOrganisationSettingsRefused(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"--organisation-name", strings.Repeat("n", 81)}, "--organisation-name (COUNTERSIGN_ORGANISATION_NAME): it is longer than 80"},
		{[]string{"--organisation-name", "City\nof Harbour"}, "has a line break"},
		{[]string{"--organisation-telephone", "ask Anna"}, `"ask Anna" is not a telephone number`},
		{[]string{"--organisation-telephone", "12"}, "is not a telephone number"},
		{[]string{"--organisation-privacy", "javascript:alert(1)"}, "is not the address of a page"},
		{[]string{"--organisation-imprint", "http://harbour.example"}, "is not the address of a page"},
		{[]string{"--organisation-accessibility", "/accessibility"}, "is not the address of a page"},
		{[]string{"--organisation-logo", filepath.Join(folder, "none.png")}, "cannot be read"},
		{[]string{"--organisation-logo", file("logo.gif", "GIF89a")}, "neither PNG nor WebP nor SVG"},
		{[]string{"--organisation-logo", file("large.png", strings.Repeat("x", 102401))}, "is larger than 100 KiB"},
		{[]string{"--organisation-logo", file("script.svg", `<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`)}, "the element script"},
		{[]string{"--scope", "mail#de=Ihre Post lesen"}, `"mail" has words in a language, and none for everybody`},
		{[]string{"--scope", "mail=Mail", "--scope", "mail#xx=Mail"}, `there is no language "xx"`},
		{[]string{"--scope", "mail=Mail", "--scope", "mail#de=Post", "--scope", "mail#de=Briefe"}, "is there twice in the language"},
	} {
		got := runWith(t, nil, "", serveArgs(tc.args...)...)
		if got.code != exitUsage || !strings.Contains(got.stderr, tc.want) {
			t.Errorf("%v: %d %s", tc.args, got.code, got.stderr)
		}
	}
}
