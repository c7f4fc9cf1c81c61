package message

import (
	"bytes"
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/message/transfer"
)

// Defects of the structure.
const (
	BoundaryAbsent   = "boundary_absent"   // a multipart without a boundary parameter
	BoundaryMissing  = "boundary_missing"  // the boundary never appears in the body
	BoundaryUnclosed = "boundary_unclosed" // the closing delimiter is missing
	PartsAfterClose  = "parts_after_close" // delimiters behind the closing one
	LimitParts       = "limit_parts"
	LimitDepth       = "limit_depth"
	EncodingUnknown  = "encoding_unknown"
	Base64Truncated  = "base64_truncated"
	Base64Junk       = "base64_junk"
	QuotedJunk       = "quoted_printable_junk"
	UUTruncated      = "uuencode_truncated"
	LimitText        = "limit_text"
)

// Part is one part of a message as the walker meets it: a multipart, or a leaf with a body. It points into the
// message and is valid during the visit and after it, as long as the message is.
type Part struct {
	Parent *Part // nil for the message itself
	Depth  int   // 0 for the message itself
	Index  int   // among the parts of Parent, from 0
	Header []byte
	// Type is the media type that is believed: lower case, "text/plain" where the header names none (RFC 2045 §5.2),
	// "message/rfc822" for the untyped parts of a digest (RFC 2046 §5.1.5), and "text/plain" for a multipart that
	// cannot be split.
	Type        string
	ContentType MediaType
	Disposition MediaType
	Encoding    string // Content-Transfer-Encoding, lower case
	Multipart   bool
	Flat        bool // a multipart that could not be split, or what lies behind a limit: read as text
	// Body is the body as it stands, without the line end that belongs to the next delimiter. Of a multipart it is
	// everything between header and end.
	Body []byte

	id   string // Content-ID without angle brackets
	name string // file name that Parse settled on
	// offset of Header in the message walked
	start int
	// fields of Header, during the visit
	fields []span
	// headerOdd reports whether the block has defects, or bytes before it.
	headerOdd bool
}

// EachField calls f with the place of each field of the part's header, in order, until it returns false: its name is
// Header[name:colon], its raw body Header[body:end]. It reads as ParseHeader does and copies nothing. It may be called
// during the visit only.
func (p *Part) EachField(f func(name, colon, body, end int) bool) {
	for _, x := range p.fields {
		if !f(x.name, x.colon, x.body, x.end) {
			return
		}
	}
}

// ContentID is the Content-ID field without angle brackets.
func (p *Part) ContentID() string { return p.id }

// FileName is the decoded file name, from Content-Disposition or, failing that, from Content-Type; "" without one.
func (p *Part) FileName() string {
	for _, m := range []struct {
		t    *MediaType
		name string
	}{{&p.Disposition, "filename"}, {&p.ContentType, "name"}, {&p.ContentType, "filename"}, {&p.ContentType, "file"}, {&p.Disposition, "name"}} {
		if len(m.t.params) == 0 {
			continue
		}
		if v := m.t.Text(m.name); v != "" {
			return v
		}
	}
	return ""
}

// HasCodedName reports whether the part has a file name in the form of RFC 2231, which has to be decoded to be read.
func (p *Part) HasCodedName() bool {
	coded := func(q param) bool { return strings.Contains(q.name, "*") }
	return slices.ContainsFunc(p.Disposition.params, coded) || slices.ContainsFunc(p.ContentType.params, coded)
}

// IsText reports whether the part is text of any kind.
func (p *Part) IsText() bool { return strings.HasPrefix(p.Type, "text/") }

// Attached reports whether the part says that it is a file.
func (p *Part) Attached() bool { return p.Disposition.Value == "attachment" }

// Decode undoes the transfer encoding of the body; at most max bytes are decoded. Where nothing is to be undone the
// result is part of the message itself and must not be changed. Defects name what was odd; their Lost is set where
// the part was cut.
func (p *Part) Decode(most int) ([]byte, []Defect) { return p.decodeInto(nil, most) }

