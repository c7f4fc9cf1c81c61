package charset

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

func enc(e encoding.Encoding, s string) string {
	out, err := e.NewEncoder().String(s)
	if err != nil {
		panic(err)
	}
	return out
}

const (
	ja = "お客様のアカウントに対する最近の変更についてお知らせします。"
	zh = "您的亚马逊账户存在异常，请尽快验证您的信息。"
	tw = "親愛的顧客您好，您的訂單已經出貨，請查看詳細資訊。"
	ko = "고객님의 계정에 대한 최근 변경 사항을 알려 드립니다."
)

var decodeTests = []struct {
	name, in, label, want, charset string
	errors                         int
	guessed, unknown               bool
}{
	{"ASCII", "abc", "", "abc", "us-ascii", 0, false, false},
	{"UTF-8", ja, "utf-8", ja, "utf-8", 0, false, false},
	{"UTF-8 without a label", ja, "", ja, "utf-8", 0, true, false},
	{"UTF-8 labelled ASCII", ja, "us-ascii", ja, "utf-8", 0, true, false},
	{"UTF-8 labelled ISO-8859-1", ja, "iso-8859-1", ja, "utf-8", 0, true, false},
	{"UTF-8 with a mark", "\ufeff" + ja, "shift_jis", ja, "utf-8", 0, true, false},
	{"UTF-8, cut", ja[:len(ja)-1], "utf-8", ja[:len(ja)-3] + "\ufffd", "utf-8", 1, false, false},
	{"Shift_JIS", enc(japanese.ShiftJIS, ja), "Shift_JIS", ja, "shift_jis", 0, false, false},
	{"Shift_JIS without a label", enc(japanese.ShiftJIS, ja), "", ja, "shift_jis", 0, true, false},
	{"Shift_JIS labelled UTF-8", enc(japanese.ShiftJIS, ja), "utf-8", ja, "shift_jis", 0, true, false},
	{"Shift_JIS under windows-31j", enc(japanese.ShiftJIS, ja), "windows-31j", ja, "shift_jis", 0, false, false},
	{"EUC-JP", enc(japanese.EUCJP, ja), "eucJP-ms", ja, "euc-jp", 0, false, false},
	{"EUC-JP without a label", enc(japanese.EUCJP, ja), "", ja, "euc-jp", 0, true, false},
	{"ISO-2022-JP", enc(japanese.ISO2022JP, ja), "ISO-2022-JP", ja, "iso-2022-jp", 0, false, false},
	{"ISO-2022-JP without a label", enc(japanese.ISO2022JP, ja), "", ja, "iso-2022-jp", 0, true, false},
	{"ISO-2022-JP labelled UTF-8", enc(japanese.ISO2022JP, ja), "utf-8", ja, "iso-2022-jp", 0, true, false},
	{"ISO-2022-JP labelled ASCII", enc(japanese.ISO2022JP, ja), "us-ascii", ja, "iso-2022-jp", 0, true, false},
	{"cp50221 with kana of JIS X 0201", "\x1b(I\x31\x32\x33\x1b(B", "cp50221", "ｱｲｳ", "iso-2022-jp", 0, false, false},
	{"kana in JIS8", "\x1b$B%\"\x1b(B \xb1\xb2", "iso-2022-jp", "ア ｱｲ", "iso-2022-jp", 0, false, false},
	{"kana by shift out", "\x0e\x31\x32\x0fa", "iso-2022-jp", "ｱｲa", "iso-2022-jp", 0, false, false},
	{"NEC row 13", "\x1b$B\x2d\x21\x1b(B", "iso-2022-jp-ms", "①", "iso-2022-jp", 0, false, false},
	{"JIS X 0213 escape", "\x1b$(Q%\"\x1b(B", "iso-2022-jp-2004", "ア", "iso-2022-jp", 0, false, false},
	{"JIS X 0212", "\x1b$(D\x30\x21\x1b(B", "iso-2022-jp-1", "丂", "iso-2022-jp", 0, false, false},
	{"half a pair at the end of a line", "\x1b$B%\"%\nabc", "iso-2022-jp", "ア\nabc", "iso-2022-jp", 1, true, false},
	{"GB 2312", enc(simplifiedchinese.GBK, zh), "gb2312", zh, "gbk", 0, false, false},
	{"GB 18030", enc(simplifiedchinese.GB18030, zh), "gb18030", zh, "gb18030", 0, false, false},
	{"Big5", enc(traditionalchinese.Big5, tw), "big5", tw, "big5", 0, false, false},
	{"EUC-KR", enc(korean.EUCKR, ko), "ks_c_5601-1987", ko, "euc-kr", 0, false, false},
	{"UTF-16 with a mark", enc(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), ja), "utf-16", ja, "utf-16le", 0, false, false},
	{"UTF-16 without mark and label", enc(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "hello there"), "", "hello there", "utf-16le", 0, true, false},
	{"UTF-7", "A+MEI-B+-", "utf-7", "AあB+", "utf-7", 0, false, false},
	{"Latin 1 without a label", enc(charmap.Windows1252, "Voilà la réponse à votre question, naïve et déjà connue."), "", "Voilà la réponse à votre question, naïve et déjà connue.", "windows-1252", 0, true, false},
	{"German without a label", enc(charmap.Windows1252, "Schöne Grüße aus München, für Fräulein Müller"), "", "Schöne Grüße aus München, für Fräulein Müller", "windows-1252", 0, true, false},
	{"windows-1252 quotes", "\x93quoted\x94", "iso-8859-1", "“quoted”", "windows-1252", 0, false, false},
	{"Cyrillic", enc(charmap.KOI8R, "Привет"), "koi8-r", "Привет", "koi8-r", 0, false, false},
	{"label in quotes", ja, "'utf-8'", ja, "utf-8", 0, false, false},
	{"label that is none", ja, "y", ja, "utf-8", 0, true, true},
	{"label with lost line end", ja, "utf-8x-priority: 1 (highest)", ja, "utf-8", 0, false, false},
	{"charset= twice", ja, "charset=utf-8", ja, "utf-8", 0, false, false},
	{"cp-850", "\x82", "cp-850", "é", "ibm850", 0, false, false},
	{"empty", "", "", "", "us-ascii", 0, false, false},
}

