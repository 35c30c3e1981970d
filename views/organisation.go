package views

import (
	"cmp"
	"context"
	"strings"
)

// Organisation is what the deployment says of itself, on each page and on paper. Every field may be "".
type Organisation struct {
	Name          string
	LogoURL       string // beside the name, which is its text
	Telephone     string // as people write it
	Privacy       string // addresses of the organisation's own pages
	Imprint       string
	Accessibility string
	StylesheetURL string // for what the above look like
}

// product is the name of a deployment that has none of its own.
const product = "Countersign"

func (o Organisation) name() string { return cmp.Or(o.Name, product) }

// inTitle is the name where no element can stand.
func (o Organisation) inTitle() string {
	if o.Name == "" {
		return product
	}
	return isolate(o.Name)
}

// call is the address of the telephone (RFC 3966).
func (o Organisation) call() string {
	return "tel:" + strings.Map(func(r rune) rune {
		if strings.ContainsRune("+0123456789", r) {
			return r
		}
		return -1
	}, strings.ReplaceAll(o.Telephone, "(0)", ""))
}

// organisationLink is one of the links at the foot of each page.
type organisationLink struct{ address, words string }

func (o Organisation) links(ctx context.Context) []organisationLink {
	var list []organisationLink
	for _, link := range []organisationLink{
		{o.Privacy, say(ctx, "Privacy")}, {o.Imprint, say(ctx, "Imprint")}, {o.Accessibility, say(ctx, "Accessibility")},
	} {
		if link.address != "" {
			list = append(list, link)
		}
	}
	return list
}
