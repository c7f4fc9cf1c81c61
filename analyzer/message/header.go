package message

import (
	"bytes"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/limit"
)

// Defects of a header block.
const (
	HeaderJunk     = "header_junk"      // lines that are no field before the first one
	HeaderFromLine = "header_from_line" // an mbox separator, quoted or not, inside the block
	HeaderFold     = "header_fold"      // a continuation line without its white space
	HeaderNoEnd    = "header_no_end"    // the body begins without an empty line
	HeaderNUL      = "header_nul"       // NUL bytes
	HeaderBareCR   = "header_bare_cr"   // carriage returns that end no line
	HeaderLimit    = "limit_header"
	HeaderFields   = "limit_header_fields"
)

// ParseHeader reads the header block that raw starts with. It is cheap enough for every message.
//
// Fields keep their order and their bytes. What mail programs pass over is passed over: lines before the first field
// that are none (junk of broken gateways and exports), mbox separators left in the block, continuation lines that lost
// their white space. A line that can be no part of a header ends the block as an empty line would. Line ends are LF or
// CRLF, mixed as they come; a lone CR ends lines only in a message whose first line ends in one.
func ParseHeader(raw []byte, lim limit.Limits) Header {
	s := scanHeader(lineEnds(raw, lim.Header), lim, true, make([]span, 0, 24))
	h := Header{Size: s.size, Defects: s.defects}
	if len(s.fields) == 0 {
		return h
	}
	block := string(s.raw[:s.size])
	h.Fields = make([]Field, len(s.fields))
	for i, f := range s.fields {
		h.Fields[i] = Field{Name: block[f.name:f.colon], Raw: block[f.body:f.end]}
	}
	return h
}

// lineEnds gives raw with line feeds where its first line ends in a lone CR, as files from old Macintosh programs do.
// The replacement is byte for byte, so that offsets hold; only the first n bytes are looked at (all when n is 0).
func lineEnds(raw []byte, n int) []byte {
	first := raw
	if lf := bytes.IndexByte(raw, '\n'); lf >= 0 {
		first = bytes.TrimRight(raw[:lf], "\r") // "\r\r\n" is one line end that was converted twice
	}
	if bytes.IndexByte(first, '\r') < 0 {
		return raw
	}
	if n > 0 && len(raw) > n {
		raw = raw[:n]
	}
	out := bytes.Clone(raw)
	for j, c := range out {
		if c == '\r' && (j+1 == len(out) || out[j+1] != '\n') {
			out[j] = '\n'
		}
	}
	return out
}

// span is a field as offsets: the name is [name,colon), the body [body,end) without its final line end.
type span struct{ name, colon, body, end int }

type headerScan struct {
	raw     []byte
	fields  []span
	size    int
	defects []Defect
	seen    map[string]bool
}

func (s *headerScan) defect(kind, detail string, lost bool) {
	if s.seen[kind] {
		return
	}
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	s.seen[kind] = true
	s.defects = append(s.defects, Defect{Kind: kind, Detail: detail, Lost: lost})
}

