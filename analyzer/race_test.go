//go:build race

package analyzer_test

// raceDetector tells that the race detector is in: it multiplies memory and time.
const raceDetector = true
