package view

import (
	"regexp"
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
		c.ReturnPath, c.MessageID = r.returnPath(m.ReturnPath), r.messageID(m.MessageID)
		c.Subject = r.subject(m.Subject)
	case fake:
		c.ReturnPath, c.MessageID = r.stranger(m.ReturnPath), ""
		c.Subject = r.subject(m.Subject)
	default:
		c.ReturnPath, c.MessageID, c.Subject = r.address(m.ReturnPath), "", r.quoted(m.Subject)
	}
	c.ID, c.Incidents = r.plain(m.ID), each(m.Incidents, r.plain)
	c.Brand, c.Marketplace, c.Language, c.Rule = r.plain(m.Brand), r.plain(m.Marketplace), r.plain(m.Language), r.plain(m.Rule)
	c.ContentRisk, c.Event, c.Severity, c.Verdict = r.plain(m.ContentRisk), finding.Event(r.plain(string(m.Event))), finding.Severity(r.plain(string(m.Severity))), finding.Verdict(r.plain(string(m.Verdict)))
	c.Account = r.account(m.Account)
	c.TimeSource, c.ClockDoubt, c.StartDoubt = r.plain(m.TimeSource), r.plain(m.ClockDoubt), r.plain(m.StartDoubt)
	c.Details = r.details(m.Details)
	c.Auth = r.auth(m.Auth, own, fake)
	c.Signals = each(m.Signals, r.signal)
	c.Links = each(m.Links, r.link)
	c.Attachments = each(m.Attachments, r.attachment)
	c.Read = r.read(m.Read)
	return &c
}

// account keeps an account that the owner's address names, or digits at the end of a card's number.
func (r *redacted) account(s string) string {
	switch {
	case accountText.MatchString(s):
		return r.scrub(s)
	case s == "" || accountDigits.MatchString(s):
		return s
	}
	// The name of a card behind the address: issuers that give no digits tell cards apart by it.
	if address, card, ok := strings.Cut(s, " "); ok && (address == "" || accountText.MatchString(address)) {
		return r.scrub(address) + " " + r.shape(accountDigits, card)
	}
	return r.mask
}

// accountDigits are the last digits of a card's number, as issuers write them.
var accountDigits = regexp.MustCompile(`^[*xX•-]{0,16}\d{2,5}$`)

// returnPath keeps the domain that the brand's errors go to: what is before it may be the address of whoever got the mail.
func (r *redacted) returnPath(s string) string {
	local, domain, ok := strings.Cut(s, "@")
	switch {
	case s == "":
		return ""
	case !ok || !isHost(domain):
		return r.mask
	case r.role(local):
		return r.masker.Known(s)
	}
	return r.mask + "@" + r.masker.Known(domain)
}

// messageID keeps a Message-ID in the form that servers give; nobody's address is part of one.
func (r *redacted) messageID(s string) string {
	id := strings.Trim(s, "<>")
	local, domain, ok := strings.Cut(id, "@")
	if !ok || !isHost(domain) || !serverID.MatchString(local) {
		return ""
	}
	return r.masker.Known(s)
}

// serverID is the left part of a Message-ID that a program made: it has digits, and no run of letters that could be a name.
var serverID = regexp.MustCompile(`^[0-9A-Za-z._$+-]*\d[0-9A-Za-z._$+-]*$`)

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
		return finding.Address{Name: r.subject(a.Name), Address: r.stranger(a.Address)}
	case m.Verdict == finding.Impersonation:
		if a.Name != "" && !r.masker.Service(a.Name) {
			return finding.Address{Name: r.standIn(r.person(a.Address)), Address: r.stranger(a.Address)}
		}
		return finding.Address{Name: r.subject(a.Name), Address: r.stranger(a.Address)}
	}
	return r.somebody(a)
}