// scanHeader finds the fields of the block that raw starts with. Empty lines before a message are an accident; before
// the body of a part (top is false) one means that the part has no header. The fields are written to room.
func scanHeader(raw []byte, lim limit.Limits, top bool, room []span) headerScan {
	s := headerScan{raw: raw, fields: room[:0]}
	limited := false
	if lim.Header > 0 && len(raw) > lim.Header {
		raw, limited = raw[:lim.Header], true
	}
	at := 0
	if bytes.HasPrefix(raw, []byte{0xef, 0xbb, 0xbf}) {
		at = 3
	}
	open := false // the last field may still be continued
	for at < len(raw) {
		next, end := lineAt(raw, at)
		line := raw[at:end]
		if len(line) == 0 {
			if len(s.fields) > 0 || !top || !leadingBlank(raw[at:]) {
				s.size = next
				s.bytesOdd()
				return s
			}
			s.defect(HeaderJunk, "empty line before the header", false)
			at = next
			continue
		}
		switch colon := fieldName(line); {
		case line[0] == ' ' || line[0] == '\t':
			if open {
				s.fields[len(s.fields)-1].end = end
			} else if len(s.fields) == 0 {
				// " From: …": the first line lost its place; mail programs read it as a field.
				trim := len(line) - len(bytes.TrimLeft(line, " \t"))
				s.defect(HeaderJunk, "header starts with white space", false)
				if c := fieldName(line[trim:]); c > 0 {
					s.fields = append(s.fields, span{at + trim, at + trim + c, at + trim + after(line[trim:], c), end})
					open = true
				}
			}
		case colon > 0:
			if lim.HeaderFields > 0 && len(s.fields) >= lim.HeaderFields {
				s.defect(HeaderFields, "more header fields than "+limit.NameHeader+" allows", true)
				open = false
				break
			}
			s.fields = append(s.fields, span{at, at + colon, at + after(line, colon), end})
			open = true
		case separator(line):
			s.defect(HeaderFromLine, "mbox separator inside the header", false)
			open = false
		case len(s.fields) == 0:
			if at > 4096 || !fieldAhead(raw[next:], 16) {
				// Nothing here is a header: the message is all body.
				s.size = 0
				s.defect(HeaderJunk, "no header", false)
				return s
			}
			s.defect(HeaderJunk, "lines before the header that are no field", false)
		case !bytes.HasPrefix(line, []byte("--")) && knownAhead(raw[next:]):
			s.defect(HeaderFold, "continuation line without white space", false)
			if open {
				s.fields[len(s.fields)-1].end = end
			}
		default:
			s.defect(HeaderNoEnd, "body begins without an empty line", false)
			s.size = at
			s.bytesOdd()
			return s
		}
		at = next
	}
	s.size = at
	if limited {
		s.defect(HeaderLimit, "header block is larger than limit "+limit.NameHeader, true)
	}
	s.bytesOdd()
	return s
}

// bytesOdd notes bytes that have no place in a header.
func (s *headerScan) bytesOdd() {
	block := s.raw[:s.size]
	if bytes.IndexByte(block, 0) >= 0 {
		s.defect(HeaderNUL, "NUL in the header", false)
	}
	if n := bytes.Count(block, []byte{'\r'}); n > 0 && n != bytes.Count(block, []byte("\r\n")) {
		s.defect(HeaderBareCR, "carriage return that ends no line", false)
	}
}

// lineAt gives the start of the next line and the end of this one, both from the start of raw.
func lineAt(raw []byte, at int) (next, end int) {
	i := bytes.IndexByte(raw[at:], '\n')
	if i < 0 {
		end = len(raw)
		next = end
	} else {
		end, next = at+i, at+i+1
	}
	for end > at && raw[end-1] == '\r' {
		end--
	}
	return next, end
}

// fieldName is the index of the colon of a field line (RFC 5322 §2.2), 0 where the line is no field. White space
// before the colon is obsolete syntax (§4.5) that some programs still write.
func fieldName(line []byte) int {
	i := 0
	for i < len(line) && line[i] > ' ' && line[i] < 0x7f && line[i] != ':' {
		i++
	}
	if i == 0 {
		return 0
	}
	for j := i; j < len(line); j++ {
		switch line[j] {
		case ':':
			return j
		case ' ', '\t':
		default:
			return 0
		}
	}
	return 0
}

// after is where the field's body starts behind the colon at c.
func after(line []byte, c int) int {
	c++
	if c < len(line) && line[c] == ' ' {
		c++
	}
	return c
}

// separator reports whether the line is an mbox From_ line, quoted to any depth.
func separator(line []byte) bool {
	line = bytes.TrimLeft(line, ">")
	return bytes.HasPrefix(line, []byte("From "))
}

// leadingBlank reports whether the empty lines that raw starts with are followed by a field.
func leadingBlank(raw []byte) bool {
	i := 0
	for i < len(raw) && (raw[i] == '\n' || raw[i] == '\r') {
		i++
	}
	if i > 64 || i == len(raw) {
		return false
	}
	_, end := lineAt(raw, i)
	line := raw[i:end]
	c := fieldName(line)
	return c > 0 && known(line[:c]) || separator(line)
}

