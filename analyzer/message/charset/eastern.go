package charset

import "sync"

// The sets of East Asia share most of their byte pairs, so that text of one reads without an error in another. What tells
// them apart is which characters come out: each set has its common characters in rows of their own, and of these a few
// hundred make up most of any text. The lists are the first of the usual counts of modern text, and words of notices.
var frequent = map[string]string{
	"gbk": "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法" +
		"学如都同现当没动面起看定天分还进好小部其些主样理心本前开但因只从想实日者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由" +
		"问很最重并物手应向头文体相见被利什二等产或新己制身果加月话合回特代内信表化给世位次度门任常先通教原提立及比员解水名真处走各入几口认条平系" +
		"题活更别打变四总何电数安少报才结反受目太量再感建务做接必场件计管期市直资命金指许区保至形便空展科司五基书非则达放即且完设式记品住告类求据程" +
		"该交规取领共确传师清今切让识带您账户帐订单付款密码登录客服支银行卡用邮址请验证异购商配送货退亚马逊员续费谢尊敬系统险冻结",
	"big5": "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多經麼去法" +
		"學如都同現當沒動面起看定天分還進好小部其些主樣理心本前開但因只從想實日者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由" +
		"問很最重並物手應向頭文體相見被利什二等產或新己制身果加月話合回特代內信表化給世位次度門任常先通教原提立及比員解水名真處走各入幾口認條平系" +
		"題活更別打變四總何電數安少報才結反受目太量再感建務做接必場件計管期市直資命金指許區保至形便空展科司五基書非則達放即且完設式記品住告類求據程" +
		"該交規取領共確傳師清今切讓識帶您帳戶訂單付款密碼登入客服支銀行卡用郵址請驗證異購商配送貨退亞馬遜員續費謝親愛系統險凍結",
	"euc-kr": "이다는을의에가고하로니습시요세해기지주십되었한은를사자리도서인들어나그정보안대일수있것게만부전원제상과와라아여오까면적화번호계확비밀결메소" +
		"객님회내감합변경배송품문신청스용카드행년월입력새운로했됩구동장조성위모등할통후본관련중금무선택매방즉발않습",
	"euc-jp":    japaneseFrequent,
	"shift_jis": japaneseFrequent,
}

// japaneseFrequent are kanji alone: kana are counted as such.
const japaneseFrequent = "日一国人年大十二本中長出三時行見月後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書先名川千水半男西電校語土" +
	"会社者事自分地方場合的同定回新様注文支払商品発送確認変更重要客員登録請求料利用法情報安全通知内容届明細手続必要期限有効無停止解除不正検証信頼"

// frequentPairs are the byte pairs of these characters in their sets.
var frequentPairs = sync.OnceValue(func() map[string]map[uint16]bool {
	sets := make(map[string]map[uint16]bool, len(frequent))
	for name, text := range frequent {
		pairs := make(map[uint16]bool)
		enc := multibyte[name].NewEncoder()
		for _, r := range text {
			if b, err := enc.Bytes([]byte(string(r))); err == nil && len(b) == 2 {
				pairs[uint16(b[0])<<8|uint16(b[1])] = true
			}
		}
		sets[name] = pairs
	}
	return sets
})

// What a character says for a set. The numbers are measured on nothing but the order of their kinds: half of any text is
// frequent characters, a hundredth is rare ones.
const (
	isFrequent = 3
	isCommon   = 1
	isRare     = -2 // a row of rare characters, or of other alphabets
	isNone     = -6 // no character, or half of one
)

// familiar rates how much text looks like what is written in a set: Shift_JIS, EUC-JP, GBK, Big5 or EUC-KR.
func familiar(b []byte, name string) int {
	pairs := frequentPairs()[name]
	points := 0
	for i := 0; i < len(b); {
		c := b[i]
		if c < 0x80 {
			i++
			continue
		}
		second := byte(0)
		if i+1 < len(b) {
			second = b[i+1]
		}
		kind, n := 0, 2
		switch name {
		case "shift_jis":
			kind, n = shiftJIS(c, second)
		case "euc-jp":
			kind, n = eucJP(c, second)
		case "gbk":
			kind = chinese(c, second)
		case "big5":
			kind = big5(c, second)
		case "euc-kr":
			kind = eucKR(c, second)
		}
		if kind == isCommon && pairs[uint16(c)<<8|uint16(second)] {
			kind = isFrequent
		}
		points += kind
		if kind == isNone {
			n = 1
		}
		i += n
	}
	return points
}

