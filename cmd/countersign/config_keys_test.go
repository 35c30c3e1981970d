package main

import (
	"testing"
	"time"
)

// Nonces are demanded and keys rotated unless somebody says otherwise.
func TestNonceAndRotationSettings(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args     []string
		nonce    bool
		rotation time.Duration
	}{
		"nothing said":    {nil, true, 90 * day},
		"both switched":   {[]string{"--dpop-nonce", "off", "--key-rotation", "0"}, false, 0},
		"never, in words": {[]string{"--key-rotation", "0s"}, true, 0},
		"every day":       {[]string{"--dpop-nonce", "required", "--key-rotation", "1d"}, true, day},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var settings serveSettings
			parse(t, nil, &settings, serveArgs(tc.args...)...)
			if settings.policy.DPoPNonceRequired != tc.nonce || settings.rotation != tc.rotation {
				t.Errorf("nonce %t, rotation %s", settings.policy.DPoPNonceRequired, settings.rotation)
			}
		})
	}
	got := runWith(t, nil, "", serveArgs("--dpop-nonce", "perhaps", "--key-rotation", "1h", "--access-token-lifetime", "61m")...)
	requireLines(t, got.stderr, []string{
		"--access-token-lifetime (COUNTERSIGN_ACCESS_TOKEN_LIFETIME): 61m is out of bounds",
		`--dpop-nonce (COUNTERSIGN_DPOP_NONCE): "perhaps" is not one of them. Take one of required, off`,
		"--key-rotation (COUNTERSIGN_KEY_ROTATION): 1h is out of bounds. Take something from 1 day",
		"Next: countersign serve --help",
	})
}
