package models_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

// link is the token of the newest notice that has one.
func (v *visit) link(t *testing.T) string {
	t.Helper()
	link := ""
	for _, notice := range v.told(t) {
		if notice.Link != "" {
			link = notice.Link
		}
	}
	if link == "" {
		t.Fatal("no notice has a link")
	}
	return link
}

// NIST SP 800-63A-4, a way to repudiate: whatever the request is at, "not me" ends it,
// at once, and supervisors learn of it.
func TestNotMe(t *testing.T) {
	for _, test := range []struct {
		at    models.State
		wants []audit.Type
		told  []models.Occasion
	}{
		{models.Pending, []audit.Type{audit.DeviceAuthorizationCancelled, audit.DeviceRepudiated}, []models.Occasion{models.NoticeDeclined}},
		{models.Matched, []audit.Type{audit.DeviceAuthorizationCancelled, audit.DeviceRepudiated}, []models.Occasion{models.NoticeDeclined}},
		{models.Proofed, []audit.Type{audit.DeviceAuthorizationCancelled, audit.DeviceRepudiated}, []models.Occasion{models.NoticeDeclined}},
		{models.Approved, []audit.Type{audit.DeviceAuthorizationCancelled, audit.DeviceBindingRevoked, audit.DeviceRepudiated},
			[]models.Occasion{models.NoticeRevoked}},
		{models.Redeemed, []audit.Type{audit.DeviceBindingRevoked, audit.DeviceRepudiated}, []models.Occasion{models.NoticeRevoked}},
		{models.Declined, []audit.Type{audit.DeviceRepudiated}, nil},
	} {
		t.Run(string(test.at), func(t *testing.T) {
			telling(t, func(t *testing.T, v *visit) {
				link := v.link(t)
				v.to(t, test.at)
				v.told(t)
				before := v.LastEvent(t)
				seen, err := v.Repudiation(v.Context, link)
				if err != nil || seen.Done != 0 || v.LastEvent(t) != before {
					t.Fatalf("looking: %+v, %v", seen, err)
				}
				done, err := v.Repudiate(v.Context, link, modelstest.Address)
				if err != nil || done.Done != models.At(v.Clock.Now()) || done.Ended != models.Phase(test.at) {
					t.Fatalf("%+v, %v", done, err)
				}
				if got := v.Events(t, before); !slices.Equal(got, test.wants) {
					t.Errorf("events %v, want %v", got, test.wants)
				}
				v.wantTold(t, test.told...)
				v.wantEnded(t)
				v.wantAlert(t)
				again, err := v.Repudiate(v.Context, link, modelstest.Address)
				if err != nil || again.Done != done.Done || again.Ended != done.Ended {
					t.Errorf("again: %+v, %v", again, err)
				}
				v.wantTold(t)
			})
		})
	}
}

// wantEnded tries what the phone and the operator could still do.
func (v *visit) wantEnded(t *testing.T) {
	t.Helper()
	if _, err := v.Redeem(v.Context, modelstest.Redemption(v.client, v.codes)); err == nil {
		t.Error("it can still be redeemed")
	}
	if _, err := v.ApproveShown(v.operator, v.codes.DeviceAuthorizationID); err == nil {
		t.Error("it can still be approved")
	}
	binding, err := v.BindingOf(v.Context, v.codes.DeviceAuthorizationID)
	if err == nil {
		if _, err := v.LiveBinding(v.Context, binding.ID); !errors.Is(err, models.ErrBindingRevoked) {
			t.Errorf("the binding: %v", err)
		}
	}
}

func (v *visit) wantAlert(t *testing.T) {
	t.Helper()
	alerts, err := v.Alerts(v.Context)
	if err != nil || !slices.ContainsFunc(alerts.Newest, func(r models.Alert) bool { return r.Event.Type == audit.DeviceRepudiated }) {
		t.Errorf("no alert: %v, %v", alerts, err)
	}
}

// Another notice of the same request ends nothing twice.
func TestNotMeIsOnceForARequest(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		first := v.link(t)
		v.to(t, models.Redeemed)
		second := v.link(t)
		if first == second {
			t.Fatal("both notices have the same link")
		}
		done, err := v.Repudiate(v.Context, second, modelstest.Address)
		if err != nil {
			t.Fatal(err)
		}
		before := v.LastEvent(t)
		v.Clock.Advance(time.Hour)
		if again, err := v.Repudiate(v.Context, first, modelstest.Address); err != nil || again.Done != done.Done {
			t.Errorf("%+v, %v", again, err)
		}
		if got := v.Events(t, before); len(got) != 0 {
			t.Errorf("events %v", got)
		}
	})
}

// Only this server's links, for thirty days, and of notices that have one.
func TestNotMeTakesNoOtherLink(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		link := v.link(t)
		id, _, _ := strings.Cut(link, ".")
		last := "A"
		if strings.HasSuffix(link, last) {
			last = "B"
		}
		before := v.LastEvent(t)
		for _, forged := range []string{"", ".", id, id + ".", link[:len(link)-1] + last, "x" + link, link + "=", strings.ToUpper(link)} {
			if _, err := v.Repudiate(v.Context, forged, modelstest.Address); !errors.Is(err, models.ErrNotFound) {
				t.Errorf("%q: %v", forged, err)
			}
			if _, err := v.Repudiation(v.Context, forged); !errors.Is(err, models.ErrNotFound) {
				t.Errorf("%q is shown: %v", forged, err)
			}
		}
		v.Clock.Advance(models.RepudiationLife - time.Second)
		if _, err := v.Repudiation(v.Context, link); err != nil {
			t.Errorf("a second before its end: %v", err)
		}
		v.Clock.Advance(time.Second)
		if _, err := v.Repudiate(v.Context, link, modelstest.Address); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("at its end: %v", err)
		}
		if got := v.Events(t, before); len(got) != 0 {
			t.Errorf("events %v", got)
		}
		if err := v.Sweep(v.Context); err != nil {
			t.Fatal(err)
		}
		var rows int64
		if err := v.Reader().Raw("SELECT count(*) FROM notices").Scan(&rows).Error; err != nil || rows != 0 {
			t.Errorf("%d notices are kept, %v", rows, err)
		}
	})
}

// "Not me" and the phone's redemption at once: whoever comes first, the binding is dead in
// the end.
func TestNotMeRacesWithRedemption(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		v.to(t, models.Approved)
		link := v.link(t)
		start, ended := make(chan struct{}), make(chan error, 4)
		for range 2 {
			go func() {
				<-start
				_, err := v.Repudiate(v.Context, link, modelstest.Address)
				ended <- err
			}()
			go func() {
				<-start
				_, _ = v.Redeem(v.Context, modelstest.Redemption(v.client, v.codes)) // may win or lose
				ended <- nil
			}()
		}
		close(start)
		for range 4 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		v.wantEnded(t)
		count := 0
		for _, event := range v.Events(t, 0) {
			if event == audit.DeviceRepudiated {
				count++
			}
		}
		if count != 1 {
			t.Errorf("repudiated %d times", count)
		}
	})
}
