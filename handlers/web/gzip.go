package web

import (
	"bytes"
	"compress/gzip"
	"sync"

	"countersign/static"

	"github.com/labstack/echo/v4"
)

// Pages are compressed here and nowhere else: answers to clients, which carry tokens, and the stream of a phone's events never are.

// gzipWriters are kept for the next page: one is 1.2 MB. A page is a tenth larger at the highest speed, and takes half the time.
var gzipWriters = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // there is no such level
	}
	return w
}}

// htmlBlob sends a page, compressed where that gives nothing away.
func htmlBlob(c echo.Context, status int, page []byte) error {
	header := c.Response().Header()
	header.Add(echo.HeaderVary, echo.HeaderAcceptEncoding)
	if !static.AcceptsGzip(c.Request()) || !mayCompress(c) {
		return c.HTMLBlob(status, page)
	}
	var small bytes.Buffer
	w := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(w)
	w.Reset(&small)
	if _, err := w.Write(page); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	header.Set(echo.HeaderContentEncoding, "gzip")
	return c.HTMLBlob(status, small.Bytes())
}

// mayCompress reports whether nobody else could have chosen what stands on the page. The length of a compressed page tells whether
// a chosen text is like another one on it (BREACH): a page of staff holds people's data, and its address is repeated on it. Pages for
// strangers hold nobody's. One of staff is compressed only when one of our own pages asked for it, or the person by themselves
// (Sec-Fetch-Site of Fetch Metadata), and never when another site did.
func mayCompress(c echo.Context) bool {
	if SessionOf(c).ID == "" {
		return true
	}
	c.Response().Header().Add(echo.HeaderVary, "Sec-Fetch-Site")
	site := c.Request().Header.Get("Sec-Fetch-Site")
	return site == "same-origin" || site == "none"
}
