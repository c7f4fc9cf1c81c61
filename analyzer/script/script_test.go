package script

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	tests := []struct{ why, in, want string }{
		{"plain text stays", "hello world", "hello world"},
		{"capitals fall", "Amazon.CO.JP", "amazon.co.jp"},
		{"Cyrillic capital", "Аmazon", "amazon"},
		{"Greek alpha and omicron", "Αmazοn", "amazon"},
		{"Armenian o and n", "Amazօո", "amazon"},
		{"Cyrillic che for e", "Primҽ", "prime"},
		{"Syriac marks between letters", "Aܿmܿaܿzܿoܿn", "amazon"},
		{"combining grapheme joiner", "A\u034fm\u034fazon", "amazon"},
		{"zero width space, soft hyphen, word joiner", "A\u200bma\u00adzo\u2060n", "amazon"},
		{"full width", "ＡＭＡＺＯＮ", "amazon"},
		{"mathematical bold", "𝐚𝐦𝐚𝐳𝐨𝐧", "amazon"},
		{"small capitals", "ᴀᴍᴀᴢᴏɴ", "amazon"},
		{"letters in circles and squares", "ⓐⓜⓐⓩⓞⓝ 🅰🅼🅰🆉🅾🅽", "amazon amazon"},
		{"precomposed marks", "ämäzön", "amazon"},
		{"marks of their own", "a\u0308mazon", "amazon"},
		{"half width katakana", "ｱﾏｿﾞﾝ", "アマゾン"},
		{"voicing mark of its own", "アマソ\u3099ン", "アマゾン"},
		{"spacing voicing mark", "アマソ\u309bン", "アマゾン"},
		{"kana keep their voicing", "ガギグ", "ガギグ"},
		{"digits stay digits", "amaz0n", "amaz0n"},
		{"white space becomes one kind, line feeds stay", "a\u3000b\u00a0c\td\ne", "a b c d\ne"},
		{"controls go", "a\x00m\x1bazon", "amazon"},
		{"tag characters go", "a\U000e0061b", "ab"},
		{"Vietnamese letters with two marks", "Prïmệ", "prime"},
		{"bytes that are no UTF-8 do not hide what follows", "\xffAmazon", "\ufffdamazon"},
	}
	for _, tt := range tests {
		if got := Fold(tt.in); got != tt.want {
			t.Errorf("%s: Fold(%q) = %q, want %q", tt.why, tt.in, got, tt.want)
		}
	}
}

func TestFoldIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		if once, twice := Fold(s), Fold(Fold(s)); once != twice {
			t.Fatalf("Fold(%q) = %q, folded again %q", s, once, twice)
		}
	})
}

func TestFoldSpaced(t *testing.T) {
	tests := []struct{ why, in, want string }{
		{"spread by spaces", "A m a z o n", "amazon"},
		{"spread by dots, more words behind", "A.m.a.z.o.n Japan", "amazon japan"},
		{"words are not joined", "roma zone", "roma zone"},
		{"one single letter joins nothing", "plan a mazon", "plan a mazon"},
	}
	for _, tt := range tests {
		if got := FoldSpaced(tt.in); got != tt.want {
			t.Errorf("%s: FoldSpaced(%q) = %q, want %q", tt.why, tt.in, got, tt.want)
		}
	}
}

func TestIndexSpaced(t *testing.T) {
	tests := []struct {
		why, in, word string
		want          bool
	}{
		{"one letter apart", "a mazon . co . jp", "amazon", true},
		{"all letters apart", "your a-m-a-z-o-n order", "amazon", true},
		{"between Japanese brackets", "【a m a z o n】お知らせ", "amazon", true},
		{"starts inside a word", "roma zone", "amazon", false},
		{"ends inside a word", "a mazonia", "amazon", false},
		{"not apart at all", "amazon", "amazon", false},
		{"too far apart", "a    mazon", "amazon", false},
		{"over a line end", "ama\nzon", "amazon", false},
		{"Japanese", "ア マ ゾ ン", "アマゾン", true},
	}
	for _, tt := range tests {
		if _, _, got := IndexSpaced(tt.in, tt.word); got != tt.want {
			t.Errorf("%s: IndexSpaced(%q, %q) = %v", tt.why, tt.in, tt.word, got)
		}
	}
}

func TestIndexSplit(t *testing.T) {
	tests := []struct {
		why, in string
		want    bool
	}{
		{"junk in the middle", "your amtalkazon account", true},
		{"between Japanese brackets", "【amtalkazon】", true},
		{"the word itself", "amazon", false},
		{"a longer word that holds it", "amazonian", false},
		{"Spanish frame", "armazon", false},
		{"too much between", "amthequickbrownfoxazon", false},
	}
	for _, tt := range tests {
		if _, _, got := IndexSplit(tt.in, "amazon"); got != tt.want {
			t.Errorf("%s: IndexSplit(%q) = %v", tt.why, tt.in, got)
		}
	}
}