// fieldAhead reports whether a well-known field starts one of the next n lines, before an empty line.
func fieldAhead(raw []byte, n int) bool {
	for at := 0; n > 0 && at < len(raw); n-- {
		next, end := lineAt(raw, at)
		if end == at {
			return false
		}
		line := raw[at:end]
		if bytes.HasPrefix(line, []byte("--")) {
			return false // a delimiter: what follows is a part's header
		}
		if c := fieldName(line); c > 0 && known(line[:c]) {
			return true
		}
		at = next
	}
	return false
}

// knownAhead reports whether the header goes on behind a line that is no field: one of the next two lines is a
// well-known field. Text that merely has a colon early ("Note: …", "http://…") does not count.
func knownAhead(raw []byte) bool { return fieldAhead(raw, 2) }

// known reports whether a name is one that headers of mail have. It decides only where a block is damaged.
func known(name []byte) bool {
	name = bytes.TrimRight(name, " \t")
	if len(name) > 64 {
		return false
	}
	n := strings.ToLower(string(name))
	switch n {
	case "from", "to", "cc", "bcc", "subject", "date", "sender", "reply-to", "message-id", "in-reply-to", "references",
		"mime-version", "received", "return-path", "delivered-to", "dkim-signature", "authentication-results", "status",
		"x-status", "precedence", "priority", "importance", "organization", "user-agent", "feedback-id", "auto-submitted",
		"domainkey-signature", "errors-to", "envelope-to", "received-spf", "lines", "content-length":
		return true
	}
	return strings.HasPrefix(n, "content-") || strings.HasPrefix(n, "x-") || strings.HasPrefix(n, "list-") ||
		strings.HasPrefix(n, "arc-") || strings.HasPrefix(n, "resent-")
}

// Index is the index of the first field with the name, in any case; -1 where there is none.
func (h *Header) Index(name string) int { return h.next(name, 0) }

func (h *Header) next(name string, from int) int {
	for i := from; i < len(h.Fields); i++ {
		if sameName(h.Fields[i].Name, name) {
			return i
		}
	}
	return -1
}

// Len is the number of fields.
func (h *Header) Len() int { return len(h.Fields) }

// Name is the name of a field as written.
func (h *Header) Name(i int) string { return h.Fields[i].Name }

// Value is the body of a field, unfolded and trimmed, not decoded.
func (h *Header) Value(i int) string { return h.Fields[i].Value() }

// Get is the body of the first field with the name: unfolded and trimmed, not decoded; "" where there is none.
func (h *Header) Get(name string) string {
	if i := h.Index(name); i >= 0 {
		return h.Fields[i].Value()
	}
	return ""
}

// All are the bodies of all fields with the name, in order, as Get gives them.
func (h *Header) All(name string) []string {
	var all []string
	for i := h.next(name, 0); i >= 0; i = h.next(name, i+1) {
		all = append(all, h.Fields[i].Value())
	}
	return all
}

// Value is the field's body unfolded (RFC 5322 §2.2.3: the line ends are removed, the white space stays) and trimmed.
func (f Field) Value() string { return unfold(f.Raw) }

// Is reports whether the field has the name, in any case.
func (f Field) Is(name string) bool {
	return sameName(f.Name, name)
}

// sameName reports whether a field's name as written, with the white space that may stand behind it, is name in any case.
func sameName(written, name string) bool {
	n := len(written)
	for n > len(name) && (written[n-1] == ' ' || written[n-1] == '\t') {
		n--
	}
	return n == len(name) && strings.EqualFold(written[:n], name)
}

func unfold(raw string) string {
	if strings.IndexByte(raw, '\n') < 0 && strings.IndexByte(raw, '\r') < 0 && strings.IndexByte(raw, 0) < 0 {
		return strings.Trim(raw, " \t")
	}
	return strings.Trim(string(AppendUnfolded(make([]byte, 0, len(raw)), raw)), " \t")
}

// AppendUnfolded appends a field's body without its line ends (RFC 5322 §2.2.3) and without NUL.
func AppendUnfolded[T string | []byte](dst []byte, raw T) []byte {
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; c {
		case 0:
		case '\n':
			// A continuation without white space still separates words.
			if i+1 < len(raw) && raw[i+1] != ' ' && raw[i+1] != '\t' {
				dst = append(dst, ' ')
			}
		case '\r':
			if i+1 < len(raw) && raw[i+1] != '\n' && raw[i+1] != '\r' {
				dst = append(dst, ' ')
			}
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
