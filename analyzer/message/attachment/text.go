package attachment

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"html"
	"io"
	"path"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/message/charset"
	"github.com/mailaudit/mailaudit/analyzer/message/htmltext"
)

// Bounds of the text of a file: what a reader sees on its first pages says what it wants.
const (
	longestText  = 64 << 10
	textTokens   = 1 << 18
	partInflated = 2 << 20 // of the parts of a document, all together
	zipEntries   = 10_000  // members of an archive whose directory is read
	zipNames     = 200
)

// Text is what a file shows when it is opened: of pages and drawings what is seen, of calendar entries what they say, of
// Office documents (ECMA-376) the words, of PDF the text of the pages, of archives the names of their files and what those
// show. At most 64 KiB; "" for other files. A nil inspect is InProcess.
func Text(ctx context.Context, f File, lim limit.Limits, inspect Inspector) string {
	if len(f.Data) == 0 {
		return ""
	}
	text := ""
	switch kind := Kind(f.Type); kind {
	case "html", "svg":
		src := charset.Decode(clip(f.Data, lim.Text), "").Text
		page := htmltext.Read(src, htmltext.Limits{Tokens: textTokens, Links: 1})
		text = page.Text
		if kind == "html" {
			text = page.Title + "\n" + text
		}
	case "ics":
		text = calendar(charset.Decode(clip(f.Data, lim.Text), "").Text)
	case "office":
		text = words(f.Data)
	case "zip":
		text = strings.Join(Members(f), "\n") + "\n" + archived(ctx, f, lim, inspect)
	case PDF:
		text = readPDF(ctx, f.Data, lim, inspect).text // what can't be read is told by Links
	}
	return shownText(text)
}

// shownText bounds a text.
func shownText(text string) string {
	if len(text) > longestText {
		text = strings.ToValidUTF8(text[:longestText], "")
	}
	return strings.TrimSpace(text)
}

// unfoldCalendar undoes the folding of lines and the escapes of texts (RFC 5545 §3.1, §3.3.11).
func unfoldCalendar(s string) string {
	return strings.NewReplacer("\r\n ", "", "\r\n\t", "", "\n ", "", "\n\t", "").Replace(s)
}

