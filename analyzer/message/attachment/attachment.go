// Package attachment looks into the files that come with mail, as far as is needed to see where they send the reader.
//
// Mail that wants to get past filters puts its link where filters do not look: into a picture of a QR code, a PDF, an
// HTML or SVG file, a calendar entry, a configuration profile for a phone. Links finds them. Types are told by content,
// since labels and names lie. All work is bounded by the sizes given in the limits: pixels for pictures, inflated bytes
// for PDF, bytes for text.
package attachment

import (
	"bytes"
	"context"
	"path"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/message/charset"
	"github.com/mailaudit/mailaudit/analyzer/message/htmltext"
)

// File is an attachment to look into.
type File struct {
	Name string // decoded file name
	Type string // media type, by content where Sniff could tell
	Data []byte // decoded content
}

// Found is a link in a file.
type Found struct {
	Target string // as written, decoded from its container
	Shown  string // text shown for it, where the format has one
	From   string // "qr", "pdf", "html", "svg", "ics", "eml", "mobileconfig"
}

// Defect says what could not be read.
type Defect struct {
	Kind   string // "attachment_limit", "attachment_unreadable"
	Detail string
	Lost   bool
}

// Inspector does the work that runs foreign decoders over hostile bytes: kind is "qr" or "pdf". A caller can give one
// that works in a child process, which can be killed; InProcess is the one without. Of the answer nothing matters but that
// Links and Text understand it.
type Inspector func(ctx context.Context, kind string, data []byte, lim limit.Limits) ([]Found, error)

// Kinds of inspection.
const (
	QR  = "qr"
	PDF = "pdf"
)

// InProcess inspects in this process. Decoders run behind recover, and on data within the limits.
func InProcess(_ context.Context, kind string, data []byte, lim limit.Limits) ([]Found, error) {
	switch kind {
	case QR:
		return codes(data, lim)
	case PDF:
		p, _ := pdfPage(data, lim, pdfAnyInflated)
		return p.found(), p.err
	}
	return nil, nil
}

// Links finds the links in a file. A nil inspect is InProcess.
func Links(ctx context.Context, f File, lim limit.Limits, inspect Inspector) ([]Found, []Defect) {
	if inspect == nil {
		inspect = InProcess
	}
	if len(f.Data) == 0 {
		return nil, nil
	}
	switch kind := Kind(f.Type); kind {
	case QR:
		found, err := inspect(ctx, kind, f.Data, lim)
		return found, unreadable(err)
	case PDF:
		p := readPDF(ctx, f.Data, lim, inspect)
		return p.links, unreadable(p.err)
	case "html", "svg":
		return markup(f, kind, lim)
	case "ics", "eml":
		return text(f, kind, lim), nil
	case "mobileconfig":
		return profile(f, lim), nil
	case "office":
		return relations(f.Data, lim), nil
	case "zip":
		return archivedLinks(ctx, f, lim, inspect)
	}
	return nil, nil
}

func unreadable(err error) []Defect {
	if err == nil {
		return nil
	}
	return []Defect{{Kind: "attachment_unreadable", Detail: err.Error()}}
}

// Read gives what Text and Links give. Of a file that costs much to look into it makes one trip.
func Read(ctx context.Context, f File, lim limit.Limits, inspect Inspector) (text string, links []Found, defects []Defect) {
	if Kind(f.Type) == PDF {
		p := readPDF(ctx, f.Data, lim, inspect)
		return shownText(p.text), p.links, unreadable(p.err)
	}
	links, defects = Links(ctx, f, lim, inspect)
	return Text(ctx, f, lim, inspect), links, defects
}

