package models

import (
	"context"

	"countersign/audit"
	"countersign/audit/term"
)

// Repudiation is what the link of a notice leads to.
type Repudiation struct {
	Notice  Notice
	Request RequestView
	Done    Instant // when somebody used a link of this request; 0: nobody did
	Ended   Phase   // where the request was then
}

// Repudiation shows what a link would end, or ended; it changes nothing. Error:
// ErrNotFound (also for a link whose time is over).
func (s *Store) Repudiation(ctx context.Context, token string) (Repudiation, error) {
	id, err := s.noticeOfLink(token)
	if err != nil {
		return Repudiation{}, err
	}
	r, err := s.reader(ctx).repudiation(id)
	if err == nil {
		r.Request, err = s.Request(ctx, deref(r.Notice.DeviceAuthorizationID))
	}
	return r, err
}

func (t *tx) repudiation(noticeID string) (Repudiation, error) {
	var r Repudiation
	err := t.Where("id = ? AND account_id IS NOT NULL AND created_at > ?", noticeID, t.now.Add(-RepudiationLife)).First(&r.Notice).Error
	if err != nil {
		return r, notFound(err)
	}
	if !r.Notice.Occasion.CanRepudiate() {
		return r, ErrNotFound
	}
	var done repudiated
	err = t.Where("device_authorization_id = ?", r.Notice.DeviceAuthorizationID).Limit(1).Find(&done).Error
	r.Done, r.Ended = done.CreatedAt, done.Ended
	return r, err
}

// repudiated is the row that makes a repudiation happen once.
type repudiated struct {
	DeviceAuthorizationID string `gorm:"primaryKey"`
	NoticeID              string
	Ended                 Phase
	CreatedAt             Instant `gorm:"autoCreateTime:false"`
}

// TableName keeps gorm to the table's name.
func (repudiated) TableName() string { return "repudiations" }

// Repudiate is the person's word that it was not them: a request that waits is declined, an
// approved one is taken back, a binding is revoked, so that its tokens are dead at once.
// Supervisors are alerted in any case, also when there was nothing left to end. It happens
// once for a request, whichever of its notices it came by; again it is only said when that
// was. It can do nothing else than end things, so that a link which fell into the wrong
// hands costs the person a way to the counter and no more. Error: ErrNotFound.
func (s *Store) Repudiate(ctx context.Context, token, address string) (Repudiation, error) {
	id, err := s.noticeOfLink(token)
	if err != nil {
		return Repudiation{}, err
	}
	var r Repudiation
	err = s.write(ctx, func(tx *tx) (err error) {
		if r, err = tx.repudiation(id); err != nil {
			return err
		}
		d, err := tx.deviceAuthorization(deref(r.Notice.DeviceAuthorizationID)) // held: of two at once the second sees the first
		if err != nil {
			return err
		}
		if r, err = tx.repudiation(id); err != nil || r.Done != 0 {
			return err
		}
		r.Done, r.Ended = tx.now, d.PhaseAt(tx.now)
		err = tx.Create(&repudiated{DeviceAuthorizationID: d.ID, NoticeID: id, Ended: r.Ended, CreatedAt: tx.now}).Error
		if err != nil {
			return err
		}
		return tx.repudiate(d, r.Ended, address)
	})
	return r, err
}

// repudiate ends what there is to end of a request that this transaction holds.
func (t *tx) repudiate(d DeviceAuthorization, phase Phase, address string) error {
	facts := audit.Facts{Actor: &audit.Actor{System: string(term.SystemNotice)}, Reason: string(term.EndingNotMe), Address: address}
	var binding Binding
	if err := t.forUpdate().Where("device_authorization_id = ?", d.ID).Limit(1).Find(&binding).Error; err != nil {
		return err
	}
	waits := phase.Open()
	if waits || phase.Is(Approved) {
		if err := t.cancel(d, facts); err != nil {
			return err
		}
	}
	if waits {
		if err := t.notifyOf(NoticeDeclined, *d.AccountID, d.ID); err != nil {
			return err
		}
	}
	if binding.ID != "" {
		if err := t.revoke(binding, facts); err != nil {
			return err
		}
	}
	facts = audit.Facts{
		Actor: facts.Actor, Client: d.ClientID, KeyThumbprint: d.JWKThumbprint, DeviceAuthorization: d.ID,
		Binding: binding.ID, Reason: string(phase), Address: address,
	}
	if err := t.making(d, &facts); err != nil {
		return err
	}
	_, err := t.record(audit.Event{Type: audit.DeviceRepudiated, Subject: *d.AccountID, Transaction: d.ID, Facts: facts})
	return err
}
