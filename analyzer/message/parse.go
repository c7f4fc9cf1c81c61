package message

import (
	"bytes"
	"slices"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/message/charset"
	"github.com/mailaudit/mailaudit/analyzer/message/htmltext"
)

// Options of Parse.
type Options struct {
	Limits limit.Limits // the zero value stands for limit.Default()
	// Mbox undoes the quoting of From_ lines: the bytes come from an mbox.
	Mbox bool
	// Truncated tells that raw is only the beginning of a message larger than limit.Message.
	Truncated bool
	// Memory makes mail of one template faster to read; it changes nothing. nil for none.
	Memory *Memory
}

// Defects of content.
const (
	CharsetUnknown = "charset_unknown"
	CharsetWrong   = "charset_wrong"
	CharsetErrors  = "charset_errors"
	LimitWork      = "limit_work"
	LimitLinks     = "limit_links"
	LimitMessage   = "limit_message"
	LimitInner     = "limit_inner"
	LimitHeld      = "limit_attachment"
)

// Parse reads a message in full. It never fails: what could not be read is in Defects. raw is not changed and not kept,
// but for the data of attachments that need no decoding.
func Parse(raw []byte, opt Options) *Message {
	if opt.Limits == (limit.Limits{}) {
		opt.Limits = limit.Default()
	}
	if opt.Mbox {
		raw = unquote(raw)
	}
	if opt.Memory == nil {
		opt.Memory = new(Memory)
	}
	b := &budget{work: opt.Limits.Work, memory: opt.Memory}
	return parseMessage(raw, opt.Limits, opt.Truncated, b, 0)
}

// budget is shared by a message and the messages inside it.
type budget struct {
	work   int64 // bytes that may still be decoded; a token of HTML counts 64
	parts  int
	memory *Memory
}

const tokenWork = 64

// parse is the state of reading one message.
type parse struct {
	m       *Message
	lim     limit.Limits
	budget  *budget
	depth   int // messages around this one
	has     map[string]bool
	limited bool
	regular bool // all programs read the same parts

	text, plain, hidden textJoiner
	loose               []string // plain texts, searched for links when those of HTML parts are known
}

func parseMessage(raw []byte, lim limit.Limits, truncated bool, b *budget, depth int) *Message {
	p := &parse{m: &Message{}, lim: lim, budget: b, depth: depth, has: map[string]bool{}}
	raw = lineEnds(raw, 0)
	if truncated || int64(len(raw)) > lim.Message {
		p.defect(LimitMessage, "message is larger than limit "+limit.NameMessage, true)
		p.limited = true
		raw = raw[:min(int64(len(raw)), lim.Message)]
	}
	p.header(raw)
	parts, leaves := p.walk(raw)
	b.parts += len(parts)
	if !p.regular {
		p.agree(raw, parts, leaves)
	}
	p.show(parts, truncated)
	p.m.Text, p.m.Plain, p.m.Hidden = p.text.String(), p.plain.String(), p.hidden.String()
	return p.m
}

// walk finds the parts, and whether their structure is regular.
func (p *parse) walk(raw []byte) (parts, leaves []*Part) {
	p.regular = true
	for _, d := range Walk(raw, withinWalk(p.lim, p.budget.parts, p.depth), func(part *Part) bool {
		parts = append(parts, part)
		p.regular = p.regular && part.regular()
		if !part.Multipart {
			part.name = part.FileName()
			leaves = append(leaves, part)
		} else if bound := part.ContentType.Param("boundary"); bound != "" {
			p.m.Boundaries = append(p.m.Boundaries, bound)
		}
		return true
	}) {
		p.regular = false
		p.limited = p.limited || d.Kind == LimitParts || d.Kind == LimitDepth
		p.defect(d.Kind, d.Detail, d.Lost)
	}
	p.regular = p.regular && apart(p.m.Boundaries)
	return parts, leaves
}

func (p *parse) defect(kind, detail string, lost bool) {
	if p.has[kind+"\x00"+detail] || len(p.m.Defects) >= maxDefects {
		return
	}
	p.has[kind+"\x00"+detail] = true
	p.m.Defects = append(p.m.Defects, Defect{Kind: kind, Detail: detail, Lost: lost})
}

// maxDefects is enough to see what is wrong with a message.
const maxDefects = 50

