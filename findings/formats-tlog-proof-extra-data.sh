#!/usr/bin/env bash
# Go module github.com/transparency-dev/formats 0.1.1 writes a tlog-proof with more than 48 KiB of extra data, and cannot read it.
#
# Expected: what TLogProof.Marshal wrote, Unmarshal reads: the text of C2SP tlog-proof bounds neither the extra data nor a line.
#           A receipt that carries a whole log entry there (up to 64 KiB in C2SP tlog-tiles) comes back.
# Seen:     up to 49,146 bytes it comes back. From 49,147 on, where the line has 64 KiB, Unmarshal says "missing required index":
#           it reads lines with a scanner of 64 KiB, and takes the end of it for the end of the line.
# Source:   Go module github.com/transparency-dev/formats v0.1.1, package proof; C2SP tlog-proof, tlog-tiles.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >main.go <<'GO'
package main

import (
	"bytes"
	"fmt"

	"github.com/transparency-dev/formats/proof"
)

func main() {
	checkpoint := []byte("log.example/visits\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\u2014 log.example/visits AAAA\n")
	for _, size := range []int{1000, 49146, 49147} {
		written := proof.TLogProof{ExtraData: bytes.Repeat([]byte{7}, size), Checkpoint: checkpoint}
		var read proof.TLogProof
		if err := read.Unmarshal(written.Marshal()); err != nil {
			fmt.Printf("%d bytes: %v\n", size, err)
			continue
		}
		fmt.Printf("%d bytes: the same: %t\n", size, bytes.Equal(read.ExtraData, written.ExtraData) && bytes.Equal(read.Checkpoint, checkpoint))
	}
}
GO
cat >expected <<'TXT'
1000 bytes: the same: true
49146 bytes: the same: true
49147 bytes: tlog proof missing required index
TXT
{ go mod init seen && go get github.com/transparency-dev/formats@v0.1.1 && go mod tidy; } >log 2>&1 || { cat log >&2; echo "could not install transparency-dev/formats" >&2; exit 2; }
go run . | tee seen
diff expected seen && echo "As described: formats 0.1.1 cannot read its own tlog-proof with a line of 64 KiB."
