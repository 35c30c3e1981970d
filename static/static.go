// Package static serves the style sheet, the scripts and the pictures from inside the
// binary. Every page but the phone's works without any script; what each one adds:
//
//	console.js           keys on buttons, the claim's timer, what is announced
//	calls.js             tells that somebody waits for a second person
//	ended.js             says that the session has ended, and takes the page's content away
//	scanner.js           brings a scan to the field that the page names for it: its head
//	                     comment is the contract of the markup
//	press.js             what Space and Enter press waits until no scan follows
//	fields.js            puts back what a scan has changed
//	scan.js              what a scan is: pure, as the next three; tested by *.test.mjs
//	keys.js              what a key types, by the computer's layout and by its place
//	kinds.js             what was scanned, and which of the two readings is right
//	diagnosis.js         what the scanner test says
//	devices.js           scanners that are no keyboard: the camera, a serial port
//	scanner-settings.js  the page /settings/scanner
//	visit.css            the page to decide, beside app.css
//	report.css           what supervisors look into: an event, a story, a day, a week; plots, and the state of the server
//	phone/*.js           the phone’s page, /phone; phone.go says in which order
//	vendor/qrcode-generator.js  2.0.4 (MIT), the squares of the phone’s page
//	vendor/htmx.min.js   htmx 2.0.11 (0BSD), for the parts that refresh by themselves
//	help.css             the texts of help
//	icons/               favicon.svg for home screens, drawn by "go test ./static -update-icons"
//	barcodes/            test pictures, written by "go test ./static -update"
//
// Files are served without comments and indentation (squeeze.go), and compressed to whoever takes that (gzip.go), each once.
//
// URL gives a file's address with a hash of its content. A request that
// carries the current hash may be kept for a year; any other request is
// answered as well, but has to ask again next time.
package static

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Prefix is where URL expects Handler to be mounted.
const Prefix = "/static/"

const (
	keepForever = "public, max-age=31536000, immutable"
	askAgain    = "no-cache"
)

//go:embed app.css visit.css report.css favicon.svg help.css organisation.css phone.css *.js phone vendor barcodes/*.svg icons/*.png
var files embed.FS

// URL returns the address of the named file, for example
// "/static/app.css?v=1f2e3d4c". An unknown name gets no hash.
func URL(name string) string {
	if kept, there := addresses.Load(name); there {
		return kept.(string)
	}
	content, err := read(name)
	if err != nil {
		return Prefix + name
	}
	address := Prefix + name + "?v=" + version(content)
	addresses.Store(name, address)
	return address
}

// addresses are those of the files that there are, which change with the program only: each page names some.
var addresses sync.Map // name → string

// Handler serves the files below prefix to GET and HEAD requests.
func Handler(prefix string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		name, ok := strings.CutPrefix(r.URL.Path, prefix)
		content, err := read(name)
		if !ok || err != nil || strings.HasSuffix(name, ".br") {
			http.NotFound(w, r)
			return
		}
		serve(w, r, name, content)
	})
}

func serve(w http.ResponseWriter, r *http.Request, name string, content []byte) {
	hash := version(content)
	if isText(name) {
		w.Header().Add("Vary", "Accept-Encoding")
	}
	tag := hash
	if coding, small := encoded(r, name, content); coding != "" {
		content, tag = small, hash+"-"+coding // a coding is a representation of its own (RFC 9110 §8.8.3.3)
		w.Header().Set("Content-Encoding", coding)
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	}
	cache := askAgain
	if r.URL.Query().Get("v") == hash {
		cache = keepForever
	}
	w.Header().Set("Cache-Control", cache)
	w.Header().Set("ETag", `"`+tag+`"`)
	w.Header().Set("Content-Type", contentType(name))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
}

func contentType(name string) string {
	switch path.Ext(name) {
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	default:
		return "text/plain; charset=utf-8"
	}
}

func version(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:4])
}
