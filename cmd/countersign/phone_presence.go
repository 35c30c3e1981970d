package main

import (
	"context"
	"io"
	"os"
	"strings"
	"time"

	"countersign/oauth/deviceclient"

	"rsc.io/qr/coding"
)

// presenceQR is the presence proof as a square for the counter's scanner, made offline.
// The proof is capitals and digits, for which a square needs the least room.
func (v *phoneVisit) presenceQR() (string, error) {
	proof, err := v.client.Presence(v.env.Now())
	if err != nil {
		return "", err
	}
	symbol, err := encodeQR([]coding.Encoding{coding.Alpha(proof.Reveal())})
	if err != nil {
		return "", err
	}
	return drawQR(symbol), nil
}

// showPresence shows one proof, on a terminal in the place of the one before. A phone that
// cannot make one still has its code.
func (v *phoneVisit) showPresence() {
	square, err := v.presenceQR()
	if err != nil {
		v.say("No presence proof: %v.", err)
		return
	}
	text := square + "\nThe square proves for a minute that this phone is here.\nLet the counter scan it from this screen; send it to nobody.\n"
	if v.drawn > 0 && isTerminal(v.env.Stdout) {
		v.say("\x1b[%dA\x1b[J%s", v.drawn, text)
	} else {
		v.say("%s", text)
	}
	v.drawn = strings.Count(text, "\n") + 1
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// waitShowing waits, and shows a new proof in place of the old one as long as it does. It
// is the phone's only clock, so the next poll is never late for it.
func (v *phoneVisit) waitShowing(ctx context.Context, d time.Duration) error {
	for {
		if v.client.State.Authorization != nil {
			v.showPresence()
		}
		pause := min(d, deviceclient.PresenceRenewal)
		if err := v.env.Wait(ctx, pause); err != nil {
			return err
		}
		if d -= pause; d <= 0 {
			return nil
		}
	}
}
