package web

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"countersign/oauth"

	"github.com/labstack/echo/v4"
)

// statusGone is what the log says of a client that did not wait for its answer. It is sent
// to nobody.
const statusGone = 499

// fileMemory is how much of a form with a file is read into memory; the rest goes to a file.
const fileMemory = 1 << 20

// Field returns the first value of a form's field, "" when there is none. Only the body
// counts: what a link puts into the address fills in no form.
func Field(c echo.Context, name string) string { return Fields(c).Get(name) }

// Fields returns the form that the body holds, which a route for people has read before its
// handler (see storable).
func Fields(c echo.Context) url.Values { return c.Request().PostForm }

// ReadForm reads the body as a form, of a program too. Errors: echo's of 413, or
// invalid_request for what is no form or was cut off.
func ReadForm(c echo.Context) error {
	request := c.Request()
	read := request.ParseForm
	if strings.HasPrefix(request.Header.Get(echo.HeaderContentType), echo.MIMEMultipartForm) {
		read = func() error { return request.ParseMultipartForm(fileMemory) }
	}
	err := read()
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return echo.ErrStatusRequestEntityTooLarge
	}
	if err != nil {
		return oauth.Errorf(oauth.ErrInvalidRequest, "the body is no form, or was cut off")
	}
	return nil
}

// ReadMetadata reads the body of a registration. Errors: *http.MaxBytesError, or
// invalid_client_metadata for one that was cut off.
func ReadMetadata(request *http.Request) ([]byte, error) {
	body, err := io.ReadAll(request.Body)
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); err != nil && !tooLarge {
		return nil, oauth.Errorf(oauth.ErrInvalidClientMetadata, "the metadata was cut off")
	}
	return body, err
}
