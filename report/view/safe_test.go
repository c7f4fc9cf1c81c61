package view

import (
	"testing"

	"pgregory.net/rapid"
)

// What is taken for no link without asking the pattern is none.
func TestMayBeLive(t *testing.T) {
	for _, s := range []string{"www.", "WwW.evil.example", "a www.evil.example", "x.www.y", "https://evil.example", "FTP://x"} {
		if !liveURL.MatchString(s) || !mayBeLive(s) {
			t.Errorf("%q is not found", s)
		}
	}
	for _, s := range []string{"", ".", "ww.", "wwww", "How now. Brown cow.", "w.w.w."} {
		if mayBeLive(s) {
			t.Errorf("%q is asked for in vain", s)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		if s := rapid.StringMatching(`[ a.wWhtp:/あ]{0,40}`).Draw(t, "s"); liveURL.MatchString(s) && !mayBeLive(s) {
			t.Errorf("%q is not found", s)
		}
	})
}
