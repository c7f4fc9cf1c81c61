package finding

import "github.com/mailaudit/mailaudit/analyzer/evidence"

// The objects of a message record, each with its keys in the order in which Writer writes them: that of the struct. A key
// that is not expected where it stands is left, and what comes after it finds no end of the object; so the record is not
// canonical. TestDecodeKnowsEveryKey fails where a field of a struct is missing here.

func (d *decoder) message(m *Message) {
	d.open()
	if d.key(`"id":`) {
		m.ID = d.text()
	}
	if d.key(`"sha256":`) {
		m.SHA256 = d.digest()
	}
	if d.key(`"location":`) {
		d.location(&m.Location)
	}
	if d.key(`"copies":`) {
		m.Copies = list(d, (*decoder).location)
	}
	if d.key(`"more_copies":`) {
		m.MoreCopies = d.whole()
	}
	if d.key(`"time":`) {
		m.Time = d.time()
	}
	if d.key(`"time_source":`) {
		m.TimeSource = d.text()
	}
	if d.key(`"header_date":`) {
		m.HeaderDate = d.time()
	}
	if d.key(`"clock_doubt":`) {
		m.ClockDoubt = d.text()
	}
	d.envelope(m)
	if d.key(`"brand":`) {
		m.Brand = d.text()
	}
	if d.key(`"marketplace":`) {
		m.Marketplace = d.text()
	}
	if d.key(`"account":`) {
		m.Account = d.text()
	}
	if d.key(`"language":`) {
		m.Language = d.text()
	}
	if d.key(`"verdict":`) {
		m.Verdict = Verdict(d.text())
	}
	if d.key(`"rule":`) {
		m.Rule = d.text()
	}
	if d.key(`"content_risk":`) {
		m.ContentRisk = d.text()
	}
	if d.key(`"event":`) {
		m.Event = Event(d.text())
	}
	if d.key(`"severity":`) {
		m.Severity = Severity(d.text())
	}
	if d.key(`"details":`) {
		m.Details = new(Details)
		d.details(m.Details)
	}
	if d.key(`"auth":`) {
		m.Auth = new(Auth)
		d.auth(m.Auth)
	}
	if d.key(`"signals":`) {
		m.Signals = list(d, (*decoder).signal)
	}
	if d.key(`"links":`) {
		m.Links = list(d, (*decoder).link)
	}
	if d.key(`"attachments":`) {
		m.Attachments = list(d, (*decoder).attachment)
	}
	if d.key(`"read":`) {
		m.Read = new(Read)
		d.read(m.Read)
	}
	if d.key(`"unnoticed":`) {
		m.Unnoticed = d.truth()
	}
	if d.key(`"incidents":`) {
		m.Incidents = d.texts()
	}
	if d.key(`"start_doubt":`) {
		m.StartDoubt = d.text()
	}
	if d.key(`"inner":`) {
		m.Inner = d.truth()
	}
	d.close()
}

// envelope reads who sent the message to whom and its subject.
func (d *decoder) envelope(m *Message) {
	if d.key(`"message_id":`) {
		m.MessageID = d.text()
	}
	if d.key(`"from":`) {
		m.From = new(Address)
		d.address(m.From)
	}
	if d.key(`"more_from":`) {
		m.MoreFrom = list(d, (*decoder).address)
	}
	if d.key(`"reply_to":`) {
		m.ReplyTo = list(d, (*decoder).address)
	}
	if d.key(`"return_path":`) {
		m.ReturnPath = d.text()
	}
	if d.key(`"to":`) {
		m.To = list(d, (*decoder).address)
	}
	if d.key(`"subject":`) {
		m.Subject = d.text()
	}
}

func (d *decoder) location(l *evidence.Location) {
	d.open()
	if d.key(`"source":`) {
		n := d.whole()
		l.Source = int(n)
		d.bad = d.bad || int64(l.Source) != n
	}
	if d.key(`"path":`) {
		l.Path = d.texts()
	}
	if d.key(`"offset":`) {
		l.Offset = d.whole()
	}
	if d.key(`"length":`) {
		l.Length = d.whole()
	}
	d.close()
}

func (d *decoder) address(a *Address) {
	d.open()
	if d.key(`"name":`) {
		a.Name = d.text()
	}
	if d.key(`"address":`) {
		a.Address = d.text()
	}
	d.close()
}

