package web

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"slices"
	"strings"
)

// Bounds of a logo: it is part of every page.
const (
	LargestLogo     = 100 << 10 // bytes
	largestLogoSide = 2000      // pixels
)

// ReadLogo checks a picture: PNG, WebP, or SVG that runs and loads nothing. Errors say what is wrong with it.
func ReadLogo(content []byte) (*Logo, error) {
	switch {
	case len(content) > LargestLogo:
		return nil, fmt.Errorf("it is larger than %d KiB", LargestLogo>>10)
	case bytes.HasPrefix(content, []byte("\x89PNG\r\n\x1a\n")):
		config, err := png.DecodeConfig(bytes.NewReader(content))
		if err != nil {
			return nil, err
		}
		if config.Width > largestLogoSide || config.Height > largestLogoSide {
			return nil, fmt.Errorf("it has more than %d pixels on a side", largestLogoSide)
		}
		return &Logo{"image/png", content}, nil
	case len(content) > 12 && string(content[:4]) == "RIFF" && string(content[8:12]) == "WEBP":
		return &Logo{"image/webp", content}, nil
	}
	if err := checkSVG(content); err != nil {
		return nil, err
	}
	return &Logo{"image/svg+xml", content}, nil
}

const svg = "http://www.w3.org/2000/svg"

// refusedInSVG are elements that run, load or hold something that is no drawing.
var refusedInSVG = []string{"script", "foreignobject", "iframe", "object", "embed", "audio", "video", "image", "animate", "set", "handler"}

// checkSVG reads a drawing to its end. Browsers run nothing in a picture of a page, and the policy that it is served with lets nothing
// run when it is opened by itself: this is the third lock, and says at the start what would not work anyway.
func checkSVG(content []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(content))
	isRoot := true
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) && !isRoot {
			return nil
		}
		if err != nil {
			return errors.New("it is neither PNG nor WebP nor SVG")
		}
		switch token := token.(type) {
		case xml.Directive:
			return errors.New("it has a document type: take the line <!DOCTYPE …> out")
		case xml.StartElement:
			if isRoot && (token.Name.Local != "svg" || token.Name.Space != svg) {
				return errors.New("it is neither PNG nor WebP nor SVG")
			}
			isRoot = false
			if err := checkElement(token); err != nil {
				return err
			}
		}
	}
}

func checkElement(element xml.StartElement) error {
	if slices.Contains(refusedInSVG, strings.ToLower(element.Name.Local)) {
		return fmt.Errorf("it has the element %s, which is no drawing", element.Name.Local)
	}
	for _, attribute := range element.Attr {
		name := strings.ToLower(attribute.Name.Local)
		if strings.HasPrefix(name, "on") {
			return fmt.Errorf("it has the attribute %s, which runs a script", attribute.Name.Local)
		}
		if (name == "href" || name == "src") && !strings.HasPrefix(attribute.Value, "#") {
			return fmt.Errorf("its attribute %s leads out of it", attribute.Name.Local)
		}
	}
	return nil
}
