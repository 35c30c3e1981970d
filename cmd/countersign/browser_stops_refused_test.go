package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"time"

	"countersign/audit"
	"countersign/views"
)

// refusalStops are the pages that tell staff of what they may not do, or no more.
func refusalStops() []stop {
	return []stop{
		{"decided already", 409, func(w *tour) (*tab, int64) {
			b, _, visit := w.decide("C-100346", "Sipho's phone")
			b.submit("[action$='/approve']", nil)
			return b, b.post(views.ApprovePath(visit))
		}},
		{"handled by another, account", 200, func(w *tour) (*tab, int64) {
			phone := w.ask("C-100328", "Daan's phone", "")
			other := w.operatorAt(colleague, quayside)
			if err := other.Search(w.t.Context(), "C-100328"); err != nil {
				w.t.Fatal(err)
			}
			if err := other.Match(w.t.Context(), codeOf(phone)); err != nil {
				w.t.Fatal(err)
			}
			b := w.as(demoOperator)
			b.search("C-100328")
			w.ask("C-100328", "Daan's tablet", "") // so that codes can be entered
			return b, b.open(b.path())
		}},
		{"no longer to match", 409, func(w *tour) (*tab, int64) {
			b, _, visit := w.decide("C-100299", "Phone")
			b.submit("[action$='/release']", nil)
			return b, b.post(views.ApprovePath(visit))
		}},
		{"not for this role", 403, at(demoOperator, views.PathReviewEvents)},
		{"not for an administrator", 403, func(w *tour) (*tab, int64) {
			b := w.administrator()
			return b, b.open(views.PathCounter)
		}},
	}
}

// publisherStops are the pages of who may register.
func publisherStops() []stop {
	return []stop{
		{"publishers", 200, func(w *tour) (*tab, int64) {
			b := w.administrator()
			return b, b.open("/")
		}},
		{"a new registration token", 200, func(w *tour) (*tab, int64) {
			b := w.administrator()
			b.open(views.PathPublishers)
			return b, b.submit(`[action="/admin/registration-tokens"]`, url.Values{"note": {"For Anna"}, "days": {"7"}})
		}},
		{"a publisher to mend", 200, func(w *tour) (*tab, int64) {
			b := w.administrator()
			b.open(views.PathPublishers)
			return b, b.submit(`[action="/admin/publishers"]`, url.Values{"publisher": {""}, "jwks": {"<html>"}})
		}},
	}
}

// hostileStops are forms that no page of ours sends.
func hostileStops() []stop {
	return []stop{
		{"too much text", 413, func(w *tour) (*tab, int64) {
			b := w.as(demoOperator)
			b.open(views.PathCounter)
			return b, b.submit(".search", url.Values{"identifier": {strings.Repeat("x", 2<<20)}})
		}},
		{"form from another site", 403, func(w *tour) (*tab, int64) {
			other := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
				rw.Header().Set("Content-Type", "text/html")
				_, _ = rw.Write([]byte("<!DOCTYPE html><title>Another site</title>"))
			}))
			w.t.Cleanup(other.Close)
			b := newTab(w.t, other.URL)
			b.open("/")
			return b, b.post(w.issuer + views.PathSearch)
		}},
	}
}

