package models

import (
	"context"
	"errors"
	"strconv"

	"countersign/audit"
	"countersign/audit/tree"
)

// EventView is one entry of the trail with what its page says of it.
type EventView struct {
	TrailRow
	Previous, Next int64  // the numbers of the entries before and after it of the same request, 0 for none
	AppID, AppName string // the registered app of its client, or that it names itself; "" for none
	Proof          EventProof
}

// EventProof is whether an entry is what was written, as found now.
type EventProof struct {
	Leaf tree.Hash

	// Problem is what is wrong with the entry: nil, an *audit.FaultError or an audit.UnnamedKeyError. Keys is what is wrong with
	// the history of the keys up to it: then nothing vouches for the key.
	Problem error
	Keys    *audit.Problem

	Key     string // that the entry names
	NamedBy int64  // the number of the entry that let it sign; 0 when Problem says that there is none
	NamedAt Instant

	// Inclusion is its proof. Without one InTree says why: ErrNotSequenced, for a moment, or a *LogRefusedError.
	Inclusion InclusionProof
	InTree    error
}

// Event finds an entry by its number or its jti. Error: ErrNotFound.
func (s *Store) Event(ctx context.Context, reference string) (EventView, error) {
	var entry audit.Entry
	find := s.reading(ctx).Where("jti = ?", reference)
	if seq, err := strconv.ParseInt(reference, 10, 64); err == nil {
		find = s.reading(ctx).Where("seq = ?", seq)
	}
	if err := find.First(&entry).Error; err != nil {
		return EventView{}, notFound(err)
	}
	rows, err := s.named(ctx, []audit.Entry{entry})
	if err != nil {
		return EventView{}, err
	}
	view := EventView{TrailRow: rows[0]}
	if view.Proof, err = s.proveEvent(ctx, entry); err != nil {
		return view, err
	}
	return view, errors.Join(s.addApp(ctx, &view), s.addNeighbours(ctx, &view))
}

// addApp finds the registered app whose client the entry is about, or else that the entry itself names.
func (s *Store) addApp(ctx context.Context, view *EventView) error {
	view.AppID, view.AppName = view.Event.Facts.Software, view.About.Software
	if view.ClientID == "" {
		return nil
	}
	var app []Software
	err := s.reading(ctx).Raw(`SELECT software.id, software.name FROM clients JOIN software ON software.id = clients.software_id
		WHERE clients.id = ?`, view.ClientID).Scan(&app).Error
	if len(app) > 0 {
		view.AppID, view.AppName = app[0].ID, app[0].Name
	}
	return err
}

// addNeighbours finds the entries before and after it of the same request.
func (s *Store) addNeighbours(ctx context.Context, view *EventView) error {
	if view.DeviceAuthorizationID == "" {
		return nil
	}
	for _, side := range []struct {
		seq           *int64
		beyond, order string
	}{{&view.Previous, "seq < ?", "seq DESC"}, {&view.Next, "seq > ?", "seq"}} {
		err := s.reading(ctx).Model(&audit.Entry{}).Select("seq").
			Where("device_authorization_id = ? AND device_authorization_id <> ''", view.DeviceAuthorizationID).
			Where(side.beyond, view.Seq).Order(side.order).Limit(1).Scan(side.seq).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// proveEvent holds an entry against the keys, the history of the keys, and itself.
func (s *Store) proveEvent(ctx context.Context, entry audit.Entry) (EventProof, error) {
	proof := EventProof{Leaf: tree.Leaf(entry.Bytes()), Key: entry.KeyID}
	auditKeys, err := s.AuditKeys(ctx)
	if err != nil {
		return proof, err
	}
	history, err := readKeyHistory(s.reading(ctx), s.issuer, auditKeys, true)
	if err != nil {
		return proof, err
	}
	if proof.Keys = history.broken; proof.Keys != nil && proof.Keys.Seq > entry.Seq {
		proof.Keys = nil // what was found later is no matter of this entry
	}
	if _, err := audit.VerifyNamedEntry(entry, s.issuer, auditKeys, history.signers); err != nil {
		proof.Problem = err
	}
	return proof, errors.Join(s.addNaming(ctx, history, &proof), s.addInclusion(ctx, entry, &proof))
}

// addNaming says which entry let the key sign: the first of all its own, any other one the entry that names it.
func (s *Store) addNaming(ctx context.Context, history *keyHistory, proof *EventProof) error {
	after, named := history.signers[proof.Key]
	if !named || proof.Problem != nil {
		return nil //nolint:nilerr // the page tells the problem
	}
	proof.NamedBy = max(after, 1)
	return s.reading(ctx).Model(&audit.Entry{}).Select("occurred_at").Where("seq = ?", proof.NamedBy).Scan(&proof.NamedAt).Error
}

// addInclusion proves that the log has the entry. What cannot be proved is no error: the page says so.
func (s *Store) addInclusion(ctx context.Context, entry audit.Entry, proof *EventProof) error {
	var err error
	proof.Inclusion, err = s.InclusionProof(ctx, entry)
	if _, refused := errors.AsType[*LogRefusedError](err); refused || errors.Is(err, ErrNotSequenced) {
		proof.InTree, err = err, nil
	}
	return err
}
