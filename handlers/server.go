package handlers

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime/debug"
	"time"

	"countersign/handlers/web"
	"countersign/views"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// requestLimit is how long a request may take altogether.
const requestLimit = 30 * time.Second

// New makes the whole server. The error says what the configuration lacks.
func New(config web.Config) (http.Handler, error) {
	if err := check(config); err != nil {
		return nil, err
	}
	if config.Words == nil {
		words, err := views.LoadWords()
		if err != nil {
			return nil, err
		}
		config.Words = words
	}
	app := web.New(config)
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Logger.SetOutput(io.Discard) // everything is logged by app.Log
	e.IPExtractor = web.AddressFrom(config.TrustedProxies, config.Store.Now, config.Log)
	e.HTTPErrorHandler = app.Answer
	identified := []echo.MiddlewareFunc{app.IdentifyRequests}
	if app.Traces != nil {
		identified = append(identified, app.TraceRequests)
	}
	chain := web.Chain(func(c echo.Context) error { return c.Handler()(c) }, // of the route that was found
		append(identified, app.LogRequests, app.Headers, app.Speak, catchPanic,
			middleware.ContextTimeoutWithConfig(middleware.ContextTimeoutConfig{Timeout: requestLimit, ErrorHandler: passOn, Skipper: isStream}))...)
	e.Use(func(echo.HandlerFunc) echo.HandlerFunc { return chain })
	app.Mount(e, Routes(app))
	return e, nil
}

func check(config web.Config) error {
	issuer, err := url.Parse(config.Issuer)
	switch {
	case config.Store == nil:
		return errors.New("handlers: a store is required")
	case config.Log == nil:
		return errors.New("handlers: a log is required")
	case err != nil || issuer.Host == "" || issuer.Scheme != "https" && issuer.Scheme != "http",
		config.Issuer != issuer.Scheme+"://"+issuer.Host:
		return fmt.Errorf("handlers: the issuer %q must be scheme and host alone, with no slash at the end", config.Issuer)
	case config.Store.Issuer() != config.Issuer:
		return fmt.Errorf("handlers: the store belongs to the issuer %q, not %q", config.Store.Issuer(), config.Issuer)
	}
	return nil
}

// catchPanic makes a panic a fault. The log gets the type and where it was, never the
// value, which may hold anything.
func catchPanic(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			switch value := recover(); value {
			case nil:
			case http.ErrAbortHandler:
				panic(value)
			default:
				err = fmt.Errorf("panic with a %T\n%s", value, debug.Stack())
			}
		}()
		return next(c)
	}
}

// passOn leaves the time-out to the one place where errors are answered.
func passOn(err error, _ echo.Context) error { return err }

// isStream reports whether the answer goes on for minutes, with bounds of its own.
func isStream(c echo.Context) bool {
	return c.Path() == views.PathPhoneEvents || c.Path() == views.PathReviewExport
}
