//go:build !race

package analyzer_test

// raceDetector tells that the race detector is in.
const raceDetector = false
