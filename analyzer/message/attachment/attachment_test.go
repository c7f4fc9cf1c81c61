package attachment

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zlib"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/mailaudit/mailaudit/analyzer/limit"
)

const target = "https://login.example/x?id=1"

// code draws a QR code with modules of the given size, quiet modules around it, dark on light or inverted.
func code(t testing.TB, text string, scale, quiet int, inverted bool) []byte {
	t.Helper()
	m, err := qrcode.NewQRCodeWriter().Encode(text, gozxing.BarcodeFormat_QR_CODE, 0, 0, map[gozxing.EncodeHintType]interface{}{gozxing.EncodeHintType_MARGIN: 0})
	if err != nil {
		t.Fatal(err)
	}
	size := (m.GetWidth() + 2*quiet) * scale
	img := image.NewGray(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			mx, my := x/scale-quiet, y/scale-quiet
			dark := mx >= 0 && my >= 0 && mx < m.GetWidth() && my < m.GetHeight() && m.Get(mx, my)
			if dark != inverted {
				img.SetGray(x, y, color.Gray{})
			} else {
				img.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func deflated(s string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

func pdf(objects ...string) []byte {
	return []byte("%PDF-1.4\n9 0 obj<</Type/Catalog>>endobj\n" + strings.Join(objects, "\n") + "\n%%EOF")
}

// cut takes off the checksum and the last bytes before it.
func cut(s string) string { return s[:len(s)-8] }

func stream(s string) string {
	return fmt.Sprintf("1 0 obj<</Filter/FlateDecode/Length %d>>stream\r\n%s\nendstream endobj", len(s), s)
}

func targets(found []Found) []string {
	var out []string
	for _, f := range found {
		out = append(out, f.Target)
	}
	return out
}

func TestLinks(t *testing.T) {
	transparent := image.NewNRGBA(image.Rect(0, 0, 100, 100))
	var plain bytes.Buffer
	if err := png.Encode(&plain, transparent); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		file File
		want []string
	}{
		{"QR", File{Type: "image/png", Data: code(t, target, 4, 4, false)}, []string{target}},
		{"QR without a quiet zone", File{Type: "image/png", Data: code(t, target, 4, 0, false)}, []string{target}},
		{"QR inverted", File{Type: "image/png", Data: code(t, target, 4, 4, true)}, []string{target}},
		{"QR of 3,000 pixels", File{Type: "image/png", Data: code(t, target, 90, 4, false)}, []string{target}},
		{"QR with other text", File{Type: "image/png", Data: code(t, "WIFI:S:x;;", 4, 4, false)}, []string{"WIFI:S:x;;"}},
		{"picture without a code", File{Type: "image/png", Data: plain.Bytes()}, nil},
		{"PDF", File{Type: "application/pdf", Data: pdf("<</A<</S/URI/URI(" + target + ")>>>>")}, []string{target}},
		{"PDF with escapes", File{Type: "application/pdf", Data: pdf(`<</URI (https://a.example/\(x\)\057y)>>`)}, []string{"https://a.example/(x)/y"}},
		{"PDF with a hex string", File{Type: "application/pdf", Data: pdf("<</URI <68747470733a2f2f612e6578616d706c652f>>>")}, []string{"https://a.example/"}},
		{"PDF with UTF-16", File{Type: "application/pdf", Data: pdf("<</URI <FEFF0068007400740070>>>")}, []string{"http"}},
		{"PDF with an object stream", File{Type: "application/pdf", Data: pdf(stream(deflated("<</S/URI/URI(" + target + ")>>")))}, []string{target}},
		{"PDF with a cut stream", File{Type: "application/pdf", Data: pdf(stream(cut(deflated("<</S/URI/URI(" + target + ")>>" + strings.Repeat("abcdefgh", 50)))))}, []string{target}},
		{"HTML", File{Type: "text/html", Data: []byte(`<a href="` + target + `">x</a><script>location="https://b.example/"</script>`)}, []string{target, "https://b.example/"}},
		{"SVG", File{Type: "image/svg+xml", Data: []byte(`<svg><a xlink:href="` + target + `"><text>x</text></a></svg>`)}, []string{target}},
		{"ICS, folded", File{Type: "text/calendar", Data: []byte("BEGIN:VCALENDAR\r\nDESCRIPTION:go to https://login.exam\r\n ple/x?id=1\r\nEND:VCALENDAR")}, []string{target}},
		{"profile", File{Type: "application/x-apple-aspen-config", Data: []byte(`<?xml version="1.0"?><plist><dict><key>URL</key><string>` + strings.ReplaceAll(target, "&", "&amp;") + `</string></dict></plist>`)}, []string{target}},
		{"profile inside a signature", File{Type: "application/x-apple-aspen-config", Data: []byte("\x30\x82\x00\xff<?xml?><plist><string>" + target + "</string></plist>\xff\x00")}, []string{target}},
		{"program", File{Type: "application/zip", Data: []byte("PK")}, nil},
	} {
		found, defects := Links(context.Background(), c.file, limit.Default(), nil)
		if got := targets(found); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q (%v)", c.name, got, c.want, defects)
		}
	}
}

func TestLimits(t *testing.T) {
	// A PNG that claims 50,000 x 50,000 pixels.
	claim := bytes.Clone(code(t, "x", 2, 1, false))
	copy(claim[16:24], []byte{0, 0, 0xc3, 0x50, 0, 0, 0xc3, 0x50})
	for name, f := range map[string]File{
		"bomb of pixels": {Type: "image/png", Data: claim},
		"no picture":     {Type: "image/png", Data: []byte("\x89PNG\r\n\x1a\n")},
		"encrypted PDF":  {Type: "application/pdf", Data: pdf("1 0 obj<</Encrypt 1 0 R>>endobj")},
		"PDF bomb":       {Type: "application/pdf", Data: pdf(slices.Repeat([]string{stream(deflated(strings.Repeat("x", 9<<20)))}, 12)...)},
	} {
		if _, defects := Links(context.Background(), f, limit.Default(), nil); len(defects) != 1 {
			t.Errorf("%s: defects %v", name, defects)
		}
	}
}

// A caller can have the work done elsewhere; what that cannot do is a defect.
func TestInspector(t *testing.T) {
	asked := ""
	inspect := func(_ context.Context, kind string, _ []byte, _ limit.Limits) ([]Found, error) {
		asked = kind
		return nil, errors.New("killed")
	}
	for _, small := range []string{"%PDF-", "%PDF-1.7 1 0 obj<</URI(https://a.example/)>>endobj"} {
		if _, defects := Links(context.Background(), File{Type: "application/pdf", Data: []byte(small)}, limit.Default(), inspect); asked != "" || len(defects) > 0 {
			t.Errorf("%q %v: a small PDF is read here", asked, defects)
		}
	}
	_, defects := Links(context.Background(), File{Type: "application/pdf", Data: pdf(strings.Repeat(" ", pdfHere))}, limit.Default(), inspect)
	if asked != PDF || len(defects) != 1 || defects[0].Detail != "killed" {
		t.Errorf("%q %v", asked, defects)
	}
}

func TestSniff(t *testing.T) {
	for _, c := range []struct{ name, data, file, label, want string }{
		{"content before name", "%PDF-1.4", "a.txt", "text/plain", "application/pdf"},
		{"junk before a PDF", "\n\n%PDF-1.4", "", "application/octet-stream", "application/pdf"},
		{"HTML under another label", "<!DOCTYPE HTML><p>", "a.pdf", "application/pdf", "text/html"},
		{"name where the content says nothing", "x", "a.mobileconfig", "application/octet-stream", "application/x-apple-aspen-config"},
		{"label where nothing else does", "x", "", "application/x-odd", "application/x-odd"},
		{"docx", "PK\x03\x04....word/document.xml", "a.docx", "application/octet-stream", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		{"program under the name of a document", "MZ\x90", "invoice.pdf", "application/pdf", "application/vnd.microsoft.portable-executable"},
		{"message", "Received: x\nFrom: a@example.net\n\n", "", "application/octet-stream", "message/rfc822"},
		{"SVG", "<?xml version='1.0'?><svg>", "", "text/xml", "image/svg+xml"},
		{"HTML in UTF-16 under no name", "\xff\xfe<\x00h\x00t\x00m\x00l\x00>\x00", "", "application/octet-stream", "text/html"},
		{"HTML behind text", "see <B>below</B> <Script>x", "", "text/plain", "text/html"},
		{"profile", "<?xml version='1.0'?><PLIST><key>PayloadType</key>", "", "text/xml", "application/x-apple-aspen-config"},
		{"bytes of all kinds", "\x00\x80\xff\xc4\xb0 html body script <ht <bod <scrip", "", "application/x-odd", "application/x-odd"},
		{"calendar", "BEGIN:VCALENDAR", "", "text/plain", "text/calendar"},
		{"nothing", "", "", "", "application/octet-stream"},
	} {
		if got := Sniff([]byte(c.data), c.file, c.label); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// FuzzFile: no file of any kind breaks the reader or gives more than its limits.
func FuzzFile(f *testing.F) {
	f.Add([]byte("<plist><string>https://a.example</string></plist>"), uint8(0))
	f.Add([]byte("BEGIN:VCALENDAR\nURL:https://a.example"), uint8(1))
	f.Add(code(f, target, 2, 2, false), uint8(2))
	kinds := []string{"application/x-apple-aspen-config", "text/calendar", "image/png", "image/gif", "image/svg+xml", "message/rfc822"}
	f.Fuzz(func(t *testing.T, data []byte, kind uint8) {
		lim := limit.Default()
		lim.Links, lim.ImagePixels, lim.Text = 10, 10_000, 4096
		found, _ := Links(context.Background(), File{Type: kinds[int(kind)%len(kinds)], Data: data}, lim, nil)
		if len(found) > 2*lim.Links {
			t.Fatalf("%d links", len(found))
		}
		Sniff(data, "", "")
	})
}
