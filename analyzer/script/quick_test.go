package script

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// The quick ways of folding and looking must give what the plain ones give, which stand here.

// foldPlainly folds segment by segment and leaves nothing as it stands.
func foldPlainly(s string) string {
	s = ReadingOrder(s)
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			if c := foldASCII(s[i]); c != 0 {
				b.WriteByte(c)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		end := i + n
		next, _ := utf8.DecodeRuneInString(s[end:])
		if stable(r) && !(next >= 0x3099 && next <= 0x309c || next == 0xff9e || next == 0xff9f) {
			b.WriteString(s[i:end])
			i = end
			continue
		}
		for end < len(s) {
			r, n := utf8.DecodeRuneInString(s[end:])
			if r < utf8.RuneSelf || stable(r) {
				break
			}
			end += n
		}
		segment := strings.NewReplacer("\u309b", "\u3099", "\u309c", "\u309a").Replace(s[i:end])
		for _, r := range norm.NFKC.String(strings.ToValidUTF8(segment, "\ufffd")) {
			if r < utf8.RuneSelf {
				if c := foldASCII(byte(r)); c != 0 {
					b.WriteByte(c)
				}
			} else if f, ok := foldRune(r); ok {
				b.WriteRune(f)
			}
		}
		i = end
	}
	return b.String()
}

func indexSpacedPlainly(folded, word string) (start, end int, ok bool) {
	first, _ := utf8.DecodeRuneInString(word)
	before := ' '
	for i, r := range folded {
		if r == first && edge(before) {
			if n, split := spacedAt(folded[i:], word); n > 0 && split {
				return i, i + n, true
			}
		}
		before = r
	}
	return 0, 0, false
}

func indexSplitPlainly(folded, word string) (start, end int, ok bool) {
	for i := 0; i < len(folded); {
		if !latin(folded[i]) {
			i++
			continue
		}
		j := i
		for j < len(folded) && latin(folded[j]) {
			j++
		}
		before, size := utf8.DecodeLastRuneInString(folded[:i])
		bounded := size == 0 || before < utf8.RuneSelf || edge(before)
		after, size := utf8.DecodeRuneInString(folded[j:])
		if bounded && (size == 0 || after < utf8.RuneSelf || edge(after)) && splitToken(folded[i:j], word) {
			return i, j, true
		}
		i = j
	}
	return 0, 0, false
}

func findPlainly(literals []string, text string) (found [][2]int) {
	for at := range len(text) {
		for _, long := range []bool{true, false} {
			for n, l := range literals {
				if len(l) >= 2 && (len(l) >= 6) == long && strings.HasPrefix(text[at:], l) {
					found = append(found, [2]int{n, at})
				}
			}
		}
	}
	return found
}

// oddPieces are pieces of text that the quick ways take apart.
var oddPieces = []string{
	"a", "A", "amazon", "ama", "zon", " ", "\n", "\t", "\r", "\x00", "\x7f", "-", ".", "あ", "ア", "カ", "か", "ハ", "漢", "字", "・", "。", "「", "【", "한", "\u3099", "\u309a", "゛", "゜", "ﾞ", "ﾟ", "ｶ",
	"Ａ", "！", "　", "￥", "～", "é", "e\u0301", "ß", "ı", "İ", "Σ", "ς", "Ａ\u0301", "\u200b", "\u00ad", "\u034f", "\ue000", "\ufffd", "…", "㍿", "ﬁ", "𝐚", "🅰", "\xe3", "\xe3\x81", "\x81", "\xed\xa0\x80", "\xff", "\U000e0061", "\u202e", "\u202d", "\u202c", "аmazon", "1", "amtalkazon", "amxxazon", "am", "azon", "mazon", "xx", "カード", "d",
}

func drawText(t *rapid.T) string {
	return strings.Join(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(oddPieces), rapid.String()), 0, 8).Draw(t, "pieces"), "")
}

func TestQuickWaysFindWhatPlainOnesFind(t *testing.T) {
	literals := []string{"amazon", "ama", "az", "アマゾン", "ア", "漢字", "\x81", "zon zon", "あ", "。「", "a"}
	finder := NewFinder(literals)
	rapid.Check(t, func(t *rapid.T) {
		s := drawText(t)
		checkQuick(t, s)
		var found [][2]int
		finder.Find(s, func(n, at int) bool { found = append(found, [2]int{n, at}); return true })
		want := findPlainly(literals, s)
		if len(found) != len(want) {
			t.Fatalf("in %q found %v, want %v", s, found, want)
		}
		for i := range found {
			if found[i] != want[i] {
				t.Fatalf("in %q found %v, want %v", s, found, want)
			}
		}
	})
}

func checkQuick(t interface{ Fatalf(string, ...any) }, s string) {
	if got, want := Fold(s), foldPlainly(s); got != want {
		t.Fatalf("Fold(%q) = %q, want %q", s, got, want)
	}
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = Fold(l)
	}
	if got, want := Fold(s), strings.Join(lines, "\n"); got != want {
		t.Fatalf("Fold(%q) = %q, its lines %q", s, got, want)
	}
	for _, folded := range []string{s, Fold(s)} {
		for _, word := range []string{"amazon", "アマゾン", "ao"} {
			i, j, ok := IndexSpaced(folded, word)
			if wi, wj, wok := indexSpacedPlainly(folded, word); i != wi || j != wj || ok != wok {
				t.Fatalf("IndexSpaced(%q, %q) = %d, %d, %v, want %d, %d, %v", folded, word, i, j, ok, wi, wj, wok)
			}
		}
		for _, word := range []string{"amazon", "アマゾン", "am zon", "a mazon", "dカード"} {
			i, j, ok := IndexSplit(folded, word)
			if wi, wj, wok := indexSplitPlainly(folded, word); i != wi || j != wj || ok != wok {
				t.Fatalf("IndexSplit(%q, %q) = %d, %d, %v, want %d, %d, %v", folded, word, i, j, ok, wi, wj, wok)
			}
		}
	}
}

func FuzzQuick(f *testing.F) {
	for _, p := range oddPieces {
		f.Add(p + "ア" + p)
	}
	f.Fuzz(func(t *testing.T, s string) { checkQuick(t, s) })
}

// Language passes over punctuation without asking the tables.
func TestPunctuationIsOfNoScript(t *testing.T) {
	for r := rune(0x80); r <= 0xffff; r++ {
		code := ""
		for _, l := range languages {
			if unicode.Is(l.table, r) {
				code = l.code
			}
		}
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r >= 0x3041 && r <= 0x30ff && r != 0x30fb || r >= 0xff66 && r <= 0xff9f:
			continue // Japanese or Chinese
		case unicode.Is(unicode.Hangul, r):
			code = "ko"
		case unicode.Is(unicode.Latin, r):
			code = ""
		}
		if got := Language(string(r)); got != code {
			t.Errorf("Language(%q, %U) = %q, want %q", r, r, got, code)
		}
		if got := Language(string(r), "あ"); code == "" && got != "ja" {
			t.Errorf("Language(%q, %U) beside kana = %q", r, r, got)
		}
	}
}

// Language takes all of the main block of ideographs for Han without asking the table.
func TestMainBlockIsHan(t *testing.T) {
	for r := rune(0x4e00); r <= 0x9fff; r++ {
		if !unicode.Is(unicode.Han, r) {
			t.Errorf("%U is not Han", r)
		}
	}
}
