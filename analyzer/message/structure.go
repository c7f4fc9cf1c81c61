package message

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jhillyerd/enmime/v2"

	"github.com/mailaudit/mailaudit/analyzer/limit"
)

// Defects of the comparison with enmime.
const (
	StructureDoubt  = "structure_doubt"  // enmime reads the structure otherwise
	StructureBypass = "structure_bypass" // enmime was not asked
)

// marker stands for the body of a leaf in what enmime is given.
const marker = "mailaudit-leaf-"

// maxElided bounds what enmime is given: it reads byte by byte. Bodies are elided, so that only headers and text
// between the parts count.
const maxElided = 4 << 20

// maxParameters bounds the parameters of one header that enmime is given, as the sum of their squares over all headers: its
// reading of continued parameters (RFC 2231 §3) is quadratic, 24,000 in one field take 24 s. Mail has a few a part.
const maxParameters = 1 << 22

// maxNested bounds how deep multiparts lie in one another in what enmime is given: each level that is not closed doubles its
// work at the end of the message. Mail has four or five levels.
const maxNested = 10

// parametersIn is what enmime's work on the parameters of a message grows with.
func parametersIn(h *Header, parts []*Part) (squares int) {
	for i, p := range parts {
		if i > 0 {
			n := bytes.Count(p.Header, []byte{';'})
			squares += n * n
		}
	}
	for i := range h.Fields {
		n := strings.Count(h.Fields[i].Raw, ";")
		squares += n * n
	}
	return squares
}

// structure is the second opinion on a message's parts: enmime's, keyed by the leaf's number.
type structure struct {
	leaves map[int]leafOpinion
	order  []int
}

// leafOpinion is what enmime makes of a leaf.
type leafOpinion struct{ contentType, fileName string }

// elide copies raw with the bodies of the leaves replaced by markers, and with an empty line where a header ends without
// one: enmime would read the first lines of the body as fields. Parts are in the order of raw. Of the message's own header
// it copies the fields that MIME knows: of the others enmime makes nothing but time. An odd header is copied whole.
func elide(raw []byte, h *Header, parts []*Part) []byte {
	size := len(raw)
	for _, l := range parts {
		size += len(marker) + 12
		if !l.Multipart {
			size -= len(l.Body)
		}
	}
	if size > maxElided {
		return nil
	}
	out := make([]byte, 0, size)
	at, leaf := 0, 0
	if len(h.Defects) == 0 && len(h.Fields) > 0 && len(parts) > 0 && h.Size == len(parts[0].Header) {
		out, at = appendMIME(out, h), h.Size
	}
	for _, l := range parts {
		body := l.start + len(l.Header)
		out = append(out, raw[at:body]...)
		at = body
		if len(l.Header) > 2 && !bytes.HasSuffix(l.Header, []byte("\n\n")) && !bytes.HasSuffix(l.Header, []byte("\n\r\n")) {
			out = append(out, "\r\n"...)
			if l.Header[len(l.Header)-1] != '\n' {
				out = append(out, "\r\n"...)
			}
		}
		if l.Multipart {
			continue
		}
		out = append(out, marker...)
		out = strconv.AppendInt(out, int64(leaf), 10)
		leaf++
		at = body + len(l.Body)
	}
	return append(out, raw[at:]...)
}

// appendMIME appends a header with the fields that describe a message's content (RFC 2045 §3) and no others.
func appendMIME(out []byte, h *Header) []byte {
	for i := range h.Fields {
		f := &h.Fields[i]
		if len(f.Name) > len("content-") && strings.EqualFold(f.Name[:len("content-")], "content-") {
			out = append(append(append(append(out, f.Name...), ": "...), f.Raw...), "\r\n"...)
		}
	}
	return append(out, "\r\n"...)
}