func reviewStops() []stop {
	newest := func(w *tour, event audit.Type) (*tab, int64) {
		b := w.as(supervisor)
		b.open(views.PathReviewEvents + "?type=" + string(event))
		return b, b.click("tbody th :is(a, button)", "")
	}
	reason := url.Values{"reason": {views.RecallReasons(context.Background())[0].Value}}
	return []stop{
		{"audit trail, with a locked account", 200, at(supervisor, views.PathReviewEvents)},
		{"audit trail, older", 200, func(w *tour) (*tab, int64) { return w.as(supervisor), w.as(supervisor).click("nav a", "Older events") }},
		{"audit trail, one type of event", 200, at(supervisor, views.PathReviewEvents+"?type=code-matched")},
		{"audit trail, no such event", 200, at(supervisor, views.PathReviewEvents+"?type=device-binding-revoked")},
		{"unlocked", 200, func(w *tour) (*tab, int64) {
			b := w.as(supervisor)
			b.open(views.PathReviewEvents)
			return b, b.click("button", "Unlock")
		}},
		{"request that waits", 200, func(w *tour) (*tab, int64) {
			w.ask("C-100333", "Priya's tablet", "")
			return newest(w, audit.DeviceAuthorizationRequested)
		}},
		{"request that is approved", 200, func(w *tour) (*tab, int64) { return newest(w, audit.DeviceBindingApproved) }},
		{"recall without a reason", 200, func(w *tour) (*tab, int64) {
			return w.as(supervisor), w.as(supervisor).submit("[action$='/recall']", nil)
		}},
		{"recalled", 200, func(w *tour) (*tab, int64) {
			return w.as(supervisor), w.as(supervisor).submit("[action$='/recall']", reason)
		}},
		{"receipt of a recalled approval", 200, func(w *tour) (*tab, int64) {
			b := w.as(demoOperator)
			visit := path.Base(w.as(supervisor).path())
			return b, b.post(views.OpenVisitPath(visit))
		}},
		{"request that is redeemed", 200, func(w *tour) (*tab, int64) {
			b, phone, visit := w.decide("C-100358", "Talia's phone")
			b.submit("[action$='/approve']", nil)
			if err := phone.Poll(w.t.Context()); err != nil {
				w.t.Fatal(err)
			}
			s := w.as(supervisor)
			return s, s.post(views.OpenRequestPath(visit))
		}},
		{"revoke without a reason", 200, func(w *tour) (*tab, int64) {
			return w.as(supervisor), w.as(supervisor).submit("[action$='/revoke']", nil)
		}},
		{"revoked", 200, func(w *tour) (*tab, int64) {
			return w.as(supervisor), w.as(supervisor).submit("[action$='/revoke']", reason)
		}},
	}
}

// lateStops need the clock to move on.
func lateStops() []stop {
	const week = 7 * 24 * time.Hour
	return []stop{
		{"signed out by time", 401, func(w *tour) (*tab, int64) {
			b := w.as(demoOperator)
			b.open(views.PathCounter)
			w.later(13 * time.Hour)
			return b, b.submit(".search", url.Values{"identifier": {demoHint}})
		}},
		{"expired while the page was open", 409, func(w *tour) (*tab, int64) {
			phone := w.ask("C-100294", "Liam's phone", "")
			w.later(week - 5*time.Minute)
			b := w.as(demoOperator)
			b.search("C-100294")
			b.match(codeOf(phone))
			b.proof(goodDocument())
			w.advance(6 * time.Minute)
			return b, b.submit("[action$='/approve']", nil)
		}},
		{"account, ended requests", 200, func(w *tour) (*tab, int64) {
			b := w.as(demoOperator)
			b.search("C-100294")
			return b, b.open(b.path())
		}},
	}
}

// brokenStops come last: nothing works after them.
func brokenStops() []stop {
	return []stop{
		{"no counters, verification page", 200, func(w *tour) (*tab, int64) {
			w.forgetCounters()
			return at(notSignedIn, "/device")(w)
		}},
		{"no counters, console", 200, func(w *tour) (*tab, int64) {
			b := newTab(w.t, w.issuer)
			b.signIn(colleague)
			return b, b.open(views.PathOpenCounter)
		}},
		{"a fault", 500, func(w *tour) (*tab, int64) {
			if err := w.store.Close(); err != nil {
				w.t.Fatal(err)
			}
			return at(notSignedIn, "/device")(w)
		}},
	}
}

// administrator is a browser in which the administrator has signed in.
func (w *tour) administrator() *tab {
	b := newTab(w.t, w.issuer)
	b.signIn(administrator)
	return b
}