// Room is memory for decoded text that is used again for the next. The zero value is ready.
type Room struct{ b []byte }

// largestRoom bounds what a Room holds on to, in bytes.
const largestRoom = 1 << 20

// Decode is p.Decode; what it returns is valid until the Room is used again.
func (r *Room) Decode(p *Part, most int) ([]byte, []Defect) {
	out, defects := p.decodeInto(r.b[:0], most)
	own := len(out) > 0 && len(p.Body) > 0 && &out[0] != &p.Body[0] // what needs no decoding is a piece of the message
	if own && cap(out) > cap(r.b) && cap(out) <= largestRoom {
		r.b = out
	}
	return out, defects
}

func (p *Part) decodeInto(dst []byte, most int) ([]byte, []Defect) {
	var d transfer.Damage
	var out []byte
	switch p.codec() {
	case codecBase64:
		out, d = transfer.Base64(dst, p.Body, most)
	case codecQuoted:
		out, d = transfer.Quoted(dst, p.Body, most)
	case codecUU:
		out, d = transfer.UUEncoded(dst, p.Body, most)
	default:
		if len(p.Body) > most {
			return p.Body[:most], []Defect{{Kind: LimitText, Detail: "part is larger than its limit", Lost: true}}
		}
		if p.codec() == codecUnknown {
			return p.Body, []Defect{{Kind: EncodingUnknown, Detail: clip(p.Encoding, 100)}}
		}
		return p.Body, nil
	}
	if d == (transfer.Damage{}) {
		return out, nil
	}
	return out, p.damage(d)
}

func (p *Part) damage(d transfer.Damage) []Defect {
	var out []Defect
	if d.Cut {
		out = append(out, Defect{Kind: LimitText, Detail: "part is larger than its limit", Lost: true})
	}
	switch p.codec() {
	case codecBase64:
		if d.Truncated {
			out = append(out, Defect{Kind: Base64Truncated, Detail: "base64 ends inside a group", Lost: false})
		}
		if d.Junk > 0 {
			out = append(out, Defect{Kind: Base64Junk, Detail: "foreign bytes in base64"})
		}
	case codecQuoted:
		if d.Junk > 0 || d.Truncated {
			out = append(out, Defect{Kind: QuotedJunk, Detail: "escape that is none in quoted-printable"})
		}
	case codecUU:
		if d.Truncated {
			out = append(out, Defect{Kind: UUTruncated, Detail: "uuencoded data without its end"})
		}
	}
	return out
}

type codec byte

const (
	codecNone codec = iota
	codecBase64
	codecQuoted
	codecUU
	codecUnknown
)

func (p *Part) codec() codec {
	if p.Flat || p.Multipart {
		return codecNone
	}
	switch p.Encoding {
	case "", "7bit", "8bit", "binary", "7-bit", "8-bit", "7bits", "8bits", "none":
		return codecNone
	case "base64", "base-64", "base 64", "b64", "b":
		return codecBase64
	case "quoted-printable", "quotedprintable", "quoted printable", "qp", "q":
		return codecQuoted
	case "x-uuencode", "uuencode", "x-uue", "uue":
		return codecUU
	}
	return codecUnknown
}

// Walk visits the parts of a message in order, each multipart before its parts, and returns what was odd in the
// structure. It copies nothing, is linear in the size of the message times the depth limit, and stops when visit
// returns false. Parts of an enclosed message (message/rfc822) are not visited: walk its decoded body.
//
// Splitting is what mail programs do (RFC 2046 §5.1.1): a delimiter line is "--", the boundary, perhaps "--", and
// nothing but white space; delimiters of an outer multipart end the inner ones. A multipart that names no boundary, or
// whose boundary never appears, is one flat text, which is how it is shown.
func Walk(raw []byte, lim limit.Limits, visit func(*Part) bool) []Defect {
	raw = lineEnds(raw, 0)
	w := walker{raw: raw, lim: lim, visit: visit, room: make([]span, 0, 24)}
	w.entity(raw, 0, nil, 0, "text/plain")
	return w.defects
}

