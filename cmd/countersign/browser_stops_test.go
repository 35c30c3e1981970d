package main

import (
	"context"
	"net/url"
	"strings"

	"countersign/handlers/handlerstest"
	"countersign/oauth/deviceclient"
	"countersign/views"
)

func publicStops() []stop {
	return []stop{
		{"sign-in", 200, at(notSignedIn, views.PathSignIn)},
		{"demonstration provider", 200, func(w *tour) (*tab, int64) {
			b := w.as(notSignedIn)
			b.open(views.PathSignIn)
			return b, b.submit("[action='/sign-in']", nil)
		}},
		{"sign-in refused by the provider", 400, func(w *tour) (*tab, int64) {
			b := w.as(notSignedIn)
			state := evaluate[string](b, "document.querySelector('[name=state]').value")
			return b, b.open(views.PathSignIn + "/callback?" + url.Values{"error": {"access_denied"}, "state": {state}}.Encode())
		}},
		{"sign-in that is over", 400, at(notSignedIn, views.PathSignIn+"/callback?state=old&code=old")},
		{"signed out here", 200, func(w *tour) (*tab, int64) {
			b := w.as(leaving)
			b.stayHere(demoProviderPath + "/end-session")
			return b, b.submit("[action='/sign-out']", nil)
		}},
		{"signed out there, question", 200, func(w *tour) (*tab, int64) {
			b := w.as(leaving)
			b.leadOn()
			return b, b.open(demoProviderPath + "/end-session?" + url.Values{
				"client_id": {demoClientID}, "post_logout_redirect_uri": {w.issuer + views.PathSignIn},
			}.Encode())
		}},
		{"signed out", 200, func(w *tour) (*tab, int64) {
			return w.as(leaving), w.as(leaving).submit("[action$='/end-session']", nil)
		}},
		{"signed out there", 200, at(leaving, demoProviderPath+"/end-session")},
		{"verification page", 200, at(notSignedIn, "/device")},
		{"practice", 200, at(notSignedIn, views.PathPractice)},
		{"help, for whom", 200, at(notSignedIn, views.PathHelp)},
		{"help for operators", 200, at(notSignedIn, views.HelpPath("operator", ""))},
		{"help for supervisors", 200, at(notSignedIn, views.HelpPath("supervisor", ""))},
		{"help for administrators", 200, at(notSignedIn, views.HelpPath("administrator", ""))},
		{"help for people with a phone", 200, at(notSignedIn, views.HelpPath("phone", ""))},
		{"nothing at this address", 404, at(notSignedIn, "/nothing-here")},
		{"wrong method", 405, at(notSignedIn, views.PathSignOut)},
	}
}

func counterStops() []stop {
	search := func(identifier string) func(*tour) (*tab, int64) {
		return func(w *tour) (*tab, int64) {
			b := w.as(demoOperator)
			b.open(views.PathCounter)
			return b, b.submit(".search", url.Values{"identifier": {identifier}})
		}
	}
	return []stop{
		{"open a counter", 200, at(demoOperator, views.PathOpenCounter)},
		{"help at a counter", 200, at(demoOperator, views.HelpPath("operator", views.PathOpenCounter))},
		{"scanner test", 200, at(demoOperator, views.PathScanner)},
		{"open a counter, nothing chosen", 200, func(w *tour) (*tab, int64) {
			b := w.as(demoOperator)
			b.open(views.PathOpenCounter)
			evaluate[int](b, "document.querySelectorAll('[name=counter]').forEach(e => e.checked = false), 0")
			return b, b.submit("[action$='/open']", nil)
		}},
		{"counter", 200, at(demoOperator, views.PathCounter)},
		{"search, nothing typed", 200, search("")},
		{"search, too little typed", 200, search("C-")},
		{"search, nobody found", 200, search("nobody@example.org")},
		{"search, a long identifier", 200, search(strings.Repeat("long-identifier-", 12))},
		{"search, several found", 200, search("+44")},
		{"search, more than a page", 200, search("C-1")},
	}
}