// calendar is what an entry says: RFC 5545 §3.8.1.
func calendar(s string) string {
	var b strings.Builder
	for line := range strings.Lines(unfoldCalendar(s)) {
		name, value, ok := strings.Cut(line, ":")
		if !ok || b.Len() > longestText {
			continue
		}
		name, params, _ := strings.Cut(name, ";")
		switch strings.ToUpper(name) {
		case "SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "X-ALT-DESC":
			value = strings.NewReplacer(`\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";", `\\`, `\`).Replace(value)
			b.WriteString(strings.TrimSpace(value) + "\n")
		case "ORGANIZER":
			if _, cn, ok := strings.Cut(params, "CN="); ok {
				cn, _, _ = strings.Cut(cn, ";")
				b.WriteString(strings.Trim(cn, "\"") + "\n")
			}
		}
	}
	return b.String()
}

// open reads the directory of an archive, nil where it has none or one that is too long to be a document's.
func open(data []byte) *zip.Reader {
	end := bytes.LastIndex(data, []byte("PK\x05\x06"))
	if end < 0 || len(data)-end < 22 || int(binary.LittleEndian.Uint16(data[end+10:])) > zipEntries {
		return nil
	}
	if bytes.Count(data, []byte("PK\x01\x02")) > zipEntries { // what the end says of their number is not believed
		return nil
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil
	}
	return z
}

// Members are the names of the files in an archive, without their folders; nil for other files.
func Members(f File) []string {
	if Kind(f.Type) != "zip" {
		return nil
	}
	z := open(f.Data)
	if z == nil {
		return nil
	}
	var out []string
	for i, m := range z.File {
		if i >= zipNames {
			break
		}
		name := path.Base(strings.ReplaceAll(m.Name, `\`, "/"))
		out = append(out, strings.ToValidUTF8(name[:min(len(name), 255)], ""))
	}
	return out
}

// maxArchived is how many files of an archive are looked into.
const maxArchived = 20

// files are those of an archive's first files that can be looked into. An archive in the archive is none, nor is a picture.
func files(data []byte) []File {
	var names []string
	list := parts(data, func(name string) bool {
		if len(names) >= maxArchived || strings.HasSuffix(name, "/") {
			return false
		}
		names = append(names, name)
		return true
	})
	var out []File
	for i, b := range list {
		f := File{Name: path.Base(names[i]), Data: b}
		f.Type = Sniff(b, f.Name, "")
		if k := Kind(f.Type); k != "" && k != "zip" && k != QR {
			out = append(out, f)
		}
	}
	return out
}

// archived is what the files in an archive show.
func archived(ctx context.Context, f File, lim limit.Limits, inspect Inspector) string {
	var b strings.Builder
	for _, m := range files(f.Data) {
		if b.Len() > longestText {
			break
		}
		b.WriteString(Text(ctx, m, lim, inspect) + "\n")
	}
	return b.String()
}

// archivedLinks are the links in the files of an archive.
func archivedLinks(ctx context.Context, f File, lim limit.Limits, inspect Inspector) (found []Found, defects []Defect) {
	for _, m := range files(f.Data) {
		l, d := Links(ctx, m, lim, inspect)
		found, defects = append(found, l...), append(defects, d...)
		if len(found) >= lim.Links {
			break
		}
	}
	return once(found), defects
}

// parts gives the parts of an archive that match, inflated, until their bound is reached; empty for one that can't be read.
func parts(data []byte, match func(name string) bool) [][]byte {
	z := open(data)
	if z == nil {
		return nil
	}
	var out [][]byte
	left := int64(partInflated)
	for _, f := range z.File {
		if left <= 0 || !match(f.Name) {
			continue
		}
		var b []byte
		if r, err := f.Open(); err == nil {
			b, _ = io.ReadAll(io.LimitReader(r, left)) // a damaged part is read as far as it goes
			r.Close()
		}
		left -= int64(len(b))
		out = append(out, b)
	}
	return out
}

// words is the text of an Office document.
func words(data []byte) string {
	var b strings.Builder
	for _, part := range parts(data, func(name string) bool {
		return strings.HasPrefix(name, "word/") && !strings.Contains(name, "_rels/") && !strings.HasPrefix(name, "word/theme") && !strings.Contains(name, "tyles") && !strings.Contains(name, "font") && strings.HasSuffix(name, ".xml") ||
			name == "xl/sharedStrings.xml" || strings.HasPrefix(name, "ppt/slides/slide") && strings.HasSuffix(name, ".xml")
	}) {
		if b.Len() > longestText {
			break
		}
		runs(&b, string(part))
		b.WriteByte('\n')
	}
	return b.String()
}

// runs writes the text of <w:t>, <a:t> and <t> elements; paragraphs end lines.
func runs(b *strings.Builder, s string) {
	in := false
	for b.Len() <= longestText {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			return
		}
		if in {
			b.WriteString(html.UnescapeString(s[:i]))
		}
		s = s[i+1:]
		end := strings.IndexByte(s, '>')
		if end < 0 {
			return
		}
		name := s[:end]
		if sp := strings.IndexAny(name, " \t\r\n"); sp > 0 {
			name = name[:sp]
		}
		s = s[end+1:]
		closing := strings.HasPrefix(name, "/")
		name = strings.Trim(name, "/")
		if c := strings.IndexByte(name, ':'); c >= 0 {
			name = name[c+1:]
		}
		switch name {
		case "t":
			in = !closing
		case "p", "si", "tr":
			in = false
			if closing {
				b.WriteByte('\n')
			}
		case "br":
			b.WriteByte('\n')
		case "tab", "tc":
			b.WriteByte(' ')
		}
	}
}

// relations are the links of an Office document to the outside (ECMA-376 part 2 §9.3).
func relations(data []byte, lim limit.Limits) []Found {
	var found []Found
	for _, part := range parts(data, func(name string) bool { return strings.HasSuffix(name, ".rels") }) {
		for s := string(part); len(found) < lim.Links; {
			i := strings.Index(s, "<Relationship ")
			if i < 0 {
				break
			}
			s = s[i+len("<Relationship "):]
			tag, rest, ok := strings.Cut(s, ">")
			if !ok {
				break
			}
			s = rest
			if !strings.Contains(tag, `"External"`) && !strings.Contains(tag, "'External'") {
				continue
			}
			if _, v, ok := strings.Cut(tag, "Target="); ok && len(v) > 1 {
				if end := strings.IndexByte(v[1:], v[0]); end >= 0 {
					found = append(found, Found{Target: htmltext.CleanURL(html.UnescapeString(v[1 : 1+end])), From: "office"})
				}
			}
		}
	}
	for _, l := range htmltext.PlainLinks(words(data), lim.Links) {
		found = append(found, Found{Target: l.Target, From: "office"})
	}
	return once(found)
}