type walker struct {
	raw     []byte
	lim     limit.Limits
	visit   func(*Part) bool
	parts   int
	stopped bool
	defects []Defect
	has     map[string]bool
	room    []span // for the fields of the part that is visited
}

func (w *walker) defect(kind, detail string, lost bool) {
	if w.has[kind] {
		return
	}
	if w.has == nil {
		w.has = map[string]bool{}
	}
	w.has[kind] = true
	w.defects = append(w.defects, Defect{Kind: kind, Detail: detail, Lost: lost})
}

// entity reads one part: raw[at:] up to the end of the slice.
func (w *walker) entity(raw []byte, at int, parent *Part, index int, fallback string) {
	p := &Part{Parent: parent, Index: index, start: at}
	if parent != nil {
		p.Depth = parent.Depth + 1
	}
	w.parts++
	w.room = p.read(raw, w.lim, fallback, w.room)
	if !p.Multipart {
		w.leaf(p)
		return
	}
	boundary := strings.TrimRight(p.ContentType.Param("boundary"), " \t")
	first := -1
	switch {
	case boundary == "":
		w.defect(BoundaryAbsent, "multipart without a boundary", false)
	case p.Depth >= w.lim.Depth:
		w.defect(LimitDepth, "parts nest deeper than limit "+limit.NameDepth, true)
	default:
		first = firstDelimiter(p.Body, boundary)
		if first < 0 {
			w.defect(BoundaryMissing, "boundary "+clip(boundary, 70)+" never appears", false)
		}
	}
	if first < 0 {
		p.Multipart, p.Flat, p.Type = false, true, "text/plain"
		w.leaf(p)
		return
	}
	if !w.visit(p) {
		w.stopped = true
		return
	}
	w.split(p, boundary, first, at+len(p.Header))
}

func (w *walker) leaf(p *Part) {
	if !w.visit(p) {
		w.stopped = true
	}
}

// split walks the parts of a multipart whose first delimiter starts at first in its body.
func (w *walker) split(p *Part, boundary string, first, offset int) {
	fallback := "text/plain"
	if p.Type == "multipart/digest" {
		fallback = "message/rfc822"
	}
	body, at := p.Body, first
	for n := 0; !w.stopped; n++ {
		_, next, _ := delimiter(body[at:], boundary)
		start := at + next
		end, after, closed := findDelimiter(body, start, boundary)
		if w.lim.Parts > 0 && w.parts >= w.lim.Parts {
			w.defect(LimitParts, "more parts than limit "+limit.NameParts, true)
			rest := &Part{Parent: p, Depth: p.Depth + 1, Index: n, Type: "text/plain", Flat: true, Body: body[start:], start: offset + start}
			w.leaf(rest)
			return
		}
		if end < 0 {
			w.defect(BoundaryUnclosed, "last part is not closed", false)
			if len(bytes.TrimSpace(body[start:])) > 0 {
				w.entity(body[start:], offset+start, p, n, fallback)
			}
			return
		}
		w.entity(body[start:chomp(body, start, end)], offset+start, p, n, fallback)
		if closed {
			if more, _, _ := findDelimiter(body, after, boundary); more >= 0 {
				w.defect(PartsAfterClose, "delimiters behind the closing one", false)
			}
			return
		}
		at = end
	}
}

// chomp is the end of a part whose next delimiter starts at end: the line end before it belongs to the delimiter.
func chomp(body []byte, start, end int) int {
	if end > start && body[end-1] == '\n' {
		end--
		if end > start && body[end-1] == '\r' {
			end--
		}
	}
	return end
}

// firstDelimiter is the offset of the first delimiter line that opens a part; -1 where there is none.
func firstDelimiter(body []byte, boundary string) int {
	at := 0
	for {
		start, after, closed := findDelimiter(body, at, boundary)
		if start < 0 || !closed {
			return start
		}
		at = after
	}
}

