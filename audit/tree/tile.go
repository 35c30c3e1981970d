package tree

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Tile is where a tile is (tlog-tiles, "Merkle Tree").
type Tile struct {
	Level  int   // 0 has the leaf hashes; 63 at most
	Number int64 // within its level, from 0
	Width  int   // hashes: TileWidth when it is full, less when it is partial
}

// ErrNoTile says that a path is none of a tile, or that a tree has no such tile.
var ErrNoTile = errors.New("no such tile")

const (
	highestLevel = 63
	partial      = ".p"
)

// HashSize is the length of a hash, in bytes.
const HashSize = len(Hash{})

// Path is the tile's path below that of the log: tile/<L>/<N>[.p/<W>].
func (t Tile) Path() string {
	number := fmt.Sprintf("%03d", t.Number%1000)
	for rest := t.Number / 1000; rest > 0; rest /= 1000 {
		number = fmt.Sprintf("x%03d/%s", rest%1000, number)
	}
	path := fmt.Sprintf("tile/%d/%s", t.Level, number)
	if t.Width < TileWidth {
		path += fmt.Sprintf("%s/%d", partial, t.Width)
	}
	return path
}

// ParseTile reads what Path writes, and no other spelling of it. Error: ErrNoTile.
func ParseTile(path string) (Tile, error) {
	parts := strings.Split(path, "/")
	if len(parts) < 3 || len(parts) > 10 {
		return Tile{}, ErrNoTile
	}
	t := Tile{Width: TileWidth}
	numbers := parts[2:]
	if last := len(numbers) - 1; last > 0 && strings.HasSuffix(numbers[last-1], partial) {
		t.Width = decimal(numbers[last])
		numbers = append(numbers[:last-1:last-1], strings.TrimSuffix(numbers[last-1], partial))
	}
	t.Level = decimal(parts[1])
	for _, part := range numbers {
		t.Number = t.Number*1000 + int64(decimal(strings.TrimPrefix(part, "x")))
	}
	if t.Level > highestLevel || t.Width < 1 || t.Path() != path {
		return Tile{}, ErrNoTile
	}
	return t, nil
}

// decimal is the number that at most three digits are, and otherwise one that is written in another way.
func decimal(digits string) int {
	if len(digits) > 3 {
		return 0
	}
	n, err := strconv.ParseUint(digits, 10, 10)
	if err != nil {
		return 0
	}
	return int(n)
}

// In reports whether the tree of so many leaves has the tile, whole: its first Width hashes are there and final. A partial
// tile is also in every larger tree.
func (t Tile) In(size int64) bool {
	hashes := size >> (tileHeight * t.Level)
	return 0 <= t.Number && t.Number <= hashes/TileWidth && t.Number*TileWidth+int64(t.Width) <= hashes
}

// Bytes are hashes as a tile has them, one after the other.
func Bytes(hashes []Hash) []byte {
	out := make([]byte, 0, len(hashes)*HashSize)
	for _, hash := range hashes {
		out = append(out, hash[:]...)
	}
	return out
}

// Hashes reads what Bytes writes. The error says that the length is not one of whole hashes.
func Hashes(text []byte) ([]Hash, error) {
	if len(text)%HashSize != 0 {
		return nil, fmt.Errorf("%d bytes are no whole number of hashes", len(text))
	}
	hashes := make([]Hash, len(text)/HashSize)
	for i := range hashes {
		copy(hashes[i][:], text[i*HashSize:])
	}
	return hashes, nil
}
