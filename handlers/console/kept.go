package console

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/labstack/echo/v4"
)

// Every form is answered with a redirect, so that Back and reload find a page and never
// a form to send again. What the next page needs of the form, an identifier or the
// fields to mend, has no place in an address or in the browser's cache. It travels in a
// cookie that is sealed under a key derived from the session's own: no other session
// can read or make it, and nothing is left of it when the session is over.

const (
	keptFor     = 15 * time.Minute // a claim's length: long enough to come back
	longestKept = 2800             // bytes before sealing; browsers keep cookies of 4096
)

// What the pages of a visit keep. A form that is not recorded yet may hold the number of a
// document: it is forgotten when the visit goes on.
const (
	KeptSearch     = "search"      // the session's last search, which Back comes back to
	KeptProof      = "proof"       // the form of the ID document
	KeptProofWrong = "proof-wrong" // what is to mend in it, which is said once
	KeptChanged    = "changed"     // what is another now than a page showed, which is said once
	KeptLooked     = "looked"      // the cautions that were ticked before an approval
)

// Keep seals a value for the session's next pages. False: it is too long to be kept.
func (p *Pages) Keep(c echo.Context, name string, value any) (bool, error) {
	plain, err := json.Marshal(value)
	if err != nil || len(plain) > longestKept {
		return false, err
	}
	sealed, err := p.seal(c, name, plain)
	if err != nil {
		return false, err
	}
	if p.Cookie(c, keptShown+name) != "" { // this one was not shown yet
		p.SetCookie(c, keptShown+name, "", 0)
	}
	p.SetCookie(c, "-"+name, sealed, keptFor)
	return true, nil
}

// Seal seals a value for a field of a form of this session: what the page showed.
func (p *Pages) Seal(c echo.Context, name string, value any) (string, error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return "", err
	}
	return p.seal(c, name, plain)
}

func (p *Pages) seal(c echo.Context, name string, plain []byte) (string, error) {
	box, err := p.keptBox(c, name)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(box.Seal(nil, nil, plain, []byte(name))), nil
}

// Shortened cuts what nobody would type, so that a form to mend can be kept: what is a
// little too long stays too long.
func Shortened(text string, longest int) string {
	const slack = 8
	return FirstRunes(text, longest+slack)
}

// FirstRunes returns the text, cut after n characters.
func FirstRunes(text string, n int) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), n)])
}

// Kept opens what this session kept. False: nothing, or nothing that this session made.
func (p *Pages) Kept(c echo.Context, name string, value any) bool {
	return p.Unseal(c, name, p.Cookie(c, "-"+name), value)
}

// Unseal opens what this session sealed. False: nothing, or nothing that this session made.
func (p *Pages) Unseal(c echo.Context, name, text string, value any) bool {
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(sealed) == 0 {
		return false
	}
	box, err := p.keptBox(c, name)
	if err != nil {
		return false
	}
	plain, err := box.Open(nil, nil, sealed, []byte(name))
	return err == nil && json.Unmarshal(plain, value) == nil
}

// keptShown begins the names of the cookies that say of a kept form that it was shown
// already: one for each, since several may be open at once.
const keptShown = "-shown-"

// KeptOnce opens what is to be shown once, such as a form to mend: and once more where its
// reader has just chosen another language, so that nothing that was typed is lost by that.
func (p *Pages) KeptOnce(c echo.Context, name string, value any) bool {
	shown, chosen := p.Cookie(c, keptShown+name) != "", p.LanguageJustChosen(c)
	if shown && !chosen {
		p.SetCookie(c, keptShown+name, "", 0)
		p.Forget(c, name)
		return false
	}
	ok := p.Kept(c, name, value)
	if ok {
		p.SetCookie(c, keptShown+name, "yes", keptFor)
	}
	return ok
}

// Forget takes away what was kept, if anything.
func (p *Pages) Forget(c echo.Context, name string) {
	if p.Cookie(c, "-"+name) != "" {
		p.SetCookie(c, "-"+name, "", 0)
	}
}

// ForgetProof takes away what was kept of the form of the ID document, and of what was looked
// at after it.
func (p *Pages) ForgetProof(c echo.Context) {
	p.Forget(c, KeptLooked)
	p.Forget(c, KeptProof)
	p.Forget(c, KeptProofWrong)
}

func (p *Pages) keptBox(c echo.Context, name string) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, []byte(p.SessionCookie(c)), nil, "countersign kept "+name, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
