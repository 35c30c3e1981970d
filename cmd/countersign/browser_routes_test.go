package main

import (
	"net/http"
	"testing"

	"countersign/handlers"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/static"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// pagesElsewhere are the routes for people that the tour passes by, and why.
var pagesElsewhere = map[string]string{
	"/":                                "leads on at once",
	views.PathPhone:                    "is a page of scripts, whose states TestPhonePage… looks at",
	views.PathPhoneWorker:              "is a script",
	views.PathPhoneManifest:            "is for the browser",
	views.CallsPath:                    "is a part of every page of staff",
	views.AlertCountPath:               "is a part of every page of a supervisor",
	views.PathSession:                  "is for scripts, and says nothing",
	views.PathAccountsSample:           "is a file",
	views.ReceiptFilePath(":id"):       "is a file",
	views.ReviewReceiptFilePath(":id"): "is a file",
	handlers.PathSignInCallback:        "leads on, and its refusals are stops",
	static.Prefix + "*":                "has files",
}

// pagesSeen is the routes whose page was at a stop of the tour.
type pagesSeen struct {
	router *echo.Echo
	paths  map[string]bool
}

// newPagesSeen has seen none of the routes for people.
func newPagesSeen(store *models.Store) *pagesSeen {
	seen := &pagesSeen{router: echo.New(), paths: map[string]bool{}}
	for _, route := range handlers.Routes(web.New(web.Config{Store: store})) {
		if route.Audience == web.People && route.Method == http.MethodGet {
			seen.paths[route.Path] = false
			seen.router.Add(route.Method, route.Path, route.Handle)
		}
	}
	return seen
}

// note is that the tour was at a page that worked.
func (s *pagesSeen) note(path string) {
	c := s.router.NewContext(nil, nil)
	s.router.Router().Find(http.MethodGet, path, c)
	if _, there := s.paths[c.Path()]; there {
		s.paths[c.Path()] = true
	}
}

// check: no page is forgotten, and no exception is made for one that is not.
func (s *pagesSeen) check(t *testing.T) {
	t.Helper()
	for path, seen := range s.paths {
		if _, elsewhere := pagesElsewhere[path]; seen == elsewhere {
			t.Errorf("%s: at a stop of the tour: %t, an exception: %t", path, seen, elsewhere)
		}
	}
}
