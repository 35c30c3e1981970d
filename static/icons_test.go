package static

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var updateIcons = flag.Bool("update-icons", false, "draw static/icons again, from favicon.svg")

// icons are favicon.svg as pictures of dots, for home screens that take no SVG. A full one has
// no corners cut off, since the phone cuts it to its own shape; what must stay lies within
// the middle 80 % (W3C Web Application Manifest, maskable icons).
var icons = []struct {
	name string
	size int
	full bool
}{
	{"icon-192.png", 192, false}, {"icon-512.png", 512, false}, {"icon-maskable-512.png", 512, true}, {"icon-touch-180.png", 180, true},
}

// The pictures are what favicon.svg says: go test ./static -run TestIcons -update-icons
func TestIcons(t *testing.T) {
	for _, icon := range icons {
		drawn, name := drawIcon(t, icon.size, icon.full), "icons/"+icon.name
		if *updateIcons {
			var file bytes.Buffer
			if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&file, drawn); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, file.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		kept, err := png.Decode(bytes.NewReader(content))
		if err != nil || kept.Bounds() != drawn.Bounds() {
			t.Fatalf("%s is no picture of %d px (%v)", name, icon.size, err)
		}
		for y := range icon.size {
			for x := range icon.size {
				got, want := color.NRGBAModel.Convert(kept.At(x, y)).(color.NRGBA), drawn.NRGBAAt(x, y)
				if math.Abs(float64(got.G)-float64(want.G)) > 2 || math.Abs(float64(got.A)-float64(want.A)) > 2 {
					t.Fatalf("%s is another picture at %d,%d: %v, want %v", name, x, y, got, want)
				}
			}
		}
	}
}

type stroke struct {
	points [][2]float64
	colour color.NRGBA
}

// drawIcon draws the ground of favicon.svg and its two strokes, edges softened over a dot.
func drawIcon(t *testing.T, size int, full bool) *image.NRGBA {
	t.Helper()
	ground, strokes := readIcon(t)
	scale, radius, shrink := float64(size)/32, 7.0, 1.0
	if full {
		radius, shrink = 0, .85
	}
	picture := image.NewNRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			px, py := (float64(x)+.5)/scale, (float64(y)+.5)/scale
			dot := ground
			dot.A = uint8(math.Round(255 * covered(cornered(px, py, radius), scale)))
			mx, my := 16+(px-16)/shrink, 16+(py-16)/shrink
			for _, s := range strokes {
				dot = over(dot, s.colour, covered(s.distance(mx, my)*shrink, scale))
			}
			picture.SetNRGBA(x, y, dot)
		}
	}
	return picture
}

func covered(distance, scale float64) float64 { return min(1, max(0, .5-distance*scale)) }

// cornered is how far a point lies outside of the square of 32 with rounded corners.
func cornered(x, y, radius float64) float64 {
	if radius == 0 {
		return -1
	}
	dx, dy := math.Abs(x-16)-16+radius, math.Abs(y-16)-16+radius
	return math.Hypot(max(dx, 0), max(dy, 0)) + min(max(dx, dy), 0) - radius
}

// distance is how far a point lies outside of a line of 3.2 with round ends.
func (s stroke) distance(x, y float64) float64 {
	nearest := math.Inf(1)
	for i := 1; i < len(s.points); i++ {
		a, b := s.points[i-1], s.points[i]
		dx, dy := b[0]-a[0], b[1]-a[1]
		along := min(1, max(0, ((x-a[0])*dx+(y-a[1])*dy)/(dx*dx+dy*dy)))
		nearest = min(nearest, math.Hypot(x-a[0]-along*dx, y-a[1]-along*dy))
	}
	return nearest - 1.6
}

func over(below, above color.NRGBA, part float64) color.NRGBA {
	mix := func(b, a uint8) uint8 { return uint8(math.Round(float64(b)*(1-part) + float64(a)*part)) }
	return color.NRGBA{mix(below.R, above.R), mix(below.G, above.G), mix(below.B, above.B), below.A}
}

// readIcon reads as much of SVG as favicon.svg has.
func readIcon(t *testing.T) (color.NRGBA, []stroke) {
	t.Helper()
	content, err := Content("favicon.svg")
	if err != nil {
		t.Fatal(err)
	}
	ground := regexp.MustCompile(`<rect width="32" height="32" rx="7" fill="(#\w+)"/>`).FindStringSubmatch(string(content))
	paths := regexp.MustCompile(`<path d="([^"]+)" fill="none" stroke="(#\w+)" stroke-width="3.2"`).FindAllStringSubmatch(string(content), -1)
	if ground == nil || len(paths) != 2 {
		t.Fatal("favicon.svg has another shape: teach it to this test")
	}
	var strokes []stroke
	for _, path := range paths {
		s := stroke{colour: hexColour(t, path[2])}
		for _, step := range regexp.MustCompile(`([MLl])([\d.]+)[ ,]?(-?[\d.]+)`).FindAllStringSubmatch(path[1], -1) {
			x, _ := strconv.ParseFloat(step[2], 64)
			y, _ := strconv.ParseFloat(step[3], 64)
			if step[1] == "l" {
				last := s.points[len(s.points)-1]
				x, y = x+last[0], y+last[1]
			}
			s.points = append(s.points, [2]float64{x, y})
		}
		strokes = append(strokes, s)
	}
	return hexColour(t, ground[1]), strokes
}

func hexColour(t *testing.T, text string) color.NRGBA {
	t.Helper()
	text = strings.TrimPrefix(text, "#")
	if len(text) == 3 {
		text = text[:1] + text[:1] + text[1:2] + text[1:2] + text[2:] + text[2:]
	}
	n, err := strconv.ParseUint(text, 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	return color.NRGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 255}
}