// Kind says how Links reads a media type: "qr", "pdf", "html", "svg", "ics", "eml", "mobileconfig", "office", "zip", or "" for not at all.
func Kind(typ string) string {
	switch typ {
	case "image/png", "image/jpeg", "image/gif", "image/bmp", "image/webp", "image/tiff":
		return QR
	case "application/pdf":
		return PDF
	case "text/html", "application/xhtml+xml":
		return "html"
	case "image/svg+xml":
		return "svg"
	case "text/calendar":
		return "ics"
	case "message/rfc822", "message/global":
		return "eml"
	case "application/x-apple-aspen-config":
		return "mobileconfig"
	case "application/zip":
		return "zip"
	}
	if strings.HasPrefix(typ, "application/vnd.openxmlformats-officedocument.") {
		return "office"
	}
	return ""
}

// Sniff tells the media type of a file by its first bytes, then by its name, then by its label.
func Sniff(data []byte, name, label string) string {
	for _, m := range magics {
		if len(data) >= m.at+len(m.bytes) && string(data[m.at:m.at+len(m.bytes)]) == m.bytes {
			if m.typ == "application/zip" {
				return zipType(data, name)
			}
			return m.typ
		}
	}
	head := data[:min(len(data), 2048)]
	if bytes.Contains(head, []byte("%PDF-")) {
		return "application/pdf" // readers allow junk before it
	}
	if t := sniffText(head, name); t != "" {
		return t
	}
	if t, ok := extensions[extension(name)]; ok {
		return t
	}
	if label == "" {
		return "application/octet-stream"
	}
	return label
}

type magic struct {
	at         int
	bytes, typ string
}

var magics = []magic{
	{0, "\x89PNG\r\n\x1a\n", "image/png"},
	{0, "\xff\xd8\xff", "image/jpeg"},
	{0, "GIF87a", "image/gif"},
	{0, "GIF89a", "image/gif"},
	{8, "WEBP", "image/webp"},
	{0, "BM", "image/bmp"},
	{0, "II*\x00", "image/tiff"},
	{0, "MM\x00*", "image/tiff"},
	{0, "%PDF-", "application/pdf"},
	{0, "PK\x03\x04", "application/zip"},
	{0, "PK\x05\x06", "application/zip"},
	{0, "\x1f\x8b", "application/gzip"},
	{0, "7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"},
	{0, "Rar!\x1a\x07", "application/vnd.rar"},
	{0, "MZ", "application/vnd.microsoft.portable-executable"},
	{0, "\x7fELF", "application/x-executable"},
	{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"},
	{0, "{\\rtf", "application/rtf"},
	{32769, "CD001", "application/x-iso9660-image"},
	{0, "L\x00\x00\x00\x01\x14\x02\x00", "application/x-ms-shortcut"},
	{0, "bplist00", "application/x-apple-binary-plist"},
}

var extensions = map[string]string{
	"htm": "text/html", "html": "text/html", "shtml": "text/html", "xhtml": "application/xhtml+xml", "svg": "image/svg+xml",
	"ics": "text/calendar", "vcs": "text/calendar", "eml": "message/rfc822", "mobileconfig": "application/x-apple-aspen-config",
	"js": "text/javascript", "vbs": "text/vbscript", "hta": "application/hta", "txt": "text/plain", "csv": "text/csv",
}

func extension(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Ext(strings.TrimRight(name, ". \t\"'")), "."))
}

func zipType(data []byte, name string) string {
	head := data[:min(len(data), 4096)]
	for _, m := range []struct{ mark, typ string }{
		{"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		{"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		{"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
	} {
		if bytes.Contains(head, []byte(m.mark)) {
			return m.typ
		}
	}
	switch extension(name) {
	case "docx", "docm":
		return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	case "xlsx", "xlsm":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case "pptx", "pptm":
		return "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	case "apk":
		return "application/vnd.android.package-archive"
	}
	return "application/zip"
}

// sniffText recognises text formats by how they start.
func sniffText(head []byte, name string) string {
	if bytes.HasPrefix(head, []byte{0xff, 0xfe}) || bytes.HasPrefix(head, []byte{0xfe, 0xff}) {
		head = []byte(charset.Decode(head, "utf-16").Text)
	}
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte{0xef, 0xbb, 0xbf}), " \t\r\n\x00")
	switch {
	case starts(head, "begin:vcalendar"):
		return "text/calendar"
	case starts(head, "<!doctype html"), starts(head, "<html"), starts(head, "<head"), starts(head, "<body"), starts(head, "<script"):
		return "text/html"
	case starts(head, "<svg"), starts(head, "<!doctype svg"):
		return "image/svg+xml"
	case holds(head, "<plist") && bytes.Contains(bytes.ToLower(head), []byte("payloadtype")):
		return "application/x-apple-aspen-config"
	case starts(head, "<?xml") && holds(head, "<svg"):
		return "image/svg+xml"
	case starts(head, "<?xml") && holds(head, "<html"):
		return "application/xhtml+xml"
	case extension(name) == "eml" || messageStart(head):
		return "message/rfc822"
	case holds(head, "<html") || holds(head, "<body") || holds(head, "<script"):
		return "text/html"
	}
	return ""
}