// findDelimiter finds the next delimiter line at or behind at, which must be the start of a line. after is the start
// of the line behind it.
func findDelimiter(body []byte, at int, boundary string) (start, after int, closed bool) {
	for i := at; i < len(body); {
		// Base64 has no hyphen: a search for two of them passes over it at memory speed, one for line ends does not.
		n := bytes.Index(body[i:], []byte("--"))
		if n < 0 {
			break
		}
		i += n
		if i == at || body[i-1] == '\n' {
			if ok, n, closed := delimiter(body[i:], boundary); ok {
				return i, i + n, closed
			}
		}
		for i < len(body) && body[i] == '-' {
			i++
		}
	}
	return -1, len(body), false
}

// delimiter reports whether line, which goes on to the end of the body, starts with a delimiter line.
func delimiter(line []byte, boundary string) (ok bool, n int, closed bool) {
	if len(line) < len(boundary)+2 || line[0] != '-' || line[1] != '-' || string(line[2:2+len(boundary)]) != boundary {
		return false, 0, false
	}
	i := 2 + len(boundary)
	if i+1 < len(line) && line[i] == '-' && line[i+1] == '-' {
		closed = true
		i += 2
	}
	for i < len(line) {
		switch line[i] {
		case ' ', '\t', '\r':
			i++
			continue
		case '\n':
			return true, i + 1, closed
		}
		return false, 0, false
	}
	return true, i, closed
}

// read fills p from raw: header, then body. The fields are written to room, which is returned for the next part.
func (p *Part) read(raw []byte, lim limit.Limits, fallback string, room []span) []span {
	s := scanHeader(raw, lim, p.Parent == nil, room)
	p.fields = s.fields
	p.headerOdd = len(s.defects) > 0 || len(s.fields) > 0 && s.fields[0].name > 0
	p.readFields(&s)
	size := s.size
	p.Header, p.Body = raw[:size], raw[size:]
	p.Type = p.ContentType.Value
	if !strings.Contains(p.Type, "/") || strings.HasPrefix(p.Type, "/") || strings.HasSuffix(p.Type, "/") {
		p.Type = fallback
	}
	p.Multipart = strings.HasPrefix(p.Type, "multipart/")
	return s.fields
}

// readFields reads the content fields of a header.
func (p *Part) readFields(s *headerScan) {
	seen := [4]bool{}
	for _, f := range s.fields {
		if n := f.colon - f.name; n < 10 || s.raw[f.name]|0x20 != 'c' {
			continue
		}
		value := func() string { return unfold(string(s.raw[f.body:f.end])) }
		name := bytes.TrimRight(s.raw[f.name:f.colon], " \t")
		switch {
		case !seen[0] && fold(name, "content-type"):
			seen[0] = true
			p.ContentType = ParseMediaType(value())
		case !seen[1] && fold(name, "content-transfer-encoding"):
			seen[1] = true
			p.Encoding = cleanEncoding(value())
		case !seen[2] && fold(name, "content-disposition"):
			seen[2] = true
			p.Disposition = ParseMediaType(value())
		case !seen[3] && fold(name, "content-id"):
			seen[3] = true
			p.id = strings.Trim(value(), " \t<>")
		}
	}
}

func fold(name []byte, want string) bool {
	return len(name) == len(want) && strings.EqualFold(string(name), want)
}

// cleanEncoding reads a Content-Transfer-Encoding: comments, quotes and what stands behind a semicolon are dropped.
func cleanEncoding(s string) string {
	switch s {
	case "7bit", "8bit", "base64", "quoted-printable":
		return s
	}
	if i := strings.IndexAny(s, ";("); i >= 0 {
		s = s[:i]
	}
	return strings.ToLower(strings.Trim(s, " \t\"'<>,:"))
}

// clip cuts s for a Detail at a rune border.
func clip(s string, n int) string {
	if len(s) <= n {
		return strings.ToValidUTF8(s, "\ufffd")
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
