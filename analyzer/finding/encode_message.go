package finding

import "github.com/mailaudit/mailaudit/analyzer/evidence"

// The objects of a message record, each with its keys in the order of the struct. TestEncodeIsThatOfJSON fails where a field
// of a struct is missing here.

func (e *encoder) message(m *Message) {
	e.open()
	e.text("id", m.ID)
	e.digest("sha256", m.SHA256)
	e.key("location")
	e.location(&m.Location)
	objects(e, "copies", m.Copies, (*encoder).location)
	if m.MoreCopies != 0 {
		e.whole("more_copies", m.MoreCopies)
	}
	e.time("time", m.Time)
	e.some("time_source", m.TimeSource)
	e.time("header_date", m.HeaderDate)
	e.some("clock_doubt", m.ClockDoubt)
	e.envelope(m)
	e.some("brand", m.Brand)
	e.some("marketplace", m.Marketplace)
	e.some("account", m.Account)
	e.some("language", m.Language)
	e.text("verdict", string(m.Verdict))
	e.text("rule", m.Rule)
	e.text("content_risk", m.ContentRisk)
	e.some("event", string(m.Event))
	e.some("severity", string(m.Severity))
	if m.Details != nil {
		e.details(m.Details)
	}
	if m.Auth != nil {
		e.auth(m.Auth)
	}
	objects(e, "signals", m.Signals, (*encoder).signal)
	objects(e, "links", m.Links, (*encoder).link)
	objects(e, "attachments", m.Attachments, (*encoder).attachment)
	if m.Read != nil {
		e.read(m.Read)
	}
	if m.Unnoticed {
		e.truth("unnoticed", true)
	}
	e.texts("incidents", m.Incidents)
	e.some("start_doubt", m.StartDoubt)
	if m.Inner {
		e.truth("inner", true)
	}
	e.close()
}

// envelope writes who sent the message to whom and its subject.
func (e *encoder) envelope(m *Message) {
	e.some("message_id", m.MessageID)
	if m.From != nil {
		e.key("from")
		e.address(m.From)
	}
	objects(e, "more_from", m.MoreFrom, (*encoder).address)
	objects(e, "reply_to", m.ReplyTo, (*encoder).address)
	e.some("return_path", m.ReturnPath)
	objects(e, "to", m.To, (*encoder).address)
	e.some("subject", m.Subject)
}

func (e *encoder) location(l *evidence.Location) {
	e.open()
	if l.Source != 0 {
		e.whole("source", int64(l.Source))
	}
	e.key("path")
	if l.Path == nil {
		e.b = append(e.b, "null"...)
	} else {
		e.quotes(l.Path)
	}
	e.whole("offset", l.Offset)
	e.whole("length", l.Length)
	e.close()
}

func (e *encoder) address(a *Address) {
	e.open()
	e.some("name", a.Name)
	e.some("address", a.Address)
	e.close()
}

func (e *encoder) details(d *Details) {
	e.key("details")
	e.open()
	e.some("device", d.Device)
	e.some("near", d.Near)
	e.some("when", d.When)
	e.some("order_id", d.OrderID)
	e.texts("order_ids", d.OrderIDs)
	e.some("amount", d.Amount)
	e.some("currency", d.Currency)
	e.some("old_email", d.OldEmail)
	e.some("new_email", d.NewEmail)
	e.some("card_end", d.CardEnd)
	e.some("card", d.Card)
	e.some("aws_account", d.AWSAccount)
	e.some("next_date", d.NextDate)
	e.some("merchant", d.Merchant)
	e.some("item", d.Item)
	if d.Ends {
		e.truth("ends", true)
	}
	e.close()
}

func (e *encoder) auth(a *Auth) {
	e.key("auth")
	e.open()
	e.some("trusted", a.Trusted)
	if a.Assumed {
		e.truth("assumed", true)
	}
	e.some("dmarc", a.DMARC)
	e.some("spf", a.SPF)
	e.some("mail_from", a.MailFrom)
	e.some("arc", a.ARC)
	objects(e, "dkim", a.DKIM, (*encoder).dkim)
	e.truth("aligned", a.Aligned)
	e.some("boundary", a.Boundary)
	e.some("client", a.Client)
	e.some("raw", a.Raw)
	e.texts("ignored", a.Ignored)
	objects(e, "checked", a.Checked, (*encoder).dkim)
	objects(e, "signatures", a.Signatures, (*encoder).selector)
	e.close()
}

func (e *encoder) dkim(k *DKIM) {
	e.open()
	e.text("domain", k.Domain)
	e.some("selector", k.Selector)
	e.text("result", k.Result)
	e.some("reason", k.Reason)
	e.close()
}

func (e *encoder) selector(s *Selector) {
	e.open()
	e.text("domain", s.Domain)
	e.text("selector", s.Selector)
	e.close()
}

func (e *encoder) signal(s *Signal) {
	e.open()
	e.text("id", s.ID)
	e.text("for", s.For)
	e.text("strength", string(s.Strength))
	e.some("shown", s.Shown)
	e.close()
}

func (e *encoder) link(l *Link) {
	e.open()
	e.some("shown", l.Shown)
	e.text("target", l.Target)
	e.some("final", l.Final)
	e.some("host", l.Host)
	e.truth("official", l.Official)
	e.texts("chain", l.Chain)
	e.some("from", l.From)
	e.close()
}

func (e *encoder) attachment(a *Attachment) {
	e.open()
	e.some("name", a.Name)
	e.text("type", a.Type)
	e.whole("size", a.Size)
	e.close()
}

func (e *encoder) read(r *Read) {
	e.key("read")
	e.open()
	e.maybe("seen", r.Seen)
	e.maybe("opened", r.Opened)
	e.maybe("replied", r.Replied)
	e.maybe("forwarded", r.Forwarded)
	e.maybe("deleted", r.Deleted)
	e.maybe("flagged", r.Flagged)
	e.some("folder", string(r.Folder))
	e.texts("labels", r.Labels)
	e.texts("from", r.From)
	e.close()
}