// shiftJIS rates a character of JIS X 0208 (levels 1 and 2 of kanji begin at 889F and 989F) or a half-width letter.
func shiftJIS(c, second byte) (kind, n int) {
	switch {
	case c >= 0xa1 && c <= 0xdf:
		return isRare, 1
	case second < 0x40 || second == 0x7f || second > 0xfc || c == 0x80 || c == 0xa0 || c > 0xfc:
		return isNone, 1
	case c == 0x81:
		return 0, 2
	case c == 0x82 && second >= 0x9f && second <= 0xf1, c == 0x83 && second <= 0x96: // kana
		return isFrequent, 2
	case c == 0x82:
		return 0, 2
	case c == 0x88 && second >= 0x9f, c > 0x88 && c < 0x98, c == 0x98 && second <= 0x72:
		return isCommon, 2
	case c >= 0x85 && c <= 0x88 && c != 0x87, c >= 0xeb && c <= 0xec, c >= 0xf0 && c < 0xfa:
		return isNone, 1
	}
	return isRare, 2
}

// eucJP rates a character of JIS X 0208: rows 4 and 5 are kana, 16 to 47 the first level of kanji.
func eucJP(c, second byte) (kind, n int) {
	switch {
	case c == 0x8e && second >= 0xa1 && second <= 0xdf:
		return isRare, 2
	case c == 0x8f:
		return isRare, 3
	case c < 0xa1 || second < 0xa1 || c > 0xfe || second > 0xfe:
		return isNone, 1
	case c == 0xa4 && second <= 0xf3, c == 0xa5 && second <= 0xf6:
		return isFrequent, 2
	case c == 0xa1, c == 0xa3:
		return 0, 2
	case c >= 0xb0 && c < 0xcf, c == 0xcf && second <= 0xd3:
		return isCommon, 2
	case c >= 0xa9 && c < 0xb0 && c != 0xad, c == 0xcf, c >= 0xf5:
		return isNone, 1
	}
	return isRare, 2
}

// chinese rates a character of GBK: rows 16 to 55 of GB 2312 are the common hanzi, what lies beyond GB 2312 is rare.
func chinese(c, second byte) int {
	switch {
	case c < 0x81 || c > 0xfe || second < 0x40 || second == 0x7f || second > 0xfe:
		return isNone
	case second < 0xa1 || c < 0xa1:
		return isRare
	case c == 0xa1, c == 0xa3:
		return 0
	case c >= 0xb0 && c < 0xd7, c == 0xd7 && second <= 0xf9:
		return isCommon
	case c >= 0xaa && c < 0xb0, c == 0xd7, c >= 0xf8:
		return isNone
	}
	return isRare
}

// big5 rates a character of Big5: A440 to C67E are the common hanzi.
func big5(c, second byte) int {
	switch {
	case c < 0xa1 || c > 0xf9 || second < 0x40 || second > 0x7e && second < 0xa1 || second > 0xfe:
		return isNone
	case c <= 0xa2, c == 0xa3 && second <= 0xbf:
		return 0
	case c >= 0xa4 && c < 0xc6, c == 0xc6 && second <= 0x7e:
		return isCommon
	case c == 0xa3, c >= 0xc6 && c < 0xc9:
		return isNone
	}
	return isRare
}

// eucKR rates a character of KS X 1001: rows 16 to 40 are the common hangul, 42 to 93 hanja.
func eucKR(c, second byte) int {
	switch {
	case c < 0x81 || c > 0xfe || second < 0x41 || second > 0x5a && second < 0x61 || second > 0x7a && second < 0x81 || second > 0xfe:
		return isNone
	case second < 0xa1 || c < 0xa1:
		return isRare
	case c == 0xa1, c == 0xa3:
		return 0
	case c >= 0xb0 && c <= 0xc8:
		return isCommon
	case c == 0xc9, c == 0xfe:
		return isNone
	}
	return isRare
}
