package exchange

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/view"
)

// WriteARF writes an abuse report of one fake as a message that can be sent (RFC 5965): words, the report for machines, and the
// fake as it is stored. To are the addresses it goes to; text is what a person reads first.
func WriteARF(w io.Writer, m *finding.Message, stored []byte, to []string, version, subject, text string) error {
	original := crlf(stored)
	boundary := "mailaudit-" + m.SHA256.String()
	for n := 2; bytes.Contains(original, []byte("--"+boundary)); n++ {
		boundary = fmt.Sprintf("mailaudit-%s-%d", m.SHA256, n)
	}
	var recipients []string
	for _, a := range to {
		if a, ok := address(a); ok {
			recipients = append(recipients, a)
		}
	}
	var b bytes.Buffer
	line := func(parts ...string) { b.WriteString(strings.Join(parts, "") + "\r\n") }
	if len(recipients) > 0 {
		line("To: ", strings.Join(recipients, ",\r\n "))
	}
	line("Subject: ", mime.QEncoding.Encode("utf-8", plain(subject)))
	line("MIME-Version: 1.0")
	line("Content-Type: multipart/report; report-type=feedback-report;")
	line(" boundary=\"", boundary, "\"")
	line()
	line("--", boundary)
	line("Content-Type: text/plain; charset=utf-8")
	line("Content-Transfer-Encoding: 8bit")
	line()
	b.Write(crlf([]byte(text)))
	line()
	line("--", boundary)
	line("Content-Type: message/feedback-report")
	line()
	line("Feedback-Type: fraud")
	line("User-Agent: mailaudit/", token(version))
	line("Version: 1")
	if a, ok := address(strings.Trim(m.ReturnPath, "<>")); ok {
		line("Original-Mail-From: <", a, ">")
	}
	if m.Time != nil {
		line("Arrival-Date: ", m.Time.UTC().Format("Mon, 02 Jan 2006 15:04:05 +0000"))
	}
	if a, ok := client(m); ok {
		line("Source-IP: ", a.String())
	}
	seen := map[string]bool{}
	for k, l := range m.Links {
		if k == maxLinks || l.Official {
			continue
		}
		if h, ok := host(l.Host); ok && !seen[h] {
			seen[h] = true
			line("Reported-Domain: ", h)
		}
	}
	for k, l := range m.Links {
		if k == maxLinks || l.Official {
			continue
		}
		if u, ok := webURL(target(l)); ok && !seen[u] && len(u) < 900 && ascii(u) {
			seen[u] = true
			line("Reported-URI: ", u)
		}
	}
	line()
	line("--", boundary)
	line("Content-Type: message/rfc822")
	line("Content-Transfer-Encoding: ", transfer(original))
	line("Content-Disposition: attachment; filename=\"", fileName(m), "\"")
	line()
	b.Write(original)
	line()
	line("--", boundary, "--")
	_, err := w.Write(b.Bytes())
	return err
}

// fileName is a name made from an id, if it is one.
func fileName(m *finding.Message) string {
	if finding.ValidMessageID(m.ID) {
		return m.ID + ".eml"
	}
	return "message.eml"
}

// crlf ends all lines as mail does on its way.
func crlf(b []byte) []byte {
	return bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
}

// transfer is the encoding of a message that stands as it is.
func transfer(b []byte) string {
	long := 0
	for l := range bytes.Lines(b) {
		long = max(long, len(l))
	}
	switch {
	case long > 1000 || bytes.IndexByte(b, 0) >= 0:
		return "binary"
	case ascii(string(b)):
		return "7bit"
	}
	return "8bit"
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// token keeps of a version what RFC 9110 calls a token.
func token(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 && (r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '.' || r == '-') {
			return r
		}
		return -1
	}, view.CutText(s, 40))
}
