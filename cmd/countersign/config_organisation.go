package main

import (
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"countersign/handlers/web"
)

// OrganisationFlags are what the organisation says of itself on pages, receipts and notices.
type OrganisationFlags struct {
	OrganisationName          string `help:"Name of the organisation, on pages, receipts and notices." placeholder:"NAME"`
	OrganisationLogo          string `help:"File with its logo: PNG, WebP, or SVG without scripts; 100 KiB at most." placeholder:"FILE"`
	OrganisationTelephone     string `help:"Telephone number for questions, as people write it." placeholder:"NUMBER"`
	OrganisationPrivacy       string `help:"Address of the organisation's page on privacy." placeholder:"URL"`
	OrganisationImprint       string `help:"Address of its imprint." placeholder:"URL"`
	OrganisationAccessibility string `help:"Address of its accessibility statement." placeholder:"URL"`
}

// longestOrganisation is in characters.
const longestOrganisation = 80

// telephone is what people write, with 3 digits at least: "+49 (0)30 1234-0".
var telephone = regexp.MustCompile(`^\+?[0-9 ()/.-]*[0-9][0-9 ()/.-]*[0-9][0-9 ()/.-]*[0-9][0-9 ()/.-]*$`)

func (f *OrganisationFlags) check(c *checks) web.Organisation {
	o := web.Organisation{
		Name: strings.TrimSpace(f.OrganisationName), Telephone: strings.TrimSpace(f.OrganisationTelephone), Logo: f.logo(c),
		Privacy: c.page("organisation-privacy", f.OrganisationPrivacy), Imprint: c.page("organisation-imprint", f.OrganisationImprint),
		Accessibility: c.page("organisation-accessibility", f.OrganisationAccessibility),
	}
	if utf8.RuneCountInString(o.Name) > longestOrganisation || strings.ContainsFunc(o.Name, unicode.IsControl) {
		c.refuse("organisation-name", fmt.Sprintf("it is longer than %d characters, or has a line break", longestOrganisation),
			"Give the name as it stands on a sign")
	}
	if o.Telephone != "" && (len(o.Telephone) > 40 || !telephone.MatchString(o.Telephone)) {
		c.refuse("organisation-telephone", fmt.Sprintf("%q is not a telephone number", o.Telephone), "Write it like +49 30 1234-0")
	}
	return o
}

func (f *OrganisationFlags) logo(c *checks) *web.Logo {
	if f.OrganisationLogo == "" {
		return nil
	}
	const todo = "Name a PNG, WebP or SVG file that this program may read"
	info, err := os.Stat(f.OrganisationLogo)
	if err != nil {
		c.refuse("organisation-logo", "cannot be read: "+err.Error(), todo)
		return nil
	}
	if info.Size() > web.LargestLogo {
		c.refuse("organisation-logo", fmt.Sprintf("%s is larger than %d KiB", f.OrganisationLogo, web.LargestLogo>>10), "Make it smaller")
		return nil
	}
	content, err := os.ReadFile(f.OrganisationLogo)
	if err != nil {
		c.refuse("organisation-logo", "cannot be read: "+err.Error(), todo)
		return nil
	}
	logo, err := web.ReadLogo(content)
	if err != nil {
		c.refuse("organisation-logo", fmt.Sprintf("%s: %v", f.OrganisationLogo, err), todo)
	}
	return logo
}

// page is an address that people are led to.
func (c *checks) page(flag, value string) string {
	if value == "" {
		return ""
	}
	u, err := url.Parse(value)
	if err != nil || u.Hostname() == "" || u.User != nil || !isSecure(u) {
		c.refuse(flag, fmt.Sprintf("%q is not the address of a page", value), "Write it like https://www.example.org/privacy")
	}
	return value
}
