package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// form is a form of a page, filled in as the page fills it.
type form struct {
	method, action string
	values         url.Values
	node           *html.Node
}

// formWith is the page's form that has a field of the name, nil when there is none.
func formWith(page *html.Node, field string) *form {
	return findForm(page, func(n *html.Node) bool { return isField(n) && attribute(n, "name") == field })
}

// formSaying is the page's form with a button whose words begin like this, nil when there
// is none.
func formSaying(page *html.Node, words string) *form {
	return findForm(page, func(n *html.Node) bool { return n.Data == "button" && strings.HasPrefix(text(n), words) })
}

func findForm(page *html.Node, has func(*html.Node) bool) *form {
	for _, node := range elements(page, func(n *html.Node) bool { return n.Data == "form" }) {
		if len(elements(node, has)) > 0 {
			return readForm(node)
		}
	}
	return nil
}

func readForm(node *html.Node) *form {
	f := &form{node: node, method: strings.ToUpper(attribute(node, "method")), action: attribute(node, "action"), values: url.Values{}}
	if f.method == "" {
		f.method = http.MethodGet
	}
	for _, field := range elements(node, isField) {
		name, kind := attribute(field, "name"), attribute(field, "type")
		choice := kind == "radio" || kind == "checkbox"
		checked := slices.ContainsFunc(field.Attr, func(a html.Attribute) bool { return a.Key == "checked" })
		if name != "" && field.Data != "button" && kind != "submit" && (!choice || checked) {
			f.values.Add(name, attribute(field, "value"))
		}
	}
	return f
}

// choose takes the radio button or the button whose words begin like this; false when the
// form has none.
func (f *form) choose(name, words string) bool {
	for _, field := range elements(f.node, func(n *html.Node) bool { return isField(n) && attribute(n, "name") == name }) {
		label := field
		if field.Data == "input" {
			id := attribute(field, "id")
			labels := elements(f.node, func(n *html.Node) bool { return n.Data == "label" && attribute(n, "for") == id })
			if len(labels) == 0 {
				continue
			}
			label = labels[0]
		}
		if strings.HasPrefix(text(label), words) {
			f.values.Set(name, attribute(field, "value"))
			return true
		}
	}
	return false
}

// linkSaying is the address of the page's link with these words, "" when there is none.
func linkSaying(page *html.Node, words string) string {
	for _, a := range elements(page, func(n *html.Node) bool { return n.Data == "a" }) {
		if strings.EqualFold(text(a), words) {
			return attribute(a, "href")
		}
	}
	return ""
}

func isField(n *html.Node) bool {
	return n.Data == "input" || n.Data == "button" || n.Data == "textarea" || n.Data == "select"
}

// elements are those below the node that are wanted, in the page's order.
func elements(root *html.Node, wanted func(*html.Node) bool) []*html.Node {
	var found []*html.Node
	for node := range root.Descendants() {
		if node.Type == html.ElementNode && wanted(node) {
			found = append(found, node)
		}
	}
	return found
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// text is what a person reads of a node, with single blanks.
func text(n *html.Node) string {
	var words []string
	for node := range n.Descendants() {
		if node.Type == html.TextNode {
			words = append(words, strings.Fields(node.Data)...)
		}
	}
	return strings.Join(words, " ")
}
