package web

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"
)

// A logo is a picture that runs and loads nothing.
func TestLogosThatAreTaken(t *testing.T) {
	var small bytes.Buffer
	if err := png.Encode(&small, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	for content, want := range map[string]string{
		small.String(): "image/png",
		"RIFF\x1a\x00\x00\x00WEBPVP8 \x0e\x00\x00\x00": "image/webp",
		`<?xml version="1.0"?><!-- by hand --><svg xmlns="http://www.w3.org/2000/svg"><defs><path id="a" d="M0 0"/></defs><use href="#a"/></svg>`: "image/svg+xml",
	} {
		if logo, err := ReadLogo([]byte(content)); err != nil || logo.Type != want || string(logo.Content) != content {
			t.Errorf("%.40q: %v, %v", content, logo, err)
		}
	}
}

func TestLogosThatAreRefused(t *testing.T) {
	drawn := func(inner string) string {
		return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink">` + inner + `</svg>`
	}
	var large bytes.Buffer
	if err := png.Encode(&large, image.NewGray(image.Rect(0, 0, 2001, 1))); err != nil {
		t.Fatal(err)
	}
	for content, want := range map[string]string{
		"":                                 "neither PNG nor WebP nor SVG",
		"GIF89a":                           "neither PNG nor WebP nor SVG",
		"<html></html>":                    "neither PNG nor WebP nor SVG",
		"<svg></svg>":                      "neither PNG nor WebP nor SVG",
		drawn("<g>"):                       "neither PNG nor WebP nor SVG",
		strings.Repeat("x", 102401):        "larger than 100 KiB",
		large.String():                     "more than 2000 pixels",
		"\x89PNG\r\n\x1a\nbroken":          "unexpected EOF",
		drawn("<script>alert(1)</script>"): "the element script",
		drawn("<g><Script/></g>"):          "the element Script",
		drawn("<foreignObject/>"):          "the element foreignObject",
		drawn(`<image href="https://elsewhere.example/x.png"/>`): "the element image",
		drawn(`<rect onload="alert(1)"/>`):                       "the attribute onload",
		drawn(`<a x:href="javascript:alert(1)"><rect/></a>`):     "leads out of it",
		drawn(`<use href="https://elsewhere.example/x.svg#a"/>`): "leads out of it",
		`<!DOCTYPE svg [<!ENTITY a "b">]>` + drawn(""):           "document type",
	} {
		if _, err := ReadLogo([]byte(content)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, want %q", content, err, want)
		}
	}
}
