// Package tree is the Merkle tree over the audit log: RFC 6962 hashing, the tiles of C2SP's tlog-tiles, and the
// checkpoints of tlog-checkpoint. It is arithmetic alone: it reads and writes no rows, and knows neither a clock nor
// randomness.
//
//	Edge              a tree that grows: its open tiles, its root, the tiles that are full     edge.go
//	Tile, ParseTile   where a tile is, and its path                                            tile.go
//	Inclusion         that a tree has a leaf, or continues another (Consistency), and the checks     proof.go
//	Checkpoint        size and root under an origin, as a note signed with Ed25519             checkpoint.go
//	Proof             a tlog-proof: a proof of inclusion as a file                             proof_text.go
//	Cosigner          a witness's key, its cosignatures, and keys of either kind               cosignature.go
//	AddCheckpoint     what a log asks of a witness, and its answers                             add_checkpoint.go
//	Origin, Signer    what the log is called, and the keys that sign under that name           origin.go
//
// The way of an entry:
//
//	Entry.Bytes ──Leaf──▶ hash ──Edge.Append──▶ Edge.Root ──Checkpoint.Sign──▶ signed note
//	                                  └──▶ FullTile, once in 256 entries
//
// An entry's leaf is its number − 1: entries count from 1, leaves from 0.
//
// # What lives elsewhere
//
// The entries are package audit's. Package models keeps tiles and checkpoints beside them and decides who sequences; the
// handlers serve both (docs/decisions/0046-merkle-log.md).
package tree
