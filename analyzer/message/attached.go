package message

import (
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/message/attachment"
	"github.com/mailaudit/mailaudit/analyzer/message/transfer"
)

// inner parses an enclosed message.
func (p *parse) inner(part *Part) {
	raw, defects := part.Decode(int(min(p.lim.Message, p.budget.work)))
	for _, d := range defects {
		p.defect(d.Kind, d.Detail, d.Lost)
	}
	p.m.Attachments = append(p.m.Attachments, Attachment{
		Name: part.fileName(), Declared: part.Type, Type: part.Type, Size: int64(len(raw)),
		Inline: !part.Attached(), ContentID: part.ContentID(),
	})
	p.innerMessage(raw)
}

func (p *parse) innerMessage(raw []byte) {
	if p.depth+1 >= p.lim.Depth {
		p.defect(LimitDepth, "messages nest deeper than limit "+limit.NameDepth, true)
		return
	}
	if p.budget.parts >= p.lim.Parts {
		p.defect(LimitParts, "more parts than limit "+limit.NameParts, true)
		return
	}
	if !p.spend(int64(len(raw))) {
		return
	}
	in := parseMessage(raw, p.lim, false, p.budget, p.depth+1)
	p.m.Inner = append(p.m.Inner, in)
	for _, d := range in.Defects {
		if d.Lost {
			p.defect(d.Kind, d.Detail, true)
		}
	}
}

// sniffed is how much of a file is decoded to see what it is.
const sniffed = 40 << 10

func (p *parse) attachment(part *Part) {
	a := Attachment{
		Name: part.fileName(), Declared: part.Type, ContentID: part.ContentID(),
		Inline: !part.Attached() && (part.Disposition.Value == "inline" || part.ContentID() != ""),
	}
	head, _ := part.Decode(sniffed)
	a.Type = attachment.Sniff(head, a.Name, part.Type)
	switch {
	case attachment.Holds(a.Type):
		data, defects := part.Decode(int(min(int64(p.lim.Attachment), p.budget.work)))
		p.spend(int64(len(data)))
		for _, d := range defects {
			if d.Kind == LimitText {
				d.Kind, d.Detail = LimitHeld, "attachment is larger than limit "+limit.NameAttachment
				a.Truncated = true
			}
			a.Truncated = a.Truncated || d.Kind == Base64Truncated || d.Kind == UUTruncated
			p.defect(d.Kind, d.Detail, d.Lost)
		}
		a.Data, a.Size = data, int64(len(data))
		if a.Truncated {
			a.Size = max(a.Size, part.size())
		}
	default:
		a.Size = part.size()
		if part.codec() == codecBase64 && transfer.Cut(part.Body) {
			a.Truncated = true
			p.defect(Base64Truncated, "base64 ends inside a group", false)
		}
	}
	p.m.Attachments = append(p.m.Attachments, a)
	if a.Type == "message/rfc822" {
		p.innerMessage(a.Data)
	}
}

// size is the number of bytes the body decodes to, without decoding it.
func (p *Part) size() int64 {
	switch p.codec() {
	case codecBase64:
		return transfer.Base64Size(p.Body)
	case codecNone, codecUnknown:
		return int64(len(p.Body))
	}
	out, _ := p.Decode(len(p.Body))
	return int64(len(out))
}

// fileName is the name that Parse settled on.
func (p *Part) fileName() string {
	if p.name == "" {
		p.name = p.FileName()
	}
	return p.name
}

// uuencoded finds a file that stands in the text itself, as mail had them before MIME.
func (p *parse) uuencoded(text string) {
	i := strings.Index(text, "begin ")
	if i < 0 || i > 0 && text[i-1] != '\n' || !strings.Contains(text[i:], "\nend") {
		return
	}
	line, _, _ := strings.Cut(text[i:], "\n")
	f := strings.Fields(line)
	if len(f) < 3 || len(f[1]) < 3 || len(f[1]) > 4 || strings.Trim(f[1], "01234567") != "" {
		return
	}
	if !p.spend(int64(len(text) - i)) {
		return
	}
	data, _ := transfer.UUEncoded(nil, []byte(text[i:]), p.lim.Attachment)
	a := Attachment{Name: DecodeHeader(strings.Join(f[2:], " ")), Size: int64(len(data))}
	a.Type = attachment.Sniff(data, a.Name, "application/octet-stream")
	a.Declared = "application/octet-stream"
	if attachment.Holds(a.Type) {
		a.Data = data
	}
	p.m.Attachments = append(p.m.Attachments, a)
}

// File is the attachment for package attachment to look into.
func (a *Attachment) File() attachment.File {
	return attachment.File{Name: a.Name, Type: a.Type, Data: a.Data}
}
