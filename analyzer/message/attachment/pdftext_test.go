package attachment

import (
	"encoding/ascii85"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding/japanese"

	"github.com/mailaudit/mailaudit/analyzer/limit"
)

// TestPDFText: what the pages of a PDF say comes out as it is read, from the files of common programs.
func TestPDFText(t *testing.T) {
	object := func(n int, body string) string { return fmt.Sprintf("%d 0 obj\n%s\nendobj", n, body) }
	streamOf := func(n int, dict, body string) string {
		return object(n, fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(body), body))
	}
	// A font of glyph numbers with a map to Unicode, as browsers and office programs embed.
	cmap := "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n1 begincodespacerange <0000> <FFFF> endcodespacerange\n" +
		"2 beginbfchar\n<0003> <0041006D0061007A006F006E>\n<0010> <304A>\nendbfchar\n" +
		"2 beginbfrange\n<0020> <0022> <5BA2>\n<0030> <0031> [<69D8> <306E>]\nendbfrange\nendcmap"
	glyphs := "BT /F4 12 Tf 1 0 0 1 50 700 Tm <00030010> Tj <0020> Tj 1 0 0 1 90 700 Tm <00300031> Tj 1 0 0 1 50 680 Tm <0003>Tj ET"
	fontObjects := object(1, "<</Type/Page/Resources<</Font<</F4 5 0 R>>>>>>") + "\n" + object(5, "<</Type/Font/Subtype/Type0/Encoding/Identity-H/ToUnicode 6 0 R>>")
	sjisText, err := japanese.ShiftJIS.NewEncoder().String("お客様のアカウント")
	if err != nil {
		t.Fatal(err)
	}
	var a85 strings.Builder
	w := ascii85.NewEncoder(&a85)
	fmt.Fprint(w, deflated("BT /F1 12 Tf (Verify your account) Tj ET"))
	w.Close()
	inStream := "5 0 7 12 <</Resources 7 0 R>> "
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"a string", pdf(streamOf(4, "", "BT /F1 12 Tf 72 700 Td (Your Amazon account) Tj 0 -14 Td (is \\(now\\) locked) Tj ET")), "Your Amazon account\nis (now) locked"},
		{"an array with kerning and a gap", pdf(streamOf(4, "", "BT /F1 12 Tf [(Am) -20 (azon) -300 (locked)] TJ T* (now) ' ET")), "Amazon locked\n\nnow"},
		{"hex strings and letters beyond ASCII", pdf(streamOf(4, "", "BT <416D617A6F6E> Tj (\\374ber) Tj ET")), "Amazonüber"},
		{"a compressed stream", pdf(streamOf(4, "/Filter/FlateDecode", deflated("BT (Your Amazon account) Tj ET"))), "Your Amazon account"},
		{"two filters", pdf(streamOf(4, "/Filter [ /ASCII85Decode /FlateDecode ]", a85.String()+"~>")), "Verify your account"},
		{"glyphs with a map to Unicode", pdf(fontObjects, streamOf(6, "/Filter/FlateDecode", deflated(cmap)), streamOf(7, "/Filter/FlateDecode", deflated(glyphs))), "Amazonお客様の\nAmazon"},
		{"fonts in an object stream", pdf(
			streamOf(2, "/Type/ObjStm/N 2/First 8/Filter/FlateDecode", deflated("8 0 5 27 <</Font<</F4 5 0 R>>>>     <</Subtype/Type0/Encoding/Identity-H/ToUnicode 6 0 R>>")),
			streamOf(6, "", cmap), streamOf(7, "", glyphs)), "Amazonお客様の\nAmazon"},
		{"glyphs without a map say nothing", pdf(strings.ReplaceAll(fontObjects, "/ToUnicode 6 0 R", ""), streamOf(7, "", glyphs)), ""},
		{"Shift_JIS by a predefined map", pdf(object(1, "<</Font 2 0 R>>"), object(2, "<</F1 5 0 R>>"), object(5, "<</Subtype/Type0/Encoding/90ms-RKSJ-H>>"), streamOf(7, "", fmt.Sprintf("BT /F1 9 Tf <%x> Tj ET", sjisText))), "お客様のアカウント"},
		{"a picture between lines", pdf(streamOf(4, "", "BT (one) Tj ET BI /W 2 ID \x00(no) Tj\xff EI BT (two) Tj ET")), "onetwo"},
		{"an encrypted file", pdf("<</Encrypt 1 0 R>>", streamOf(4, "", "BT (x) Tj ET")), ""},
		{"a stream that is cut", pdf(streamOf(4, "", "BT (Your Amazon account) Tj (and"))[:122], "Your Amazon account"},
		{"no page", pdf(inStream), ""},
	} {
		if got := Text(t.Context(), File{Type: "application/pdf", Data: c.data}, limit.Default(), nil); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestPDFTextIsBounded: neither a bomb nor a font of endless ranges gives more than the limit, or takes long.
func TestPDFTextIsBounded(t *testing.T) {
	page := stream(deflated("BT " + strings.Repeat("(words and words) Tj ", 200_000) + "ET"))
	ranges := "begincmap " + strings.Repeat("1 beginbfrange <0000> <FFFF> <0041> endbfrange ", 2000)
	for name, data := range map[string][]byte{
		"a long page":    pdf(page, page, page),
		"endless ranges": pdf("1 0 obj<</Font<</F1 2 0 R>>>>endobj 2 0 obj<</ToUnicode 3 0 R>>endobj 3 0 obj<<>>stream\n"+ranges+"\nendstream endobj", page),
		"open strings":   pdf("1 0 obj<<>>stream\nBT Tj " + strings.Repeat("(", 1<<20) + "\nendstream"),
		"open arrays":    pdf("1 0 obj<<>>stream\nBT Tj " + strings.Repeat("[<", 1<<20) + "\nendstream"),
		"many fonts":     pdf(strings.Repeat("/Font<</F", 200_000)),
		"many objects":   pdf(strings.Repeat("1 0 obj", 200_000)),
	} {
		if got := Text(t.Context(), File{Type: "application/pdf", Data: data}, limit.Default(), nil); len(got) > longestText {
			t.Errorf("%s: %d bytes", name, len(got))
		}
	}
}
