package main

import (
	"bufio"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"countersign/audit"
	"countersign/audit/export"
	"countersign/audit/term"
	"countersign/audit/tree"

	"github.com/go-jose/go-jose/v4"
)

const (
	trailIssuer = "https://bench.example"
	trailOrigin = "bench.example" + tree.Path
)

// trail makes the entries of a log without a database: approvals, each with all its facts.
type trail struct {
	log     audit.Log
	key     jose.JSONWebKey // public
	private ed25519.PrivateKey
	begun   time.Time
}

func newTrail() (*trail, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	key := jose.JSONWebKey{Key: private, Algorithm: string(jose.ES256), Use: "sig"}
	sum, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, err
	}
	key.KeyID = base64.RawURLEncoding.EncodeToString(sum)
	_, signer, err := ed25519.GenerateKey(rand.Reader)
	return &trail{
		log: audit.Log{Issuer: trailIssuer, Rand: rand.Reader, Signer: key}, key: key.Public(), private: signer,
		begun: time.Unix(1_777_885_200, 0),
	}, err
}

// sets are the first entries of the log, signed.
func (t *trail) sets(count int) ([]string, error) {
	until := t.begun.Add(7 * 24 * time.Hour).Unix()
	sets := make([]string, count)
	for i := range sets {
		entry, err := t.log.Sign(int64(i+1), t.begun, audit.Event{
			Type: audit.DeviceBindingApproved, Subject: "pbpgbmlk2bg5rmbfmv6xwbcvzy", Transaction: "wfufqppaznau4cvsuxoy7s5lvz",
			Facts: audit.Facts{
				Actor: &audit.Actor{Staff: "imcb3cr633taxrldwdmfjb444a"}, Session: "z3wrpuwxym7grqqxoyu5pfk374", Counter: "fu2kwmyjkb34cd2hdicif2jmtf",
				Client: "tbh3nrmp3da6rvjrdaukirn3kb", KeyThumbprint: "aQLir6oGdz_6wyWVb4HOeeVJ4ErksSfz2r6NrPrTkYY",
				DeviceAuthorization: "wfufqppaznau4cvsuxoy7s5lvz", Binding: "5c2xqkkmr6mvb6a5mhqqjwlbdi", Proofing: "d3kq6mgqyrcnbqbw5gmmgmkzr4",
				Presence: string(term.PresenceProved), RedeemUntil: &until, Scope: "profile wallet",
			},
		})
		if err != nil {
			return nil, err
		}
		sets[i] = entry.SET
	}
	return sets, nil
}

// repeated is entry number seq with the signature and all but the number of the first one: no verifier lets it pass that looks at
// signatures, but making one costs a fraction of signing it.
func repeated(first string) func(seq int64) (set string, claims []byte) {
	parts := strings.Split(first, ".")
	payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
	before, after, _ := strings.Cut(string(payload), `"seq":1,`)
	return func(seq int64) (string, []byte) {
		number, _ := json.Marshal(seq)
		claims := []byte(before + `"seq":` + string(number) + `,` + after)
		return parts[0] + "." + base64.RawURLEncoding.EncodeToString(claims) + "." + parts[2], claims
	}
}

// checkpoint signs the tree over so many entries.
func (t *trail) checkpoint(count int64, entry func(seq int64) (set string, claims []byte)) ([]byte, error) {
	signer, err := tree.NewSigner(trailOrigin, t.private)
	if err != nil {
		return nil, err
	}
	var edge tree.Edge
	for seq := int64(1); seq <= count; seq++ {
		set, _ := entry(seq)
		edge.Append(tree.Leaf([]byte(set)))
	}
	c := tree.Checkpoint{Origin: trailOrigin, Size: count, Root: edge.Root()}
	signature, err := c.Sign(signer)
	return c.Note(signature), err
}

// export writes an export of so many entries. beforeEnd is called when all of it but its last line was written.
func (t *trail) export(
	w io.Writer, count int64, checkpoint []byte, entry func(seq int64) (set string, claims []byte), beforeEnd func() error,
) error {
	line, err := tree.VerifierKey(trailOrigin, t.private.Public().(ed25519.PublicKey))
	if err != nil {
		return err
	}
	buffer := bufio.NewWriterSize(w, 1<<20)
	out := json.NewEncoder(buffer)
	begin := export.Begin{Export: export.Head{
		Version: export.Version, Issuer: trailIssuer, Event: "bench", At: t.begun, Last: count, Filter: []string{},
		Checkpoint: string(checkpoint), LogKeys: []string{line}, Keys: &jose.JSONWebKeySet{Keys: []jose.JSONWebKey{t.key}},
	}}
	if err := out.Encode(begin); err != nil {
		return err
	}
	for seq := int64(1); seq <= count; seq++ {
		set, claims := entry(seq)
		number, _ := json.Marshal(seq)
		for _, part := range []string{`{"seq":`, string(number), `,"set":"`, set, `","claims":`, string(claims), "}\n"} {
			if _, err := buffer.WriteString(part); err != nil {
				return err
			}
		}
	}
	if err := errors.Join(buffer.Flush(), beforeEnd()); err != nil {
		return err
	}
	if err := out.Encode(export.End{End: export.Tail{Entries: int(count), Last: count}}); err != nil {
		return err
	}
	return buffer.Flush()
}
