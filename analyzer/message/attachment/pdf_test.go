package attachment

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zlib"

	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/message/htmltext"
)

// plainLinks reads the links alone, as one would write it without a thought of speed.
func plainLinks(data []byte, lim limit.Limits) ([]Found, error) {
	if len(data) > lim.Attachment {
		data = data[:lim.Attachment]
	}
	if bytes.Contains(data, []byte("/Encrypt")) {
		return nil, errors.New("attachment: PDF is encrypted")
	}
	var found []Found
	add := func(b []byte) {
		for _, u := range uris(b, lim.Links-len(found)) {
			found = append(found, Found{Target: htmltext.CleanURL(u), From: PDF})
		}
	}
	add(data) // what is not compressed, wherever it stands
	budget := int64(pdfInflated)
	at := 0
	for n := 0; n < pdfStreams && len(found) < lim.Links; n++ {
		i := bytes.Index(data[at:], []byte("stream"))
		if i < 0 {
			break
		}
		at += i + len("stream")
		at += lineEnd(data[at:])
		end := bytes.Index(data[at:], []byte("endstream"))
		if end < 0 {
			end = len(data) - at
		}
		if at+2 <= len(data) && data[at]&0x0f == 8 && budget > 0 {
			out := plainInflate(data[at:at+end], min(budget, pdfStream))
			budget -= int64(len(out))
			add(out)
		}
		at = min(at+end+len("endstream"), len(data))
	}
	if budget <= 0 {
		return once(found), fmt.Errorf("attachment: PDF inflates to more than %d bytes", pdfInflated)
	}
	return once(found), nil
}

// plainInflate gives what can be inflated, at most max bytes; damaged data is no reason to lose what came before.
func plainInflate(b []byte, most int64) []byte {
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil
	}
	defer z.Close()
	var out bytes.Buffer
	// The reader fails on data behind the stream and on cut streams; both are common and neither matters here.
	if _, err := io.Copy(&out, io.LimitReader(z, most)); err != nil {
		return out.Bytes()
	}
	return out.Bytes()
}

// plainText reads the text alone.
func plainText(data []byte) string {
	if len(data) > pdfTextFile || bytes.Contains(data, []byte("/Encrypt")) {
		return ""
	}
	objects := make(map[int][]byte)
	note := func(n int, body []byte) {
		if _, known := objects[n]; !known && len(objects) < pdfObjects {
			objects[n] = body
		}
	}
	plainObjects(data, note)
	var contents [][]byte
	maps := make(map[int][]byte) // decoded CMap streams by object
	budget := int64(pdfTextInflated)
	eachStream(data, func(number int, dict, raw []byte) bool {
		if bytes.Contains(dict, []byte("/Image")) || bytes.Contains(dict, []byte("/XRef")) || bytes.Contains(dict, []byte("/FontFile")) {
			return true
		}
		body := decodeStream(dict, raw, min(budget, pdfStream))
		budget -= int64(len(body))
		switch {
		case bytes.Contains(dict, []byte("/ObjStm")):
			streamObjects(dict, body, note)
		case bytes.Contains(body, []byte("begincmap")):
			maps[number] = body
		case bytes.Contains(body, []byte("BT")) && (bytes.Contains(body, []byte("Tj")) || bytes.Contains(body, []byte("TJ")) || bytes.Contains(body, []byte("'"))):
			contents = append(contents, body)
		}
		return budget > 0
	})
	fonts := pdfFonts(data, objects, maps)
	var out strings.Builder
	for _, c := range contents {
		if out.Len() > longestText {
			break
		}
		w := pdfWriter{out: &out, fonts: fonts}
		w.run(c)
		out.WriteByte('\n')
	}
	return out.String()
}

// bill is a PDF as programs write them: a page of text in a font with a map, the font, a picture and a link, objects packed.
func bill(r *rand.Rand, noise int) []byte {
	var letters, cmap strings.Builder
	cmap.WriteString("/CIDInit begincmap 26 beginbfchar\n")
	for c := range 26 {
		fmt.Fprintf(&cmap, "<%04x> <%04x>\n", c+3, 'a'+c)
	}
	cmap.WriteString("endbfchar endcmap")
	letters.WriteString("BT /F1 11 Tf ")
	for line := range 60 {
		fmt.Fprintf(&letters, "1 0 0 1 50 %d Tm <", 800-12*line)
		for range 70 {
			fmt.Fprintf(&letters, "%04x", 3+r.IntN(26))
		}
		letters.WriteString("> Tj\n")
	}
	letters.WriteString("ET")
	bytesOf := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.Uint32() & r.Uint32())
		}
		return string(b)
	}
	packed := "1 0 2 60 <</Type/Page/Resources<</Font<</F1 5 0 R>>>>/Annots[2 0 R]>>" + strings.Repeat(" ", 20) + "<</Subtype/Link/A<</S/URI/URI(" + target + ")>>>>"
	object := func(n int, dict, body string) string {
		return fmt.Sprintf("%d 0 obj\n<<%s/Length %d>>\nstream\n%s\nendstream\nendobj", n, dict, len(body), body)
	}
	return pdf(
		object(4, "/Filter/FlateDecode", deflated(letters.String())),
		"5 0 obj\n<</Type/Font/Subtype/Type0/Encoding/Identity-H/ToUnicode 6 0 R>>\nendobj",
		object(6, "/Filter/FlateDecode", deflated(cmap.String())),
		object(7, "/Filter/FlateDecode/Length1 9999", deflated(bytesOf(noise))),
		object(8, "/Type/XObject/Subtype/Image/Filter/DCTDecode", bytesOf(noise)),
		object(9, "/Type/ObjStm/N 2/First 9/Filter/FlateDecode", deflated(packed)),
	)
}

