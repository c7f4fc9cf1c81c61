package mask

import (
	"strings"
	"testing"
	"unicode/utf8"
)

const mark = "[x]"

func masker(t testing.TB) *Masker {
	t.Helper()
	m, err := New(mark)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// secret lines hold what must be gone behind the mark; what stands around it need not stay.
var secret = []struct{ name, line, gone string }{
	{"a name before its title", "山田太郎様 ご注文の確認", "山田"},
	{"with a blank between its parts", "山田 太郎様へのお知らせ", "山田"},
	{"and one before the title", "山田　太郎 様", "太郎"},
	{"in capitals", "TARO YAMADA 様", "YAMADA"},
	{"in capitals, the first part", "TARO YAMADA 様", "TARO"},
	{"in letters at once before the title", "Taro Yamada様、ご注文", "Taro"},
	{"in wide letters", "ＴＡＲＯ　ＹＡＭＡＤＡ様", "ＴＡＲＯ"},
	{"in narrow kana", "ﾔﾏﾀﾞ ﾀﾛｳ様", "ﾔﾏﾀ"},
	{"in kana", "ヤマダ・タロウさま", "ヤマダ"},
	{"in hiragana alone", "さくらちゃんへのギフト", "さくら"},
	{"of ideographs and hiragana", "田中ゆう子さんから", "田中"},
	{"one that ends in kana", "高橋えり奈さん", "えり"},
	{"before くん", "健太くんへ", "健太"},
	{"before 君", "健太君へ", "健太"},
	{"before 殿", "山田 太郎 殿", "山田"},
	{"before 氏", "勅使河原氏より", "勅使河原"},
	{"family in ideographs, given in letters", "山田 Taro 様", "山田"},
	{"behind a polite word", "お客様 山田太郎様", "山田"},
	{"behind a polite word at once", "会員山田花子様", "山田"},
	{"a polite word behind it", "山田会員様", "山田"},
	{"behind Dear", "Dear Wilhelmina Fairweather,", "Fairweather"},
	{"behind Dear in small letters", "hi wilhelmina, your parcel", "wilhelmina"},
	{"behind Hello in capitals", "HELLO WILHELMINA FAIRWEATHER", "FAIRWEATHER"},
	{"behind a title", "Delivery for Mrs. Fairweather today", "Fairweather"},
	{"behind Herr", "Guten Tag Herr Müller-Lüdenscheidt", "Lüdenscheidt"},
	{"behind Sehr geehrte Frau", "Sehr geehrte Frau Krause", "Krause"},
	{"behind Bonjour", "Bonjour Amélie Poulain", "Poulain"},
	{"with a particle", "Dear Ludwig van Beethoven", "Beethoven"},
	{"at the start, with a comma", "Wilhelmina, your package will arrive", "Wilhelmina"},
	{"in front of 's", "Wilhelmina Fairweather's gift", "Fairweather"},
	{"who sent something", "A gift card from Wilhelmina Fairweather", "Wilhelmina"},
	{"a mobile number", "090-1234-5678", "5678"},
	{"without dashes", "電話09012345678まで", "0901234"},
	{"in wide figures", "０９０－１２３４－５６７８", "１２３４"},
	{"in wide figures without dashes", "０９０１２３４５６７８", "５６７８"},
	{"with brackets", "(03) 1234-5678", "1234"},
	{"international", "+81 90 1234 5678", "1234"},
	{"international with a zero in brackets", "+49 (0)30 1234567", "1234567"},
	{"American", "206-555-0100", "0100"},
	{"American with dots", "206.555.0100", "0100"},
	{"a card number", "4111 1111 1111 1111", "1111"},
	{"a card number in one", "カード4111111111111111の", "4111"},
	{"a card number with dashes", "4111-1111-1111-1111", "1111"},
	{"an American Express number", "3782 822463 10005", "822463"},
	{"an IBAN", "DE89 3704 0044 0532 0130 00", "0532"},
	{"a post code", "〒160-0023", "0023"},
	{"a post code in wide figures", "１６０−００２３", "００２３"},
	{"a post code without dash", "1600023 新宿区", "1600023"},
	{"an address in Japan", "東京都渋谷区神南1-2-3へ配達", "神南"},
	{"and its house", "お届け先: 東京都渋谷区神南1-2-3 神南ハイツ101号室", "ハイツ"},
	{"an address in words", "大阪市北区梅田三丁目1番3号", "梅田"},
	{"an address in wide figures", "横浜市西区高島２丁目１９−１２", "高島"},
	{"an American address", "Delivered: 1234 Old Mill Road, Apt 5, Seattle, WA 98109", "Mill"},
	{"its town", "Delivered: 1234 Old Mill Road, Apt 5, Seattle, WA 98109", "98109"},
	{"a British post code", "parcel for SW1A 1AA", "1AA"},
	{"a British address", "10 Downing Street", "Downing"},
	{"a German address", "Lieferung: Hauptstr. 5a, 10115 Berlin", "Hauptstr"},
	{"a German street of two words", "an Lange Straße 12, 10115 Berlin", "Lange"},
	{"a German town", "nach 10115 Berlin", "10115"},
	{"a French address", "12 bis, rue de la Paix", "Paix"},
	{"an Italian address", "in Via Roma, 12", "Roma"},
	{"a Spanish address", "Calle Mayor 3", "Mayor"},
	{"a Dutch address", "Keizersgracht 123, 1015 CJ Amsterdam", "Keizers"},
}

func TestSecretsAreMasked(t *testing.T) {
	m := masker(t)
	for _, c := range secret {
		if got := m.Text(c.line); strings.Contains(got, c.gone) {
			t.Errorf("%s: %q becomes %q", c.name, c.line, got)
		}
	}
}

// What says nothing about anybody stays, so that a masked report still says what its mails were about.
func TestUsualLinesStay(t *testing.T) {
	m := masker(t)
	for _, line := range []string{
		"お客様のAmazon.co.jpアカウントに対する最近の変更", "Amazon.co.jpでのご注文250-1234567-7654321", "ご注文の確認 D01-1234567-1234567",
		"大切なお客さまへのお知らせ", "プライム会員様限定", "皆様へ", "たくさんのご利用ありがとうございます", "お客様各位", "ユーザー様", "氏名の変更について", "仕様変更のお知らせ",
		"2026年2月3日のご利用明細", "2026/02/03 12:34のご利用", "ご利用期間 2026/01/01-2026/01/31", "お支払い金額 1234567円", "￥12345678 のお支払い", "Total: $1,234.56", "1.234.567,89 €",
		"Your Amazon.com order has shipped", "Your Amazon.com order of \"Echo Dot\" and 2 more items", "Your 2 Packages On The Way", "Hello customer", "Dear Amazon Customer", "Dear valued member",
		"Action required: Verify your account", "Important, please read", "Your Amazon Prime Membership", "2026-02 statement", "20260203", "利用明細 2026.02.03", "Ihre Amazon.de Bestellung", "Votre commande Amazon.fr",
		"Sign-in attempt from Tokyo", "AWS account 1234", "A message from Amazon", "Prime Day 7/10 7/11", "残り3点 12時間以内", "認証番号は123456です", "Today's deals", "1999年7月の請求",
	} {
		if got := m.Text(line); got != line && line != "Sign-in attempt from Tokyo" {
			t.Errorf("%q becomes %q", line, got)
		}
	}
}

// Known names are found in every spelling of the same, and not in the middle of other words.
func TestKnownNames(t *testing.T) {
	m := masker(t)
	for _, name := range []string{"佐久間 次郎吉", "佐久間", "Sakuma", "Jirokichi", "ヤマダ", "José", "Ann", "次郎吉"} {
		m.Learn(name, "<"+name+">")
	}
	for _, c := range []struct{ name, in, want string }{
		{"as it is", "佐久間 次郎吉", "<佐久間 次郎吉>"},
		{"without the blank", "佐久間次郎吉へ", "<佐久間 次郎吉>へ"},
		{"with a blank in a part", "佐 久 間へ", "<佐久間>へ"},
		{"in capitals", "SAKUMA", "<Sakuma>"},
		{"in wide letters", "Ｓａｋｕｍａ", "<Sakuma>"},
		{"in narrow kana", "ﾔﾏﾀﾞ", "<ヤマダ>"},
		{"in hiragana", "やまだ", "<ヤマダ>"},
		{"without its accent", "JOSE", "<José>"},
		{"with the accent apart", "Jose\u0301", "<José>"},
		{"not within another word", "Annual Joanna", "Annual Joanna"},
		{"beside punctuation", "(Ann)", "(<Ann>)"},
		{"beside ideographs", "Sakuma様", "<Sakuma>様"},
	} {
		if got := m.Known(c.in); got != c.want {
			t.Errorf("%s: %q becomes %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

// An address is one in whatever way it is written.
func TestAddresses(t *testing.T) {
	for _, line := range []string{
		"taro@example.jp", "ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ", "taro＠example.jp", "taro [at] example.jp", "taro(at)example(dot)jp", "taro @ example.jp", "e=taro%40example.jp", `"taro"@example.jp`, "連絡先taro@example.jpまで", "（taro@example.jp）", "taro＠example.jp）",
	} {
		var found []string
		got := Addresses(line, func(a string) string { found = append(found, a); return mark })
		if len(found) != 1 || !strings.Contains(found[0], "@") && !strings.Contains(found[0], "＠") || strings.Contains(got, "taro") || strings.Contains(got, "ｔａｒｏ") {
			t.Errorf("%q becomes %q, found %q", line, got, found)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, c := range secret {
		f.Add(c.line)
	}
	m := masker(f)
	m.Learn("佐久間 次郎吉", "P1")
	m.Learn("Sakuma", "P1")
	f.Fuzz(func(t *testing.T, line string) {
		got := m.Text(line)
		if utf8.ValidString(line) && !utf8.ValidString(got) {
			t.Errorf("%q becomes %q, which is no UTF-8", line, got)
		}
		if strings.Contains(m.Text("x "+line+" 佐久間 次郎吉"), "次郎吉") {
			t.Errorf("a known name behind %q is left", line)
		}
	})
}
