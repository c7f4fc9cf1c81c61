package message

import (
	"bytes"
	"strings"
)

// textJoiner puts the texts of several parts one below the other.
type textJoiner struct{ b strings.Builder }

func (t *textJoiner) add(s string) {
	s = strings.Trim(s, "\n")
	if strings.TrimSpace(s) == "" {
		return
	}
	if t.b.Len() > 0 {
		t.b.WriteByte('\n')
	}
	t.b.WriteString(s)
}

func (t *textJoiner) String() string { return t.b.String() }

// Layout gives the text of a text part other than HTML as it is set out for the reader: format=flowed lines joined, the
// commands of text/enriched taken out. Most text has neither and is returned as it is.
func (p *Part) Layout(text string) string {
	if p.Type == "text/enriched" || p.Type == "text/richtext" {
		text = enriched(text)
	}
	if strings.EqualFold(p.ContentType.Param("format"), "flowed") {
		text = unflow(strings.ReplaceAll(text, "\r\n", "\n"), strings.EqualFold(p.ContentType.Param("delsp"), "yes"))
	}
	return text
}

// Laid reports whether Layout changes anything.
func (p *Part) Laid() bool {
	return p.Type == "text/enriched" || p.Type == "text/richtext" || strings.EqualFold(p.ContentType.Param("format"), "flowed")
}

// unflow joins the lines of format=flowed text (RFC 3676): a line that ends in a space goes on in the next one; with
// delsp the space itself is dropped, as Japanese and Chinese text needs it.
func unflow(s string, delsp bool) string {
	var b strings.Builder
	b.Grow(len(s))
	for len(s) > 0 {
		line, rest, more := strings.Cut(s, "\n")
		s = rest
		flowed := more && strings.HasSuffix(line, " ") && line != "-- " && !strings.HasPrefix(line, ">")
		line = strings.TrimPrefix(line, " ") // space-stuffed
		if flowed {
			if delsp {
				line = line[:max(0, len(line)-1)]
			}
			b.WriteString(line)
			continue
		}
		b.WriteString(line)
		if more {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// enriched takes the commands out of text/enriched and text/richtext (RFC 1896).
func enriched(s string) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		s = s[i:]
		if strings.HasPrefix(s, "<<") {
			b.WriteByte('<')
			s = s[2:]
			continue
		}
		j := strings.IndexByte(s[:min(len(s), 62)], '>')
		if j < 0 {
			b.WriteByte('<')
			s = s[1:]
			continue
		}
		s = s[j+1:]
	}
}

// MetaCharset is the character set that an HTML part names itself, for parts without a label. Browsers look at the
// first 1,024 bytes.
func MetaCharset(b []byte) string {
	b = bytes.ToLower(b[:min(len(b), 1024)])
	i := bytes.Index(b, []byte("charset="))
	if i < 0 || !bytes.Contains(b[:i], []byte("<meta")) {
		return ""
	}
	b = bytes.TrimLeft(b[i+len("charset="):], " \"'")
	if end := bytes.IndexAny(b, " \"'>;/"); end >= 0 {
		b = b[:end]
	}
	return string(b)
}
