package script

// look lists characters that are read as a basic Latin letter and that NFKC does not fold. The letters chosen are those
// of brand words; sources are Unicode's confusables.txt (UTS #39) and the letters seen in real fakes, which use weaker
// likenesses than the standard lists (Cyrillic п for n, Armenian մ for u). Digits are left alone: "0" for "o" is folded
// only where a whole host or word is tested for likeness.
const look = "" +
	"a:аαɑᴀᗅꓮꭺΑАⲀⲁɐ∀⍺ӕå\n" +
	"b:ЬьвВβΒʙᏴᗷꓐɓƄƅБⲂⲃ\n" +
	"c:сСϲϹᴄⅽⲤⲥꮯᏟꓚ¢ƈ\n" +
	"d:ԁᏧᗞꓓᴅɗđĐԀժ\n" +
	"e:еЕεΕєЄҽҼéɛᴇᎬꓰꬲəǝɘⲈⲉէ℮\n" +
	"f:ƒϝꓝᖴꜰғҒ\n" +
	"g:ɡցԍɢԌɠᏀꓖǥ\n" +
	"h:һհнНᏂʜᎻꓧΗηҺⲎⲏ\n" +
	"i:іІιΙɩıӏӀɪᎥꓲ∣ⲒⲓіӀ\n" +
	"j:јЈϳյᴊᎫꓙɉ\n" +
	"k:кКκΚᴋᏦꓗⲔⲕҝқƙ\n" +
	"l:ℓłŁʟᏞꓡᒪլꓲɫⳐⳑ\n" +
	"m:мМμΜᴍᎷꓟɱⲘⲙʍɯ\n" +
	"n:пПոռηνɴΝꓠŋɲƞΠπղⲚⲛꞃր\n" +
	"o:оОοΟσօՕᴏѳөӨꓳⲞⲟøØ๐௦०ס୦ഠဝ〇○◯\n" +
	"p:рРρΡᴘᏢꓑƿƥⲢⲣթ\n" +
	"q:ԛզգʠɋ\n" +
	"r:гГᴦꭇʀᎡᏒꓣɍɾґ\n" +
	"s:ѕЅꜱꓢᏚՏտʂƨꮪ\n" +
	"t:тТτΤᴛᎢꓔŧƭԏⲦⲧ\n" +
	"u:υսᴜꓴՍʋцմʊЦ\n" +
	"v:ѵѴᴠᏙꓦν∨ⱱ\n" +
	"w:ԝԜᴡωшЩшᎳꓪաɰ\n" +
	"x:хХχΧⲬⲭꓫ×᙮\n" +
	"y:уУγΥүҮʏᎩꓬўұҰⲨⲩƴ\n" +
	"z:зЗΖζᴢꓜƶȥʐʑӡӠɀzᏃⲌⲍ\n"

// confusables maps the characters of look to their letters. Greek η and ν stand in two lines; the later one wins.
var confusables = func() map[rune]rune {
	m := make(map[rune]rune, 512)
	var letter rune
	start := true
	for _, r := range look {
		switch {
		case r == '\n':
			start = true
		case start:
			letter, start = r, false
		case r >= 0x80:
			m[r] = letter
		}
	}
	m['η'], m['ν'] = 'n', 'v'
	return m
}()

// confusable returns the basic Latin letter that r is read as, or 0.
func confusable(r rune) rune {
	switch {
	// Letters in black squares and circles, and the regional indicators that make flags: NFKC keeps them.
	case r >= 0x1f150 && r <= 0x1f169:
		return 'a' + r - 0x1f150
	case r >= 0x1f170 && r <= 0x1f189:
		return 'a' + r - 0x1f170
	case r >= 0x1f1e6 && r <= 0x1f1ff:
		return 'a' + r - 0x1f1e6
	}
	return confusables[r]
}
