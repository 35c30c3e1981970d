// Package keys holds the server's own keys: what they are for, how they are sealed with the master key, and which
// of them this process has opened. It needs no transaction and knows no database.
//
//	Purpose, Status   what a key is for, and where it is in its life      purpose.go
//	Seal, Open        AES-256-GCM under the master key or another key     seal.go
//	Key               a key as it is kept: public half, sealed secret     key.go, generate.go
//	Missing           which keys there must be beside those there are     missing.go
//	PublicSet         what is published of keys                           key.go
//	MAC, Authentic    whether a row is ours                               authentic.go
//	Ring              the opened keys of one process                      ring.go, snapshot.go
//
// # What lives elsewhere
//
// Package models reads the rows and changes them, each change in a transaction with its event: the first keys
// (keys_open.go), rotation and the end of a key (keys_rotate.go), sealing anew (keys_reseal.go). Times are there too:
// when a key took its turn, and how long something may depend on it. What is signed is made by oauth and audit.
//
// # Contract
//
// Only a Ring ever sees a secret, and it gives away secrets to sign and to compute MACs with, never the master key.
// Each sealed secret is bound to the purpose and identifier of its key: in another row it does not open. A key that
// cannot be opened is an error and is never replaced. ErrMasterKey tells a wrong master key, or a changed row, from
// a fault of the database.
//
// Keys that sign take turns while the program runs: a Ring keeps a snapshot of them, replaces it as a whole, and
// looks again after ReloadInterval. HMAC keys never take turns: they are taken once, at the start.
package keys
