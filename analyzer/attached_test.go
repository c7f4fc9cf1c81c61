package analyzer_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// attachedTo is a foreign sender's message with a short text and a file.
func attachedTo(subject, text, kind, name string, data []byte) string {
	return attackerHop + "From: \"Support\" <info@cousin.example>\nTo: haruka@home.example\nSubject: " + subject +
		"\nDate: Tue, 3 Feb 2026 13:05:04 +0900\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n" + text +
		"\n--b\nContent-Type: " + kind + "; name=\"" + name + "\"\nContent-Disposition: attachment; filename=\"" + name +
		"\"\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString(data) + "\n--b--\n"
}

// TestFakeInsideAPDF: a fake whose whole text is in a PDF is judged as if its text stood in the message; an invoice that
// somebody sends on is none.
func TestFakeInsideAPDF(t *testing.T) {
	page := func(lines ...string) []byte {
		body := "BT /F1 12 Tf 72 700 Td"
		for _, l := range lines {
			body += " (" + l + ") Tj 0 -14 Td"
		}
		return []byte("%PDF-1.4\n4 0 obj\n<<>>\nstream\n" + body + " ET\nendstream\nendobj\n5 0 obj<</A<</S/URI/URI(https://signin.cousin.example/verify)>>>>endobj\n%%EOF")
	}
	fake := page("Amazon", "Your Amazon account has been locked because of unusual activity.", "Verify your account within 24 hours or it will be closed.", "Sign in to Amazon now")
	m := judgeAlone(t, attachedTo("Document", "Please see the attached file.", "application/pdf", "document.pdf", fake))
	if m == nil || m.Verdict != finding.Impersonation {
		t.Errorf("a fake inside a PDF: %+v, want impersonation", m)
	}
	invoice := page("Invoice", "Sold by Amazon EU S.a r.l.", "1 x desk lamp 24.90", "Thank you for shopping at Amazon")
	if m := judgeAlone(t, strings.ReplaceAll(attachedTo("Re: lamp", "Here is the invoice for the lamp.", "application/pdf", "invoice.pdf", bytes.ReplaceAll(invoice, []byte("signin.cousin.example/verify"), []byte("www.amazon.de/"))), "Support", "Aunt Mia")); m != nil && m.Verdict == finding.Impersonation {
		t.Errorf("an invoice that somebody sends on is called a fake: %+v", m)
	}
}

// TestCodeToScan: the address in a QR code under a message that says to scan it is one of its links.
func TestCodeToScan(t *testing.T) {
	const to = "https://amazon-verify.cousin.example/login"
	matrix, err := qrcode.NewQRCodeWriter().Encode(to, gozxing.BarcodeFormat_QR_CODE, 200, 200, nil)
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewGray(image.Rect(0, 0, matrix.GetWidth(), matrix.GetHeight()))
	for y := range matrix.GetHeight() {
		for x := range matrix.GetWidth() {
			if !matrix.Get(x, y) {
				img.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	m := judgeAlone(t, attachedTo("Amazon: verify your account", "Your Amazon account is locked. Scan the QR code with your phone to verify your account.", "image/png", "code.png", b.Bytes()))
	if m == nil || m.Verdict != finding.Impersonation {
		t.Fatalf("%+v, want impersonation", m)
	}
	for _, l := range m.Links {
		if l.Target == to && l.From == "qr" && !l.Official {
			return
		}
	}
	t.Errorf("the code's address is not among the links: %+v", m.Links)
}