// messageStart reports whether text starts like a message: with trace fields that nothing else starts with.
func messageStart(head []byte) bool {
	for _, f := range [...]string{"return-path:", "received:", "delivered-to:", "x-gm-", "mime-version:", "dkim-signature:"} {
		if starts(head, f) {
			return holds(head, "\nfrom:") || holds(head, "\nsubject:") || holds(head, "\ndate:")
		}
	}
	return starts(head, "from:") && holds(head, "\nsubject:") || starts(head, "subject:") && holds(head, "\nfrom:")
}

// starts reports whether text starts with a lower-case ASCII word, in any case.
func starts(b []byte, word string) bool {
	if len(b) < len(word) {
		return false
	}
	for i := range len(word) {
		c := b[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != word[i] {
			return false
		}
	}
	return true
}

// holds reports whether a lower-case ASCII word that begins with no letter is in text, in any case.
func holds(b []byte, word string) bool {
	for {
		i := bytes.IndexByte(b, word[0])
		if i < 0 {
			return false
		}
		if b = b[i:]; starts(b, word) {
			return true
		}
		b = b[1:]
	}
}

// Holds reports whether the content of a file of the type is kept for inspection.
func Holds(typ string) bool { return Kind(typ) != "" }

func markup(f File, kind string, lim limit.Limits) ([]Found, []Defect) {
	src := charset.Decode(clip(f.Data, lim.Text), "").Text
	page := htmltext.Read(src, htmltext.Limits{Tokens: 1 << 20, Links: lim.Links})
	var found []Found
	for _, l := range page.Links {
		found = append(found, Found{Target: l.Target, Shown: l.Shown, From: kind})
	}
	// Scripts build their targets from strings: what stands as a URL in the source is one.
	for _, l := range htmltext.PlainLinks(src, lim.Links) {
		found = append(found, Found{Target: l.Target, From: kind})
	}
	found = once(found)
	if page.Cut || len(f.Data) > lim.Text {
		return found, []Defect{{Kind: "attachment_limit", Detail: kind + " file is larger than limit " + limit.NameText, Lost: true}}
	}
	return found, nil
}

func text(f File, kind string, lim limit.Limits) []Found {
	s := charset.Decode(clip(f.Data, lim.Text), "").Text
	if kind == "ics" { // RFC 5545 §3.1: long lines are folded
		s = strings.NewReplacer("\r\n ", "", "\r\n\t", "", "\n ", "", "\n\t", "", "\\n", "\n", "\\,", ",", "\\;", ";").Replace(s)
	}
	var found []Found
	for _, l := range htmltext.PlainLinks(s, lim.Links) {
		found = append(found, Found{Target: l.Target, From: kind})
	}
	return once(found)
}

// once removes links found twice, keeping the first.
func once(in []Found) []Found {
	seen := make(map[string]bool, len(in))
	out := in[:0]
	for _, f := range in {
		if f.Target == "" || seen[f.Target] {
			continue
		}
		seen[f.Target] = true
		out = append(out, f)
	}
	return out
}

func clip(b []byte, n int) []byte { return b[:min(len(b), n)] }
