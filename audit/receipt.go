package audit

import (
	"errors"
	"fmt"

	"countersign/audit/tree"

	"github.com/go-jose/go-jose/v4"
)

// Receipt is one entry of the trail with the proof that the log has it, read from a tlog-proof whose extra data is the compact SET.
type Receipt struct {
	Issuer     string
	Entry      Entry // its columns are what the SET says
	Event      Event
	Leaf       tree.Hash
	Checkpoint tree.Checkpoint
	note       []byte
}

// Trust is what somebody knows of a log from elsewhere, not from the receipt.
type Trust struct {
	Log       []tree.Verifier    // keys of the log
	Witnesses []tree.Verifier    // that must have cosigned
	Keys      jose.JSONWebKeySet // audit keys
}

// Vouched is who vouches for a receipt, of those that somebody trusts.
type Vouched struct {
	Log       []tree.Signed // by keys of the log
	Witnesses []tree.Signed
	SET       bool // the entry itself is signed by one of the audit keys
}

// ReadReceipt reads a receipt and holds it against itself: the entry is one of the catalogue's, the leaf is the entry's, the proof
// leads to the checkpoint's root. Nothing is said of who signed it: that is Vouch's work. The error is for people.
func ReadReceipt(text []byte) (Receipt, error) {
	proof, err := tree.ParseProof(text)
	if err != nil {
		return Receipt{}, errors.New("the file is not a tlog-proof")
	}
	if len(proof.Extra) == 0 {
		return Receipt{}, errors.New("the file has no entry: the line extra is missing")
	}
	r, err := openSET(proof.Extra)
	if err != nil {
		return r, fmt.Errorf("the entry is not one of a trail: %w", err)
	}
	if r.Entry.Seq-1 != proof.Index {
		return r, fmt.Errorf("the entry says that its number is %d, and the proof is of number %d", r.Entry.Seq, proof.Index+1)
	}
	r.Leaf, r.note = tree.Leaf(proof.Extra), proof.Checkpoint
	if r.Checkpoint, err = tree.Unsigned(proof.Checkpoint); err != nil {
		return r, errors.New("what follows the proof is not a checkpoint")
	}
	origin, err := tree.Origin(r.Issuer)
	if err != nil {
		return r, err
	}
	if origin != r.Checkpoint.Origin {
		return r, fmt.Errorf("the checkpoint is of the log %s, and the entry of %s", r.Checkpoint.Origin, r.Issuer)
	}
	if tree.CheckInclusion(proof.Path, r.Checkpoint, proof.Index, r.Leaf) != nil {
		return r, fmt.Errorf("the proof does not lead from this entry to the checkpoint of %d entries: one of them was changed", r.Checkpoint.Size)
	}
	return r, nil
}

// openSET reads an entry from its SET alone, and holds it against the catalogue. The signature is still to be verified.
func openSET(set []byte) (Receipt, error) {
	signed, err := parseSET(set)
	if err != nil {
		return Receipt{}, err
	}
	c, err := parseClaims(signed.UnsafePayloadWithoutVerification())
	if err != nil {
		return Receipt{}, err
	}
	o, err := openClaims(c)
	if err != nil {
		return Receipt{}, err
	}
	event, err := NewJudge(c.Issuer, jose.JSONWebKeySet{}, nil).event(o.seq, c)
	if err != nil {
		return Receipt{}, err
	}
	entry := newEntry(c, o.seq, event, signed.Signatures[0].Protected.KeyID, string(set))
	return Receipt{Issuer: c.Issuer, Entry: entry, Event: event}, nil
}

// Vouch holds a receipt against what somebody trusts. The error is for people, and names the first of it that does not vouch.
func (r Receipt) Vouch(trust Trust) (Vouched, error) {
	var v Vouched
	if len(trust.Keys.Keys) > 0 {
		if _, err := VerifyEntry(r.Entry, r.Issuer, trust.Keys); err != nil {
			return v, fmt.Errorf("the entry: %w", err)
		}
		v.SET = true
	}
	if len(trust.Log) > 0 {
		var err error
		if v.Log, err = r.signers(trust.Log, "key"); err != nil {
			return v, err
		}
		if len(v.Log) == 0 {
			return v, errors.New("no key of the log that was given has signed the checkpoint")
		}
	}
	for _, witness := range trust.Witnesses {
		signed, err := r.signers([]tree.Verifier{witness}, "witness")
		if err != nil {
			return v, err
		}
		if len(signed) == 0 {
			return v, fmt.Errorf("witness %s has not cosigned the checkpoint", witness.ID())
		}
		v.Witnesses = append(v.Witnesses, signed...)
	}
	return v, nil
}

// signers are those of the known keys that have signed the checkpoint. A key of the log has the log's own name.
func (r Receipt) signers(known []tree.Verifier, kind string) ([]tree.Signed, error) {
	for _, key := range known {
		if !key.IsWitness() && key.Name() != r.Checkpoint.Origin {
			return nil, fmt.Errorf("%s %s is of another log, not of %s", kind, key.ID(), r.Checkpoint.Origin)
		}
		if _, err := tree.Signers(r.note, key); err != nil {
			return nil, fmt.Errorf("the signature of %s %s is not of this checkpoint", kind, key.ID())
		}
	}
	return tree.Signers(r.note, known...)
}
