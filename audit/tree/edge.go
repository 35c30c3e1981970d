package tree

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	// TileWidth is how many hashes a full tile has.
	TileWidth = 1 << tileHeight

	tileHeight = 8 // how many levels of the tree a tile spans
)

// Hash is a hash of the tree.
type Hash = tlog.Hash

// Leaf is the leaf hash of an entry: SHA-256(0x00 ‖ entry), RFC 6962 §2.1.
func Leaf(entry []byte) (leaf Hash) {
	h := sha256.New()
	h.Write([]byte{leafPrefix})
	h.Write(entry)
	h.Sum(leaf[:0])
	return leaf
}

const leafPrefix = 0x00

// Grouped is a hash as people read it aloud and compare it: hexadecimal, in groups of four.
func Grouped(hash Hash) string {
	groups := make([]string, 0, HashSize/2)
	for i := 0; i < HashSize; i += 2 {
		groups = append(groups, hex.EncodeToString(hash[i:i+2]))
	}
	return strings.Join(groups, " ")
}

// FullTile is a tile that will never change again.
type FullTile struct {
	Tile
	Hashes []Hash // TileWidth of them
	Root   Hash   // of the subtree that they span: a hash of the tile above
}

// Edge is the right edge of a tree: what is needed to let it grow, no more than 255 hashes a level. The zero value is
// the empty tree. It is not safe for concurrent use.
type Edge struct {
	size   int64
	levels [][]Hash // the open tile of each level, less than TileWidth hashes each
	peaks  []peak   // the roots of the largest complete subtrees, left to right

	made [maxLevels]Hash // the root of the full tile of each level that was made last
}

// maxLevels is how many levels of tiles the largest tree has.
const maxLevels = 64/tileHeight + 1

// peak is the root of a complete subtree of 2^height leaves.
type peak struct {
	height int
	hash   Hash
}

// NewEdge returns the tree whose open tiles are levels, from the leaves up.
func NewEdge(levels [][]Hash) (*Edge, error) {
	e := &Edge{levels: make([][]Hash, len(levels))}
	for level := len(levels) - 1; level >= 0; level-- {
		if len(levels[level]) >= TileWidth {
			return nil, fmt.Errorf("the open tile of level %d has %d hashes", level, len(levels[level]))
		}
		e.size = e.size<<tileHeight + int64(len(levels[level]))
		e.levels[level] = append(e.levels[level], levels[level]...)
		for _, hash := range levels[level] {
			e.push(level*tileHeight, hash)
		}
	}
	return e, nil
}

// Size is the number of leaves.
func (e *Edge) Size() int64 { return e.size }

// Open is the open tile of a level: its hashes so far.
func (e *Edge) Open(level int) []Hash {
	if level >= len(e.levels) {
		return nil
	}
	return e.levels[level]
}

// Append adds a leaf, and returns the tiles that it makes full, from the leaves up.
func (e *Edge) Append(leaf Hash) []FullTile {
	e.size++
	e.push(0, leaf)
	var full []FullTile
	for level, hash := 0, leaf; ; level++ {
		if level == len(e.levels) {
			e.levels = append(e.levels, nil)
		}
		if e.levels[level] == nil {
			e.levels[level] = make([]Hash, 0, TileWidth)
		}
		hashes := append(e.levels[level], hash)
		e.levels[level] = hashes
		if len(hashes) < TileWidth {
			return full
		}
		e.levels[level] = nil
		hash = e.made[level]
		full = append(full, FullTile{
			Tile:   Tile{Level: level, Number: e.size>>(tileHeight*(level+1)) - 1, Width: TileWidth},
			Hashes: hashes, Root: hash,
		})
	}
}

// push adds a complete subtree at the right, and joins subtrees of one height.
func (e *Edge) push(height int, hash Hash) {
	for n := len(e.peaks) - 1; n >= 0 && e.peaks[n].height == height; n-- {
		hash = tlog.NodeHash(e.peaks[n].hash, hash)
		e.peaks = e.peaks[:n]
		if height++; height%tileHeight == 0 {
			e.made[height/tileHeight-1] = hash
		}
	}
	e.peaks = append(e.peaks, peak{height, hash})
}

// Root is the Merkle Tree Hash (RFC 6962 §2.1); that of the empty tree is SHA-256 of nothing.
func (e *Edge) Root() Hash {
	if len(e.peaks) == 0 {
		return sha256.Sum256(nil)
	}
	root := e.peaks[len(e.peaks)-1].hash
	for n := len(e.peaks) - 2; n >= 0; n-- {
		root = tlog.NodeHash(e.peaks[n].hash, root)
	}
	return root
}