// somebody masks an address and its name, unless they are the owner's.
func (r *redacted) somebody(a finding.Address) finding.Address {
	if a.Address != "" && r.owner.has(a.Address) {
		return finding.Address{Name: r.scrub(a.Name), Address: a.Address}
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

func (r *redacted) details(d *finding.Details) *finding.Details {
	if d == nil {
		return nil
	}
	c := *d
	c.Device, c.Near, c.When, c.Merchant, c.Item = r.quoted(d.Device), r.quoted(d.Near), r.quoted(d.When), r.quoted(d.Merchant), r.quoted(d.Item)
	c.Card, c.AWSAccount = r.quoted(d.Card), r.quoted(d.AWSAccount)
	c.OldEmail, c.NewEmail = r.address(d.OldEmail), r.address(d.NewEmail)
	c.OrderID, c.OrderIDs = r.order(d.OrderID), each(d.OrderIDs, r.order)
	c.Amount, c.Currency, c.CardEnd, c.NextDate = r.shape(amountShape, d.Amount), r.shape(currencyShape, d.Currency), r.shape(accountDigits, d.CardEnd), r.shape(dateShape, d.NextDate)
	return &c
}

// Shapes of what notices say in figures.
var (
	orderShape    = regexp.MustCompile(`^[0-9A-Z]{3}-\d{7}-\d{7}$`)
	amountShape   = regexp.MustCompile(`^-?\d{1,9}(\.\d{1,3})?$`)
	currencyShape = regexp.MustCompile(`^[A-Z]{3}$`)
	dateShape     = regexp.MustCompile(`^\d{4}-\d{2}(-\d{2})?$`)
)

func (r *redacted) order(s string) string { return r.shape(orderShape, s) }

func (r *redacted) shape(shape *regexp.Regexp, s string) string {
	if s == "" || shape.MatchString(s) {
		return s
	}
	return r.mask
}

// isPlain reports whether a value can be no text of a body: numbers, dates, words of the stream, hosts.
func isPlain(s string) bool {
	for _, c := range []byte(s) {
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && strings.IndexByte("_.:+-", c) < 0 {
			return false
		}
	}
	return len(s) <= 64
}

// plain keeps a word of the stream, and masks any other text.
func (r *redacted) plain(s string) string {
	if isPlain(s) {
		return r.masker.Known(s)
	}
	return r.mask
}

// sharedMailers are domains whose servers send for everybody: what they sign says nothing about anybody.
var sharedMailers = words{"amazonses.com": true, "google.com": true, "outlook.com": true, "microsoft.com": true}

// auth keeps results, and of who gave them and signed what may be shown: everything of an impersonation, which is evidence,
// of the brand's mail what is the brand's and the receiver's.
func (r *redacted) auth(a *finding.Auth, own, fake bool) *finding.Auth {
	if a == nil {
		return nil
	}
	c := *a
	c.Raw = "" // the field quotes addresses in forms of its own; its results stand beside it
	domain := func(s string) string {
		switch {
		case s == "" || s == "-":
			return s
		case fake && isHost(s), sharedMailers.under(s):
			return r.masker.Known(s)
		}
		return r.host(s)
	}
	quiet := func(s string) string {
		if !own && !fake {
			return r.quoted(s)
		}
		return r.plain(s)
	}
	dkim := func(d finding.DKIM) finding.DKIM {
		return finding.DKIM{Domain: domain(d.Domain), Selector: quiet(d.Selector), Result: r.plain(d.Result), Reason: r.quoted(d.Reason)}
	}
	c.MailFrom = domain(a.MailFrom)
	c.DKIM, c.Checked = each(a.DKIM, dkim), each(a.Checked, dkim)
	c.Signatures = each(a.Signatures, func(s finding.Selector) finding.Selector {
		return finding.Selector{Domain: domain(s.Domain), Selector: quiet(s.Selector)}
	})
	c.Trusted, c.DMARC, c.SPF, c.ARC, c.Client = domain(a.Trusted), r.plain(a.DMARC), r.plain(a.SPF), r.plain(a.ARC), quiet(a.Client)
	if !own && !fake {
		c.Boundary = r.quoted(a.Boundary)
	} else {
		c.Boundary = strings.Join(each(strings.Fields(a.Boundary), func(s string) string { return hop(s, domain) }), " ")
	}
	c.Ignored = each(a.Ignored, domain)
	return &c
}

// hop masks a word of what is said of a hop: its addresses of machines stay, and hosts that may be shown.
func hop(s string, host func(string) string) string {
	bare := strings.Trim(s, "()[],;")
	switch {
	case bare == "" || addressOfMachine.MatchString(bare) || hopWord.MatchString(bare):
		return s
	}
	return strings.Replace(s, bare, host(bare), 1)
}

var (
	addressOfMachine = regexp.MustCompile(`^(\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7})$`)
	hopWord          = regexp.MustCompile(`^(by|from|with|at|via|->|→|-)$`)
)

// signal keeps what a link signal saw as far as it is a host that may be shown; all else is a quotation.
func (r *redacted) signal(s finding.Signal) finding.Signal {
	s.ID, s.For, s.Strength = r.plain(s.ID), r.plain(s.For), finding.Strength(r.plain(string(s.Strength)))
	switch {
	case s.Shown == "":
	case strings.HasPrefix(s.ID, "link.") && urlPattern.MatchString(s.Shown):
		// Words between URLs may be a link's text.
		s.Shown = strings.Join(each(urlPattern.FindAllString(s.Shown, 3), r.url), " ")
	case strings.HasPrefix(s.ID, "link.") && isHost(s.Shown):
		s.Shown = r.host(s.Shown)
	default:
		s.Shown = r.mask
	}
	return s
}

func (r *redacted) link(l finding.Link) finding.Link {
	switch {
	case l.Shown == "":
	case isHost(l.Shown):
		l.Shown = r.host(l.Shown)
	case urlPattern.FindString(l.Shown) == l.Shown:
		l.Shown = r.url(l.Shown)
	default:
		l.Shown = r.mask
	}
	l.Target = r.url(l.Target)
	if l.Final != "" {
		l.Final = r.url(l.Final)
	}
	l.Host, l.From = r.host(l.Host), r.plain(l.From)
	l.Chain = each(l.Chain, r.host)
	return l
}

// attachment keeps the type of a file and the ending of its name.
func (r *redacted) attachment(a finding.Attachment) finding.Attachment {
	if a.Name != "" {
		a.Name = r.mask + ending(a.Name)
	}
	a.Type = r.shape(mediaType, a.Type)
	return a
}

// mediaType is a type of RFC 6838 that files in mail have.
var mediaType = regexp.MustCompile(`^(image|audio|video|font)/[a-z0-9.+-]{1,30}$|^text/(plain|html|csv|calendar|xml|rtf|css|javascript|markdown|x-[a-z-]{1,20})$|^message/[a-z0-9-]{1,40}$|^multipart/[a-z-]{1,20}$|^application/(pdf|zip|gzip|json|xml|rtf|msword|javascript|octet-stream|pgp-[a-z]+|pkcs7-[a-z]+|ics|xhtml\+xml|vnd\.(ms|openxmlformats|oasis|apple|google|rar)[a-z0-9.+-]{0,80}|x-[a-z0-9.+-]{1,40})$`)

// read keeps labels that are roles of the mailbox program; the owner's own labels may name people.
func (r *redacted) read(m *finding.Read) *finding.Read {
	if m == nil {
		return nil
	}
	c := *m
	c.Labels = each(m.Labels, r.label)
	c.From, c.Folder = each(m.From, r.plain), finding.Folder(r.plain(string(m.Folder)))
	return &c
}

func (r *redacted) label(s string) string {
	if role := r.Reader.Profile().Labels[s]; role != "" && everybodys(s) {
		return s
	}
	return r.quoted(s)
}

// receiver keeps the name of a server that the owner's mail comes in by.
func (r *redacted) receiver(s string) string {
	if s == "" || s == "-" || isHost(s) {
		return r.masker.Known(s)
	}
	return r.mask
}

// head masks the records that are held in memory.
func (r *redacted) head() {
	for _, s := range r.Reader.Sources() {
		c := *s
		c.Name = r.file(s.Name)
		c.Skipped = each(s.Skipped, func(k finding.Skipped) finding.Skipped {
			return finding.Skipped{Path: each(k.Path, r.file), Size: k.Size, Reason: r.subject(k.Reason)}
		})
		r.sources = append(r.sources, &c)
	}
	profile := *r.Reader.Profile()
	if profile.Labels != nil {
		labels := map[string]string{}
		for label, role := range profile.Labels {
			if role != "" && everybodys(label) {
				labels[label] = role
			}
		}
		profile.Labels = labels
	}
	profile.Trust = each(profile.Trust, func(t finding.Trust) finding.Trust {
		t.Domain, t.AuthservID, t.Place, t.Years = r.receiver(t.Domain), r.receiver(t.AuthservID), r.plain(t.Place), r.plain(t.Years)
		return t
	})
	profile.Owner = each(profile.Owner, r.account)
	r.profile = &profile
	for _, a := range r.Reader.Attention() {
		c := *a
		c.Account, c.Why, c.Do = r.account(a.Account), r.text(a.Why), each(a.Do, r.text)
		if a.Acknowledged != nil {
			c.Acknowledged = &finding.Acknowledged{Why: r.quoted(a.Acknowledged.Why), Until: a.Acknowledged.Until}
		}
		r.attention = append(r.attention, &c)
	}
	for _, i := range r.Reader.Incidents() {
		c := *i
		c.Account, c.Story = r.account(i.Account), each(i.Story, r.text)
		r.incidents = append(r.incidents, &c)
	}
	for _, s := range r.Reader.Series() {
		c := *s
		c.Account = r.account(s.Account)
		r.series = append(r.series, &c)
	}
	for _, l := range r.Reader.Ledger() {
		c := *l
		c.Item, c.Payment = r.quoted(l.Item), r.quoted(l.Payment)
		c.Status = r.plain(l.Status)
		c.Path = each(l.Path, r.file)
		r.ledger = append(r.ledger, &c)
	}
}
