package mapi

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/mailaudit/mailaudit/analyzer/limit/growth"
)

// bag is a set of properties.
type bag map[uint16]Value

func (b bag) Property(id uint16) (Value, bool) { v, ok := b[id]; return v, ok }

func wide(s string) Value {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return Value{Type: String, Data: b}
}

func narrow(s string) Value   { return Value{Type: String8, Data: []byte(s)} }
func binaries(s string) Value { return Value{Type: Binary, Data: []byte(s)} }

func number(n int) Value {
	return Value{Type: Int32, Data: binary.LittleEndian.AppendUint32(nil, uint32(n))}
}

func at(t time.Time) Value {
	return Value{Type: Time, Data: binary.LittleEndian.AppendUint64(nil, uint64(t.Unix()*1e7)+fileTimeEpoch)}
}

func file(name, kind string, data string, more ...uint16) Attachment {
	b := bag{idAttachLongFilename: wide(name), idAttachMethod: number(methodByValue)}
	if kind != "" {
		b[idAttachMimeTag] = wide(kind)
	}
	return Attachment{Object: b, Size: int64(len(data)), Open: func() io.Reader { return strings.NewReader(data) }}
}

var limits = Limits{Header: 1 << 20, Text: 1 << 20, Depth: 8, Held: 1 << 20}

func converted(t testing.TB, m *Message) string {
	t.Helper()
	c := Convert(m, limits)
	b, err := io.ReadAll(c.Reader())
	if err != nil || int64(len(b)) != c.Size {
		t.Errorf("%d bytes, %d announced: %v", len(b), c.Size, err)
	}
	return string(b)
}

const received = "Microsoft Mail Internet Headers Version 2.0\r\nReceived: from a.example\r\n\tby mx.example; Tue, 3 Feb 2026 04:05:06 +0000\r\nAuthentication-Results: mx.example; dmarc=pass\r\nContent-Type: multipart/alternative;\r\n\tboundary=\"x\"\r\nMIME-Version: 1.0\r\nFrom: ann@example.com\r\n\r\n--x\r\nFrom: not@a.header\r\n"

// TestHeader: the header is that which was received, but for what it says of a body that is not there any more; where there is none
// it is made of the properties.
func TestHeader(t *testing.T) {
	person := func(kind int, name, address string) Object {
		return bag{idRecipientType: number(kind), idDisplayName: wide(name), idSMTPAddress: wide(address)}
	}
	for _, c := range []struct {
		why  string
		m    Message
		want string
	}{
		{"as received", Message{Object: bag{idTransportHeaders: wide(received), idSubject: wide("another"), idSentName: wide("Other")}},
			"Received: from a.example\r\n\tby mx.example; Tue, 3 Feb 2026 04:05:06 +0000\r\nAuthentication-Results: mx.example; dmarc=pass\r\nFrom: ann@example.com\r\n"},
		{"bytes of an 8-bit header stay", Message{Object: bag{idTransportHeaders: narrow("From: \x82\xa0@example.com\r\nX: \xe9\r\n")}}, "From: \x82\xa0@example.com\r\nX: \xe9\r\n"},
		{"none: the owner's own mail", Message{
			Object: bag{
				idSentName: wide("鈴木 花子"), idSentSMTP: wide("hanako@example.jp"), idSubject: wide("\x01\x05Re: 注文"), idClientSubmitTime: at(time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)),
				idInternetMessageID: wide("<1@example.jp>"), idInReplyTo: wide("<0@example.com>"),
			},
			Recipients: []Object{person(1, "Bob", "bob@example.org"), person(2, "carol@example.org", "carol@example.org"), person(3, `D "x" Y`, "d@example.org")},
		}, "From: =?utf-8?B?6Yi05pyoIOiKseWtkA==?= <hanako@example.jp>\r\nTo: \"Bob\" <bob@example.org>\r\nCc: <carol@example.org>\r\nBcc: \"D \\\"x\\\" Y\" <d@example.org>\r\n" +
			"Subject: =?utf-8?B?UmU6IOazqOaWhw==?=\r\nDate: Tue, 03 Feb 2026 04:05:06 +0000\r\nMessage-ID: <1@example.jp>\r\nIn-Reply-To: <0@example.com>\r\n"},
		{"a name that would begin a field", Message{Object: bag{idSentName: wide("A\r\nX-Forged: 1\r\n"), idSentSMTP: wide("a@example.com>\r\nX: <b")}},
			"From: \"A  X-Forged: 1\" <a@example.comX:b>\r\n"},
		{"only names are left", Message{Object: bag{idSentName: wide("Ann"), idDisplayTo: wide("Bob; carol@example.org")}}, "From: \"Ann\":;\r\nTo: \"Bob\":;,\r\n <carol@example.org>\r\n"},
	} {
		got := converted(t, &c.m)
		if !strings.HasPrefix(got, c.want+"MIME-Version: 1.0\r\n") {
			t.Errorf("%s:\n%s\nwant\n%s", c.why, got, c.want)
		}
	}
}