// TestPDFHere: reading links and text in one pass gives what reading them one after the other gives, and a small bound decides
// nothing or the same.
func TestPDFHere(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	a85 := "<~9jqo^~>"
	for name, data := range map[string][]byte{
		"a bill":                 bill(r, 10_000),
		"twice":                  append(bill(r, 100), bill(r, 100)...),
		"cut":                    bill(r, 100)[:2500],
		"under ASCII85":          pdf("1 0 obj<</Filter/ASCII85Decode>>stream\n" + a85 + "\nendstream"),
		"a bomb":                 pdf(slices.Repeat([]string{stream(deflated("BT (a) Tj " + strings.Repeat("x", 9<<20)))}, 12)...),
		"a bomb of pictures":     pdf(slices.Repeat([]string{"1 0 obj<</Image/Filter/FlateDecode>>stream\n" + deflated(strings.Repeat("x", 9<<20)) + "\nendstream"}, 12)...),
		"deflated, without name": pdf("1 0 obj<<>>stream\n" + deflated("<</URI("+target+")>>") + "\nendstream"),
		"no zlib":                pdf("1 0 obj<</Filter/FlateDecode>>stream\nBT (a) Tj\nendstream"),
		"more links than count":  pdf(strings.Repeat("<</URI(https://a.example/)>>", 3000)),
	} {
		same(t, name, data, limit.Default())
	}
}

func same(t *testing.T, name string, data []byte, lim limit.Limits) {
	t.Helper()
	got, whole := pdfPage(data, lim, pdfAnyInflated)
	links, err := plainLinks(bytes.Clone(data), lim)
	text := strings.ToValidUTF8(plainText(data), "\ufffd")
	if !whole || !slices.Equal(got.links, links) || got.text != text || fmt.Sprint(got.err) != fmt.Sprint(err) {
		t.Fatalf("%s: %v %q %v %t, want %v %q %v", name, got.links, got.text, got.err, whole, links, text, err)
	}
	for _, most := range []int64{0, 100, pdfHereInflated} {
		if here, whole := pdfPage(data, lim, most); whole && (!slices.Equal(here.links, links) || here.text != text || fmt.Sprint(here.err) != fmt.Sprint(err)) {
			t.Fatalf("%s: %v %q %v within %d bytes, want %v %q %v", name, here.links, here.text, here.err, most, links, text, err)
		}
	}
}

// FuzzPDF: one pass gives what two give, the work is bounded, targets are clean, and a target written out is found again.
func FuzzPDF(f *testing.F) {
	f.Add(pdf("<</URI(" + target + ")>>"))
	f.Add(pdf(stream(deflated("<</URI(" + target + ")>>"))))
	f.Add([]byte("stream\nendstream/URI(((\\"))
	f.Add(bill(rand.New(rand.NewPCG(3, 4)), 50))
	f.Fuzz(func(t *testing.T, data []byte) {
		lim := limit.Default()
		same(t, "fuzz", data, lim)
		lim.Links = 20
		p, _ := pdfPage(data, lim, pdfAnyInflated)
		if len(p.links) > lim.Links {
			t.Fatalf("%d links", len(p.links))
		}
		for _, l := range p.links {
			if l.Target == "" || strings.ContainsAny(l.Target, "\r\n\t") {
				t.Fatalf("target %q", l.Target)
			}
		}
		if p, _ := pdfPage(append(bytes.Clone(data), "\n<</URI("+target+")>>"...), limit.Default(), pdfAnyInflated); !bytes.Contains(data, []byte("/Encrypt")) && !bytes.Contains(data, []byte("/URI")) && !slices.Contains(targets(p.links), target) {
			t.Fatal("a plain target is not found")
		}
	})
}

// BenchmarkPDF reads a bill of one page with a font and a picture, and a file that only calls itself a PDF.
func BenchmarkPDF(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 130_000)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	for _, c := range []struct {
		name string
		data []byte
	}{{"bill", bill(r, 60_000)}, {"noise", noise}} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.data)))
			for b.Loop() {
				Read(b.Context(), File{Type: "application/pdf", Data: c.data}, limit.Default(), nil)
			}
		})
	}
}