func TestDecode(t *testing.T) {
	for _, c := range decodeTests {
		got := Decode([]byte(c.in), c.label)
		if got.Text != c.want || got.Charset != c.charset || got.Errors != c.errors || got.Unknown != c.unknown {
			t.Errorf("%s: %q %s %d errors, unknown %v; want %q %s %d %v", c.name, got.Text, got.Charset, got.Errors, got.Unknown, c.want, c.charset, c.errors, c.unknown)
		}
		if c.name != "half a pair at the end of a line" && got.Guessed != c.guessed && c.in != "abc" && c.in != "" {
			t.Errorf("%s: guessed %v", c.name, got.Guessed)
		}
	}
}

func TestCanonical(t *testing.T) {
	for in, want := range map[string]string{
		"UTF-8": "utf-8", "x-sjis": "shift_jis", "CP932": "shift_jis", "ms932": "shift_jis", "cp50220": "iso-2022-jp", "ujis": "euc-jp",
		"euc_jp": "euc-jp", `"utf-8"`: "utf-8", "iso-8859-15": "iso-8859-15", "windows-1250": "windows-1250", "nonsense": "", "": "",
		"GB2312": "gbk", strings.Repeat("x", 1000): "",
	} {
		if got := Canonical(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// FuzzDecode: the result is UTF-8 under every label, ASCII without escapes stays as it is, and what x/text encodes
// comes back.
func FuzzDecode(f *testing.F) {
	for _, c := range decodeTests {
		f.Add([]byte(c.in), c.label)
	}
	f.Fuzz(func(t *testing.T, b []byte, label string) {
		got := Decode(b, label)
		if !utf8.ValidString(got.Text) {
			t.Fatalf("%q as %q gives %q", b, label, got.Text)
		}
		if len(got.Text) > 4*len(b)+8 {
			t.Fatalf("%d bytes become %d", len(b), len(got.Text))
		}
		if IsASCII(b) && !escapes(b) && Canonical(label) == utf8Name && got.Text != string(b) {
			t.Fatalf("%q becomes %q", b, got.Text)
		}
		if !utf8.Valid(b) || strings.ContainsRune(string(b), utf8.RuneError) {
			return
		}
		for name, e := range map[string]encoding.Encoding{"shift_jis": japanese.ShiftJIS, "euc-jp": japanese.EUCJP} {
			in, err := e.NewEncoder().Bytes(b)
			if err != nil || escapes(in) {
				continue
			}
			if want, err := e.NewDecoder().String(string(in)); err == nil && want == string(b) {
				if back := Decode(in, name); back.Text != string(b) && !strings.HasPrefix(string(in), "\xff\xfe") && !strings.HasPrefix(string(in), "\xfe\xff") && !strings.HasPrefix(string(in), "\xef\xbb\xbf") {
					t.Fatalf("%s: %q comes back as %q", name, b, back.Text)
				}
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct{ name, label, text string }{
		{"utf-8", "utf-8", ja}, {"iso-2022-jp", "iso-2022-jp", enc(japanese.ISO2022JP, ja)}, {"shift_jis", "shift_jis", enc(japanese.ShiftJIS, ja)}, {"guess", "", enc(japanese.ShiftJIS, ja)},
	} {
		in := []byte(strings.Repeat(c.text+"\n", 500))
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			for b.Loop() {
				Decode(in, c.label)
			}
		})
	}
}

// TestDecodeLikely: a field in windows-1252 beside a body in UTF-8 is read as what it is; text with a broken character here and
// there stays UTF-8, and so does what is declared.
func TestDecodeLikely(t *testing.T) {
	const spanish = "Amazon: Actualizaci\xf3n de su cuenta. Verifique su direcci\xf3n ma\xf1ana."
	for _, c := range []struct{ in, label, want string }{
		{spanish, "utf-8", "Amazon: Actualización de su cuenta. Verifique su dirección mañana."},
		{spanish, "", "Amazon: Actualización de su cuenta. Verifique su dirección mañana."},
		{"Actualización de su cuenta, ma\xf1ana y ma\xf1ana", "utf-8", "Actualización de su cuenta, ma\ufffdana y ma\ufffdana"},
		{"Amazon \xe3", "utf-8", "Amazon \ufffd"},
	} {
		if got := DecodeLikely([]byte(c.in), c.label); got.Text != c.want {
			t.Errorf("%q in %q: %q, want %q", c.in, c.label, got.Text, c.want)
		}
	}
	if got := Decode([]byte(spanish), "utf-8"); !strings.Contains(got.Text, "\ufffd") {
		t.Errorf("what is declared is not believed: %q", got.Text)
	}
}
