package detect

import (
	"regexp"
	"testing"
)

// TestExpressionsCompile says that no expression waits to fail until mail asks for it.
func TestExpressionsCompile(t *testing.T) {
	for _, expr := range []func() *regexp.Regexp{
		appleForm, duckForm, plusForm, nameForm, randomLocal, vowels, brokenZone, oddMessageID, kitMailer, phone, macro, lostMark, title,
	} {
		if expr().String() == "" {
			t.Error("an expression is empty")
		}
	}
}
