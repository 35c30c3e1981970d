package models

import (
	"context"

	"countersign/oauth"
)

// Collectable reports whether the request of a device code was approved, whoever asks and whether or not it was redeemed
// since: by one read, so that it can be asked of a poll that is not looked at otherwise. Who knows a device code learns
// nothing by it that a poll would not tell.
func (s *Store) Collectable(ctx context.Context, deviceCode string) (bool, error) {
	var row DeviceAuthorization
	err := s.reading(ctx).Select("state").Where("device_code_hash = ?", oauth.HashDeviceCode(deviceCode)).Limit(1).Find(&row).Error
	return row.State == Approved || row.State == Redeemed, err
}