// accountStops are the faces of an account's page.
func accountStops() []stop {
	account := func(identifier string, before func(*tour)) func(*tour) (*tab, int64) {
		return func(w *tour) (*tab, int64) {
			if before != nil {
				before(w)
			}
			b := w.as(demoOperator)
			b.search(identifier)
			return b, b.open(b.path())
		}
	}
	return []stop{
		{"account, no request", 200, account("C-100235", nil)},
		{"own account", 200, account(demoOwn, func(w *tour) { w.ask(demoOwn, "Amara's tablet", "") })},
		{"suspended account", 200, account("C-100364", func(w *tour) { w.ask("C-100364", "Victor's phone", "") })},
		{"account, one request", 200, account(demoHint, func(w *tour) { w.ask(demoHint, "Anna Lindqvist's phone", "blue, 2025") })},
		{"account, wrong code", 200, func(w *tour) (*tab, int64) {
			b := w.as(demoOperator)
			b.search(demoHint)
			return b, b.submit("[action$='/match']", url.Values{"user_code": {"BBBB-BBBB"}})
		}},
		{"account, no code", 200, func(w *tour) (*tab, int64) {
			b := w.as(demoOperator)
			b.search(demoHint)
			return b, b.submit("[action$='/match']", url.Values{"user_code": {"12"}})
		}},
		{"account, several requests with long names", 200, account("ayse.yilmaz@example.org", func(w *tour) {
			w.ask("ayse.yilmaz@example.org", strings.Repeat("W", 64), strings.Repeat("a long description ", 13))
			w.phone(unlistedApp, deviceclient.Request{LoginHint: "ayse.yilmaz@example.org"})
			w.phone(quaysideHealth, deviceclient.Request{LoginHint: "ayse.yilmaz@example.org", InstanceName: "Ayşe’nin telefonu"})
		})},
		{"account, right to left", 200, account("C-100263", func(w *tour) { w.ask("C-100263", "هاتف رنا", "أزرق") })},
		{"account, locked", 200, account("priya.raman@example.net", func(w *tour) {
			w.ask("priya.raman@example.net", "Priya's phone", "")
			w.lock("priya.raman@example.net")
		})},
	}
}

// documentStops are the page of the document, and the page to decide on what it says.
func documentStops() []stop {
	return []stop{
		{"document", 200, func(w *tour) (*tab, int64) {
			b := w.as(demoOperator)
			phone := w.ask("C-100248", "Grace's phone", "")
			b.search("C-100248")
			visit := b.match(codeOf(phone))
			return b, b.open(views.ProofPath(visit))
		}},
		{"document, nothing filled in", 200, func(w *tour) (*tab, int64) { return w.as(demoOperator), w.as(demoOperator).proof(nil) }},
		{"document, the name differs and no reason", 200, func(w *tour) (*tab, int64) {
			differs := goodDocument()
			differs.Set("name_matches", views.ResultDiffers)
			return w.as(demoOperator), w.as(demoOperator).proof(differs)
		}},
		{"document, a scan that is none", 200, func(w *tour) (*tab, int64) {
			return w.as(demoOperator),
				w.as(demoOperator).proof(url.Values{"scan": {strings.Replace(handlerstest.Passport("LINDQVIST<<GRACE", "900101", "310531"), "UTO900101",
					"UTO900107", 1)}})
		}},
		{"document, scanned and all differs", 200, func(w *tour) (*tab, int64) {
			return w.as(demoOperator), w.as(demoOperator).proof(url.Values{"scan": {handlerstest.Passport("LINDQVIST<<GRACE", "900101", "310531")}})
		}},
		{"document, typed instead", 200, func(w *tour) (*tab, int64) {
			return w.as(demoOperator), w.as(demoOperator).click("[name=drop]", "Type it instead")
		}},
		{"decide", 200, func(w *tour) (*tab, int64) { return w.as(demoOperator), w.as(demoOperator).proof(goodDocument()) }},
		{"decide, declined without a reason", 200, func(w *tour) (*tab, int64) {
			return w.as(demoOperator), w.as(demoOperator).submit("[action$='/decline']", nil)
		}},
		{"account, mine to go on with", 200, func(w *tour) (*tab, int64) {
			b := w.as(demoOperator)
			b.search("C-100248")
			return b, b.open(b.path())
		}},
		{"decide, the name differs", 200, func(w *tour) (*tab, int64) {
			b := w.as(demoOperator)
			phone := w.ask("C-100263", "هاتف رنا", "أزرق")
			b.search("C-100263")
			b.match(codeOf(phone))
			differs := goodDocument()
			differs.Set("name_matches", views.ResultDiffers)
			differs.Set("name_reason", views.NoNameReason)
			return b, b.proof(differs)
		}},
	}
}

// decisionStops are what follows a decision, and the pages to decline.
func decisionStops() []stop {
	return []stop{
		{"receipt", 200, func(w *tour) (*tab, int64) {
			b, _, _ := w.decide("C-100322", "Björk's phone")
			return b, b.submit("[action$='/approve']", nil)
		}},
		{"decline without a match", 200, func(w *tour) (*tab, int64) {
			b := w.as(demoOperator)
			b.search("ayse.yilmaz@example.org")
			return b, b.click("a", "Decline…")
		}},
		{"decline without a match, no reason", 200, func(w *tour) (*tab, int64) {
			return w.as(demoOperator), w.as(demoOperator).submit("[action$='/decline']", nil)
		}},
		{"declined", 200, func(w *tour) (*tab, int64) {
			return w.as(demoOperator),
				w.as(demoOperator).submit("[action$='/decline']", url.Values{"reason": {views.DeclineReasons(context.Background())[0].Value}})
		}},
		{"given back", 200, func(w *tour) (*tab, int64) {
			b, _, _ := w.decide("C-100340", "Ioana's phone")
			return b, b.submit("[action$='/release']", nil)
		}},
	}
}
