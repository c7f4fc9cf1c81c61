package event

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Text that isPlain takes for plain is what plain makes of it, and a label is never ruled out by its first character.
func TestQuickWaysChangeNothing(t *testing.T) {
	pieces := []string{"a", "B", " ", "  ", "カ", "か", "\u3099", "ﾞ", "　", "漢", "・", "é", "Ａ", "\u00ad", "\u200b", "…", "\t", "ー", "。", "1", "(", "\xff", "お支払い方法", "Order Total"}
	c := Builtin().set()
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 6).Draw(t, "pieces"), "")
		p := normal(s+"\u200b", false) // never plain already
		if got := plain(s); got != p {
			t.Fatalf("plain(%q) = %q, want %q", s, got, p)
		}
		if isPlain(s) && s != p {
			t.Fatalf("%q is not plain: %q", s, p)
		}
		if _, ok := c.labels[fold(p)]; ok && !c.mayBeLabel(p) {
			t.Fatalf("label %q was ruled out", p)
		}
	})
	for l := range c.labels {
		if !c.mayBeLabel(l) {
			t.Errorf("label %q was ruled out", l)
		}
	}
}
