//go:build race

package counter_test

// The race detector allocates too.
const raceDetector = true