// TestBody: the body is what the properties hold, in the form that the person saw.
func TestBody(t *testing.T) {
	html := "<html><body>あ</body></html>"
	for _, c := range []struct {
		why  string
		o    bag
		want string
	}{
		{"plain", bag{idBody: wide("a\r\nあ")}, "Content-Transfer-Encoding: 8bit\r\nContent-Type: text/plain; charset=utf-8\r\n\r\na\r\nあ"},
		{"plain in a Japanese code page", bag{idBody: narrow("\x82\xa0"), idMessageCodepage: number(932)}, "Content-Type: text/plain; charset=utf-8\r\n\r\nあ"},
		{"plain by the language of the message", bag{idBody: narrow("\x82\xa0"), idMessageLocale: number(0x411)}, "charset=utf-8\r\n\r\nあ"},
		{"plain that nothing tells of", bag{idBody: narrow("\x82\xa0\x82\xa2")}, "charset=utf-8\r\n\r\nあい"},
		{"plain in Western Europe that nothing tells of", bag{idBody: narrow("na\xefve")}, "charset=utf-8\r\n\r\nnaïve"},
		{"lines of LF", bag{idBody: wide("a\nb\rc")}, "\r\n\r\na\r\nb\r\nc"},
		{"a line that is too long", bag{idBody: wide(strings.Repeat("=", 1000))}, "quoted-printable\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n=3D=3D"},
		{"HTML as stored, in its code page", bag{idHTML: binaries("<p>\x1b$B$\"\x1b(B"), idInternetCodepage: number(50220)}, "Content-Type: text/html; charset=iso-2022-jp\r\n\r\n<p>\x1b$B$\"\x1b(B"},
		{"HTML of a code page that is not told", bag{idHTML: binaries("<p>\xe3\x81\x82")}, "Content-Type: text/html\r\n\r\n<p>あ"},
		{"HTML in UTF-16", bag{idHTML: Value{Type: Binary, Data: wide(html).Data}, idInternetCodepage: number(1200)}, "Content-Type: text/html; charset=utf-8\r\n\r\n" + html},
		{"no body", bag{}, "Content-Type: text/plain; charset=utf-8\r\n\r\n"},
		{"RTF that holds HTML", bag{idRTFCompressed: binaries(melt(`{\rtf1\ansi\ansicpg932\fromhtml1 {\*\htmltag64 <b>}x\htmlrtf \b\htmlrtf0 {\*\htmltag72 </b>}}`))}, "Content-Type: text/html; charset=utf-8\r\n\r\n<b>x</b>"},
		{"RTF", bag{idRTFCompressed: binaries(melt(`{\rtf1\ansi\ansicpg932{\fonttbl{\f0\fcharset128 MS;}}\f0 \'82\'a0\par b}`))}, "Content-Type: text/plain; charset=utf-8\r\n\r\nあ\r\nb"},
		{"RTF beside plain: it is the same text", bag{idBody: wide("a"), idRTFCompressed: binaries(melt(`{\rtf1 a}`))}, "Content-Type: text/plain; charset=utf-8\r\n\r\na"},
	} {
		got := converted(t, &Message{Object: c.o})
		if !strings.HasSuffix(got, c.want) && !strings.Contains(got, c.want) {
			t.Errorf("%s:\n%s\nwant\n%s", c.why, got, c.want)
		}
	}
}