// askEnmime gives enmime the message without its bodies. Conversion and detection of character sets are off: they cost
// more than all the rest and are done better here. It fails rather than panics.
func askEnmime(elided []byte) (s *structure, err error) {
	defer func() {
		if p := recover(); p != nil {
			s, err = nil, fmt.Errorf("message: enmime gave up: %v", p)
		}
	}()
	parser := enmime.NewParser(enmime.DisableTextConversion(true), enmime.DisableCharacterDetection(true), enmime.RawContent(true),
		enmime.SkipMalformedParts(true), enmime.MultipartWOBoundaryAsSinglePart(true), enmime.MaxStoredPartErrors(1))
	root, err := parser.ReadParts(bytes.NewReader(elided))
	if err != nil {
		return nil, fmt.Errorf("message: enmime: %w", err)
	}
	s = &structure{leaves: map[int]leafOpinion{}}
	s.collect(root)
	return s, nil
}

// collect finds the leaves by their markers.
func (s *structure) collect(p *enmime.Part) {
	for ; p != nil; p = p.NextSibling {
		if i := bytes.Index(p.Content, []byte(marker)); i >= 0 && p.FirstChild == nil {
			digits := p.Content[i+len(marker):]
			n := 0
			for n < len(digits) && digits[n] >= '0' && digits[n] <= '9' {
				n++
			}
			if id, err := strconv.Atoi(string(digits[:n])); err == nil {
				if _, again := s.leaves[id]; !again {
					s.leaves[id] = leafOpinion{p.ContentType, p.FileName}
					s.order = append(s.order, id)
				}
			}
		}
		if p.FirstChild != nil {
			s.collect(p.FirstChild)
		}
	}
}

// agree compares enmime's reading with the walker's and lets enmime's headers stand where the walker found none: a
// type, a file name. Where they contradict each other, the walker's reading stands, since it follows what mail
// programs show, and the defect tells. The differential test keeps such messages few.
func (p *parse) agree(raw []byte, parts, leaves []*Part) {
	if p.limited {
		p.defect(StructureBypass, "a limit was reached; parts are as the walker found them", false)
		return
	}
	if parametersIn(&p.m.Header, parts) > maxParameters {
		p.defect(StructureBypass, "more parameters than a second reader can take", false)
		return
	}
	if slices.ContainsFunc(parts, func(part *Part) bool { return part.Multipart && part.Depth > maxNested }) {
		p.defect(StructureBypass, "parts nest deeper than a second reader can take", false)
		return
	}
	elided := elide(raw, &p.m.Header, parts)
	if elided == nil {
		p.defect(StructureBypass, "headers and text between the parts are larger than "+strconv.Itoa(maxElided)+" bytes", false)
		return
	}
	s, err := askEnmime(elided)
	if err != nil {
		p.defect(StructureBypass, clip(err.Error(), 200), false)
		return
	}
	for i, l := range leaves {
		e, seen := s.leaves[i]
		if l.Flat {
			continue // enmime loses it: a defect of its own says why it is flat
		}
		if !seen {
			p.defect(StructureDoubt, fmt.Sprintf("part %d, %s, is no part to another reader", i+1, clip(l.Type, 60)), false)
			continue
		}
		if e.contentType != "" && e.contentType != l.Type && !(l.ContentType.Value == "" && l.Type == "message/rfc822") {
			p.defect(StructureDoubt, fmt.Sprintf("part %d is %s, to another reader %s", i+1, clip(l.Type, 60), clip(e.contentType, 60)), false)
		}
		if l.name == "" && e.fileName != "" {
			l.name = cleanLine(e.fileName)
		}
	}
	for i, id := range s.order {
		if i > 0 && id < s.order[i-1] {
			p.defect(StructureDoubt, "another reader has the parts in another order", false)
			break
		}
	}
}

// withinWalk are the limits for the walk of an inner message.
func withinWalk(lim limit.Limits, parts, depth int) limit.Limits {
	lim.Parts = max(1, lim.Parts-parts)
	lim.Depth = max(0, lim.Depth-depth)
	return lim
}