func (d *decoder) details(v *Details) {
	d.open()
	if d.key(`"device":`) {
		v.Device = d.text()
	}
	if d.key(`"near":`) {
		v.Near = d.text()
	}
	if d.key(`"when":`) {
		v.When = d.text()
	}
	if d.key(`"order_id":`) {
		v.OrderID = d.text()
	}
	if d.key(`"order_ids":`) {
		v.OrderIDs = d.texts()
	}
	if d.key(`"amount":`) {
		v.Amount = d.text()
	}
	if d.key(`"currency":`) {
		v.Currency = d.text()
	}
	if d.key(`"old_email":`) {
		v.OldEmail = d.text()
	}
	if d.key(`"new_email":`) {
		v.NewEmail = d.text()
	}
	if d.key(`"card_end":`) {
		v.CardEnd = d.text()
	}
	if d.key(`"card":`) {
		v.Card = d.text()
	}
	if d.key(`"aws_account":`) {
		v.AWSAccount = d.text()
	}
	if d.key(`"next_date":`) {
		v.NextDate = d.text()
	}
	if d.key(`"merchant":`) {
		v.Merchant = d.text()
	}
	if d.key(`"item":`) {
		v.Item = d.text()
	}
	if d.key(`"ends":`) {
		v.Ends = d.truth()
	}
	d.close()
}

func (d *decoder) auth(a *Auth) {
	d.open()
	if d.key(`"trusted":`) {
		a.Trusted = d.text()
	}
	if d.key(`"assumed":`) {
		a.Assumed = d.truth()
	}
	if d.key(`"dmarc":`) {
		a.DMARC = d.text()
	}
	if d.key(`"spf":`) {
		a.SPF = d.text()
	}
	if d.key(`"mail_from":`) {
		a.MailFrom = d.text()
	}
	if d.key(`"arc":`) {
		a.ARC = d.text()
	}
	if d.key(`"dkim":`) {
		a.DKIM = list(d, (*decoder).dkim)
	}
	if d.key(`"aligned":`) {
		a.Aligned = d.truth()
	}
	if d.key(`"boundary":`) {
		a.Boundary = d.text()
	}
	if d.key(`"client":`) {
		a.Client = d.text()
	}
	if d.key(`"raw":`) {
		a.Raw = d.text()
	}
	if d.key(`"ignored":`) {
		a.Ignored = d.texts()
	}
	if d.key(`"checked":`) {
		a.Checked = list(d, (*decoder).dkim)
	}
	if d.key(`"signatures":`) {
		a.Signatures = list(d, (*decoder).selector)
	}
	d.close()
}

func (d *decoder) dkim(k *DKIM) {
	d.open()
	if d.key(`"domain":`) {
		k.Domain = d.text()
	}
	if d.key(`"selector":`) {
		k.Selector = d.text()
	}
	if d.key(`"result":`) {
		k.Result = d.text()
	}
	if d.key(`"reason":`) {
		k.Reason = d.text()
	}
	d.close()
}

func (d *decoder) selector(s *Selector) {
	d.open()
	if d.key(`"domain":`) {
		s.Domain = d.text()
	}
	if d.key(`"selector":`) {
		s.Selector = d.text()
	}
	d.close()
}

func (d *decoder) signal(s *Signal) {
	d.open()
	if d.key(`"id":`) {
		s.ID = d.text()
	}
	if d.key(`"for":`) {
		s.For = d.text()
	}
	if d.key(`"strength":`) {
		s.Strength = Strength(d.text())
	}
	if d.key(`"shown":`) {
		s.Shown = d.text()
	}
	d.close()
}

func (d *decoder) link(l *Link) {
	d.open()
	if d.key(`"shown":`) {
		l.Shown = d.text()
	}
	if d.key(`"target":`) {
		l.Target = d.text()
	}
	if d.key(`"final":`) {
		l.Final = d.text()
	}
	if d.key(`"host":`) {
		l.Host = d.text()
	}
	if d.key(`"official":`) {
		l.Official = d.truth()
	}
	if d.key(`"chain":`) {
		l.Chain = d.texts()
	}
	if d.key(`"from":`) {
		l.From = d.text()
	}
	d.close()
}

func (d *decoder) attachment(a *Attachment) {
	d.open()
	if d.key(`"name":`) {
		a.Name = d.text()
	}
	if d.key(`"type":`) {
		a.Type = d.text()
	}
	if d.key(`"size":`) {
		a.Size = d.whole()
	}
	d.close()
}

func (d *decoder) read(r *Read) {
	d.open()
	if d.key(`"seen":`) {
		r.Seen = d.maybe()
	}
	if d.key(`"opened":`) {
		r.Opened = d.maybe()
	}
	if d.key(`"replied":`) {
		r.Replied = d.maybe()
	}
	if d.key(`"forwarded":`) {
		r.Forwarded = d.maybe()
	}
	if d.key(`"deleted":`) {
		r.Deleted = d.maybe()
	}
	if d.key(`"flagged":`) {
		r.Flagged = d.maybe()
	}
	if d.key(`"folder":`) {
		r.Folder = Folder(d.text())
	}
	if d.key(`"labels":`) {
		r.Labels = d.texts()
	}
	if d.key(`"from":`) {
		r.From = d.texts()
	}
	d.close()
}
