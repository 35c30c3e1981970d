#!/usr/bin/env bash
# Go module golang.org/x/mod 0.43.0 reads neither the tile paths nor the witness keys of C2SP's transparency logs.
#
# Expected: sumdb/tlog and sumdb/note, from which C2SP's tlog-tiles and signed-note grew, read what those documents write: the
#           path of a tile, and the key of a witness that makes timestamped cosignatures.
# Seen:     tlog knows only its own form, with the tile's height in the path, though C2SP fixes the height at 8 and leaves it
#           out; "data" is "entries" there. note refuses a key of type 4, though it takes the same line with type 1.
# Source:   Go module golang.org/x/mod 0.43.0; C2SP tlog-tiles, signed-note and tlog-cosignature (key type 0x04).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >main.go <<'GO'
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// verifierKey returns the line of a key: the name, its identifier and the public key after its type.
func verifierKey(name string, keyType byte) string {
	public := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	typed := append([]byte{keyType}, public...)
	id := sha256.Sum256(append([]byte(name+"\n"), typed...))
	return fmt.Sprintf("%s+%x+%s", name, id[:4], base64.StdEncoding.EncodeToString(typed))
}

func main() {
	for _, path := range []string{"tile/8/0/x001/067", "tile/0/x001/067", "tile/8/data/x001/067", "tile/entries/x001/067"} {
		_, err := tlog.ParseTilePath(path)
		fmt.Printf("%s: error %v\n", path, err)
	}
	for _, keyType := range []byte{1, 4} {
		_, err := note.NewVerifier(verifierKey("witness.example", keyType))
		fmt.Printf("key type %d: error %v\n", keyType, err)
	}
}
GO
{ go mod init seen && go get golang.org/x/mod/sumdb/note@v0.43.0 golang.org/x/mod/sumdb/tlog@v0.43.0 && go build -o program .; } >log 2>&1 ||
  { cat log >&2; echo "could not build with golang.org/x/mod 0.43.0" >&2; exit 2; }
cat >expected <<'TXT'
tile/8/0/x001/067: error <nil>
tile/0/x001/067: error malformed tile path "tile/0/x001/067"
tile/8/data/x001/067: error <nil>
tile/entries/x001/067: error malformed tile path "tile/entries/x001/067"
key type 1: error <nil>
key type 4: error unknown verifier algorithm
TXT
./program | tee seen
diff expected seen && echo "As described: x/mod 0.43.0 reads Go's own checksum database, not C2SP's logs."