// melt is RTF as it is stored uncompressed.
func melt(s string) string {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(s)+12))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(s)))
	return string(append(b, "MELA\x00\x00\x00\x00"+s...))
}

// TestDecompressRTF: the examples of [MS-OXRTFCP] 3.1 and 3.2.
func TestDecompressRTF(t *testing.T) {
	for in, want := range map[string]string{
		"2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232 0af32068656c090020627705b06c647d0a800fa0": "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n",
		"1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0":                                        "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}",
	} {
		b, err := hex.DecodeString(strings.ReplaceAll(in, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecompressRTF(b, 1000)
		if err != nil || string(got) != want {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
		for n := range b {
			if _, err := DecompressRTF(b[:n], 1000); err == nil && n < len(b)-4 {
				t.Errorf("cut at %d: no error", n)
			}
		}
	}
}

// TestReadRTF: text is taken out of RTF as a program shows it, and HTML as it was put in.
func TestReadRTF(t *testing.T) {
	for _, c := range []struct{ why, in, want string }{
		{"what only RTF programs see is left out", `{\rtf1\fromhtml1 a\htmlrtf b{\b c}\htmlrtf0 d}`, "ad"},
		{"a tag with an escape", `{\rtf1\fromhtml1 {\*\htmltag84 <a href="x?a\{1\}">}t{\*\htmltag92 </a>}}`, `<a href="x?a{1}">t</a>`},
		{"lines", `{\rtf1\fromhtml1 {\*\htmltag1 <p>\par }a\line b}`, "<p>\r\na\r\nb"},
		{"other destinations are no text", `{\rtf1\fromhtml1{\*\mhtmltag64 <img>}{\*\generator x}{\info{\title y}}a}`, "a"},
		{"Unicode with what stands for it", `{\rtf1\fromhtml1\uc1 \u12354?\u-10179?\u-8704?x}`, "あ😀x"},
		{"two bytes that stand for one character", `{\rtf1\uc2 \u12354\'82\'a0b}`, "あb"},
		{"the code page of a font", `{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 A;}{\f1\fcharset204 B;}}\f1 \'c0\f0 \'c0}`, "АÀ"},
		{"a second byte that is a letter", `{\rtf1\ansicpg932 \'83A}`, "ア"},
		{"groups that end too often", `{\rtf1 a}}}b`, "ab"},
		{"binary data", "{\\rtf1 a\\bin3 {{{b}", "ab"},
		{"named characters", `{\rtf1\fromhtml1 \lquote x\rquote\emdash}`, "&lsquo;x&rsquo;&mdash;"},
	} {
		if got, _ := ReadRTF([]byte(c.in), 1000); string(got) != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}

// TestParts: attachments come out as they went in, whatever they are.
func TestParts(t *testing.T) {
	data := strings.Repeat("\x00\x01binary\xff", 1000)
	inner := &Message{Object: bag{idTransportHeaders: wide("From: inner@example.com\r\nSubject: inside\r\n"), idBody: wide("inner text")}}
	picture := file("p.png", "image/png", "PNG")
	picture.Object.(bag)[idAttachContentID] = wide("logo@x")
	m := &Message{
		Object: bag{idTransportHeaders: wide(received), idBody: wide("plain"), idHTML: binaries(`<img src="cid:logo@x">`), idInternetCodepage: number(65001)},
		Attachments: []Attachment{
			picture, file("請求書\r\n.pdf", "application/pdf", data), file("a.eml", "message/rfc822", "From: x@example.com\n\nhello\n"), file("b", "multipart/mixed", "x"), file("c", "not a type", ""),
			{Object: bag{idDisplayName: wide("inside"), idAttachMethod: number(methodEmbedded)}, Message: inner},
			{Object: bag{idAttachLongFilename: wide("d.docx"), idAttachMethod: number(methodWeb), idAttachLongPathname: wide("https://files.example/d.docx")}},
		},
	}
	raw := converted(t, m)
	msg, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	var walk func(kind string, r io.Reader)
	walk = func(kind string, r io.Reader) {
		typ, params, err := mime.ParseMediaType(kind)
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		if !strings.HasPrefix(typ, "multipart/") {
			b, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, typ+" "+params["name"]+" "+strings.TrimRight(string(b[:min(len(b), 40)]), "\r\n"))
			return
		}
		got = append(got, typ)
		parts := multipart.NewReader(r, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			walk(p.Header.Get("Content-Type"), p)
		}
	}
	walk(msg.Header.Get("Content-Type"), msg.Body)
	want := []string{
		"multipart/mixed", "multipart/related", "multipart/alternative", "text/plain  plain", `text/html  <img src="cid:logo@x">`, "image/png p.png UE5H",
		"application/pdf 請求書  .pdf AAFiaW5hcnn/AAFiaW5hcnn/AAFiaW5hcnn/AAFi", "message/rfc822 a.eml From: x@example.com\r\n\r\nhello", "application/octet-stream b eA==",
		"application/octet-stream c ", "message/rfc822  From: inner@example.com\r\nSubject: inside", "message/external-body  Content-Type: application/octet-stream",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("parts\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if again := converted(t, m); again != raw {
		t.Error("the same message gives other bytes")
	}
}

// TestNoBoundaryInText: a text can't close the parts around it, since their boundary depends on it.
func TestNoBoundaryInText(t *testing.T) {
	m := &Message{Object: bag{idBody: wide("a"), idHTML: binaries("<p>")}}
	first := converted(t, m)
	_, b, _ := strings.Cut(first, `boundary="`)
	b, _, _ = strings.Cut(b, `"`)
	m.Object.(bag)[idBody] = wide("a\r\n--" + b + "--\r\nContent-Type: text/html\r\n\r\nforged")
	second := converted(t, m)
	if n := strings.Count(second, "boundary=\""+b); n != 0 || b == "" {
		t.Errorf("the boundary %q stayed", b)
	}
}

// TestSigned: mail that was signed in the clear is as it was sent.
func TestSigned(t *testing.T) {
	entity := "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b--\r\n"
	m := &Message{Object: bag{idMessageClass: wide("IPM.Note.SMIME.MultipartSigned"), idTransportHeaders: wide(received)}, Attachments: []Attachment{file("smime.p7m", "multipart/signed", entity)}}
	if got := converted(t, m); !strings.HasSuffix(got, "From: ann@example.com\r\nMIME-Version: 1.0\r\n"+entity) {
		t.Errorf("got\n%s", got)
	}
}

// TestState: each property says what it says, and nothing else is known.
func TestState(t *testing.T) {
	text := func(s State) string {
		var b strings.Builder
		for name, p := range map[string]*bool{"seen": s.Seen} {
			if p != nil {
				b.WriteString(name)
				if !*p {
					b.WriteString("-")
				}
			}
		}
		for i, p := range []*bool{s.Replied, s.Forwarded, s.Flagged, s.Deleted} {
			if p != nil {
				b.WriteString(" " + []string{"replied", "forwarded", "flagged", "deleted"}[i])
				if !*p {
					b.WriteString("-")
				}
			}
		}
		return b.String()
	}
	for _, c := range []struct {
		why  string
		o    bag
		row  Object
		want string
	}{
		{"nothing", bag{}, nil, ""},
		{"read", bag{idMessageFlags: number(0x1)}, nil, "seen"},
		{"unread, though it is said to have been read once: Exchange sets both together", bag{idMessageFlags: number(0x400)}, nil, "seen-"},
		{"answered", bag{idLastVerb: number(102)}, nil, " replied"},
		{"answered to all", bag{idLastVerb: number(103)}, nil, " replied"},
		{"forwarded; whether answered before is not known", bag{idLastVerb: number(104)}, nil, " forwarded"},
		{"by its icon", bag{idIconIndex: number(0x105)}, nil, " replied"},
		{"an icon of neither", bag{idIconIndex: number(0x100)}, nil, " replied- forwarded-"},
		{"flagged", bag{idFlagStatus: number(2)}, nil, " flagged"},
		{"flagged and done", bag{idFlagStatus: number(1)}, nil, " flagged-"},
		{"struck through in the table", bag{}, bag{idMessageStatus: number(8)}, " deleted"},
	} {
		if got := text((&Message{Object: c.o}).State(c.row)); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}

// TestTextWorkIsLinear: RTF and texts take as long as they are.
func TestTextWorkIsLinear(t *testing.T) {
	for name, piece := range map[string]string{
		"groups": "{", "tags": `{\*\htmltag1 x}`, "characters": `\'82\'a0`, "fonts": `{\f1\fcharset128 a}`, "words": `\htmlrtf\htmlrtf0`, "ends": "}", "unicode": `\u12354?`,
	} {
		growth.Linear(t, name, 40_000, 320_000, func(n int) func() {
			in := []byte(`{\rtf1\fromhtml1{\fonttbl` + strings.Repeat(piece, n/len(piece)))
			return func() { ReadRTF(in, 1<<20) }
		})
	}
	growth.Linear(t, "line ends", 100_000, 800_000, func(n int) func() {
		in := bytes.Repeat([]byte("\r\r\n\n="), n/5)
		return func() { encodeText(crlf(in)) }
	})
}

func FuzzRTF(f *testing.F) {
	f.Add([]byte(melt(`{\rtf1\fromhtml1 {\*\htmltag64 <b>}\'82\'a0\u12354?}`)))
	b, _ := hex.DecodeString("2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0")
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		const most = 1 << 16
		rtf, _ := DecompressRTF(b, most)
		if len(rtf) > most {
			t.Fatalf("%d bytes", len(rtf))
		}
		ReadRTF(rtf, most)
		ReadRTF(b, most)
	})
}

func FuzzConvert(f *testing.F) {
	f.Add(received, "plain", "<p>", "name", "a@example.com", 932)
	f.Fuzz(func(t *testing.T, head, plain, html, name, address string, page int) {
		m := &Message{
			Object: bag{
				idTransportHeaders: narrow(head), idBody: narrow(plain), idHTML: binaries(html), idInternetCodepage: number(page), idMessageCodepage: number(page),
				idSentName: narrow(name), idSentSMTP: narrow(address), idSubject: narrow(name), idRTFCompressed: binaries(html),
			},
			Recipients:  []Object{bag{idRecipientType: number(1), idDisplayName: narrow(name), idEmailAddress: narrow(address)}},
			Attachments: []Attachment{file(name, address, html), file(name, "message/rfc822", plain)},
		}
		raw := converted(t, m)
		head, _, ok := strings.Cut(raw, "\r\n\r\n")
		if !ok {
			t.Fatal("no end of the header")
		}
		for line := range strings.SplitSeq(head, "\r\n") {
			if line == "" || line[0] != ' ' && line[0] != '\t' && !strings.Contains(line, ":") {
				t.Fatalf("%q is no line of a header", line)
			}
		}
	})
}
