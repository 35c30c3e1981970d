package tree_test

import (
	"encoding/hex"
	"fmt"
	"slices"
	"testing"

	"countersign/audit/tree"

	"golang.org/x/mod/sumdb/tlog"
)

// The trees over the first leaves that the tests of Certificate Transparency have used since RFC 6962.
func TestRootsAreThoseOfCertificateTransparency(t *testing.T) {
	leaves := []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}
	roots := []string{
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
	var edge tree.Edge
	if got := hash(edge.Root()); got != "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" {
		t.Errorf("the empty tree: %s", got)
	}
	for i, leaf := range leaves {
		entry, _ := hex.DecodeString(leaf)
		edge.Append(tree.Leaf(entry))
		if got := hash(edge.Root()); got != roots[i] {
			t.Errorf("%d leaves: %s, want %s", i+1, got, roots[i])
		}
	}
}

func hash(h tree.Hash) string { return hex.EncodeToString(h[:]) }

// storedHashes is x/mod's own tree, whole in memory.
type storedHashes []tlog.Hash

func (s *storedHashes) add(t *testing.T, n int64, leaf tlog.Hash) {
	t.Helper()
	hashes, err := tlog.StoredHashesForRecordHash(n, leaf, s)
	if err != nil {
		t.Fatal(err)
	}
	*s = append(*s, hashes...)
}

func (s *storedHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var list []tlog.Hash
	for _, index := range indexes {
		list = append(list, (*s)[index])
	}
	return list, nil
}

// Root, open tiles and full tiles at every size are x/mod's, also when the edge is made anew from its open tiles.
func TestEdgeGrowsAsTheTreeOfXMod(t *testing.T) {
	const leaves = 256*256 + 300
	var edge tree.Edge
	var want storedHashes
	for n := range int64(leaves) {
		leaf := tree.Leaf(fmt.Append(nil, "entry ", n))
		want.add(t, n, leaf)
		for _, full := range edge.Append(leaf) {
			checkTile(t, full, &want)
		}
		if n < 1100 || n > leaves-600 {
			checkEdge(t, &edge, n+1, &want)
		}
	}
}

func checkEdge(t *testing.T, edge *tree.Edge, size int64, stored *storedHashes) {
	t.Helper()
	want, err := tlog.TreeHash(size, stored)
	if err != nil {
		t.Fatal(err)
	}
	again, err := tree.NewEdge([][]tree.Hash{edge.Open(0), edge.Open(1), edge.Open(2)})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []*tree.Edge{edge, again} {
		if e.Size() != size || e.Root() != want {
			t.Fatalf("%d leaves: size %d, root %s, want %s", size, e.Size(), e.Root(), want)
		}
	}
}

func checkTile(t *testing.T, full tree.FullTile, stored *storedHashes) {
	t.Helper()
	want, err := tlog.ReadTileData(tlog.Tile{H: 8, L: full.Level, N: full.Number, W: full.Width}, stored)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(tree.Bytes(full.Hashes), want) {
		t.Errorf("%s differs", full.Path())
	}
	root, err := stored.ReadHashes([]int64{tlog.StoredHashIndex(8*(full.Level+1), full.Number)})
	if err != nil || full.Root != root[0] {
		t.Errorf("the root of %s is %s, want %s", full.Path(), full.Root, root)
	}
}

func TestEdgeRefusesOpenTilesThatAreFull(t *testing.T) {
	if _, err := tree.NewEdge([][]tree.Hash{nil, make([]tree.Hash, tree.TileWidth)}); err == nil {
		t.Error("taken")
	}
}
