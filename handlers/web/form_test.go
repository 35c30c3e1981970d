package web_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"testing"

	"countersign/handlers/web"

	"github.com/labstack/echo/v4"
)

// The address's query neither fills in a field nor spoils a body, with a file or without.
func TestQueryIsNoPartOfABody(t *testing.T) {
	form := &bytes.Buffer{}
	parts := multipart.NewWriter(form)
	if err := parts.WriteField("name", "body"); err != nil {
		t.Fatal(err)
	}
	if err := parts.Close(); err != nil {
		t.Fatal(err)
	}
	for contentType, body := range map[string]string{
		parts.FormDataContentType(): form.String(), "application/x-www-form-urlencoded": "name=body",
	} {
		for _, query := range []string{"", "name=query&other=query", "a;b", "%zz", "name=query;&name"} {
			request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/x", bytes.NewBufferString(body))
			request.URL.RawQuery = query
			request.Header.Set("Content-Type", contentType)
			c := echo.New().NewContext(request, httptest.NewRecorder())
			if err := web.ReadForm(c); err != nil {
				t.Errorf("%s?%s: %v", contentType, query, err)
			}
			if name, other := web.Fields(c)["name"], web.Field(c, "other"); len(name) != 1 || name[0] != "body" || other != "" {
				t.Errorf("%s?%s: %q, %q", contentType, query, name, other)
			}
		}
	}
}
