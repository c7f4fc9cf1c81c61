package event

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"pgregory.net/rapid"
)

// Text that isPlain takes for plain is what plain makes of it, and a label is never ruled out by its first character.
func TestQuickWaysChangeNothing(t *testing.T) {
	pieces := []string{"a", "B", " ", "  ", "カ", "か", "\u3099", "ﾞ", "　", "漢", "・", "é", "Ａ", "\u00ad", "\u200b", "…", "\t", "ー", "。", "1", "(", "\xff", "お支払い方法", "Order Total", "￥", "$", "¥", "amazon.ca", "amazon.com.au", "Ｚ"}
	c := Builtin().set()
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 6).Draw(t, "pieces"), "")
		checkNormal(t, s)
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

// A character that is passed over by its first byte is none that is looked for.
func TestStableCharactersAreNoValues(t *testing.T) {
	for r := rune(utf8.RuneSelf); r <= 0xffff; r++ {
		if stable(r) && (unicode.IsDigit(r) || unicode.Is(unicode.Sc, r) || !isCJK(r) || dropped(r) || unicode.IsSpace(r)) {
			t.Errorf("%U is stable", r)
		}
		if s := string(r); utf8.ValidString(s) && stable(r) != stableAt(s, 0) {
			t.Errorf("%U: stable %v, by its bytes %v", r, stable(r), stableAt(s, 0))
		}
	}
}

// normalPlainly is what normal does, character by character.
func normalPlainly(s string, folding bool) string {
	var b []byte
	space, wide := false, true
	for _, r := range s {
		switch {
		case r == ' ' || r >= '\t' && r <= '\r' || r == '\u3000' || r >= 0x80 && r < 0x3000 && unicode.IsSpace(r):
			space = true
			continue
		case r < utf8.RuneSelf:
			if r < ' ' || r == 0x7f {
				continue
			}
		case stable(r) || narrow(r) != r:
		case dropped(r):
			continue
		}
		cjk := isCJK(r)
		if space && len(b) > 0 && (!folding || !wide && !cjk) {
			b = append(b, ' ')
		}
		space = false
		switch r = narrow(r); {
		case r < utf8.RuneSelf:
			if folding {
				r = unicode.ToLower(r)
			}
			b = append(b, byte(r))
		case stable(r):
			b = utf8.AppendRune(b, r)
		case r == 0x3099 || r == 0x309a || r == 0xff9e || r == 0xff9f:
			b = voiced(b, r)
		case folding:
			b = appendFolded(b, r)
		case r == '…':
			b = utf8.AppendRune(b, r)
		default:
			b = norm.NFKC.AppendString(b, string(r))
		}
		wide = cjk
	}
	return string(b)
}

func checkNormal(t interface{ Fatalf(string, ...any) }, s string) {
	for _, folding := range []bool{true, false} {
		if got, want := normal(s, folding), normalPlainly(s, folding); got != want {
			t.Fatalf("normal(%q, %v) = %q, want %q", s, folding, got, want)
		}
	}
	at := strings.IndexFunc(s, func(r rune) bool { return unicode.IsDigit(r) || unicode.Is(unicode.Sc, r) })
	if got := valueStart(s); got != at {
		t.Fatalf("valueStart(%q) = %d, want %d", s, got, at)
	}
	if got, want := trimLabel(s), strings.TrimFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != ')' && r != '(' }); got != want {
		t.Fatalf("trimLabel(%q) = %q, want %q", s, got, want)
	}
	first := len(marketplaces)
	for i := len(marketplaces) - 1; i >= 0; i-- {
		if strings.Contains(s, marketplaces[i].text) {
			first = i
		}
	}
	if got := marketplaceIn(s); got != first {
		t.Fatalf("marketplaceIn(%q) = %d, want %d", s, got, first)
	}
}

func FuzzNormal(f *testing.F) {
	for _, s := range []string{"Amazon　プライム ￥1,200", "カ\u3099 ｶﾞ", "a \u00ad b…", "(é) ß\xff\xe3\x81", "amazon.com.mx amazon.ca", "Ａ １ $ ¥"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkNormal(t, s) })
}
