package view

import (
	"path"
	"strings"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// message returns a masked copy. Every field is named here or is one of words, numbers, times and digests; a test fails
// when a new text field of the record reaches the output unmasked.
func (r *redacted) message(m *finding.Message) *finding.Message {
	c := *m
	own, fake := m.Verdict.FromAmazon(), m.Verdict == finding.Impersonation
	who := func(a finding.Address) finding.Address { return r.who(m, a) }
	c.Location = r.location(m.Location)
	c.Copies = each(m.Copies, r.location)
	if m.From != nil {
		from := who(*m.From)
		c.From = &from
	}
	c.MoreFrom, c.ReplyTo = each(m.MoreFrom, who), each(m.ReplyTo, who)
	c.To = each(m.To, r.somebody)
	switch {
	case own:
		c.ReturnPath, c.MessageID = r.scrubForeign(m.ReturnPath), m.MessageID
		c.Subject = r.subject(m.Subject)
	case fake:
		c.ReturnPath, c.MessageID = r.stranger(m.ReturnPath), ""
		c.Subject = r.subject(m.Subject)
	default:
		c.ReturnPath, c.MessageID, c.Subject = r.address(m.ReturnPath), "", r.quoted(m.Subject)
	}
	c.Account = r.scrub(m.Account)
	c.TimeSource, c.ClockDoubt, c.StartDoubt = r.scrub(m.TimeSource), r.scrub(m.ClockDoubt), r.scrub(m.StartDoubt)
	c.Details = r.details(m.Details)
	c.Auth = r.auth(m.Auth, own || fake)
	c.Signals = each(m.Signals, r.signal)
	c.Links = each(m.Links, r.link)
	c.Attachments = each(m.Attachments, r.attachment)
	c.Read = r.read(m.Read)
	return &c
}

func each[T any](list []T, f func(T) T) []T {
	if list == nil {
		return nil
	}
	out := make([]T, len(list))
	for i, v := range list {
		out[i] = f(v)
	}
	return out
}

// quoted stands for a text that is masked whole.
func (r *redacted) quoted(s string) string {
	if s == "" {
		return ""
	}
	return r.mask
}

// who masks a sender. The brand's own address and name stay; of an impersonation the name it took and the domain.
func (r *redacted) who(m *finding.Message, a finding.Address) finding.Address {
	switch {
	case m.Verdict.FromAmazon() && (m.From == nil || domainOf(a.Address) == domainOf(m.From.Address)):
		return finding.Address{Name: r.replace.Replace(a.Name), Address: a.Address}
	case m.Verdict == finding.Impersonation:
		return finding.Address{Name: r.scrub(a.Name), Address: r.stranger(a.Address)}
	}
	return r.somebody(a)
}

// somebody masks an address and its name, unless they are the owner's.
func (r *redacted) somebody(a finding.Address) finding.Address {
	if a.Address != "" && r.owner[strings.ToLower(a.Address)] {
		return finding.Address{Name: r.replace.Replace(a.Name), Address: a.Address}
	}
	key := a.Address
	if key == "" {
		key = a.Name
	}
	if key == "" {
		return a
	}
	n := r.person(key)
	out := finding.Address{Address: r.address(a.Address)}
	if a.Name != "" {
		out.Name = r.standIn(n)
	}
	return out
}

// scrubForeign keeps a return path of the brand: its local part is a code, or the owner's address written into it.
func (r *redacted) scrubForeign(s string) string { return r.replace.Replace(s) }

func (r *redacted) details(d *finding.Details) *finding.Details {
	if d == nil {
		return nil
	}
	c := *d
	c.Device, c.Near, c.When, c.Merchant, c.Item = r.quoted(d.Device), r.quoted(d.Near), r.quoted(d.When), r.quoted(d.Merchant), r.quoted(d.Item)
	c.Card, c.AWSAccount = r.quoted(d.Card), r.quoted(d.AWSAccount)
	c.OldEmail, c.NewEmail = r.address(d.OldEmail), r.address(d.NewEmail)
	c.OrderID, c.OrderIDs = r.plain(d.OrderID), each(d.OrderIDs, r.plain)
	c.Amount, c.Currency, c.CardEnd, c.NextDate = r.plain(d.Amount), r.plain(d.Currency), r.plain(d.CardEnd), r.plain(d.NextDate)
	return &c
}

// isPlain tells whether a value identifies nobody: numbers, dates, order numbers, words of the stream, hosts.
func isPlain(s string) bool {
	for _, c := range []byte(s) {
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && strings.IndexByte("_.:+-", c) < 0 {
			return false
		}
	}
	return len(s) <= 64
}

// plain keeps a value that can hold no text of a body, and masks any other.
func (r *redacted) plain(s string) string {
	if isPlain(s) {
		return r.replace.Replace(s)
	}
	return r.mask
}

func (r *redacted) auth(a *finding.Auth, evident bool) *finding.Auth {
	if a == nil {
		return nil
	}
	c := *a
	c.Raw = "" // the field quotes addresses in forms of its own; its results stand beside it
	domain := r.plain
	if !evident {
		domain = r.quoted
	}
	dkim := func(d finding.DKIM) finding.DKIM {
		return finding.DKIM{Domain: domain(d.Domain), Selector: r.plain(d.Selector), Result: r.plain(d.Result), Reason: r.quoted(d.Reason)}
	}
	c.MailFrom = domain(a.MailFrom)
	c.DKIM, c.Checked = each(a.DKIM, dkim), each(a.Checked, dkim)
	c.Trusted, c.DMARC, c.SPF, c.ARC, c.Client = r.plain(a.Trusted), r.plain(a.DMARC), r.plain(a.SPF), r.plain(a.ARC), r.plain(a.Client)
	c.Boundary, c.Ignored = r.scrub(a.Boundary), each(a.Ignored, r.plain)
	return &c
}

// signal keeps what a link signal saw as far as it is a host; all else is a quotation.
func (r *redacted) signal(s finding.Signal) finding.Signal {
	switch {
	case s.Shown == "":
	case strings.HasPrefix(s.ID, "link.") && urlPattern.MatchString(s.Shown):
		// Words between URLs may be a link's text.
		s.Shown = strings.Join(each(urlPattern.FindAllString(s.Shown, 3), r.url), " ")
	case strings.HasPrefix(s.ID, "link.") && isPlain(s.Shown):
		s.Shown = r.replace.Replace(s.Shown)
	default:
		s.Shown = r.mask
	}
	return s
}

func (r *redacted) link(l finding.Link) finding.Link {
	switch {
	case l.Shown == "":
	case isPlain(l.Shown) && strings.Contains(l.Shown, "."):
		l.Shown = r.replace.Replace(l.Shown)
	case urlPattern.FindString(l.Shown) == l.Shown:
		l.Shown = r.url(l.Shown)
	default:
		l.Shown = r.mask
	}
	l.Target = r.url(l.Target)
	if l.Final != "" {
		l.Final = r.url(l.Final)
	}
	l.Host, l.From = r.plain(l.Host), r.plain(l.From)
	l.Chain = each(l.Chain, r.plain)
	return l
}

// attachment keeps the type of a file and the ending of its name.
func (r *redacted) attachment(a finding.Attachment) finding.Attachment {
	ext := path.Ext(a.Name)
	if len(ext) > 6 || !isPlain(ext) {
		ext = ""
	}
	if a.Name != "" {
		a.Name = r.mask + ext
	}
	a.Type = r.scrub(a.Type)
	return a
}

// read keeps labels that are roles of the mailbox program; the owner's own labels may name people.
func (r *redacted) read(m *finding.Read) *finding.Read {
	if m == nil {
		return nil
	}
	c := *m
	c.Labels = each(m.Labels, r.label)
	c.From = each(m.From, r.plain)
	return &c
}

func (r *redacted) label(s string) string {
	if role := r.Reader.Profile().Labels[s]; role != "" {
		return s
	}
	return r.quoted(s)
}

// head masks the records that are held in memory.
func (r *redacted) head() {
	for _, s := range r.Reader.Sources() {
		c := *s
		c.Name = r.file(s.Name)
		c.Skipped = each(s.Skipped, func(k finding.Skipped) finding.Skipped {
			return finding.Skipped{Path: each(k.Path, r.file), Size: k.Size, Reason: r.scrub(k.Reason)}
		})
		r.sources = append(r.sources, &c)
	}
	profile := *r.Reader.Profile()
	if profile.Labels != nil {
		labels := map[string]string{}
		for label, role := range profile.Labels {
			if role != "" {
				labels[label] = role
			}
		}
		profile.Labels = labels
	}
	r.profile = &profile
	for _, a := range r.Reader.Attention() {
		c := *a
		c.Account, c.Why, c.Do = r.scrub(a.Account), r.text(a.Why), each(a.Do, r.text)
		if a.Acknowledged != nil {
			c.Acknowledged = &finding.Acknowledged{Why: r.quoted(a.Acknowledged.Why), Until: a.Acknowledged.Until}
		}
		r.attention = append(r.attention, &c)
	}
	for _, i := range r.Reader.Incidents() {
		c := *i
		c.Account, c.Story = r.scrub(i.Account), each(i.Story, r.text)
		r.incidents = append(r.incidents, &c)
	}
	for _, s := range r.Reader.Series() {
		c := *s
		c.Account = r.scrub(s.Account)
		r.series = append(r.series, &c)
	}
}
