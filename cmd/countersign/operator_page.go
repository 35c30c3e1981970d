package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// pageForm is a form of a page, filled in as the page fills it.
type pageForm struct {
	node   *html.Node
	page   *html.Node
	method string
	action string
	values url.Values
}

// formWithField is the page's form that has a field of the name, nil when there is none.
func (b *operatorBrowser) formWithField(name string) *pageForm {
	for _, form := range findAll(b.page, tag("form")) {
		if slices.ContainsFunc(fields(form), func(n *html.Node) bool { return attribute(n, "name") == name }) {
			return newPageForm(b.page, form)
		}
	}
	return nil
}

// formWithButton is the page's form that has a button whose words begin like this.
func (b *operatorBrowser) formWithButton(words string) *pageForm {
	for _, form := range findAll(b.page, tag("form")) {
		if slices.ContainsFunc(findAll(form, tag("button")), func(n *html.Node) bool { return strings.HasPrefix(text(n), words) }) {
			return newPageForm(b.page, form)
		}
	}
	return nil
}

// link is the address of the page's link with these words.
func (b *operatorBrowser) link(words string) (string, bool) {
	for _, a := range findAll(b.page, tag("a")) {
		if strings.EqualFold(text(a), words) {
			return attribute(a, "href"), true
		}
	}
	return "", false
}

func newPageForm(page, node *html.Node) *pageForm {
	form := &pageForm{
		node: node, page: page, values: url.Values{},
		method: strings.ToUpper(attribute(node, "method")), action: attribute(node, "action"),
	}
	if form.method == "" {
		form.method = http.MethodGet
	}
	for _, field := range fields(node) {
		name, kind := attribute(field, "name"), attribute(field, "type")
		_, checked := lookupAttribute(field, "checked")
		choice := kind == "radio" || kind == "checkbox"
		if name == "" || field.Data == "button" || kind == "submit" || choice && !checked {
			continue
		}
		form.values.Add(name, attribute(field, "value"))
	}
	return form
}

// Fill sets fields of the form: a text, or a value that the page offers. Names and
// values alternate.
func (f *pageForm) Fill(pairs ...string) error {
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := f.fill(pairs[i], pairs[i+1]); err != nil {
			return err
		}
	}
	return nil
}

func (f *pageForm) fill(name, value string) error {
	known := false
	for _, field := range fields(f.node) {
		if attribute(field, "name") != name {
			continue
		}
		known = true
		switch kind := attribute(field, "type"); {
		case kind == "radio", kind == "checkbox", field.Data == "button":
			if attribute(field, "value") != value {
				continue
			}
		}
		f.values.Set(name, value)
		return nil
	}
	if known {
		return fmt.Errorf("the page offers no such choice of %s", name)
	}
	return fmt.Errorf("the page has no field %s", name)
}

// TickAll ticks every box of the name.
func (f *pageForm) TickAll(name string) {
	f.values.Del(name)
	for _, field := range fields(f.node) {
		if attribute(field, "name") == name && attribute(field, "type") == "checkbox" {
			f.values.Add(name, attribute(field, "value"))
		}
	}
}

// Choose takes the radio button or the button whose words begin like this.
func (f *pageForm) Choose(name, words string) error {
	for _, field := range fields(f.node) {
		if attribute(field, "name") != name {
			continue
		}
		label := field
		if field.Data == "input" {
			id := attribute(field, "id")
			label = find(f.page, func(n *html.Node) bool { return n.Data == "label" && attribute(n, "for") == id })
		}
		if strings.HasPrefix(text(label), words) {
			f.values.Set(name, attribute(field, "value"))
			return nil
		}
	}
	return fmt.Errorf("the page does not offer %q", words)
}

// fields are the controls of a form.
func fields(form *html.Node) []*html.Node {
	return findAll(form, func(n *html.Node) bool {
		return n.Data == "input" || n.Data == "button" || n.Data == "textarea" || n.Data == "select"
	})
}

func tag(name string) func(*html.Node) bool {
	return func(n *html.Node) bool { return n.Data == name }
}

func class(name string) func(*html.Node) bool {
	return func(n *html.Node) bool { return slices.Contains(strings.Fields(attribute(n, "class")), name) }
}

// findAll walks the tree in the page's order.
func findAll(root *html.Node, wanted func(*html.Node) bool) []*html.Node {
	var found []*html.Node
	if root == nil {
		return nil
	}
	for node := range root.Descendants() {
		if node.Type == html.ElementNode && wanted(node) {
			found = append(found, node)
		}
	}
	return found
}

func find(root *html.Node, wanted func(*html.Node) bool) *html.Node {
	if all := findAll(root, wanted); len(all) > 0 {
		return all[0]
	}
	return nil
}

func attribute(n *html.Node, name string) string {
	value, _ := lookupAttribute(n, name)
	return value
}

func lookupAttribute(n *html.Node, name string) (string, bool) {
	if n == nil {
		return "", false
	}
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// text is what a person reads of a node, with single blanks.
func text(n *html.Node) string {
	if n == nil {
		return ""
	}
	var words strings.Builder
	for node := range n.Descendants() {
		if node.Type == html.TextNode {
			words.WriteString(node.Data + " ")
		}
	}
	return strings.Join(strings.Fields(words.String()), " ")
}
