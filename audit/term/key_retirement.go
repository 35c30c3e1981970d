package term

import "strings"

// KeyRetirement is what a key was for that was ended for good, and whether that was forced.
type KeyRetirement string

const forced = " forced"

// Retirement is the end of a key; forced, while what it signed might still be in use.
func (k ServerKey) Retirement(inUse bool) KeyRetirement {
	if inUse {
		return KeyRetirement(k + forced)
	}
	return KeyRetirement(k)
}

// KeyRetirements lists the set.
func KeyRetirements() []KeyRetirement {
	var list []KeyRetirement
	for _, key := range SigningKeys() {
		list = append(list, key.Retirement(false), key.Retirement(true))
	}
	return list
}

// Label returns it in plain English.
func (r KeyRetirement) Label() string {
	key, inUse := strings.CutSuffix(string(r), forced)
	if inUse {
		return ServerKey(key).Label() + ", forced"
	}
	return ServerKey(key).Label()
}
