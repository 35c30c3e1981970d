package web

import (
	"errors"
	"io"
	"mime"
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

// ReadForm reads a person's body as a form, with a file or without. Errors: echo's of 413,
// or invalid_request for what is no form or was cut off.
func ReadForm(c echo.Context) error {
	request := c.Request()
	if mediaType(request) != echo.MIMEMultipartForm {
		return ReadURLEncoded(request)
	}
	request.Form = url.Values{} // or ParseMultipartForm would judge the address's query too
	if err := request.ParseMultipartForm(fileMemory); err != nil {
		return notReadable(err)
	}
	return nil
}

// ReadURLEncoded reads the body as application/x-www-form-urlencoded (WHATWG URL §5.1) into
// PostForm. The address's query neither fills in a field nor spoils the body, and a
// semicolon is a character like any other. Errors: as of ReadForm.
func ReadURLEncoded(request *http.Request) error {
	body, err := readURLEncoded(request)
	if err != nil {
		return err
	}
	fields, err := url.ParseQuery(strings.ReplaceAll(body, ";", "%3B"))
	if err != nil {
		return notReadable(err)
	}
	request.PostForm, request.Form = fields, fields
	return nil
}

// readURLEncoded reads the body as it is. Errors: as of ReadForm.
func readURLEncoded(request *http.Request) (string, error) {
	body, err := readWhole(request)
	if err != nil {
		return "", notReadable(err)
	}
	if sent := mediaType(request); len(body) > 0 && sent != echo.MIMEApplicationForm {
		return "", oauth.Errorf(oauth.ErrInvalidRequest, "the body must be application/x-www-form-urlencoded: its Content-Type is another")
	}
	return string(body), nil
}

// usualBody is how much memory a body gets by what its header says, in bytes: a stranger who announces more, and sends nothing,
// gets none for it.
const usualBody = 2 << 10

// readWhole reads a body at once where its length is known, and is that of a phone's form.
func readWhole(request *http.Request) ([]byte, error) {
	if ahead, is := request.Body.(*bodyAhead); is {
		return ahead.take()
	}
	if request.ContentLength <= 0 || request.ContentLength > usualBody {
		return io.ReadAll(request.Body)
	}
	body := make([]byte, request.ContentLength)
	read, err := io.ReadFull(request.Body, body)
	return body[:read], err
}

func notReadable(err error) error {
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return echo.ErrStatusRequestEntityTooLarge
	}
	return oauth.Errorf(oauth.ErrInvalidRequest, "the body is no form, or was cut off")
}

// mediaType is the Content-Type without its parameters, "" when there is none or it cannot be read.
func mediaType(request *http.Request) string {
	sent := request.Header.Get(echo.HeaderContentType)
	if sent == echo.MIMEApplicationForm {
		return sent
	}
	named, _, _ := mime.ParseMediaType(sent) // names the type also where a parameter is wrong
	return named
}

// errEncoded is of a body with a Content-Encoding, which nobody here undoes (RFC 9110 §15.5.16).
var errEncoded = echo.NewHTTPError(http.StatusUnsupportedMediaType)

// plainBody refuses a body that is compressed, and says what would be taken (RFC 9110 §12.5.3).
func plainBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		coding := strings.TrimSpace(strings.Join(c.Request().Header.Values(echo.HeaderContentEncoding), ","))
		if coding != "" && !strings.EqualFold(coding, "identity") {
			c.Response().Header().Set("Accept-Encoding", "identity")
			return errEncoded
		}
		return next(c)
	}
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
