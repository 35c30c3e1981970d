//go:build race

package main

// raceDetector says whether this program was built with the race detector.
const raceDetector = true
