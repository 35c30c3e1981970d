package models

import (
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// endSilence bounds how long a server may leave unacknowledged what was sent to it (RFC 5482 §2; TCP_USER_TIMEOUT of tcp(7)). Without
// it the system repeats itself for a quarter of an hour.
func endSilence(network, _ string, socket syscall.RawConn) (err error) {
	if !strings.HasPrefix(network, "tcp") {
		return nil
	}
	reached := socket.Control(func(descriptor uintptr) {
		err = unix.SetsockoptInt(int(descriptor), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(unacknowledged.Milliseconds()))
	})
	if reached != nil {
		return reached
	}
	return err
}