func (p *parse) header(raw []byte) {
	m := p.m
	m.Header = ParseHeader(raw, p.lim)
	for _, d := range m.Header.Defects {
		p.defect(d.Kind, d.Detail, d.Lost)
	}
	h := &m.Header
	declared := ""
	if !charset.IsASCII(raw[:h.Size]) {
		mt := ParseMediaType(h.Get("Content-Type"))
		declared = declaredCharset(&mt, raw[h.Size:])
	}
	for _, f := range h.Fields {
		switch {
		case f.Is("From"):
			m.FromFields++
			m.From = append(m.From, ParseAddressesIn(f.Raw, declared)...)
		case f.Is("Subject"):
			if m.SubjectFields++; m.SubjectFields == 1 {
				m.Subject = DecodeHeaderIn(f.Raw, declared)
			}
		case f.Is("Reply-To"):
			m.ReplyTo = append(m.ReplyTo, ParseAddressesIn(f.Raw, declared)...)
		case f.Is("To"):
			m.To = append(m.To, ParseAddressesIn(f.Raw, declared)...)
		case f.Is("Cc"):
			m.Cc = append(m.Cc, ParseAddressesIn(f.Raw, declared)...)
		case f.Is("Sender") && m.Sender == nil:
			if a := ParseAddressesIn(f.Raw, declared); len(a) > 0 {
				m.Sender = &finding.Address{Name: a[0].Name, Address: a[0].Address}
			}
		}
	}
	if i := h.Index("Return-Path"); i >= 0 {
		m.ReturnPath = returnPath(h.Fields[i].Value())
	}
	m.MessageID = h.Get("Message-ID")
	m.ListID = h.Get("List-ID")
	m.Date = ParseDate(h.Get("Date"))
}

// DeclaredCharset is the character set that a part's content is declared to be in: its own, or that of the first part in it;
// "" where none says.
func (p *Part) DeclaredCharset() string { return declaredCharset(&p.ContentType, p.Body) }

func declaredCharset(t *MediaType, body []byte) string {
	if label := t.Param("charset"); label != "" || !strings.HasPrefix(t.Value, "multipart/") {
		return label
	}
	const reach = 16 << 10 // the header of the first part stands near the beginning
	low := bytes.ToLower(body[:min(len(body), reach)])
	i := bytes.Index(low, []byte("charset="))
	if i < 0 {
		return ""
	}
	value, _ := paramValue(string(low[i+len("charset=") : min(len(low), i+len("charset=")+80)]))
	if end := strings.IndexAny(value, "\r\n; \t"); end >= 0 {
		value = value[:end]
	}
	return value
}

// returnPath is the path of a Return-Path field without its brackets (RFC 5321 §4.4); "<>" for the empty one.
func returnPath(s string) string {
	if i := strings.IndexByte(s, '<'); i >= 0 {
		s = s[i+1:]
		if j := strings.IndexByte(s, '>'); j >= 0 {
			s = s[:j]
		}
	} else if i := strings.IndexByte(s, '('); i >= 0 {
		s = s[:i]
	}
	if s = strings.TrimSpace(s); s == "" {
		return "<>"
	}
	return s
}

// show reads the parts as a mail program presents them.
func (p *parse) show(parts []*Part, truncated bool) {
	if len(parts) == 0 {
		return
	}
	children := make(map[*Part][]*Part, len(parts))
	for _, part := range parts {
		if part.Parent != nil {
			children[part.Parent] = append(children[part.Parent], part)
		}
	}
	shown := make(map[*Part]bool, len(parts))
	choose(parts[0], children, shown)
	limitText := p.lim.Text
	if truncated {
		limitText = int(min(p.lim.OversizeText, int64(limitText)))
	}
	for _, part := range parts {
		if !part.Multipart {
			p.leaf(part, shown[part], limitText)
		}
	}
	p.plainLinks()
}

// choose marks the leaves that a mail program shows: of alternatives the last one it can show, which is HTML where
// there is any (RFC 2046 §5.1.4), of everything else all.
func choose(part *Part, children map[*Part][]*Part, shown map[*Part]bool) {
	if !part.Multipart {
		shown[part] = true
		return
	}
	list := children[part]
	if part.Type != "multipart/alternative" {
		for _, c := range list {
			choose(c, children, shown)
		}
		return
	}
	best, rank := -1, 0
	for i, c := range list {
		if r := displayable(c, children); r >= rank && r > 0 {
			best, rank = i, r
		}
	}
	for i, c := range list {
		// Programs that find nothing to prefer, or parts that are no alternative at all (a picture), show those too.
		if i == best || best < 0 || displayable(c, children) == 0 {
			choose(c, children, shown)
		}
	}
}

// displayable ranks an alternative: 3 HTML, 2 other text, 1 text in a form few programs show, 0 no text.
func displayable(part *Part, children map[*Part][]*Part) int {
	if part.Multipart {
		best := 0
		for _, c := range children[part] {
			best = max(best, displayable(c, children))
		}
		return best
	}
	switch {
	case part.Attached():
		return 0
	case part.Type == "text/html", part.Type == "application/xhtml+xml":
		return 3
	case part.Type == "text/plain", part.Type == "text/enriched", part.Type == "text/richtext":
		return 2
	case part.Type == "text/x-amp-html", part.Type == "text/watch-html":
		return 1
	}
	return 0
}

func (p *parse) leaf(part *Part, shown bool, limitText int) {
	switch {
	case part.Type == "message/rfc822" || part.Type == "message/global" || part.Type == "message/news":
		p.inner(part)
	case body(part):
		p.body(part, shown, limitText)
	default:
		p.attachment(part)
	}
}

