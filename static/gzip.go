package static

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// squeezed keeps each text file as gzip, from the first time that somebody asks for it so.
var squeezed sync.Map // name → []byte

// encoded returns a file in the smallest coding that the request takes, with the coding's name; "" for the file as it is. Brotli is
// there for a library whose file beside it ends in .br: nothing here compresses so.
func encoded(r *http.Request, name string, content []byte) (coding string, small []byte) {
	if !isText(name) {
		return "", content
	}
	if ready, err := files.ReadFile(name + ".br"); err == nil && accepts(r, "br") {
		return "br", ready
	}
	if AcceptsGzip(r) {
		return "gzip", compressed(name, content)
	}
	return "", content
}

// isText reports whether a file becomes smaller by compression.
func isText(name string) bool {
	return slices.Contains([]string{".css", ".js", ".svg"}, path.Ext(name))
}

func compressed(name string, content []byte) []byte {
	if kept, there := squeezed.Load(name); there {
		return kept.([]byte)
	}
	var small bytes.Buffer
	w, _ := gzip.NewWriterLevel(&small, gzip.BestCompression) // the level is one that there is
	_, _ = w.Write(content)                                   // a buffer takes everything
	_ = w.Close()
	squeezed.Store(name, small.Bytes())
	return small.Bytes()
}

// AcceptsGzip reports whether a request takes gzip as a content coding (RFC 9110 §12.5.3).
func AcceptsGzip(r *http.Request) bool { return accepts(r, "gzip") }

func accepts(r *http.Request, wanted string) bool {
	otherwise := false
	for _, header := range r.Header.Values("Accept-Encoding") {
		for one := range strings.SplitSeq(header, ",") {
			coding, parameter, _ := strings.Cut(one, ";")
			switch strings.ToLower(strings.TrimSpace(coding)) {
			case wanted:
				return weightOf(parameter) > 0
			case "*":
				otherwise = weightOf(parameter) > 0
			}
		}
	}
	return otherwise
}

// weightOf reads "q=0.5". What cannot be read is 0, so that nobody gets what they may not want.
func weightOf(parameter string) float64 {
	name, value, there := strings.Cut(strings.TrimSpace(parameter), "=")
	if !there {
		return 1
	}
	weight, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return 0
	}
	return weight
}