func TestNormal(t *testing.T) {
	tests := []struct{ why, in, want string }{
		{"wide letters and spaces", "Ａｍａｚｏｎ　ご注文\u00a0 の確認 ", "Amazon ご注文 の確認"},
		{"invisible characters go, case stays", "Ama\u200bzon\r\n Prime", "Amazon Prime"},
	}
	for _, tt := range tests {
		if got := Normal(tt.in); got != tt.want {
			t.Errorf("%s: Normal(%q) = %q, want %q", tt.why, tt.in, got, tt.want)
		}
	}
}

func TestVisible(t *testing.T) {
	tests := []struct{ why, in, want string }{
		{"plain", "Amazon プライム", "Amazon プライム"},
		{"right to left override", "a\u202eb", "a‹U+202E›b"},
		{"escape sequence", "\x1b[31mred", "‹U+001B›[31mred"},
		{"C1 control", "a\u009bb", "a‹U+009B›b"},
		{"zero width", "a\u200bb", "a‹U+200B›b"},
		{"tag", "a\U000e0061", "a‹U+E0061›"},
		{"line ends and tabs", "a\nb\tc", "a b c"},
		{"no UTF-8", "a\xffb", "a\ufffdb"},
	}
	for _, tt := range tests {
		if got := Visible(tt.in); got != tt.want {
			t.Errorf("%s: Visible(%q) = %q, want %q", tt.why, tt.in, got, tt.want)
		}
	}
}

func TestMixed(t *testing.T) {
	tests := []struct {
		why, in string
		want    bool
	}{
		{"Cyrillic inside Latin", "Аmazon", true},
		{"whole words of either script", "Привет Amazon", false},
		{"Latin beside Japanese", "Amazonプライム", false},
		{"unit", "5µm", false},
	}
	for _, tt := range tests {
		if got := Mixed(tt.in); got != tt.want {
			t.Errorf("%s: Mixed(%q) = %v", tt.why, tt.in, got)
		}
	}
}

func TestSimplifiedOnly(t *testing.T) {
	tests := []struct{ why, in, want string }{
		{"Chinese words in Japanese", "Prime 月费のお支払い、会员服务", "费员务"},
		{"Japanese", "お客様のアカウント情報を確認してください。髙島屋", ""},
		{"traditional forms are shared", "帳戶", ""},
	}
	for _, tt := range tests {
		if got := string(SimplifiedOnly(tt.in)); got != tt.want {
			t.Errorf("%s: SimplifiedOnly(%q) = %q, want %q", tt.why, tt.in, got, tt.want)
		}
	}
}

func TestSimplifiedIsUpToDate(t *testing.T) {
	n := 0
	for r := rune(0x4e00); r <= 0x9fff; r++ {
		_, gb := simplifiedchinese.HZGB2312.NewEncoder().String(string(r))
		_, jis := japanese.ShiftJIS.NewEncoder().String(string(r))
		want := gb == nil && jis != nil
		if want != (len(SimplifiedOnly(string(r))) == 1) {
			t.Fatalf("U+%04X: table says %v; run go generate", r, !want)
		}
		if want {
			n++
		}
	}
	if n < 3000 {
		t.Errorf("only %d characters", n)
	}
}

func TestLanguage(t *testing.T) {
	tests := []struct{ in, want string }{
		{"お客様のAmazon.co.jpアカウント", "ja"},
		{"您的亚马逊账户已被锁定", "zh"},
		{"주문 확인", "ko"},
		{"Ваш заказ", "ru"},
		{"Your order", ""},
		{"", ""},
		{"Re: 【重要】 account update for the customer of Amazon", ""},
	}
	for _, tt := range tests {
		if got := Language(tt.in); got != tt.want {
			t.Errorf("Language(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"Аmazon", "アマソ\u309bン", "\xff\xfeA", "ämä", "\u202e", strings.Repeat("a\u0300", 40)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		folded := Fold(s)
		if !utf8.ValidString(folded) && utf8.ValidString(s) {
			t.Errorf("Fold(%q) is no UTF-8", s)
		}
		if again := Fold(folded); again != folded {
			t.Errorf("Fold(%q) = %q, again %q", s, folded, again)
		}
		if v := Visible(s); Visible(v) != v {
			t.Errorf("Visible(%q) = %q is not safe", s, v)
		}
		if a, b, ok := IndexSpaced(folded, "amazon"); ok && Compact(folded[a:b]) != "amazon" {
			t.Errorf("IndexSpaced found %q", folded[a:b])
		}
		IndexSplit(folded, "amazon")
		FoldSpaced(s)
		Normal(s)
	})
}

func BenchmarkFold(b *testing.B) {
	text := strings.Repeat("お客様のAmazon.co.jpアカウントに対する最近の変更、Ａｍａｚｏｎ。\n", 200)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Fold(text)
	}
}

func BenchmarkFinder(b *testing.B) {
	finder := NewFinder(strings.Fields("amazon アマゾン ログイン してください account verify confirm お支払い 更新 pay sign お客様 アカウント の 変更を"))
	for name, text := range map[string]string{
		"ja": strings.Repeat("このたびは当店をお使いくださりまことに有り難う存じます。商品番号二十三", 100),
		"en": strings.Repeat("We would like to thank you for the order that reached us on Monday. ", 100),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				finder.Find(text, func(int, int) bool { return true })
			}
		})
	}
}