// body reports whether a leaf is text for the message window, not a file.
func body(part *Part) bool {
	if part.Parent == nil && (part.IsText() || part.Flat) {
		return true
	}
	if part.Attached() {
		return false
	}
	switch part.Type {
	case "text/calendar", "text/x-vcard", "text/vcard", "text/directory", "text/rfc822-headers", "text/csv", "text/x-patch", "text/x-diff":
		return part.Type == "text/x-patch" || part.Type == "text/x-diff"
	}
	return part.IsText() || part.Type == "application/xhtml+xml"
}

// spend takes n from the budget and reports whether there was so much.
func (p *parse) spend(n int64) bool {
	if p.budget.work < n {
		p.defect(LimitWork, "message needs more than limit "+limit.NameWork, true)
		p.limited = true
		return false
	}
	p.budget.work -= n
	return true
}

func (p *parse) body(part *Part, shown bool, limitText int) {
	most := limitText
	if int64(most) > p.budget.work {
		most = int(p.budget.work)
	}
	raw, defects := p.budget.memory.text.Decode(part, most) // until charset.Decode has copied it
	for _, d := range defects {
		if d.Kind == LimitText && most < limitText {
			d = Defect{Kind: LimitWork, Detail: "message needs more than limit " + limit.NameWork, Lost: true}
		} else if d.Kind == LimitText {
			d.Detail = "text part is larger than limit " + limit.NameText
		}
		p.defect(d.Kind, d.Detail, d.Lost)
	}
	p.budget.work -= int64(len(raw))
	declared := part.ContentType.Param("charset")
	if declared == "" && part.Type == "text/html" {
		declared = MetaCharset(raw)
	}
	t := charset.Decode(raw, declared)
	p.charsetDefects(t, declared)
	text := strings.ReplaceAll(t.Text, "\r\n", "\n")
	p.m.Bodies = append(p.m.Bodies, Body{Type: part.Type, Declared: part.ContentType.Param("charset"), Charset: t.Charset, Text: text})
	switch part.Type {
	case "text/html", "application/xhtml+xml", "text/x-amp-html", "text/watch-html":
		p.html(text, shown)
		return
	}
	text = part.Layout(text)
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r", "\n"), "\x00", "")
	if shown {
		p.text.add(text)
	}
	if part.Type == "text/plain" {
		p.plain.add(text)
	}
	p.loose = append(p.loose, text)
	p.uuencoded(text)
}

func (p *parse) charsetDefects(t charset.Text, declared string) {
	switch {
	case t.Unknown:
		p.defect(CharsetUnknown, clip(declared, 60)+", read as "+t.Charset, false)
	case t.Guessed && declared != "" && t.Charset != "us-ascii":
		p.defect(CharsetWrong, clip(declared, 60)+", read as "+t.Charset, false)
	}
	if t.Errors > 0 {
		p.defect(CharsetErrors, "bytes that are no "+t.Charset, false)
	}
}

func (p *parse) html(src string, shown bool) {
	tokens := int(p.budget.work / tokenWork)
	page := p.budget.memory.pages.Read(src, htmltext.Limits{Tokens: max(1, tokens), Links: p.lim.Links})
	p.budget.work -= min(p.budget.work, int64(page.Tokens)*tokenWork)
	if page.Cut {
		if page.Tokens >= tokens {
			p.defect(LimitWork, "message needs more than limit "+limit.NameWork, true)
		} else {
			p.defect(LimitLinks, "more links than limit "+limit.NameLinks, true)
		}
	}
	h := &p.m.HTML
	h.Present = true
	h.Forms = append(h.Forms, page.Forms...)
	h.Images = append(h.Images, page.Images...)
	h.Fonts = append(h.Fonts, page.Fonts...)
	h.Scripts += page.Scripts
	h.MaxDepth = max(h.MaxDepth, page.MaxDepth)
	h.HiddenLen += len(page.Hidden)
	h.ShownLen += len(page.Text)
	if h.Generator == "" {
		h.Generator = page.Generator
	}
	if h.Lang == "" {
		h.Lang = page.Lang
	}
	if h.Title == "" {
		h.Title = page.Title
	}
	if h.Base == "" {
		h.Base = page.Base
	}
	if shown {
		p.text.add(page.Text)
	}
	p.hidden.add(page.Hidden)
	p.m.Links = slices.Grow(p.m.Links, len(page.Links))
	for _, l := range page.Links {
		p.link(Link(l))
	}
}

// plainLinks adds the links of plain text, but for those that stand in another alternative too.
func (p *parse) plainLinks() {
	var known map[string]bool
	for _, text := range p.loose {
		for _, l := range htmltext.PlainLinks(text, p.lim.Links-len(p.m.Links)+1) {
			if known == nil {
				known = make(map[string]bool, len(p.m.Links)+1)
				for i := range p.m.Links {
					known[p.m.Links[i].Target] = true
				}
			}
			if !known[l.Target] {
				known[l.Target] = true
				p.link(Link(l))
			}
		}
	}
}

func (p *parse) link(l Link) {
	if len(p.m.Links) >= p.lim.Links {
		p.defect(LimitLinks, "more links than limit "+limit.NameLinks, true)
		return
	}
	p.m.Links = append(p.m.Links, l)
}
