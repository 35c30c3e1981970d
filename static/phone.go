package static

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// PhoneScripts are the scripts of the phone's page in the order in which each needs the
// ones before it. The worker is none of them: it has an address below the page's own.
func PhoneScripts() []string {
	return []string{
		"vendor/qrcode-generator.js",
		"phone/keep.js", "phone/keys.js", "phone/server.js", "phone/square.js", "phone/waiting.js", "phone/calendar.js", "phone/days.js",
		"phone/places.js", "phone/counter.js", "phone/screen.js", "phone/phone.js",
	}
}

// PhoneVersion changes with every file that the phone's page is made of.
func PhoneVersion() string {
	sum := sha256.New()
	for _, name := range slices.Concat(PhoneScripts(),
		[]string{"phone/worker.js", "app.css", "phone.css", "favicon.svg", "icons/icon-192.png", "icons/icon-512.png",
			"icons/icon-maskable-512.png"}) {
		_, _ = sum.Write([]byte(URL(name))) // the hash of a file is in its address; a hash takes everything
	}
	return hex.EncodeToString(sum.Sum(nil)[:6])
}

// Content is the named file as it is.
func Content(name string) ([]byte, error) { return read(name) }
